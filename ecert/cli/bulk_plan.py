"""``ecert bulk plan``: check a list, row by row, and record what can be done as a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli import failures
from ecert.cli.arguments import require_file
from ecert.cli.bulk_options import (
    Actor,
    AllOrNothing,
    Document,
    LicenceType,
    ListFile,
    NoFiles,
    Sheet,
    To,
    Why,
    actor_of,
    job_as_dict,
)
from ecert.cli.command import DryRun
from ecert.cli.following import following_rows
from ecert.cli.terminal import Terminal
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.issuers.bulk.planning import Plan
    from ecert.workspace import Workspace

_BULK_MOVES = ("suspend", "reinstate", "cancel", "withdraw", "revoke", "transfer")
AsMove = Annotated[
    str | None,
    typer.Option(
        "--move",
        metavar="|".join(_BULK_MOVES),
        help=told("不是颁发，而是变更名单中证照的状态", "Not to issue: move the licences listed"),
    ),
]


def plan(
    terminal: Terminal,
    file: ListFile,
    type_name: LicenceType = None,
    sheet: Sheet = None,
    all_or_nothing: AllOrNothing = False,
    no_files: NoFiles = False,
    move: AsMove = None,
    reason: Why = "",
    document: Document = "",
    to: To = "",
    actor: Actor = "",
    dry_run: DryRun = False,
) -> None:
    """Check a list and record it as a job."""
    columns: list[str] = []
    with terminal.workspace() as workspace:
        if move is None:
            made, columns = plan_grants(
                terminal, workspace, file, type_name=type_name, sheet=sheet, actor=actor,
                all_or_nothing=all_or_nothing, files=not no_files, reason=reason, dry_run=dry_run,
            )  # fmt: skip
        else:
            made = plan_moves(
                terminal, workspace, file, move, sheet=sheet, reason=reason, document=document,
                to=to, actor=actor, all_or_nothing=all_or_nothing, dry_run=dry_run,
            )  # fmt: skip
    plain, lines = tell_plan(terminal, made, dry_run=dry_run)
    terminal.emit(plain | {"columns": columns}, lines)
    raise typer.Exit(exit_code_of(made, dry_run=dry_run))


def plan_grants(
    terminal: Terminal,
    workspace: Workspace,
    file: Path,
    *,
    type_name: str | None,
    sheet: str | None,
    actor: str,
    all_or_nothing: bool,
    files: bool,
    reason: str = "",
    dry_run: bool = False,
) -> tuple[Plan, list[str]]:
    """Plan the issue of a list, telling what its columns are taken for; return that too."""
    desk = workspace.bulk
    with desk.open_applications(
        require_file(file), type_name=type_name, sheet=sheet
    ) as (reader, table):  # fmt: skip
        terminal.note(f"{table.where}，各列的理解：", f"{table.where}, its columns:")
        columns = reader.mapping.lines(terminal.language)
        for line in columns:
            terminal.note(f"  {line}", f"  {line}")
        with following_rows(terminal) as tell:
            planner = desk.planner(
                file, all_or_nothing=all_or_nothing, dry_run=dry_run, on_row=tell
            )
            made = planner.grants(
                reader, table, planned_by=actor_of(actor), at=desk.now(), files=files, reason=reason
            )
    return made, columns


def plan_moves(
    terminal: Terminal,
    workspace: Workspace,
    file: Path,
    move: str,
    *,
    sheet: str | None,
    reason: str,
    document: str,
    to: str,
    actor: str,
    all_or_nothing: bool = False,
    dry_run: bool = False,
) -> Plan:
    """Plan one move of all the licences in a list."""
    from ecert.issuers.changes import Order
    from ecert.issuers.lifecycle import Move
    from ecert.model.regions import parse_region

    if move not in _BULK_MOVES:
        raise FormatError(
            "批量不能办理这一项", "this is no move of bulk work", where=move,
            fix_zh=f"可用：{'、'.join(_BULK_MOVES)}", fix_en=f"There are: {', '.join(_BULK_MOVES)}",
        )  # fmt: skip
    if (move == "transfer") != bool(to):
        raise FormatError(
            "转出须写明转往哪个地区，其他办理不写", "a transfer, and it alone, names a region",
            where="--to", fix_zh="例如 --to 500000", fix_en="Such as --to 500000",
        )  # fmt: skip
    order = Order(reason=reason, document=document, actor=actor_of(actor))
    with following_rows(terminal) as tell:
        return workspace.bulk.plan_moves(
            require_file(file), Move(move), order, related=parse_region(to) if to else "",
            sheet=sheet, all_or_nothing=all_or_nothing, dry_run=dry_run, on_row=tell,
        )  # fmt: skip


def exit_code_of(made: Plan, *, dry_run: bool) -> int:
    """Return the exit code of a plan: 1 if nothing can be done, 5 if some rows cannot."""
    is_good = bool(made.job.rows) if dry_run else made.recorded
    if not is_good:
        return failures.REFUSED
    return failures.REJECTED if made.job.bad else failures.DONE


def tell_plan(terminal: Terminal, made: Plan, *, dry_run: bool) -> tuple[dict[str, Any], list[str]]:
    """Return what a plan came to, for JSON and as lines."""
    job = made.job
    plain = job_as_dict(job) | {
        "recorded": made.recorded,
        "dry_run": dry_run,
        "annotated": None if made.annotated is None else str(made.annotated),
        "faults": [
            {"row": one.row, "cell": one.cell, "zh": one.message("zh"), "en": one.message("en")}
            for one in made.faults
        ],
        "fault_count": made.fault_count,
    }
    words = terminal.words
    lines = [words(f"√ 可办理 {job.rows:,} 行", f"√ {job.rows:,} rows can be done")]
    if job.bad:
        lines.append(words(f"× 有误 {job.bad:,} 行：", f"× {job.bad:,} rows are bad:"))
        lines += [f"  {one.message(terminal.language)}" for one in made.faults]
        if (more := made.fault_count - len(made.faults)) > 0:
            lines.append(words(f"  另有 {more:,} 处", f"  and {more:,} more"))
    if made.annotated is not None:
        lines.append(words(
            f"有误的行已写入 {made.annotated}，改好后再办",
            f"The bad rows are in {made.annotated}: mend it and hand it in",
        ))  # fmt: skip
    return plain, [*lines, *_next_step(terminal, made, dry_run=dry_run)]


def _next_step(terminal: Terminal, made: Plan, *, dry_run: bool) -> list[str]:
    job, words = made.job, terminal.words
    if dry_run:
        return [words("试行，未作任何登记", "Tried out only: nothing was recorded")]
    if not made.recorded:
        return [words("未作任何登记", "Nothing was recorded")]
    lines = [words(f"任务号 {job.id}", f"Job {job.id}")]
    if job.needs_approval:
        lines.append(words(
            f"须由{job.planned_by}以外的人审批：ecert bulk approve {job.id} --actor 姓名",
            f"Somebody else must approve it: ecert bulk approve {job.id} --actor NAME",
        ))  # fmt: skip
    lines.append(words(f"下一步：ecert bulk run {job.id}", f"Next: ecert bulk run {job.id}"))
    return lines
