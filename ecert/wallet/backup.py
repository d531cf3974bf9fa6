"""Backup and restore: an encrypted copy that is proven to open, and the way back from it."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ecert import limits
from ecert.errors import VaultError, WalletError
from ecert.wallet import vault_file
from ecert.wallet.content import read_content
from ecert.wallet.keeping import Keeping
from ecert.wallet.mandates import MandateShelf
from ecert.wallet.show_log import ShowLog
from ecert.wallet.vault import Vault

if TYPE_CHECKING:
    from ecert.wallet.content import Content
    from ecert.wallet.vault import KDF


@dataclass(frozen=True, slots=True)
class BackupCopy:
    """A backup that was made, and proven to open.

    Attributes:
        path: The file.
        state: The wallet's state counter in it.
        licences: How many licences it holds.
    """

    path: Path
    state: int
    licences: int


def back_up(
    keeping: Keeping, path: str | os.PathLike[str], passphrase: str | None, kdf: KDF
) -> BackupCopy:
    """Write the content into a new file; see `Wallet.backup`."""
    content, vault = keeping.now(), keeping.vault
    where = Path(os.path.realpath(path))
    if passphrase is not None:
        written = vault.read()
        Vault.holding(where, passphrase, written, kdf=kdf)
        # As the holder will do one day, and from the file.
        try:
            payload = Vault.open(where, passphrase).read()
        except VaultError:
            where.unlink(missing_ok=True)
            raise
    elif isinstance(vault, Vault):
        payload = vault.copy_to(where)
    else:
        raise ValueError("a wallet that is no file needs a passphrase for its backup")
    copied = read_content(payload, str(where))
    if copied.state != content.state:
        where.unlink(missing_ok=True)
        raise VaultError(
            "备份时卡包被更改，请重试", "the wallet changed while it was backed up; try again",
            where=keeping.where,
        )  # fmt: skip
    return BackupCopy(where, copied.state, len(copied.held))


def restore(
    backup: str | os.PathLike[str],
    passphrase: str,
    path: str | os.PathLike[str],
    *,
    current_passphrase: str | None = None,
    replace_newer: bool = False,
) -> Keeping:
    """Bring a backup back into ``path``; see `Wallet.restore`."""
    source, saved, keeping = require_restorable(
        backup, passphrase, path,
        current_passphrase=current_passphrase, replace_newer=replace_newer,
    )  # fmt: skip
    if keeping is None:
        source.copy_to(path)
        return Keeping.over(Vault.open(path, passphrase), str(path))
    present = keeping.content
    # What was shown was shown, whatever happens to the licences; the counter never goes back; and
    # a mandate that was given stays in force, so that its principal must be able to withdraw it.
    keeping.save(
        replace(
            saved, state=max(saved.state, present.state), log=_merged(saved.log, present.log),
            mandates=_all_mandates(saved, present),
        )
    )  # fmt: skip
    return keeping


def require_restorable(
    backup: str | os.PathLike[str],
    passphrase: str,
    path: str | os.PathLike[str],
    *,
    current_passphrase: str | None = None,
    replace_newer: bool = False,
) -> tuple[Vault, Content, Keeping | None]:
    """Require that a backup may be restored, and change nothing.

    Returns:
        The backup, what it holds, and the wallet that is there; None if the name is free.

    Raises as `restore`.
    """
    source = Vault.open(backup, passphrase)
    saved = read_content(source.read(), str(source.path))
    target = Path(os.path.realpath(path))
    if target == source.path:
        raise vault_file.taken(target)
    if not target.exists():
        return source, saved, None
    keeping = _existing(target, current_passphrase or passphrase)
    if keeping.content.wallet != saved.wallet:
        raise WalletError(
            "此处是另一个卡包，不会覆盖", "another wallet is here and is not overwritten",
            where=str(target), fix_zh="请恢复到新的文件名", fix_en="Restore to a new name",
        )  # fmt: skip
    if not replace_newer:
        _require_not_newer(keeping.content, saved, target)
    return source, saved, keeping


def change_passphrase(keeping: Keeping, current: str, new: str) -> None:
    """Change the passphrase of a wallet in a file; see `Wallet.change_passphrase`."""
    vault = keeping.vault
    if not isinstance(vault, Vault):
        raise ValueError("only a wallet in a file has a passphrase")  # noqa: TRY004
    keeping.now()
    if not vault.opens_with(current):
        raise VaultError(
            "原口令不对", "the current passphrase is wrong", where=keeping.where,
            fix_zh="请重新输入", fix_en="Type it again",
        )  # fmt: skip
    vault.change_passphrase(new)


def not_empty(where: str) -> VaultError:
    """Return the refusal to make a wallet where something is."""
    return VaultError(
        "保险库中已有内容，不会覆盖", "the vault is not empty and is not overwritten", where=where,
        fix_zh="请打开已有的卡包，或另用空的保险库",
        fix_en="Open the wallet that is there, or use an empty vault",
    )  # fmt: skip


def _existing(target: Path, passphrase: str) -> Keeping:
    try:
        return Keeping.over(Vault.open(target, passphrase), str(target))
    except VaultError as error:
        raise VaultError(
            f"现有卡包打不开，未作恢复（{error.zh}）",
            f"the wallet that is here does not open, so nothing was restored ({error.en})",
            where=str(target),
            fix_zh="如口令已改，请给出现在的口令；如确已损坏，请先将其移到别处，再恢复",
            fix_en="If its passphrase was changed, give the present one; if it is damaged, move "
            "it away first",
        ) from error


def _require_not_newer(present: Content, saved: Content, target: Path) -> None:
    names = {
        one: held.delivery.type_name for one, held in [*saved.held.items(), *present.held.items()]
    }
    lost = [names[one] for one in present.held if one not in saved.held]
    returning = [names[one] for one in saved.held if one not in present.held]
    keys = len({key.id for key in present.keys} - {key.id for key in saved.keys})
    if present.state <= saved.state and not lost and not keys:
        return
    zh, en = [f"状态 {present.state}，备份为 {saved.state}"], [
        f"state {present.state}, the backup has {saved.state}"
    ]  # fmt: skip
    if lost:
        zh.append(f"将丢失：{'、'.join(lost)}")
        en.append(f"would be lost: {', '.join(lost)}")
    if returning:
        zh.append(f"将带回已删除的：{'、'.join(returning)}")
        en.append(f"removed ones would return: {', '.join(returning)}")
    if keys:
        zh.append(f"将丢失{keys}个密钥")
        en.append(f"keys lost: {keys}")
    raise WalletError(
        f"现有卡包比备份新（{'；'.join(zh)}），未作恢复",
        f"the wallet that is here is newer than the backup ({'; '.join(en)}); nothing was restored",
        where=str(target), fix_zh="如确要用旧备份代替，请加 --replace-newer",
        fix_en="To put the older backup in its place all the same: --replace-newer",
    )  # fmt: skip


def _all_mandates(saved: Content, present: Content) -> MandateShelf:
    own, shelf = [key.public for key in saved.keys], MandateShelf()
    for package in (*present.mandates.packages, *saved.mandates.packages):
        # Left out: those of a key that the backup has not, and at the bound those of the backup.
        with suppress(WalletError):
            shelf = shelf.having(package, own)
    return shelf


def _merged(saved: ShowLog, present: ShowLog) -> ShowLog:
    # Two codes made alike within one second are two shows.
    both = Counter(saved.records) | Counter(present.records)
    records = sorted(both.elements(), key=lambda record: record.made)
    surplus = max(0, len(records) - limits.MAX_SHOW_RECORDS)
    return ShowLog(tuple(records[surplus:]), max(saved.dropped, present.dropped) + surplus)
