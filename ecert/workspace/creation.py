"""Makes a workspace: everything is built beside its place and moved there when it is complete."""

from __future__ import annotations

import secrets
import shutil
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecert.demo import demo_region
from ecert.errors import WorkspaceError
from ecert.issuers.demonstration import demo_code
from ecert.limits import MIN_PASSPHRASE_CHARS
from ecert.model.calendar import office_day
from ecert.model.regions import name_of as region_name
from ecert.model.regions import require
from ecert.sign import envelope
from ecert.store.addresses import SQLITE, kind_of, name_of, read_address
from ecert.store.engine import open_as_it_is, open_engine, unmake
from ecert.store.knowledge import SQLKnowledgeStore
from ecert.trust.roots import Role, RootSet, make_roots
from ecert.verify.knowledge import Knowledge
from ecert.workspace import settings as settings_file
from ecert.workspace.assembly import ROOTS
from ecert.workspace.keyfiles import (
    DEMO_PASSPHRASE,
    FOLDER,
    ISSUER_ROLES,
    REGION_ROLES,
    WINDOW_ROLES,
    KeyFolder,
)
from ecert.workspace.settings import Settings
from ecert.workspace.unlocking import KeyOpener

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.workspace.keyfiles import KeyRole

ROOTS_LIFE: Final = timedelta(days=5 * 365)


def new_settings(
    *,
    region: str,
    name: str,
    code: str | None,
    demo: bool,
    status_base: str | None,
    alg: str = "ES256",
    database: str | None = None,
    at: datetime,
) -> Settings:
    """Return the settings of a workspace to be made; see `Workspace.init`.

    Raises:
        RegionError: There is no such region now.
        USCCError: ``code`` is not a unified social credit code.
        FormatError: ``name`` does not have its form, ``alg`` is no suite, or ``database`` is no
            address or holds a password.
    """
    require(region, office_day(at))
    if demo and code is None:
        code = demo_code(name, region)
    if code is not None:
        # .invalid never resolves (RFC 6761): the address is compared, not fetched.
        status_base = status_base or f"https://status.invalid/{code}"
    return Settings(
        region=region, name=name, code=code, demo=demo, status_base=status_base, alg=alg,
        database=database,
    )  # fmt: skip


def require_place(folder: Path) -> None:
    """Require that a workspace may be made at ``folder``: it is absent, or an empty folder.

    Raises:
        WorkspaceError: It is a workspace already, holds other files, or is no folder.
    """
    if (folder / settings_file.FILE).exists():
        raise WorkspaceError(
            "这里已经是工作区，不会覆盖", "this is a workspace already and is not overwritten",
            where=str(folder), fix_zh="请换一个文件夹", fix_en="Choose another folder",
        )  # fmt: skip
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WorkspaceError(
            "文件夹里有其他文件，不能在此新建工作区", "there are other files in the folder",
            where=str(folder), fix_zh="请换一个新的或空的文件夹",
            fix_en="Choose a new or an empty folder",
        )  # fmt: skip
    if not folder.parent.is_dir():
        raise WorkspaceError(
            "上一级文件夹不存在", "the folder above does not exist", where=str(folder.parent),
            fix_zh="请先建好上一级文件夹", fix_en="Make it first",
        )  # fmt: skip


def require_new_database(settings: Settings) -> None:
    """Require that the database that is named, if one is, can be reached and is empty.

    Raises:
        WorkspaceError: A workspace has it.
        StoreError: It is another program's, or cannot be reached.
    """
    if settings.database is None:
        return
    address = read_address(settings.database)
    if kind_of(address) == SQLITE and not Path(name_of(address)).exists():
        return
    with open_as_it_is(settings.database) as engine:
        if engine.revision() is not None:
            raise _database_taken(engine.name)


def require_passphrase(passphrase: str) -> None:
    """Require a passphrase that is long enough for keys.

    Raises:
        WorkspaceError: It is too short.
    """
    if len(passphrase) < MIN_PASSPHRASE_CHARS:
        raise WorkspaceError(
            f"口令太短，至少要{MIN_PASSPHRASE_CHARS}个字符",
            f"the passphrase is too short, at least {MIN_PASSPHRASE_CHARS} characters",
            fix_zh="请设置更长的口令，例如几个不相关的词",
            fix_en="Choose a longer one, such as several unrelated words",
        )


