"""The rows of the ledger of bulk work: how a shard stands, and what was refused of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, insert, update

from ecert.store.tables import bulk_refusal, bulk_shard

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from ecert.issuers.bulk.job import Refusal

PLANNED: Final = 0
RESERVED: Final = 1
DONE: Final = 2

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
    result: bytes | None,
) -> None:
    """Record that a shard is done; its rows, which are personal data, are dropped."""
    values = {
        "state": DONE, "content": b"", "reserved": result, "slots": 0, "done_at": at,
        "done": done, "refused": refused,
    }  # fmt: skip
    connection.execute(_SET_SHARD.values(**values), {"of": shard.job, "place": shard.number})
