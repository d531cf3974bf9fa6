"""The jobs of the ledger of bulk work: found, changed, dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, delete, select, update

from ecert.errors import BulkError
from ecert.issuers.bulk.job import JobState
from ecert.issuers.records import OfficeEvent
from ecert.store.bulk_shards import DONE, job_content, to_job
from ecert.store.register import SQLTransaction
from ecert.store.tables import bulk_job, bulk_refusal, bulk_shard

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from ecert.issuers.bulk.job import BulkJob

JOB: Final = select(bulk_job).where(bulk_job.c.id == bindparam("key"))
_SET_JOB: Final = (
    update(bulk_job)
    .where(bulk_job.c.id == bindparam("key"))
    .values(state=bindparam("new"), content=bindparam("plain"))
)
OPEN: Final = (
    select(bulk_shard.c.number)
    .where(bulk_shard.c.job == bindparam("of"), bulk_shard.c.state < DONE)
    .order_by(bulk_shard.c.number)
)


def found(connection: Connection, job_id: str) -> Row[Any]:
    """Return the row of a job.

    Raises:
        BulkError: There is none.
    """
    row = connection.execute(JOB, {"key": job_id}).one_or_none()
    if row is None:
        raise BulkError(
            "没有这个批量任务", "there is no such bulk job", where=job_id,
            fix_zh="请用 ecert bulk status 查看", fix_en="See ecert bulk status",
        )  # fmt: skip
    return row


def discard(connection: Connection, of: int) -> None:
    """Drop a job and all that was recorded of it."""
    for table in (bulk_shard, bulk_refusal):
        connection.execute(delete(table).where(table.c.job == of))
    connection.execute(delete(bulk_job).where(bulk_job.c.seq == of))


def set_job(connection: Connection, job: BulkJob, act: str, actor: str, at: datetime) -> None:
    """Record what a job is now; it enters the audit trail."""
    values = {"key": job.id, "new": job.state.value, "plain": job_content(job)}
    connection.execute(_SET_JOB, values)
    tx = SQLTransaction(connection)
    detail = f"{job.move} {job.rows} {job.source_digest}"
    tx.add_office_event(OfficeEvent(act, f"bulk:{job.id}", at, actor, detail))
    tx.seal()


def require_state(job: BulkJob, zh: str, en: str) -> None:
    """Require a job that is planned.

    Raises:
        BulkError: It is not.
    """
    if job.state is not JobState.PLANNED:
        raise BulkError(
            f"任务现为“{job.state.zh}”，不能{zh}", f"the job is {job.state} and cannot be {en}",
            where=job.id, fix_zh="请用 ecert bulk status 查看", fix_en="See ecert bulk status",
        )  # fmt: skip


def require_cancellable(connection: Connection, row: Row[Any], by: str) -> None:
    """Require a job of which something is left.

    Raises:
        BulkError: Nothing is, it is not planned, or it is not said who cancels it.
    """
    require_state(to_job(row), "取消", "cancelled")
    if not by.strip():
        raise BulkError(
            "须写明由谁取消", "it must be said who cancels it", where="actor",
            fix_zh="请加 --actor", fix_en="Add --actor",
        )  # fmt: skip
    if connection.execute(OPEN, {"of": row.seq}).first() is None:
        raise BulkError(
            "任务已全部完成，没有可取消的", "the job is finished: nothing is left to cancel",
            where=row.id, fix_zh="已办理的证照须逐份或批量注销、撤销",
            fix_en="What was issued is cancelled or withdrawn licence by licence",
        )  # fmt: skip
