"""What a database is and holds, also one of an older revision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, inspect, select

from ecert.store import tables
from ecert.store.engine import open_as_it_is

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# The same tables in every revision.
_COUNTED: Final = {
    "licences": tables.licence,
    "credentials": tables.credential,
    "events": tables.event,
}


@dataclass(frozen=True, slots=True)
class DatabaseSummary:
    """What a database is and holds.

    Attributes:
        kind: ``sqlite`` or ``postgresql``.
        name: Where it is: a path, or an address without its password.
        revision: Of its schema; None if it is empty.
        head: The revision that this program needs.
        size: Its bytes on the disk.
        counts: How many ``licences``, ``credentials`` and ``events`` it holds.
    """

    kind: str
    name: str
    revision: str | None
    head: str
    size: int
    counts: Mapping[str, int]


def summarise(url: str | Path) -> DatabaseSummary:
    """Look at a database without changing it.

    Raises:
        StoreError: It is another program's, or cannot be opened.
    """
    with open_as_it_is(url) as engine:
        revision, size = engine.revision(), engine.size()
        with engine.read() as connection:
            there = set(inspect(connection).get_table_names())
            counts = {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in _COUNTED.items()
                if table.name in there
            }
        return DatabaseSummary(engine.kind, engine.name, revision, tables.HEAD, size, counts)
