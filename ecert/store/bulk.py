"""The ledger of bulk work in SQL: each shard's rows and its own line move in one transaction."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import bindparam, func, insert, select

from ecert.errors import BulkError, EcertError, StoreError
from ecert.issuers.bulk.job import JobState, Progress, Refusal
from ecert.issuers.bulk.ledger import Recorded
from ecert.issuers.bulk.rows import unpack_grants, unpack_moves
from ecert.issuers.changes import carry_out_in
from ecert.model.people import person_key
from ecert.store import bulk_grants, bulk_jobs, bulk_results
from ecert.store.bulk_shards import (
    DONE,
    PLANNED,
    RESERVED,
    add_refusals,
    drop_open,
    finish,
    job_content,
    to_job,
)
from ecert.store.loading import let_log_grow
from ecert.store.register import SQLTransaction
from ecert.store.tables import bulk_job, bulk_shard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from ecert.issuers.bulk.job import BulkJob
    from ecert.issuers.bulk.ledger import Granted, Reserved, Shard
    from ecert.issuers.bulk.results import RowResult
    from ecert.issuers.bulk.rows import GrantRow
    from ecert.store.engine import Engine

_SHARD: Final = select(bulk_shard).where(
    bulk_shard.c.job == bindparam("of"), bulk_shard.c.number == bindparam("place")
)
_STANDING: Final = (
    select(bulk_shard.c.state, bulk_job.c.state.label("of_job"))
    .join(bulk_job)
    .where(bulk_shard.c.job == bindparam("of"), bulk_shard.c.number == bindparam("place"))
)
_PLANNING: Final = select(bulk_job).where(bulk_job.c.state == bindparam("state"))
_LAST_SHARD: Final = select(func.max(bulk_shard.c.number)).where(
    bulk_shard.c.job == bindparam("of")
)
_SUMS: Final = select(
    func.count(),
    func.coalesce(func.sum(bulk_shard.c.rows), 0),
    func.coalesce(func.sum(bulk_shard.c.done), 0),
    func.coalesce(func.sum(bulk_shard.c.refused), 0),
).where(bulk_shard.c.job == bindparam("of"))
_SHARDS_DONE: Final = select(func.count()).where(
    bulk_shard.c.job == bindparam("of"), bulk_shard.c.state == DONE
)
# Shards given up in one transaction: others wait for it.
_DROPPED_AT_ONCE: Final = 20
# A plan that was broken off has no other sign than its age.
_PLAN_LIFE: Final = timedelta(days=1)


class SQLBulkLedger:
    """A `BulkLedger` in the database of the register."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # -- planning -----------------------------------------------------------------------------

    def begin(self, job: BulkJob) -> None:
        """See `BulkLedger.begin`."""
        with self._engine.write() as connection:
            stale = connection.execute(_PLANNING, {"state": JobState.PLANNING.value}).all()
            for row in stale:
                if to_job(row).planned_at < job.planned_at - _PLAN_LIFE:
                    bulk_jobs.discard(connection, row.seq)
            values = {"id": job.id, "state": job.state.value, "content": job_content(job)}
            connection.execute(insert(bulk_job), values)

    def add(self, job_id: str, shards: Sequence[Shard], refusals: Sequence[Refusal]) -> None:
        """See `BulkLedger.add`."""
        with self._engine.write() as connection:
            of = bulk_jobs.found(connection, job_id).seq
            last = connection.execute(_LAST_SHARD, {"of": of}).scalar() or 0
            for number, shard in enumerate(shards, start=last + 1):
                connection.execute(insert(bulk_shard), {
                    "job": of, "number": number, "rows": shard.rows, "state": PLANNED,
                    "content": shard.content, "slots": 0, "done": 0, "refused": 0,
                })  # fmt: skip
            add_refusals(connection, of, refusals)

    def discard(self, job_id: str) -> None:
        """See `BulkLedger.discard`."""
        with self._engine.write() as connection:
            row = connection.execute(bulk_jobs.JOB, {"key": job_id}).one_or_none()
            if row is not None and row.state == JobState.PLANNING:
                bulk_jobs.discard(connection, row.seq)

    def planned(self, job: BulkJob) -> None:
        """See `BulkLedger.planned`."""
        done = replace(job, state=JobState.PLANNED)
        with self._engine.write() as connection:
            bulk_jobs.found(connection, job.id)
            bulk_jobs.set_job(connection, done, "bulk-plan", job.planned_by, job.planned_at)

    def approve(self, job_id: str, by: str, at: datetime) -> BulkJob:
        """See `BulkLedger.approve`."""
        with self._engine.write() as connection:
            job = to_job(bulk_jobs.found(connection, job_id))
            bulk_jobs.require_state(job, "审批", "approved")
            if person_key(by) in {"", person_key(job.planned_by)} or job.approved_by:
                raise BulkError(
                    "审批人须是另一人，且每项只审批一次",
                    "the second person is another than the first, and approves once",
                    where=job_id, fix_zh=f"计划人为{job.planned_by}",
                    fix_en=f"It was planned by {job.planned_by}",
                )  # fmt: skip
            approved = replace(job, approved_by=by.strip(), approved_at=at)
            bulk_jobs.set_job(connection, approved, "bulk-approve", by.strip(), at)
            return approved

    def cancel(self, job_id: str, by: str, at: datetime) -> BulkJob:
        """See `BulkLedger.cancel`."""
        with self._engine.write() as connection:
            row = bulk_jobs.found(connection, job_id)
            closed = replace(to_job(row), state=JobState.CLOSED)
            # One that is closed already goes on where a cancellation was broken off.
            if row.state != JobState.CLOSED:
                bulk_jobs.require_cancellable(connection, row, by)
                bulk_jobs.set_job(connection, closed, "bulk-cancel", by.strip(), at)
        while self._drop_some(row.seq):
            pass
        return closed

    def _drop_some(self, of: int) -> int:
        with self._engine.write() as connection:
            return drop_open(connection, of, _DROPPED_AT_ONCE)

    # -- looking ------------------------------------------------------------------------------

    def job(self, job_id: str) -> BulkJob:
        """See `BulkLedger.job`."""
        with self._engine.read() as connection:
            return to_job(bulk_jobs.found(connection, job_id))

    def jobs(self) -> tuple[BulkJob, ...]:
        """See `BulkLedger.jobs`."""
        with self._engine.read() as connection:
            found = connection.execute(select(bulk_job).order_by(bulk_job.c.seq.desc()))
            return tuple(map(to_job, found))

    def progress(self, job_id: str) -> Progress:
        """See `BulkLedger.progress`."""
        with self._engine.read() as connection:
            of = {"of": bulk_jobs.found(connection, job_id).seq}
            shards, rows, done, refused = connection.execute(_SUMS, of).one()
            finished = connection.execute(_SHARDS_DONE, of).scalar_one()
        return Progress(shards, finished, rows, done, refused)

    def open_shards(self, job_id: str) -> tuple[int, ...]:
        """See `BulkLedger.open_shards`."""
        with self._engine.read() as connection:
            of = {"of": bulk_jobs.found(connection, job_id).seq}
            return tuple(connection.execute(bulk_jobs.OPEN, of).scalars())

    def refusals(self, job_id: str) -> Iterator[Refusal]:
        """See `BulkLedger.refusals`."""
        with self._engine.read() as connection:
            yield from bulk_results.refusals(connection, bulk_jobs.found(connection, job_id).seq)

    def issued(self, job_id: str) -> Iterator[tuple[int, str, str]]:
        """See `BulkLedger.issued`."""
        with self._engine.read() as connection:
            yield from bulk_results.carried_out(connection, bulk_jobs.found(connection, job_id).seq)

    def results(self, job_id: str) -> Iterator[RowResult]:
        """See `BulkLedger.results`."""
        with self._engine.read() as connection:
            yield from bulk_results.results(connection, bulk_jobs.found(connection, job_id).seq)

    # -- carrying out -------------------------------------------------------------------------

    def reserve(self, job_id: str, number: int, at: datetime) -> Reserved | None:
        """See `BulkLedger.reserve`."""
        with self._engine.read() as connection:
            found = bulk_jobs.found(connection, job_id)
            shard, job = _shard(connection, found.seq, number), to_job(found)
        if shard.state >= DONE or job.state is not JobState.PLANNED:
            return None
        if shard.state == RESERVED:
            return bulk_grants.reservation(shard)
        # Read before the transaction, because others wait while it lasts.
        rows = unpack_grants(shard.content)
        with self._loading() as connection:
            reserved = _reserve(connection, job, shard, rows, at)
        # Another was faster: what has become of it is told by the same question.
        return reserved or self.reserve(job_id, number, at)

    def record(
        self,
        job_id: str,
        number: int,
        granted: Sequence[Granted],
        at: datetime,
        ahead: int | None = None,
    ) -> Recorded:
        """See `BulkLedger.record`."""
        with self._engine.read() as connection:
            found = bulk_jobs.found(connection, job_id)
            shard, job = _shard(connection, found.seq, number), to_job(found)
            then = None if ahead is None else _shard(connection, found.seq, ahead)
        written = bulk_grants.write_down(job, granted, at)
        rows = unpack_grants(then.content) if then is not None and then.state == PLANNED else ()
        with self._loading() as connection:
            if not _stands(connection, shard, RESERVED):
                return Recorded(is_new=False)
            bulk_grants.record(connection, shard, written, at)
            reserved = _reserve(connection, job, then, rows, at) if then is not None else None
            asked = {"of": found.seq}
            is_last = connection.execute(bulk_jobs.OPEN, asked).first() is None
        if is_last:
            # What is in the log is durable as it is, whatever keeps it from going into the file.
            with suppress(StoreError):
                self._engine.settle()
        return Recorded(is_new=True, ahead=reserved)

    @contextmanager
    def _loading(self) -> Iterator[Connection]:
        with self._engine.write() as connection:
            let_log_grow(connection)
            yield connection

    def move(self, job_id: str, number: int, at: datetime) -> bool:
        """See `BulkLedger.move`."""
        with self._engine.write() as connection:
            found = bulk_jobs.found(connection, job_id)
            shard, job = _shard(connection, found.seq, number), to_job(found)
            if shard.state >= DONE or job.state is not JobState.PLANNED:
                return False
            tx, moved, refusals = SQLTransaction(connection), [], []
            for row in unpack_moves(shard.content):
                order = job.order
                order["request_id"] = f"bulk:{job.id}:{row.row}"
                try:
                    carry_out_in(tx, row.licence_id, job.move, order, at, related=job.related)
                except EcertError as error:
                    refusals.append(_refused(row.row, error))
                else:
                    moved.append(row)
            tx.seal()
            add_refusals(connection, found.seq, refusals)
            result = {"rows": [row.row for row in moved], "ids": [row.licence_id for row in moved]}
            finish(connection, shard, len(moved), len(refusals), at, orjson.dumps(result))
            return True


def _refused(row: int, error: EcertError) -> Refusal:
    zh = error.zh + (f"。{error.fix_zh}" if error.fix_zh else "")
    en = error.en + (f". {error.fix_en}" if error.fix_en else "")
    return Refusal(row, error.where, zh, en)


def _shard(connection: Connection, of: int, number: int) -> Row[Any]:
    return connection.execute(_SHARD, {"of": of, "place": number}).one()


def _stands(connection: Connection, shard: Row[Any], state: int) -> bool:
    """Tell whether a shard is in this state now, and its job is being carried out."""
    asked = {"of": shard.job, "place": shard.number}
    now, of_job = connection.execute(_STANDING, asked).one()
    return bool(now == state and of_job == JobState.PLANNED)


def _reserve(
    connection: Connection, job: BulkJob, shard: Row[Any], rows: Sequence[GrantRow], at: datetime
) -> Reserved | None:
    if not _stands(connection, shard, PLANNED):
        return None
    return bulk_grants.reserve(connection, shard, rows, at, files=job.files)
