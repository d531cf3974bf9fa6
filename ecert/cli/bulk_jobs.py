"""``ecert bulk status``, ``report``, ``approve`` and ``cancel``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli.bulk_options import (
    STATES,
    Actor,
    JobName,
    actor_of,
    job_as_dict,
    progress_line,
    state_of,
)
from ecert.cli.terminal import Terminal
from ecert.cli.words import told
from ecert.errors import BulkError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.issuers.bulk.job import BulkJob, Progress
    from ecert.issuers.bulk.ledger import BulkLedger
    from ecert.issuers.bulk.results import RowResult

MaybeJob = Annotated[
    str | None,
    typer.Argument(metavar="JOB", help=told("任务号；不写则列出全部", "A job; all if left out")),
]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE",
                 help=told("写入文件：.xlsx .csv .jsonl", "Write a file: .xlsx .csv .jsonl")),
]  # fmt: skip
_HEADS_ZH = ("任务号", "办理", "状态", "已办", "未办理", "共", "来源")
_HEADS_EN = ("job", "move", "state", "done", "refused", "rows", "source")
_HEADINGS = ("行号", "结果", "证照标识", "证照编号", "单元格", "原因")


def status(terminal: Terminal, job: MaybeJob = None) -> None:
    """Look at one job, or at all."""
    with terminal.workspace() as workspace:
        ledger = workspace.bulk.ledger
        jobs = ledger.jobs() if job is None else (ledger.job(job),)
        found = [(one, ledger.progress(one.id)) for one in jobs]
    if job is not None:
        (only,) = found
        terminal.emit(job_as_dict(*only), _details(terminal, *only))
        return
    heads = _HEADS_ZH if terminal.language == "zh" else _HEADS_EN
    rows = [_row(terminal, *one) for one in found]
    terminal.emit({"jobs": [job_as_dict(*one) for one in found]}, terminal.table(heads, rows))


def _row(terminal: Terminal, job: BulkJob, progress: Progress) -> tuple[str, ...]:
    state = state_of(job, progress)
    return (
        job.id, terminal.words(job.move.zh, job.move.value), terminal.words(STATES[state], state),
        str(progress.done), str(progress.refused + job.bad), str(job.rows + job.bad), job.source,
    )  # fmt: skip


def _details(terminal: Terminal, job: BulkJob, progress: Progress) -> list[str]:
    state, words = state_of(job, progress), terminal.words
    lines = [
        words(f"任务 {job.id}：{job.move.zh}，{STATES[state]}",
              f"Job {job.id}: {job.move.value}, {state}"),
        words(f"  来源 {job.source}，{job.planned_by} 计划", f"  From {job.source}, planned by "
              f"{job.planned_by}"),
        f"  {progress_line(terminal, job, progress)}",
    ]  # fmt: skip
    if job.approved_by:
        lines.append(words(f"  {job.approved_by} 审批", f"  Approved by {job.approved_by}"))
    if job.needs_approval:
        lines.append(words(
            f"  待审批：ecert bulk approve {job.id} --actor 姓名",
            f"  Not approved yet: ecert bulk approve {job.id} --actor NAME",
        ))  # fmt: skip
    elif state in {"planned", "running"}:
        lines.append(
            words(f"  下一步：ecert bulk run {job.id}", f"  Next: ecert bulk run {job.id}")
        )
    return lines


def report(terminal: Terminal, job: JobName, output: Output = None) -> None:
    """Report what became of each row of a job's file."""
    with terminal.workspace() as workspace:
        ledger = workspace.bulk.ledger
        found = ledger.job(job)
        counts: Counter[str] = Counter()
        plain: dict[str, Any] = job_as_dict(found, ledger.progress(job))
        if output is not None:
            _write(ledger, job, output, counts)
            plain["report"] = str(output)
        elif terminal.json:
            plain["results"] = [_as_dict(one) for one in _counted(ledger, job, counts)]
        else:
            for one in _counted(ledger, job, counts):
                print(*_values(one), sep="\t")
    _require_all(found, counts)
    plain["counts"] = dict(counts)
    if terminal.json:
        terminal.emit(plain, ())
    from ecert.issuers.bulk.results import RowOutcome

    told_counts = [
        terminal.words(
            f"{kind.zh} {counts[kind.value]:,} 行", f"{kind.value} {counts[kind.value]:,}"
        )
        for kind in RowOutcome
        if counts[kind.value]
    ]
    total = counts.total()
    terminal.note(f"共 {total:,} 行：{'，'.join(told_counts)}",
                  f"{total:,} rows: {', '.join(told_counts)}")  # fmt: skip
    if output is not None:
        terminal.note(f"√ 已写入 {output}", f"√ Written to {output}")


def _counted(ledger: BulkLedger, job: str, counts: Counter[str]) -> Iterator[RowResult]:
    for one in ledger.results(job):
        counts[one.outcome.value] += 1
        yield one


def _write(ledger: BulkLedger, job: str, output: Path, counts: Counter[str]) -> None:
    from ecert.sheets.writing import Column, create_table

    columns = [
        Column(name, "number" if name == "行号" else "text", width)
        for name, width in zip(_HEADINGS, (8, 12, 60, 22, 10, 60), strict=True)
    ]
    with create_table(output, columns, sheet="办理结果") as writer:
        for one in _counted(ledger, job, counts):
            writer.write(_values(one))


def _values(one: RowResult) -> tuple[int | str, ...]:
    return one.row, one.outcome.zh, one.licence_id, one.number, one.where, one.zh


def _as_dict(one: RowResult) -> dict[str, Any]:
    return {
        "row": one.row, "outcome": one.outcome.value, "licence": one.licence_id or None,
        "number": one.number or None, "where": one.where or None, "zh": one.zh or None,
        "en": one.en or None,
    }  # fmt: skip


def _require_all(job: BulkJob, counts: Counter[str]) -> None:
    if job.state.value != "planning" and counts.total() != job.rows + job.bad:
        raise BulkError(
            f"报告有 {counts.total()} 行，计划为 {job.rows + job.bad} 行",
            f"the report has {counts.total()} rows, the plan {job.rows + job.bad}", where=job.id,
            fix_zh="任务账目不完整，请联系系统管理员",
            fix_en="The job's ledger is not whole: ask the system administrator",
        )  # fmt: skip


def approve(terminal: Terminal, job: JobName, actor: Actor = "") -> None:
    """Approve a job as the second person."""
    with terminal.workspace() as workspace:
        approved = workspace.bulk.approve(job, actor_of(actor))
    terminal.emit(job_as_dict(approved), [
        terminal.words(f"√ {approved.approved_by} 已审批：{approved.move.zh} {approved.rows:,} 份",
                       f"√ Approved by {approved.approved_by}: "
                       f"{approved.move.value} {approved.rows:,} licences"),
        terminal.words(f"下一步：ecert bulk run {job}", f"Next: ecert bulk run {job}"),
    ])  # fmt: skip


def cancel(terminal: Terminal, job: JobName, actor: Actor = "") -> None:
    """Cancel what is left of a job."""
    with terminal.workspace() as workspace:
        ledger = workspace.bulk.ledger
        before = ledger.progress(job)
        closed = workspace.bulk.cancel(job, actor_of(actor))
        left = before.rows - before.done - before.refused
    terminal.emit(job_as_dict(closed, before), [terminal.words(
        f"√ 已取消：不再办理 {left:,} 份；已办理的 {before.done:,} 份不变",
        f"√ Cancelled: {left:,} will not be done; the {before.done:,} that were stay as they are",
    )])  # fmt: skip
