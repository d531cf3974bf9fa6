"""``ecert wallet due`` and ``refresh``: licences that should be collected again, and doing so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ecert.cli.arguments import WalletFile, read_moment
from ecert.cli.command import DryRun, command
from ecert.cli.terminal import Terminal
from ecert.cli.wallet_secrets import open_wallet
from ecert.cli.words import told

if TYPE_CHECKING:
    from ecert.workspace.refreshing import RefreshStep

At = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help=told("按此时判断，默认现在", "As of then, not now")),
]
Some = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="LICENCE",
        help=told("卡包中的序号、证照编号或证照标识；默认全部", "Row, number or id; else all"),
    ),
]


def declare(wallets: typer.Typer) -> None:
    """Add the commands to the group ``wallet``."""
    command(wallets, "due", zh="哪些证照已到期或将到期", en="Which licences are due again")(due)
    command(
        wallets, "refresh", zh="从颁发机构的证照库领取新版本（在工作区中）",
        en="Collect later versions from the issuer's workspace",
    )(refresh)  # fmt: skip


def due(terminal: Terminal, file: WalletFile, at: At = None) -> None:
    """List the licences that are expired, soon expire, or whose type has changed."""
    from ecert.clock import system_clock
    from ecert.model.catalogue import builtin

    moment = system_clock() if at is None else read_moment(at, "--at")
    wallet, _ = open_wallet(terminal, file)
    found = wallet.due(moment, catalogue=builtin())
    plain = [
        {
            "id": one.licence.id,
            "type_name": one.licence.type_name,
            "issuer_name": one.licence.issuer_name,
            "reason": one.reason.value,
            "valid_until": None if one.valid_until is None else one.valid_until.isoformat(),
            "days_left": one.days_left,
        }
        for one in found
    ]
    heads = (
        ("证照", "颁发机构", "情况", "有效期至") if terminal.language == "zh"
        else ("licence", "issuer", "why", "valid until")
    )  # fmt: skip
    rows = [
        (
            one.licence.type_name,
            one.licence.issuer_name,
            terminal.words(one.reason.zh, one.reason.value),
            "" if one.valid_until is None else one.valid_until.isoformat(),
        )
        for one in found
    ]
    terminal.emit({"due": plain}, terminal.table(heads, rows))
    if not found:
        terminal.note("  没有需要更新的证照", "  Nothing is due")


def refresh(
    terminal: Terminal, file: WalletFile, licence: Some = None, dry_run: DryRun = False
) -> None:
    """Deliver later versions into the wallet, each in the place of the old one."""
    from ecert.clock import system_clock
    from ecert.workspace.handover import find_held
    from ecert.workspace.refreshing import carry_out, plan_refresh

    with terminal.workspace() as workspace:
        issuer, at = workspace.issuer, system_clock()
        wallet, _ = open_wallet(terminal, file)
        held = [find_held(wallet, name) for name in licence] if licence else wallet.licences
        steps = plan_refresh(issuer, wallet, held, at)
        if not dry_run and any(step.state.is_due for step in steps):
            workspace.unlock_licence_key()
            for step in steps:
                if step.state.is_due:
                    carry_out(issuer, wallet, step, at)
    plain = [
        {
            "id": step.held.id,
            "type_name": step.held.type_name,
            "state": step.state.value,
            "new": str(step.latest.id) if step.latest and step.state.is_due else None,
        }
        for step in steps
    ]
    lines = [_line(terminal, step, dry_run=dry_run) for step in steps]
    terminal.emit({"licences": plain, "dry_run": dry_run}, lines)


def _line(terminal: Terminal, step: RefreshStep, *, dry_run: bool) -> str:
    name, words = step.held.type_name, terminal.words
    if not step.state.is_due:
        return words(f"△ {name}：{step.state.zh}", f"△ {name}: {step.state.value}")
    if dry_run:
        return words(f"可更新 {name}：{step.state.zh}", f"Would refresh {name}: {step.state.value}")
    return words(f"√ 已更新 {name}：{step.state.zh}", f"√ Refreshed {name}: {step.state.value}")
