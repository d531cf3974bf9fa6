"""``ecert wallet keys``: the keys of a wallet, and which licence hangs on which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ecert.cli.arguments import Alg, WalletFile, read_alg
from ecert.cli.command import DryRun, Yes, command, group
from ecert.cli.terminal import Terminal
from ecert.cli.wallet_secrets import open_wallet
from ecert.cli.words import told

if TYPE_CHECKING:
    from ecert.wallet.wallet import Wallet

KeyName = Annotated[
    str,
    typer.Argument(
        metavar="KEY",
        help=told("密钥的序号，或其编号的前8位以上", "Row of the key, or 8 characters of its id"),
    ),
]
Default = Annotated[
    bool,
    typer.Option("--default", help=told("设为默认密钥", "Bind new credentials to it from now on")),
]
SHORT = 8


def declare(wallets: typer.Typer) -> None:
    """Add the commands to the group ``wallet``."""
    keys = group(
        wallets, "keys", zh="卡包的密钥：查看、新增、设为默认、删除",
        en="Keys of a wallet: list, add, use, remove",
    )  # fmt: skip
    command(keys, "list", zh="列出卡包的密钥", en="List the keys")(list_keys)
    command(keys, "add", zh="新增密钥", en="Make a further key")(add_key)
    command(keys, "use", zh="设为默认密钥", en="Make a key the default one")(use_key)
    command(keys, "remove", zh="删除不用的密钥", en="Destroy a key that is not used")(remove_key)


def list_keys(terminal: Terminal, file: WalletFile) -> None:
    """List the keys, with the licences that are bound to each."""
    wallet, _ = open_wallet(terminal, file)
    names = {held.id: held.type_name for held in wallet.licences}
    plain = [
        {
            "row": row, "id": key.id, "alg": key.alg, "default": key.default,
            "licences": list(key.licences),
        }
        for row, key in enumerate(wallet.keys, start=1)
    ]  # fmt: skip
    heads = (
        ("序号", "密钥", "算法", "默认", "证照") if terminal.language == "zh"
        else ("row", "key", "suite", "default", "licences")
    )  # fmt: skip
    rows = [
        (
            str(row), key.id[:SHORT], key.alg, "√" if key.default else "",
            "、".join(names[one] for one in key.licences),
        )
        for row, key in enumerate(wallet.keys, start=1)
    ]  # fmt: skip
    terminal.emit({"keys": plain}, terminal.table(heads, rows))


def add_key(
    terminal: Terminal,
    file: WalletFile,
    alg: Alg = None,
    default: Default = False,
    dry_run: DryRun = False,
) -> None:
    """Make a further key; what is held already stays with its own."""
    from ecert.workspace.keyfiles import require_suite

    suite = read_alg(alg)
    require_suite(suite)
    wallet, _ = open_wallet(terminal, file)
    made = "" if dry_run else wallet.keys.add(suite, default=default).id
    plain = {"key": made or None, "alg": suite, "default": default, "dry_run": dry_run}
    terminal.emit(plain, [terminal.words(
        f"将新增 {suite} 密钥" if dry_run else f"√ 已新增 {suite} 密钥 {made[:SHORT]}",
        f"Would make a key of {suite}" if dry_run else f"√ Made the key {made[:SHORT]} ({suite})",
    )])  # fmt: skip


def use_key(terminal: Terminal, file: WalletFile, key: KeyName, dry_run: DryRun = False) -> None:
    """Make a key the default one."""
    wallet, _ = open_wallet(terminal, file)
    chosen = find_key_id(wallet, key)
    if not dry_run:
        wallet.keys.use(chosen)
    terminal.emit({"key": chosen, "dry_run": dry_run}, [terminal.words(
        f"{'将' if dry_run else '√ 已'}把 {chosen[:SHORT]} 设为默认密钥",
        f"{'Would make' if dry_run else '√ Made'} {chosen[:SHORT]} the default key",
    )])  # fmt: skip


def remove_key(
    terminal: Terminal,
    file: WalletFile,
    key: KeyName,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Destroy a key that nothing is bound to."""
    wallet, _ = open_wallet(terminal, file)
    chosen = find_key_id(wallet, key)
    wallet.keys.require_unused(chosen)
    if not dry_run:
        terminal.confirm(
            f"删除密钥 {chosen[:SHORT]}？", f"Destroy the key {chosen[:SHORT]}?", yes=yes
        )
        wallet.keys.remove(chosen)
    terminal.emit({"key": chosen, "dry_run": dry_run}, [terminal.words(
        f"{'将删除' if dry_run else '√ 已删除'}密钥 {chosen[:SHORT]}",
        f"{'Would destroy' if dry_run else '√ Destroyed'} the key {chosen[:SHORT]}",
    )])  # fmt: skip


def find_key_id(wallet: Wallet, text: str) -> str:
    """Return the id of the key that ``text`` names: its row, or how its id begins.

    Raises:
        WalletError: There is none.
    """
    rows = {str(row): key.id for row, key in enumerate(wallet.keys, start=1)}
    return rows.get(text) or wallet.keys.find(text).id