def create(folder: Path, settings: Settings, passphrase: str, *, at: datetime) -> None:
    """Make the workspace: wholly, or nothing of it is left behind.

    Args:
        folder: Its place, absent or empty.
        settings: Whose it is.
        passphrase: Of its keys; not looked at for a demonstration.
        at: Now.

    Raises:
        WorkspaceError: The place is taken, the passphrase too short, or the disk refuses.
        StoreError: The database cannot be made.
        CustodyError: A key cannot be written, or not be made on this machine.
    """
    require_place(folder)
    require_new_database(settings)
    if settings.demo:
        passphrase = DEMO_PASSPHRASE
    elif settings.code is not None:
        require_passphrase(passphrase)
    building = folder.parent / f".{folder.name}.{secrets.token_hex(8)}.tmp"
    try:
        building.mkdir(mode=0o700)
        with ExitStack() as undo:
            _build(building, settings, passphrase, at, undo)
            _move(building, folder)
            undo.pop_all()
    except OSError as error:
        raise WorkspaceError(
            f"工作区建不成（{error.strerror}）", f"it cannot be made ({error.strerror})",
            where=str(folder), fix_zh="请检查权限和磁盘空间", fix_en="Check permissions and space",
        ) from error  # fmt: skip
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _build(
    folder: Path, settings: Settings, passphrase: str, at: datetime, undo: ExitStack
) -> None:
    start = at.replace(microsecond=0)
    roles: list[KeyRole] = []
    if settings.code is not None:
        roles += ISSUER_ROLES
        # The demonstration's region keys are published, so they are not kept here.
        roles += () if settings.demo else REGION_ROLES
    if settings.code is not None or settings.demo:
        # A window without a passphrase makes its key when it begins to keep receipts.
        roles += WINDOW_ROLES
    KeyFolder.create(folder / FOLDER, dict.fromkeys(roles, start), passphrase, settings.alg)
    roots = _roots(folder, settings, passphrase, start)
    with open_engine(settings.database_in(folder)) as engine:
        if not engine.made:
            raise _database_taken(engine.name)
        if settings.database is not None:
            undo.callback(unmake, settings.database)
        knowledge = Knowledge(settings.region, store=SQLKnowledgeStore(engine))
        if roots is not None:
            (folder / ROOTS).write_bytes(roots)
            knowledge.pin(roots, at=at)
    (folder / settings_file.FILE).write_text(settings.to_toml(), "utf-8")


def _roots(folder: Path, settings: Settings, passphrase: str, at: datetime) -> bytes | None:
    """Return the root set that this workspace speaks under; None if it only verifies.

    A real window's region has its roots elsewhere: they come with its bundle.
    """
    if settings.demo:
        return demo_region(settings.region, settings.alg).roots
    keys = KeyFolder(folder / FOLDER, KeyOpener(lambda _: passphrase))
    by_role = {Role(entry.role): keys.signer(entry) for entry in keys.of(*REGION_ROLES)}
    if not by_role:
        return None
    document = make_roots(
        settings.region,
        region_name(settings.region),
        {role: [signer.public] for role, signer in by_role.items()},
        issued=at,
        expires=at + ROOTS_LIFE,
    )
    return envelope.make(RootSet.TYP, document.to_payload(), [by_role[Role.ROOTS]])


def _database_taken(name: str) -> WorkspaceError:
    return WorkspaceError(
        "这个数据库已有工作区在用", "a workspace uses this database already", where=name,
        fix_zh="每个工作区要有自己的空数据库", fix_en="Every workspace needs one of its own, empty",
    )  # fmt: skip


def _move(building: Path, folder: Path) -> None:
    if not folder.exists():
        building.rename(folder)
        return
    # An existing folder may be the one that a shell is in, so it is filled, not replaced; the
    # settings, which make it a workspace, come last.
    moved: list[Path] = []
    try:
        for item in sorted(building.iterdir(), key=lambda item: item.name == settings_file.FILE):
            moved.append(folder / item.name)
            item.rename(moved[-1])
    except OSError:
        for item in moved:
            shutil.rmtree(item, ignore_errors=True)
            item.unlink(missing_ok=True)
        raise
