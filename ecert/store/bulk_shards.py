"""The rows of the ledger of bulk work: jobs, how a shard stands, what was refused.

A shard's ``slots`` are the status indexes that it has taken and no credential has: all of a
reservation, none once it is recorded, and for good those of what was given up.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import bindparam, insert, select, update

from ecert.issuers.bulk.job import BulkJob, JobState
from ecert.issuers.bulk.rows import row_numbers
from ecert.issuers.lifecycle import Move
from ecert.issuers.records import microseconds
from ecert.store.tables import bulk_refusal, bulk_shard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    from ecert.issuers.bulk.job import Refusal

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
PLANNED: Final = 0
RESERVED: Final = 1
DONE: Final = 2
# Its job was cancelled.
DROPPED: Final = 3

_OPEN: Final = (
    select(bulk_shard)
    .where(bulk_shard.c.job == bindparam("of"), bulk_shard.c.state < DONE)
    .order_by(bulk_shard.c.number)
    .limit(bindparam("many"))
)
_SET_SHARD: Final = update(bulk_shard).where(
    bulk_shard.c.job == bindparam("of"), bulk_shard.c.number == bindparam("place")
)


def add_refusals(connection: Connection, of: int, refusals: Sequence[Refusal]) -> None:
    """Record rows that were refused."""
    rows: dict[int, dict[str, Any]] = {}
    for one in refusals:
        plain = asdict(one)
        row = plain.pop("row")
        known = rows.setdefault(row, plain)
        if known is not plain:
            # One line for each row of the file: what is wrong with it stands side by side.
            for name, sign in (("where", "、"), ("zh", "；"), ("en", "; ")):
                known[name] = f"{known[name]}{sign}{plain[name]}"
    if rows:
        values = [{"job": of, "row": row, "content": plain} for row, plain in rows.items()]
        connection.execute(insert(bulk_refusal), values)


def finish(
    connection: Connection,
    shard: Row[Any],
    done: int,
    refused: int,
    at: datetime,
    result: bytes,
    *,
    lost_slots: int = 0,
) -> None:
    """Record that a shard is done; its rows, which are personal data, are dropped."""
    values = {
        "state": DONE, "content": b"", "reserved": result, "slots": lost_slots, "done_at": at,
        "done": done, "refused": refused,
    }  # fmt: skip
    connection.execute(_SET_SHARD.values(**values), {"of": shard.job, "place": shard.number})


def open_rows(shard: Row[Any]) -> list[int]:
    """Return the numbers of the rows of a shard that are neither done nor refused."""
    if shard.state in {RESERVED, DROPPED}:
        rows: list[int] = orjson.loads(shard.reserved)["rows"]
        return rows
    return row_numbers(shard.content)


def drop_open(connection: Connection, of: int, many: int) -> int:
    """Give up to ``many`` open shards of a job up, and return how many there were.

    Their rows are dropped but for the numbers, for the report.  What status indexes they have
    stays theirs: an index is given away once.
    """
    found = connection.execute(_OPEN, {"of": of, "many": many}).all()
    for shard in found:
        values = {
            "state": DROPPED, "content": b"", "reserved": orjson.dumps({"rows": open_rows(shard)})
        }  # fmt: skip
        connection.execute(_SET_SHARD.values(**values), {"of": of, "place": shard.number})
    return len(found)


def job_content(job: BulkJob) -> dict[str, Any]:
    """Return what a job's row holds."""
    plain = asdict(job)
    plain["planned_at"] = microseconds(job.planned_at)
    plain["approved_at"] = None if job.approved_at is None else microseconds(job.approved_at)
    return plain


def to_job(row: Row[Any]) -> BulkJob:
    """Return the job of a row."""
    plain = dict(row.content)
    for name in ("planned_at", "approved_at"):
        moment = plain[name]
        plain[name] = None if moment is None else _EPOCH + timedelta(microseconds=moment)
    plain["move"], plain["state"] = Move(plain["move"]), JobState(row.state)
    return BulkJob(**plain)
