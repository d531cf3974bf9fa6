"""The ledger of bulk work in SQL: each shard's rows and its own line move in one transaction."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import bindparam, delete, func, insert, select, update

from ecert.errors import BulkError, EcertError
from ecert.issuers.bulk.job import BulkJob, JobState, Progress, Refusal
from ecert.issuers.bulk.rows import unpack_moves
from ecert.issuers.changes import carry_out_in
from ecert.issuers.lifecycle import Move
from ecert.issuers.records import OfficeEvent, microseconds
from ecert.store import bulk_grants
from ecert.store.bulk_shards import DONE, PLANNED, RESERVED, add_refusals, finish
from ecert.store.register import SQLTransaction
from ecert.store.tables import bulk_job, bulk_refusal, bulk_shard, licence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Row

    from ecert.issuers.bulk.ledger import Granted, Reserved, Shard
    from ecert.store.engine import Engine

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PAGE_ROWS: Final = 1_000
_JOB: Final = select(bulk_job).where(bulk_job.c.id == bindparam("key"))
_SET_JOB: Final = (
    update(bulk_job)
    .where(bulk_job.c.id == bindparam("key"))
    .values(state=bindparam("new"), content=bindparam("plain"))
)
_SHARD: Final = select(bulk_shard).where(
    bulk_shard.c.job == bindparam("of"), bulk_shard.c.number == bindparam("place")
)
_LAST_SHARD: Final = select(func.max(bulk_shard.c.number)).where(
    bulk_shard.c.job == bindparam("of")
)
_OPEN: Final = (
    select(bulk_shard.c.number)
    .where(bulk_shard.c.job == bindparam("of"), bulk_shard.c.state < DONE)
    .order_by(bulk_shard.c.number)
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
_REFUSALS: Final = (
    select(bulk_refusal)
    .where(bulk_refusal.c.job == bindparam("of"), bulk_refusal.c.row > bindparam("after"))
    .order_by(bulk_refusal.c.row)
    .limit(_PAGE_ROWS)
)
_RESULTS: Final = (
    select(bulk_shard.c.number, bulk_shard.c.reserved)
    .where(
        bulk_shard.c.job == bindparam("of"),
        bulk_shard.c.number > bindparam("after"),
        bulk_shard.c.state == DONE,
    )
    .order_by(bulk_shard.c.number)
    .limit(1)
)
_LICENCES: Final = (
    select(licence.c.row, licence.c.id, licence.c.number)
    .where(licence.c.row >= bindparam("first"))
    .order_by(licence.c.row)
    .limit(bindparam("many"))
)


class SQLBulkLedger:
    """A `BulkLedger` in the database of the register."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # -- planning -----------------------------------------------------------------------------

    def begin(self, job: BulkJob) -> None:
        """See `BulkLedger.begin`."""
        with self._engine.write() as connection:
            _drop_unfinished(connection)
            values = {"id": job.id, "state": job.state.value, "content": _plain(job)}
            connection.execute(insert(bulk_job), values)

    def add(self, job_id: str, shards: Sequence[Shard], refusals: Sequence[Refusal]) -> None:
        """See `BulkLedger.add`."""
        with self._engine.write() as connection:
            of = _found(connection, job_id).seq
            last = connection.execute(_LAST_SHARD, {"of": of}).scalar() or 0
            for number, shard in enumerate(shards, start=last + 1):
                connection.execute(insert(bulk_shard), {
                    "job": of, "number": number, "rows": shard.rows, "state": PLANNED,
                    "content": shard.content, "slots": 0, "done": 0, "refused": 0,
                })  # fmt: skip
            add_refusals(connection, of, refusals)

    def planned(self, job: BulkJob) -> None:
        """See `BulkLedger.planned`."""
        self._set(replace(job, state=JobState.PLANNED), "bulk-plan", job.planned_by, job.planned_at)

    def approve(self, job_id: str, by: str, at: datetime) -> BulkJob:
        """See `BulkLedger.approve`."""
        job = self.job(job_id)
        if not by.strip() or by == job.planned_by or job.approved_by:
            raise BulkError(
                "审批人须是另一人，且每项只审批一次",
                "the second person is another than the first, and approves once",
                where=job_id, fix_zh=f"计划人为{job.planned_by}",
                fix_en=f"It was planned by {job.planned_by}",
            )  # fmt: skip
        if job.state is not JobState.PLANNED:
            raise BulkError(
                f"任务现为“{job.state.zh}”，不能审批", f"the job is {job.state}", where=job_id
            )
        approved = replace(job, approved_by=by, approved_at=at)
        self._set(approved, "bulk-approve", by, at)
        return approved

    def _set(self, job: BulkJob, act: str, actor: str, at: datetime) -> None:
        detail = f"{job.move} {job.rows} {job.source_digest}"
        with self._engine.write() as connection:
            values = {"key": job.id, "new": job.state.value, "plain": _plain(job)}
            connection.execute(_SET_JOB, values)
            tx = SQLTransaction(connection)
            tx.add_office_event(OfficeEvent(act, f"bulk:{job.id}", at, actor, detail))
            tx.seal()

    # -- looking ------------------------------------------------------------------------------

    def job(self, job_id: str) -> BulkJob:
        """See `BulkLedger.job`."""
        with self._engine.read() as connection:
            return _to_job(_found(connection, job_id))

    def jobs(self) -> tuple[BulkJob, ...]:
        """See `BulkLedger.jobs`."""
        with self._engine.read() as connection:
            found = connection.execute(select(bulk_job).order_by(bulk_job.c.seq.desc()))
            return tuple(map(_to_job, found))

    def progress(self, job_id: str) -> Progress:
        """See `BulkLedger.progress`."""
        with self._engine.read() as connection:
            of = {"of": _found(connection, job_id).seq}
            shards, rows, done, refused = connection.execute(_SUMS, of).one()
            finished = connection.execute(_SHARDS_DONE, of).scalar_one()
        return Progress(shards, finished, rows, done, refused)

    def open_shards(self, job_id: str) -> tuple[int, ...]:
        """See `BulkLedger.open_shards`."""
        with self._engine.read() as connection:
            of = {"of": _found(connection, job_id).seq}
            return tuple(connection.execute(_OPEN, of).scalars())

    def refusals(self, job_id: str) -> Iterator[Refusal]:
        """See `BulkLedger.refusals`."""
        with self._engine.read() as connection:
            asked = {"of": _found(connection, job_id).seq, "after": -1}
            while page := connection.execute(_REFUSALS, asked).all():
                yield from (Refusal(row.row, **row.content) for row in page)
                asked["after"] = page[-1].row

    def issued(self, job_id: str) -> Iterator[tuple[int, str, str]]:
        """See `BulkLedger.issued`."""
        with self._engine.read() as connection:
            asked = {"of": _found(connection, job_id).seq, "after": 0}
            while (shard := connection.execute(_RESULTS, asked).one_or_none()) is not None:
                asked["after"] = shard.number
                result = orjson.loads(shard.reserved or b'{"rows":[],"first":0}')
                within = {"first": result["first"], "many": len(result["rows"])}
                found = connection.execute(_LICENCES, within).all()
                for row, one in zip(result["rows"], found, strict=True):
                    yield row, one.id, one.number

    # -- carrying out -------------------------------------------------------------------------

    def reserve(self, job_id: str, number: int, at: datetime) -> Reserved | None:
        """See `BulkLedger.reserve`."""
        with self._engine.write() as connection:
            job = _found(connection, job_id)
            shard = _shard(connection, job.seq, number)
            if shard.state == DONE:
                return None
            if shard.state == RESERVED:
                return bulk_grants.reservation(shard)
            return bulk_grants.reserve(connection, shard, at, files=_to_job(job).files)

    def record(self, job_id: str, number: int, granted: Sequence[Granted], at: datetime) -> bool:
        """See `BulkLedger.record`."""
        with self._engine.write() as connection:
            job = _found(connection, job_id)
            shard = _shard(connection, job.seq, number)
            if shard.state != RESERVED:
                return False
            bulk_grants.record(connection, _to_job(job), shard, granted, at)
            return True

    def move(self, job_id: str, number: int, at: datetime) -> bool:
        """See `BulkLedger.move`."""
        with self._engine.write() as connection:
            found = _found(connection, job_id)
            shard, job = _shard(connection, found.seq, number), _to_job(found)
            if shard.state == DONE:
                return False
            tx, refusals = SQLTransaction(connection), []
            rows = unpack_moves(shard.content)
            for row in rows:
                order = job.order
                order["request_id"] = f"bulk:{job.id}:{row.row}"
                try:
                    carry_out_in(tx, row.licence_id, job.move, order, at, related=job.related)
                except EcertError as error:
                    refusals.append(Refusal(row.row, error.where, error.zh, error.en))
            tx.seal()
            add_refusals(connection, found.seq, refusals)
            finish(connection, shard, len(rows) - len(refusals), len(refusals), at, None)
            return True


