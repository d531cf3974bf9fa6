"""What several of the ``ecert bulk`` commands take, and the words that they share."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli.words import told

if TYPE_CHECKING:
    from ecert.cli.terminal import Terminal
    from ecert.issuers.bulk.job import BulkJob, Progress

ListFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help=told("名单：.xlsx .xls .ods .csv", "The list: .xlsx .xls .ods .csv")
    ),
]
JobName = Annotated[str, typer.Argument(metavar="JOB", help=told("任务号", "Number of the job"))]
Sheet = Annotated[
    str | None, typer.Option("--sheet", help=told("工作表名", "Name of the sheet"))
]  # fmt: skip
AllOrNothing = Annotated[
    bool,
    typer.Option(
        "--all-or-nothing",
        help=told("有一行有误就全部不登记", "Record nothing if any row is bad"),
    ),
]
Actor = Annotated[
    str,
    typer.Option(
        "--actor",
        help=told("经办人，默认为系统用户名", "Who orders it; the system's user by default"),
    ),
]
Why = Annotated[str, typer.Option("--reason", help=told("理由，记入证照库", "Why, for the record"))]
Document = Annotated[
    str, typer.Option("--document", help=told("决定书文号", "Number of the decision (文号)"))
]
To = Annotated[
    str, typer.Option("--to", help=told("转出：转往地区的代码", "Transfer: code of the new region"))
]
LicenceType = Annotated[
    str | None,
    typer.Option(
        "--type",
        help=told("各行的证照类型（没有该列时）", "The type of every row, if no column says"),
    ),
]
NoFiles = Annotated[
    bool,
    typer.Option(
        "--no-files",
        help=told("只登记，不签发电子证照文件", "Record only; sign no file credentials"),
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", min=0,
        help=told("本机进程数，默认为处理器数", "Processes here; as many as processors by default"),
    ),
]  # fmt: skip
Engine = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="processes|procrastinate",
        help=told(
            "办理方式：本机进程，或多机任务队列（PostgreSQL 的默认）",
            "Processes here, or the queue that machines share (the default on PostgreSQL)",
        ),
    ),
]


def actor_of(text: str) -> str:
    """Return who orders something: who was named, or the system's user."""
    return text or getpass.getuser()


def job_as_dict(job: BulkJob, progress: Progress | None = None) -> dict[str, Any]:
    """Return a job as plain values for JSON."""
    plain: dict[str, Any] = {
        "job": job.id,
        "move": job.move.value,
        "state": state_of(job, progress),
        "source": job.source,
        "source_sha256": job.source_digest,
        "planned_at": job.planned_at.isoformat(),
        "planned_by": job.planned_by,
        "approved_by": job.approved_by or None,
        "needs_approval": job.needs_approval,
        "rows": job.rows,
        "bad": job.bad,
    }
    if progress is not None:
        plain |= {"done": progress.done, "refused": progress.refused}
    return plain


def state_of(job: BulkJob, progress: Progress | None) -> str:
    """Return how a job stands: ``planning``, ``planned``, ``running``, ``finished``, ``closed``."""
    if progress is None or job.state.value != "planned":
        return job.state.value
    if progress.finished:
        return "finished"
    return "running" if progress.shards_done else "planned"


STATES = {
    "planning": "计划未完成",
    "planned": "已计划",
    "running": "办理中",
    "finished": "已完成",
    "closed": "已取消",
}


def progress_line(terminal: Terminal, job: BulkJob, progress: Progress) -> str:
    """Return one line: how many were carried out and how many were not."""
    refused = progress.refused + job.bad
    left = progress.rows - progress.done - progress.refused
    return terminal.words(
        f"已{job.move.zh} {progress.done:,} 份，未办理 {refused:,} 行"
        + (f"，剩余 {left:,} 份" if left else ""),
        f"{job.move.value}: {progress.done:,} done, {refused:,} rows refused"
        + (f", {left:,} left" if left else ""),
    )
