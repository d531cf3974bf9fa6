"""``ecert bulk run``, ``resume`` and ``worker``: carry jobs out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer

from ecert.cli import failures
from ecert.cli.bulk_options import (
    Actor,
    AllOrNothing,
    Engine,
    JobName,
    LicenceType,
    NoFiles,
    Sheet,
    Workers,
    job_as_dict,
    progress_line,
)
from ecert.cli.bulk_plan import exit_code_of, plan_grants, tell_plan
from ecert.cli.following import following_job
from ecert.cli.terminal import Terminal
from ecert.cli.words import told
from ecert.errors import EcertError, FormatError

if TYPE_CHECKING:
    from ecert.workspace import Workspace
    from ecert.workspace.bulk import BulkEngine

JobOrFile = Annotated[
    str,
    typer.Argument(
        metavar="JOB|FILE", help=told("任务号，或名单文件", "A job's number, or a list")
    ),
]
Once = Annotated[
    bool, typer.Option("--once", help=told("队列办完即结束", "End when the queue is empty"))
]
Concurrency = Annotated[
    int,
    typer.Option(
        "--concurrency", min=1,
        help=told("同时办理几个分片；要用更多处理器，请多开几个 worker",
                  "Shards at a time; to use more processors start more workers"),
    ),
]  # fmt: skip
_JOB: Final = re.compile(r"[0-9]{6}-[0-9a-f]{6}")
_ENGINES: Final = ("processes", "procrastinate")


def run(
    terminal: Terminal,
    name: JobOrFile,
    workers: Workers = None,
    engine: Engine = None,
    type_name: LicenceType = None,
    sheet: Sheet = None,
    all_or_nothing: AllOrNothing = False,
    no_files: NoFiles = False,
    actor: Actor = "",
) -> None:
    """Carry out a job, or plan and carry out a list."""
    with terminal.workspace() as workspace:
        job_id = name
        plain: dict[str, Any] = {}
        if not _JOB.fullmatch(name):
            made, columns = plan_grants(
                terminal, workspace, Path(name), type_name=type_name, sheet=sheet, actor=actor,
                all_or_nothing=all_or_nothing, files=not no_files,
            )  # fmt: skip
            plain, lines = tell_plan(terminal, made, dry_run=False)
            plain["columns"] = columns
            if not made.recorded:
                terminal.emit(plain, lines)
                raise typer.Exit(exit_code_of(made, dry_run=False))
            # The last line names the next step, which comes by itself.
            for line in lines[:-1]:
                terminal.note(line, line)
            job_id = made.job.id
        code = carry_out(terminal, workspace, job_id, workers, engine, plain)
    raise typer.Exit(code)


def resume(
    terminal: Terminal, job: JobName, workers: Workers = None, engine: Engine = None
) -> None:
    """Go on with a job that was broken off."""
    with terminal.workspace() as workspace:
        before = workspace.bulk.ledger.progress(job)
        terminal.note(
            f"已办理 {before.done:,}/{before.rows:,} 份，接着办理",
            f"{before.done:,} of {before.rows:,} are done; going on",
        )
        code = carry_out(terminal, workspace, job, workers, engine, {})
    raise typer.Exit(code)


def carry_out(
    terminal: Terminal,
    workspace: Workspace,
    job_id: str,
    workers: int | None,
    engine: str | None,
    plain: dict[str, Any],
) -> int:
    """Carry a job out, tell what came of it, and return the exit code."""
    if engine is not None and engine not in _ENGINES:
        raise FormatError(
            "没有这种办理方式", "there is no such engine", where="--engine",
            fix_zh=f"可用：{'、'.join(_ENGINES)}", fix_en=f"There are: {', '.join(_ENGINES)}",
        )  # fmt: skip
    desk = workspace.bulk
    chosen = cast("BulkEngine | None", engine)
    try:
        with following_job(terminal) as tell:
            progress = desk.run(job_id, workers=workers, engine=chosen, on_progress=tell)
    except KeyboardInterrupt:
        terminal.note(
            f"已中断，办完的有效。接着办理：ecert bulk resume {job_id}",
            f"Interrupted; what was done is done. Go on with: ecert bulk resume {job_id}",
        )
        raise
    job = desk.ledger.job(job_id)
    refused = progress.refused + job.bad
    lines = [f"{'△' if refused else '√'} {progress_line(terminal, job, progress)}"]
    if refused:
        lines.append(terminal.words(
            f"  各行的结果：ecert bulk report {job_id} -o 结果.xlsx",
            f"  What became of each row: ecert bulk report {job_id} -o result.xlsx",
        ))  # fmt: skip
    terminal.emit(plain | job_as_dict(job, progress), lines)
    if progress.done:
        terminal.note(
            "  请发布新的状态表（ecert trust export 或 ecert status publish），各地才会知道",
            "  Publish the status lists (ecert trust export or ecert status publish) to let "
            "partners know",
        )
    return failures.REJECTED if refused else failures.DONE


def worker(terminal: Terminal, once: Once = False, concurrency: Concurrency = 1) -> None:
    """Help carry out jobs that run on any machine."""

    def tell(error: EcertError) -> None:
        terminal.note(f"△ {error.message('zh')}", f"△ {error.message('en')}")

    with terminal.workspace() as workspace:
        terminal.note(
            f"等待任务：{workspace.engine.name}（Ctrl-C 结束，手上的分片会先办完）",
            f"Waiting for jobs: {workspace.engine.name} (Ctrl-C ends, after the shard in hand)",
        )
        workspace.bulk.work_for_all(once=once, concurrency=concurrency, on_fault=tell)
    terminal.emit({"ended": True}, [terminal.words("已结束", "Ended")])
