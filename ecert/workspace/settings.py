"""``ecert.toml``: whose workspace this is.  The file that makes a folder a workspace."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from ecert.errors import FormatError, WorkspaceError
from ecert.model.codes import parse_uscc
from ecert.model.regions import parse_region
from ecert.sheets.atomic import atomic_file
from ecert.workspace.service_settings import TABLE, ServiceSettings
from ecert.workspace.setting_forms import (
    require_address,
    require_base,
    require_name,
    require_receipts,
    require_sources,
    require_suite,
    require_webhooks,
)
from ecert.workspace.window import require_rules

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = "ecert.toml"
DATABASE: Final = "ecert.db"
SCHEMA: Final = 1
_HEADING: Final = "# ecert 工作区 / workspace\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Whose workspace this is.

    Attributes:
        region: The region, six digits (GB/T 2260).
        name: Name of the authority or window.
        code: Unified social credit code of the authority; None for a window that only verifies.
        demo: Whether it belongs to the demonstration: its region's keys are published.
        status_base: Address below which status lists are published, without a slash at its end;
            None if nothing is issued.
        alg: Suite of the keys that it was made with, ``ES256`` or ``SGD_SM3_SM2``; of a
            demonstration, also of its region's keys.
        database: Address of its database, without a password; None is the file ``ecert.db`` in
            the folder.
        schema: Version of the folder's layout.
        sources: Where `ecert sync` fetches documents: of each source the addresses at which the
            same is served.  One that ends with a slash is a folder of ``ecert status publish``.
        allow_http: Whether addresses without TLS may be fetched.
        proxy: Address of the proxy through which others are reached.
        ca_file: File with the certificates to trust in the place of the system's.
        window: The window's number in its hall, if it shows numbers to be answered.
        policy: The window's rules: ``counter`` (by default) or ``terminal``.
        challenge: Whether a code must answer the window's number, if not as the policy says:
            ``optional`` or ``required``.
        pin: Whether the holder must have typed the show PIN: ``optional`` or ``required``.
        paper: What becomes of printed codes: ``check-identity`` or ``refuse``.
        mandate: Whether licences are taken from an agent: ``take`` or ``refuse``.
        max_ahead_seconds: How far a holder's clock may run ahead, if less than the format allows.
        max_late_seconds: How late a code may be, if less than the format allows.
        fonts: Font, or folder of fonts, that sheets are drawn with before the machine's.
        receipts: Whether checks leave a receipt (核验回执): ``off``, ``on``, or ``required``, with
            which no answer is given out whose receipt cannot be kept.
        webhooks: Whether the service sends what is due to webhooks (事件通知): ``off``, where
            ``ecert webhook run`` does, or ``deliver``.
        webhook_networks: Networks (``10.20.0.0/16``) and hosts inside that webhooks may go to;
            public addresses need no entry.
        window_name: Name of the window, where it is not ``name``: its receipts are one chain.
        service: How ``ecert serve`` runs; None is as by default.

    Raises:
        FormatError: A value does not have its form.
    """

    region: str
    name: str
    code: str | None = None
    demo: bool = False
    status_base: str | None = None
    alg: str = "ES256"
    database: str | None = None
    schema: int = SCHEMA
    sources: tuple[tuple[str, ...], ...] = ()
    allow_http: bool = False
    proxy: str | None = None
    ca_file: str | None = None
    window: int | None = None
    policy: str | None = None
    challenge: str | None = None
    pin: str | None = None
    paper: str | None = None
    mandate: str | None = None
    max_ahead_seconds: int | None = None
    max_late_seconds: int | None = None
    fonts: str | None = None
    receipts: str = "off"
    window_name: str | None = None
    webhooks: str = "off"
    webhook_networks: tuple[str, ...] = ()
    service: ServiceSettings | None = None

    def __post_init__(self) -> None:
        parse_region(self.region)
        require_name(self.name, "name")
        if self.code is not None:
            parse_uscc(self.code)
        if self.status_base is not None:
            require_base(self.status_base)
        require_suite(self.alg)
        if self.database is not None:
            require_address(self.database)
        require_sources(self.sources)
        if self.proxy is not None:
            require_sources(((self.proxy,),), where="proxy")
        require_rules(self)
        require_receipts(self.receipts)
        require_webhooks(self.webhooks, self.webhook_networks)
        if self.window_name is not None:
            require_name(self.window_name, "window_name")

    def database_in(self, folder: Path) -> str | Path:
        """Return where the database of the workspace in ``folder`` is."""
        return folder / DATABASE if self.database is None else self.database

    def to_toml(self) -> str:
        """Return the file's text; what is None, or about fetching and not set, is left out."""
        named = ((spec.name, getattr(self, spec.name)) for spec in fields(self))
        # A TOML basic string, integer or boolean is written as in JSON.
        lines = [
            f"{name} = {json.dumps(value, ensure_ascii=False)}\n"
            for name, value in named
            if value is not None
            and name != TABLE
            and not (name in _FETCHING and not value)
            and (name, value) not in {("receipts", "off"), ("webhooks", "off")}
        ]
        # A table ends where the next one begins: it comes last.
        table = "" if self.service is None else self.service.to_toml()
        return _HEADING + "".join(lines) + table

    def write(self, folder: Path) -> None:
        """Write the settings of the workspace in ``folder``, wholly or not at all.

        Raises:
            TableError: The folder refuses.
        """
        path = folder / FILE
        mode = path.stat().st_mode
        with atomic_file(path) as file:
            file.write(self.to_toml().encode("utf-8"))
        path.chmod(mode)

    @classmethod
    def read(cls, folder: Path) -> Settings:
        """Read the settings of the workspace in ``folder``.

        Raises:
            WorkspaceError: It is not a workspace, of a newer version, or its file is damaged.
        """
        path = folder / FILE
        try:
            plain = tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError as error:
            raise _no_workspace(folder) from error
        except OSError as error:
            raise _unreadable(path, str(error.strerror), str(error.strerror)) from error
        except ValueError as error:  # not UTF-8, or not TOML
            raise _unreadable(path, "不是有效的 TOML", str(error)) from error
        _check_keys(plain, path)
        try:
            plain["webhook_networks"] = tuple(plain.get("webhook_networks", ()))
            plain["sources"] = tuple(tuple(mirrors) for mirrors in plain.get("sources", ()))
            if TABLE in plain:
                plain[TABLE] = ServiceSettings.from_table(plain[TABLE])
            return cls(**plain)
        except FormatError as error:
            raise _unreadable(path, error.message("zh"), error.message("en")) from error


