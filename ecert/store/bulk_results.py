"""Reads out of the ledger of bulk work what became of each row, a shard or a page at a time."""

from __future__ import annotations

from heapq import merge
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import bindparam, select

from ecert.issuers.bulk.job import Refusal
from ecert.issuers.bulk.results import RowOutcome, RowResult
from ecert.store.bulk_shards import DONE, DROPPED, open_rows
from ecert.store.loading import among
from ecert.store.tables import bulk_refusal, bulk_shard, licence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_PAGE_ROWS: Final = 1_000
_REFUSALS: Final = (
    select(bulk_refusal)
    .where(bulk_refusal.c.job == bindparam("of"), bulk_refusal.c.row > bindparam("after"))
    .order_by(bulk_refusal.c.row)
    .limit(_PAGE_ROWS)
)
_SHARDS: Final = (
    select(bulk_shard)
    .where(bulk_shard.c.job == bindparam("of"), bulk_shard.c.number > bindparam("after"))
    .order_by(bulk_shard.c.number)
    .limit(1)
)
_DONE: Final = _SHARDS.where(bulk_shard.c.state == DONE)
_NOT_DONE: Final = _SHARDS.where(bulk_shard.c.state != DONE)
_NAMED: Final = select(licence.c.id, licence.c.number)
_ISSUED: Final = (
    _NAMED.where(licence.c.row >= bindparam("first"))
    .order_by(licence.c.row)
    .limit(bindparam("many"))
)


def refusals(connection: Connection, of: int) -> Iterator[Refusal]:
    """See `BulkLedger.refusals`."""
    asked = {"of": of, "after": -1}
    while page := connection.execute(_REFUSALS, asked).all():
        yield from (Refusal(row.row, **row.content) for row in page)
        asked["after"] = page[-1].row


def carried_out(connection: Connection, of: int) -> Iterator[tuple[int, str, str]]:
    """See `BulkLedger.issued`."""
    asked = {"of": of, "after": 0}
    while (shard := connection.execute(_DONE, asked).one_or_none()) is not None:
        asked["after"] = shard.number
        result = orjson.loads(shard.reserved)
        named = _moved if "ids" in result else _issued
        for row, one in zip(result["rows"], named(connection, result), strict=True):
            yield row, *one


def results(connection: Connection, of: int) -> Iterator[RowResult]:
    """See `BulkLedger.results`."""
    done = (
        RowResult(row, RowOutcome.DONE, licence_id, number)
        for row, licence_id, number in carried_out(connection, of)
    )
    refused = (
        RowResult(one.row, RowOutcome.REFUSED, where=one.where, zh=one.zh, en=one.en)
        for one in refusals(connection, of)
    )
    # Each of them comes in the order of the file.
    return merge(done, refused, _left(connection, of), key=attrgetter("row"))


def _left(connection: Connection, of: int) -> Iterator[RowResult]:
    asked = {"of": of, "after": 0}
    while (shard := connection.execute(_NOT_DONE, asked).one_or_none()) is not None:
        asked["after"] = shard.number
        outcome = RowOutcome.GIVEN_UP if shard.state == DROPPED else RowOutcome.OPEN
        for row in open_rows(shard):
            yield RowResult(row, outcome)


def _issued(connection: Connection, result: dict[str, Any]) -> Iterator[tuple[str, str]]:
    # Recorded together, so their rows follow each other.
    within = {"first": result["first"], "many": len(result["rows"])}
    return ((one.id, one.number) for one in connection.execute(_ISSUED, within).all())


def _moved(connection: Connection, result: dict[str, Any]) -> Iterator[tuple[str, str]]:
    found = connection.execute(among(connection, _NAMED, licence.c.id, result["ids"]))
    numbers = {one.id: one.number for one in found}
    return ((one, numbers[one]) for one in result["ids"])
