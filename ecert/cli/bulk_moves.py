"""``ecert bulk suspend`` and the like: one move of a whole list, planned, approved and run."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from ecert.cli.bulk_options import (
    Actor,
    AllOrNothing,
    Document,
    Engine,
    ListFile,
    Sheet,
    To,
    Why,
    Workers,
)
from ecert.cli.bulk_plan import exit_code_of, plan_moves, tell_plan
from ecert.cli.bulk_run import carry_out
from ecert.cli.command import DryRun
from ecert.cli.terminal import Terminal
from ecert.cli.words import told

ApprovedBy = Annotated[
    str,
    typer.Option(
        "--approved-by",
        help=told(
            "审批人：超过 100 份时须是另一人", "Who approved it: for over 100, another person"
        ),
    ),
]

# 注销, 撤销 and 吊销 are three different acts; `bulk cancel` cancels a job.
MOVES: Final = (
    ("suspend", "按名单暂扣", "Suspend the licences listed (暂扣)"),
    ("reinstate", "按名单解除暂扣", "Give suspended licences back (解除暂扣)"),
    ("cancel-licences", "按名单注销", "Cancel the licences listed (注销)"),
    ("withdraw", "按名单撤销", "Withdraw the licences listed (撤销)"),
    ("revoke", "按名单吊销", "Revoke the licences listed (吊销)"),
    ("transfer", "按名单转出", "Transfer the licences listed to another region (转出)"),
)


def moving(name: str) -> Any:
    """Return the command that carries one move out for a whole list."""
    kind = name.removesuffix("-licences")

    def move(
        terminal: Terminal,
        file: ListFile,
        reason: Why = "",
        document: Document = "",
        to: To = "",
        actor: Actor = "",
        approved_by: ApprovedBy = "",
        sheet: Sheet = None,
        all_or_nothing: AllOrNothing = False,
        workers: Workers = None,
        engine: Engine = None,
        dry_run: DryRun = False,
    ) -> None:
        with terminal.workspace() as workspace:
            made = plan_moves(
                terminal, workspace, file, kind, sheet=sheet, reason=reason, document=document,
                to=to, actor=actor, all_or_nothing=all_or_nothing, dry_run=dry_run,
            )  # fmt: skip
            plain, lines = tell_plan(terminal, made, dry_run=dry_run)
            if not made.recorded:
                terminal.emit(plain, lines)
                raise typer.Exit(exit_code_of(made, dry_run=dry_run))
            for line in lines[:-1]:
                terminal.note(line, line)
            if made.job.needs_approval and approved_by:
                workspace.bulk.approve(made.job.id, approved_by)
            code = carry_out(terminal, workspace, made.job.id, workers, engine, plain)
        raise typer.Exit(code)

    return move
