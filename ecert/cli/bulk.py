"""``ecert bulk``: whole files of applications or moves, planned, approved, run, reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.cli import bulk_jobs, bulk_moves, bulk_plan, bulk_run
from ecert.cli.command import command, group

if TYPE_CHECKING:
    import typer


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    bulk = group(
        app, "bulk", zh="批量：整份名单颁发、暂扣、吊销……",
        en="Bulk work: issue, suspend, revoke … a whole list",
    )  # fmt: skip
    command(bulk, "plan", zh="检查名单并登记为任务", en="Check a list and record it as a job")(
        bulk_plan.plan
    )
    command(
        bulk, "run", zh="办理任务，或直接办理名单", en="Carry out a job, or a list at once"
    )(bulk_run.run)  # fmt: skip
    command(bulk, "resume", zh="接着办理中断的任务", en="Go on with a job that was broken off")(
        bulk_run.resume
    )
    command(
        bulk, "worker", zh="在本机协助办理（多机，PostgreSQL）",
        en="Help carry out jobs from this machine (PostgreSQL)",
    )(bulk_run.worker)  # fmt: skip
    command(bulk, "status", zh="查看任务", en="Look at jobs")(bulk_jobs.status)
    command(bulk, "report", zh="逐行报告办理结果", en="Report what became of each row")(
        bulk_jobs.report
    )
    command(bulk, "approve", zh="另一人审批任务", en="Approve a job as the second person")(
        bulk_jobs.approve
    )
    command(
        bulk, "cancel", zh="取消任务：已办的保留，未办的不再办", en="Cancel what is left of a job"
    )(bulk_jobs.cancel)
    for name, zh, en in bulk_moves.MOVES:
        command(bulk, name, zh=zh, en=en)(bulk_moves.moving(name))
