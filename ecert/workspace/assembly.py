"""Puts an issuer together from a workspace's settings, keys and a register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.demo import demo_region
from ecert.errors import CustodyError, WorkspaceError
from ecert.issuers.issuer import Issuer
from ecert.issuers.keyring import HeldKey, Keyring
from ecert.issuers.publish import RegionSigners
from ecert.trust.roots import Role
from ecert.workspace.keyfiles import ISSUER_ROLES, REGION_ROLES

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from ecert.clock import Clock
    from ecert.issuers.register import Register
    from ecert.model.catalogue import Catalogue
    from ecert.workspace.keyfiles import KeyEntry, KeyFolder
    from ecert.workspace.settings import Settings

ROOTS: Final = "roots.json"


def assemble_issuer(
    folder: Path,
    settings: Settings,
    keys: KeyFolder,
    register: Register,
    *,
    catalogue: Catalogue,
    clock: Clock,
) -> Issuer:
    """Return the issuing authority of a workspace on ``register``.

    Raises:
        WorkspaceError: The workspace only verifies, or its root set is gone.
    """
    if settings.code is None:
        raise WorkspaceError(
            "本工作区没有机构代码，只能核验",
            "this workspace has no code and only verifies",
            where=str(folder),
            fix_zh="签发须另建工作区，并用 --code 给出统一社会信用代码",
            fix_en="To issue, make another one and give the authority's --code",
        )
    return Issuer(
        code=settings.code,
        name=settings.name,
        region=settings.region,
        keyring=Keyring(tuple(_held(keys, entry) for entry in keys.of(*ISSUER_ROLES))),
        register=register,
        signers=_region_signers(folder, settings, keys),
        catalogue=catalogue,
        status_base=settings.status_base,
        clock=clock,
    )


def unlock_licence_key(keys: KeyFolder, at: datetime) -> None:
    """Open the key that signs licences now, so that a wrong passphrase is found first.

    Raises:
        CustodyError: None is in force, or it cannot be opened.
    """
    key = licence_key(keys, at)
    if key is None:
        raise CustodyError(
            "没有在有效期内的签发密钥",
            "no key for licences is in force",
            where="licence",
            fix_zh="请用 ecert key new 启用新密钥，并重新导出可信名单",
            fix_en="Make one with ecert key new, and export the trust list again",
        )
    keys.signer(key).unlock()


def licence_key(keys: KeyFolder, at: datetime) -> KeyEntry | None:
    """Return the key that signs licences at ``at``; None if none is in force."""
    active = [entry for entry in keys.of("licence") if entry.state(at) == "active"]
    return active[-1] if active else None


def _held(keys: KeyFolder, entry: KeyEntry) -> HeldKey:
    return HeldKey(
        signer=keys.signer(entry),
        use="licence" if entry.role == "licence" else "status",
        types=entry.types,
        valid_from=entry.valid_from,
        valid_until=entry.valid_until,
    )


def _region_signers(folder: Path, settings: Settings, keys: KeyFolder) -> RegionSigners:
    if settings.demo:
        demo = demo_region(settings.region, settings.alg)
        return RegionSigners(demo.roots, demo.signers)
    by_role = {Role(entry.role): (keys.signer(entry),) for entry in keys.of(*REGION_ROLES)}
    try:
        return RegionSigners((folder / ROOTS).read_bytes(), by_role)
    except OSError as error:
        raise WorkspaceError(
            f"读不到本地区的根密钥文件（{error.strerror}）",
            f"the region's root set cannot be read ({error.strerror})",
            where=str(folder / ROOTS),
            fix_zh="请从备份恢复",
            fix_en="Use a backup",
        ) from error
