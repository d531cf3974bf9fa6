"""``ecert wallet pin``: the show PIN (亮证密码), typed without echo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ecert import limits
from ecert.cli.arguments import WalletFile
from ecert.cli.command import DryRun, command, group
from ecert.cli.terminal import Terminal
from ecert.cli.wallet_secrets import ask_new_pin, ask_pin, open_wallet
from ecert.cli.words import told

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.wallet.wallet import Wallet

WithPassphrase = Annotated[
    bool,
    typer.Option(
        "--with-passphrase",
        help=told(
            "忘记原亮证密码时，凭卡包口令办理",
            "By the wallet's passphrase, where the PIN so far is forgotten",
        ),
    ),
]


def declare(wallets: typer.Typer) -> None:
    """Add the commands to the group ``wallet``."""
    pins = group(
        wallets, "pin", zh="亮证密码：设置、取消、解锁", en="Show PIN: set, remove, unlock"
    )
    command(pins, "set", zh="设置或更换亮证密码", en="Set or change the show PIN")(set_pin)
    command(pins, "remove", zh="取消亮证密码", en="Do without a show PIN")(remove_pin)
    command(pins, "unlock", zh="凭口令解锁", en="Unlock it with the passphrase")(unlock_pin)


def set_pin(
    terminal: Terminal,
    file: WalletFile,
    with_passphrase: WithPassphrase = False,
    dry_run: DryRun = False,
) -> None:
    """Set the show PIN; where one is set, that or the passphrase is needed."""
    wallet, secret = open_wallet(terminal, file)
    if not dry_run:
        current = _current(terminal, file, wallet, with_passphrase=with_passphrase)
        new = ask_new_pin(terminal, file)
        wallet.pin.set(new, current=current, passphrase=secret)
    _tell(terminal, file, "设置亮证密码", "set the show PIN", dry_run=dry_run)
    terminal.note(
        f"  输错 {limits.MAX_PIN_TRIES} 次即锁定，须用卡包口令解锁",
        f"  After {limits.MAX_PIN_TRIES} wrong tries it is locked until the passphrase is given",
    )


def remove_pin(
    terminal: Terminal,
    file: WalletFile,
    with_passphrase: WithPassphrase = False,
    dry_run: DryRun = False,
) -> None:
    """Do without a show PIN from now on."""
    wallet, secret = open_wallet(terminal, file)
    if not dry_run:
        current = _current(terminal, file, wallet, with_passphrase=with_passphrase)
        wallet.pin.remove(current=current, passphrase=secret)
    _tell(terminal, file, "取消亮证密码", "removed the show PIN", dry_run=dry_run)


def unlock_pin(terminal: Terminal, file: WalletFile, dry_run: DryRun = False) -> None:
    """Allow tries again; the passphrase that opens the wallet is the proof."""
    wallet, secret = open_wallet(terminal, file)
    if not dry_run:
        wallet.pin.unlock(secret)
    _tell(terminal, file, "解锁亮证密码", "unlocked the show PIN", dry_run=dry_run)


def _current(
    terminal: Terminal, file: Path, wallet: Wallet, *, with_passphrase: bool
) -> str | None:
    """Ask for the PIN so far; None if there is none, or the passphrase shall do."""
    return ask_pin(terminal, file) if wallet.pin.is_set and not with_passphrase else None


def _tell(terminal: Terminal, file: Path, zh: str, en: str, *, dry_run: bool) -> None:
    terminal.emit({"wallet": str(file), "dry_run": dry_run}, [terminal.words(
        f"将为 {file} {zh}" if dry_run else f"√ 已为 {file} {zh}",
        f"{file}: would have {en}" if dry_run else f"√ {file}: {en}",
    )])  # fmt: skip
