"""``ecert wallet log``: what the wallet has shown; for its holder alone."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ecert.cli.arguments import WalletFile
from ecert.cli.command import DryRun, Yes, command
from ecert.cli.terminal import Terminal
from ecert.cli.wallet_secrets import open_wallet
from ecert.cli.words import told

Clear = Annotated[bool, typer.Option("--clear", help=told("清空亮证记录", "Forget what was shown"))]


def declare(wallets: typer.Typer) -> None:
    """Add the command to the group ``wallet``."""
    command(wallets, "log", zh="亮证记录：何时向谁出示了什么", en="What was shown, when, to whom")(
        show_log
    )


def show_log(
    terminal: Terminal,
    file: WalletFile,
    clear: Clear = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """List what was shown, newest first, or forget it."""
    wallet, _ = open_wallet(terminal, file)
    log = wallet.log
    if clear:
        count = len(log.records)
        if not dry_run:
            terminal.confirm(f"清空 {count} 条亮证记录？", f"Forget {count} records?", yes=yes)
            wallet.clear_log()
        terminal.emit({"cleared": count, "dry_run": dry_run}, [terminal.words(
            f"{'将清空' if dry_run else '√ 已清空'} {count} 条亮证记录",
            f"{'Would forget' if dry_run else '√ Forgot'} {count} records",
        )])  # fmt: skip
        return
    plain: list[dict[str, Any]] = [
        {
            "at": record.at.isoformat(),
            "licences": [{"id": one, "type_name": name} for one, name in record.licences],
            "profile": record.profile,
            "challenge": record.challenge or None,
            "to": record.to or None,
            "matter": record.matter or None,
            "pin": record.pin,
        }
        for record in reversed(log.records)
    ]
    heads = (
        ("时间", "证照", "亮证方式", "窗口随机数", "出示给", "事项", "密码")
        if terminal.language == "zh"
        else ("time", "licences", "profile", "challenge", "to", "matter", "PIN")
    )
    rows = [
        (
            terminal.moment(record.at),
            "、".join(name for _, name in record.licences),
            record.profile, record.challenge, _to(terminal, record.to), record.matter,
            "√" if record.pin else "",
        )
        for record in reversed(log.records)
    ]  # fmt: skip
    terminal.emit({"records": plain, "dropped": log.dropped}, terminal.table(heads, rows))
    if log.dropped:
        terminal.note(
            f"  更早的 {log.dropped} 条已不再保留", f"  {log.dropped} older ones are not kept"
        )


def _to(terminal: Terminal, to: str) -> str:
    from ecert.show.online import region_of

    region = region_of(to)
    if region is None:
        return to
    return terminal.words(f"亮证服务（{region}）", f"show service ({region})")
