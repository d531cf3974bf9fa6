"""``ecert wallet backup``, ``restore`` and ``passwd``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli.arguments import WalletFile
from ecert.cli.command import DryRun, Yes, command
from ecert.cli.terminal import Terminal
from ecert.cli.wallet_secrets import (
    ask_new_passphrase,
    ask_present_passphrase,
    open_wallet,
)
from ecert.cli.words import told
from ecert.errors import VaultError

if TYPE_CHECKING:
    pass

BackupFile = Annotated[
    Path, typer.Argument(metavar="BACKUP", help=told("备份文件", "The backup's file"))
]
ReplaceNewer = Annotated[
    bool,
    typer.Option(
        "--replace-newer",
        help=told(
            "现有卡包比备份新也照样恢复",
            "Restore even where the wallet that is there is newer than the backup",
        ),
    ),
]


def declare(wallets: typer.Typer) -> None:
    """Add the commands to the group ``wallet``."""
    command(wallets, "backup", zh="备份卡包（加密）", en="Back a wallet up, encrypted")(back_up)
    command(wallets, "restore", zh="从备份恢复卡包", en="Restore a wallet from a backup")(restore)
    command(wallets, "passwd", zh="更换卡包口令", en="Change a wallet's passphrase")(passwd)


def back_up(
    terminal: Terminal, file: WalletFile, backup: BackupFile, dry_run: DryRun = False
) -> None:
    """Write an encrypted copy that is proven to open."""
    wallet, _ = open_wallet(terminal, file)
    if backup.exists():
        raise VaultError(
            "文件已存在，不会覆盖", "the file exists and is not overwritten", where=str(backup),
            fix_zh="请换一个文件名", fix_en="Choose another name",
        )  # fmt: skip
    count = len(wallet.licences)
    plain: dict[str, Any] = {"backup": str(backup), "licences": count, "dry_run": dry_run}
    if dry_run:
        terminal.emit(plain, [terminal.words(
            f"将备份 {count} 份证照到 {backup}", f"Would back {count} licences up to {backup}"
        )])  # fmt: skip
        return
    done = wallet.backup(backup)
    terminal.emit(plain | {"state": done.state}, [terminal.words(
        f"√ 已备份 {count} 份证照到 {backup}，并已验证能打开（状态 {done.state}）",
        f"√ {count} licences are in {backup}, which was proven to open (state {done.state})",
    )])  # fmt: skip
    terminal.note(
        "  打开备份用卡包现在的口令；以后更换口令，不影响此备份",
        "  It opens with the wallet's present passphrase, also after that is changed",
    )


def restore(
    terminal: Terminal,
    backup: BackupFile,
    file: WalletFile,
    replace_newer: ReplaceNewer = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Bring a backup back, into a free name or in the place of the same wallet."""
    from ecert.wallet.backup import require_restorable
    from ecert.wallet.wallet import Wallet

    saved, secret = open_wallet(terminal, backup)
    plain: dict[str, Any] = {
        "wallet": str(file), "backup": str(backup), "licences": len(saved.licences),
        "dry_run": dry_run,
    }  # fmt: skip
    current = _present_passphrase(terminal, file, secret)
    if dry_run or file.exists():
        require_restorable(
            backup, secret, file, current_passphrase=current, replace_newer=replace_newer
        )
    if dry_run:
        terminal.emit(plain, [terminal.words(f"可以恢复到 {file}", f"Would restore to {file}")])
        return
    if file.exists():
        terminal.confirm(
            f"用备份代替现有卡包 {file}？", f"Put the backup in the place of {file}?", yes=yes
        )
    with terminal.busy("正在恢复……", "Restoring …"):
        wallet = Wallet.restore(
            backup, secret, file, current_passphrase=current, replace_newer=replace_newer
        )
    terminal.emit(plain, [terminal.words(
        f"√ 已恢复到 {file}，共 {len(wallet.licences)} 份证照",
        f"√ Restored to {file}: {len(wallet.licences)} licences",
    )])  # fmt: skip
    terminal.note(
        "  备份之后换发的证照请重新领取：ecert wallet due",
        "  Collect again what was re-issued since: ecert wallet due",
    )


def _present_passphrase(terminal: Terminal, file: Path, secret: str) -> str | None:
    """Return the passphrase of the wallet that is there, where it is not the backup's."""
    from ecert.wallet.vault import Vault

    if not file.exists():
        return None
    try:
        Vault.open(file, secret)
    except VaultError:
        # It was changed since, or the file is damaged; restoring tells which way out there is.
        return ask_present_passphrase(terminal, file)
    return None


def passwd(terminal: Terminal, file: WalletFile, dry_run: DryRun = False) -> None:
    """Change the passphrase; backups made before keep theirs."""
    wallet, secret = open_wallet(terminal, file)
    if not dry_run:
        new = ask_new_passphrase(terminal, file)
        with terminal.busy("正在更换口令……", "Changing the passphrase …"):
            wallet.change_passphrase(secret, new)
    terminal.emit({"wallet": str(file), "dry_run": dry_run}, [terminal.words(
        f"将更换 {file} 的口令" if dry_run else f"√ 已更换 {file} 的口令",
        f"Would change the passphrase of {file}" if dry_run
        else f"√ The passphrase of {file} was changed",
    )])  # fmt: skip
    if not dry_run:
        terminal.note(
            "  以前的备份仍用原口令打开；如原口令已泄露，请删除旧备份并重新备份",
            "  Older backups still open with the old one: if it leaked, delete them and back up",
        )
