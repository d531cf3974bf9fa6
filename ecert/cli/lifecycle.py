"""What becomes of a licence: suspend, reinstate, cancel, withdraw, revoke, transfer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli.arguments import LicenceName, RequestId
from ecert.cli.command import DryRun, command
from ecert.cli.grounds import Actor, Document, Why, demand, ordered, rehearsing
from ecert.cli.terminal import Terminal
from ecert.cli.words import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.issuers.changes import Order
    from ecert.issuers.issuer import Issuer
    from ecert.issuers.lifecycle import Move
    from ecert.model.licence import Licence

    Act = Callable[[Issuer, Licence, Order], Licence]

ToRegion = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="REGION",
        help=told("转往的行政区划代码，六位数字", "Region to which it goes, six digits"),
    ),
]

# 注销, 撤销 and 吊销 are three different acts.
_MOVES = (
    ("suspend", "暂扣证照", "Suspend a licence (暂扣)"),
    ("reinstate", "解除暂扣", "Give a suspended licence back (解除暂扣)"),
    ("cancel", "注销：证照到期或持证人放弃", "Cancel a licence (注销): it ended or was given up"),
    ("withdraw", "撤销：本不应颁发", "Withdraw a licence (撤销): it should not have been granted"),
    ("revoke", "吊销：行政处罚", "Revoke a licence (吊销): a punishment"),
    ("take-back", "取消转出", "Take a transfer back (取消转出)"),
)


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    for name, zh, en in _MOVES:
        command(app, name, zh=zh, en=en)(_moving(name))
    command(
        app, "transfer", zh="转出：由另一地区继续管理",
        en="Transfer a licence out (转出): it goes on in another region",
    )(transfer)  # fmt: skip


def _moving(name: str) -> Any:
    method = name.replace("-", "_")

    def act(issuer: Issuer, licence: Licence, order: Order) -> Licence:
        moved: Licence = getattr(issuer, method)(licence.id, **order)
        return moved

    def move(
        terminal: Terminal,
        licence: LicenceName,
        reason: Why = "",
        document: Document = "",
        actor: Actor = None,
        request_id: RequestId = None,
        dry_run: DryRun = False,
    ) -> None:
        order = ordered(reason, document, actor, request_id)
        _carry_out(terminal, name, licence, order, act, dry_run=dry_run)

    return move


def transfer(
    terminal: Terminal,
    licence: LicenceName,
    to: ToRegion,
    reason: Why = "",
    document: Document = "",
    actor: Actor = None,
    request_id: RequestId = None,
    dry_run: DryRun = False,
) -> None:
    """Transfer a licence out."""

    def act(issuer: Issuer, found: Licence, order: Order) -> Licence:
        return issuer.transfer(found.id, to, **order)

    order = ordered(reason, document, actor, request_id)
    _carry_out(terminal, "transfer", licence, order, act, dry_run=dry_run)


def _carry_out(
    terminal: Terminal, name: str, licence: str, order: Order, act: Act, *, dry_run: bool
) -> None:
    from ecert.issuers.lifecycle import Move

    move = Move(name)
    demand(move, order)
    with terminal.workspace() as workspace:
        before = workspace.licences.find(licence)
        issuer = rehearsing(workspace, before) if dry_run else workspace.issuer
        after = act(issuer, before, order)
    _tell_moved(terminal, move, before, after, dry_run=dry_run)


def _tell_moved(
    terminal: Terminal, move: Move, before: Licence, after: Licence, *, dry_run: bool
) -> None:
    plain = {
        "move": move.value,
        "licence": str(before.id),
        "before": before.state.value,
        "state": after.state.value,
        "dry_run": dry_run,
    }
    what = f"{before.type_name}（***{before.holder.last_four}）"
    change = f"{before.state.zh} → {after.state.zh}"
    terminal.emit(plain, [terminal.words(
        f"{'可以' if dry_run else '√ 已'}{move.zh}：{what}，{change}",
        f"{'Would' if dry_run else '√'} {move.value}: {what}, "
        f"{before.state.value} → {after.state.value}",
    )])  # fmt: skip
    if not dry_run:
        tell_to_publish(terminal)


def tell_to_publish(terminal: Terminal) -> None:
    """Remind that partners do not know of a change before it is published."""
    terminal.note(
        "  请发布新的状态表（ecert trust export 或 ecert status publish），各地才会知道",
        "  Publish the status lists (ecert trust export or ecert status publish) to let "
        "partners know",
    )