def require_database(folder: Path, settings: Settings) -> None:
    """Require the database of the workspace in ``folder``, if it is there.

    Raises:
        WorkspaceError: It is gone.
    """
    if settings.database is None and not (folder / DATABASE).is_file():
        raise WorkspaceError(
            "数据库文件不见了", "the database file is gone", where=str(folder / DATABASE),
            fix_zh="请从备份恢复：ecert db restore", fix_en="Use a backup: ecert db restore",
        )  # fmt: skip


# Every kind but text; a name that is not a setting at all has none.
_KINDS: Final[dict[str, type]] = {
    "demo": bool, "schema": int, "sources": list, "allow_http": bool, "window": int,
    "max_ahead_seconds": int, "max_late_seconds": int, "webhook_networks": list, TABLE: dict,
}  # fmt: skip
# Left out while not set, so that an older program reads the file.
_FETCHING: Final = frozenset({"sources", "allow_http", "webhook_networks"})


def _check_keys(plain: dict[str, Any], path: Path) -> None:
    known = {spec.name for spec in fields(Settings)}
    if unknown := sorted(plain.keys() - known):
        raise _unreadable(path, f"不认识的设置 {unknown[0]}", f"unknown setting {unknown[0]}")
    for name in ("schema", "region", "name"):
        if name not in plain:
            raise _unreadable(path, f"缺少 {name}", f"{name} is missing")
    for name, value in plain.items():
        if type(value) is not _KINDS.get(name, str):
            raise _unreadable(path, f"{name} 的写法不对", f"{name} is of the wrong kind")
    for mirrors in plain.get("sources", []):
        if type(mirrors) is not list or not all(type(url) is str for url in mirrors):
            raise _unreadable(path, "sources 的写法不对", "sources is of the wrong kind")
    if not all(type(one) is str for one in plain.get("webhook_networks", [])):
        raise _unreadable(
            path, "webhook_networks 的写法不对", "webhook_networks is of the wrong kind"
        )
    if plain["schema"] > SCHEMA:
        raise WorkspaceError(
            "工作区由更高版本的软件建立", "a newer program made this workspace", where=str(path),
            fix_zh="请升级 ecert", fix_en="Upgrade ecert",
        )  # fmt: skip


def _no_workspace(folder: Path) -> WorkspaceError:
    return WorkspaceError(
        "这里不是工作区（没有 ecert.toml）",
        "this is not a workspace (there is no ecert.toml)",
        where=str(folder),
        fix_zh="请用 -C 指定工作区文件夹，或用 ecert init 新建",
        fix_en="Name the workspace's folder with -C, or make one with ecert init",
    )


def _unreadable(path: Path, zh: str, en: str) -> WorkspaceError:
    return WorkspaceError(
        f"设置文件有误：{zh}", f"the settings are wrong: {en}", where=str(path),
        fix_zh="请改正后重试，或从备份恢复", fix_en="Mend them and try again, or use a backup",
    )  # fmt: skip
