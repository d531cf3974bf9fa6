"""What becomes of a licence: suspend, reinstate, cancel, withdraw, revoke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli.arguments import LicenceName, RequestId
from ecert.cli.command import DryRun, command
from ecert.cli.terminal import Terminal
from ecert.cli.words import told

if TYPE_CHECKING:
    from ecert.issuers.lifecycle import Move
    from ecert.model.licence import Licence, LicenceState

Why = Annotated[str, typer.Option("--reason", help=told("理由，记入证照库", "Why, for the record"))]
Document = Annotated[
    str, typer.Option("--document", help=told("决定书文号", "Number of the decision (文号)"))
]
Actor = Annotated[str, typer.Option("--actor", help=told("经办人", "Who ordered it"))]

# 注销, 撤销 and 吊销 are three different acts.
_MOVES = (
    ("suspend", "暂扣证照", "Suspend a licence (暂扣)"),
    ("reinstate", "解除暂扣", "Give a suspended licence back (解除暂扣)"),
    ("cancel", "注销：证照到期或持证人放弃", "Cancel a licence (注销): it ended or was given up"),
    ("withdraw", "撤销：本不应颁发", "Withdraw a licence (撤销): it should not have been granted"),
    ("revoke", "吊销：行政处罚", "Revoke a licence (吊销): a punishment"),
)


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    for name, zh, en in _MOVES:
        command(app, name, zh=zh, en=en)(_moving(name))


def _moving(name: str) -> Any:
    def move(
        terminal: Terminal,
        licence: LicenceName,
        reason: Why = "",
        document: Document = "",
        actor: Actor = "",
        request_id: RequestId = None,
        dry_run: DryRun = False,
    ) -> None:
        from ecert.issuers.changes import Order
        from ecert.issuers.lifecycle import Move, allowed

        order = Order(reason=reason, document=document, actor=actor)
        if request_id is not None:
            order["request_id"] = request_id
        with terminal.workspace() as workspace:
            before = workspace.licences.find(licence)
            if dry_run:
                state = allowed(before.state, Move(name))
            else:
                state = getattr(workspace.issuer, name)(before.id, **order).state
        _tell_moved(terminal, Move(name), before, state, dry_run=dry_run)

    return move


def _tell_moved(
    terminal: Terminal, move: Move, before: Licence, state: LicenceState, *, dry_run: bool
) -> None:
    plain = {
        "move": move.value,
        "licence": str(before.id),
        "before": before.state.value,
        "state": state.value,
        "dry_run": dry_run,
    }
    what = f"{before.type_name}（***{before.holder.last_four}）"
    change = f"{before.state.zh} → {state.zh}"
    terminal.emit(plain, [terminal.words(
        f"{'可以' if dry_run else '√ 已'}{move.zh}：{what}，{change}",
        f"{'Would' if dry_run else '√'} {move.value}: {what}, {before.state.value} → {state.value}",
    )])  # fmt: skip
    if not dry_run:
        terminal.note(
            "  请发布新的状态表（ecert trust export 或 ecert status publish），各地才会知道",
            "  Publish the status lists (ecert trust export or ecert status publish) to let "
            "partners know",
        )