def _shard(connection: Connection, of: int, number: int) -> Row[Any]:
    return connection.execute(_SHARD, {"of": of, "place": number}).one()


def _found(connection: Connection, job_id: str) -> Row[Any]:
    row = connection.execute(_JOB, {"key": job_id}).one_or_none()
    if row is None:
        raise BulkError(
            "没有这个批量任务", "there is no such bulk job", where=job_id,
            fix_zh="请用 ecert bulk status 查看", fix_en="See ecert bulk status",
        )  # fmt: skip
    return row


def _drop_unfinished(connection: Connection) -> None:
    stale = select(bulk_job.c.seq).where(bulk_job.c.state == JobState.PLANNING.value)
    for table in (bulk_shard, bulk_refusal):
        connection.execute(delete(table).where(table.c.job.in_(stale)))
    connection.execute(delete(bulk_job).where(bulk_job.c.state == JobState.PLANNING.value))


def _plain(job: BulkJob) -> dict[str, Any]:
    plain = asdict(job)
    plain["planned_at"] = microseconds(job.planned_at)
    plain["approved_at"] = None if job.approved_at is None else microseconds(job.approved_at)
    return plain


def _to_job(row: Row[Any]) -> BulkJob:
    plain = dict(row.content)
    for name in ("planned_at", "approved_at"):
        moment = plain[name]
        plain[name] = None if moment is None else _EPOCH + timedelta(microseconds=moment)
    plain["move"], plain["state"] = Move(plain["move"]), JobState(row.state)
    return BulkJob(**plain)
