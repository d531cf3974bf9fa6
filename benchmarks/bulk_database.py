"""The databases that bulk work is measured on: SQLite, and a PostgreSQL cluster of our own."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# The cluster is that of the tests.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.postgres import Cluster, binaries

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
# What an administrator would set on a machine of this size; fsync and synchronous_commit stay on.
_SETTINGS: Final = (
    "shared_buffers=1GB", "max_wal_size=4GB", "checkpoint_timeout=15min", "wal_buffers=16MB",
)  # fmt: skip


def has_postgres() -> bool:
    """Tell whether there is a PostgreSQL server on this machine."""
    return binaries() is not None


@contextmanager
def database(kind: str) -> Iterator[str | None]:
    """Make an empty database and yield its address: None for SQLite in the workspace's folder."""
    programs = binaries() if kind == POSTGRESQL else None
    if programs is None:
        yield None
        return
    cluster = Cluster.make(programs)
    try:
        cluster.start(*_SETTINGS)
        yield cluster.url(cluster.new_database("guangan", empty=True))
    finally:
        cluster.remove()


def version(kind: str) -> str:
    """Return the database's name and version."""
    if kind == SQLITE:
        import sqlite3  # noqa: PLC0415

        return f"SQLite {sqlite3.sqlite_version}, WAL, synchronous=FULL"
    programs = binaries()
    number = "" if programs is None else programs.parent.name
    return f"PostgreSQL {number}, fsync=on, synchronous_commit=on, {', '.join(_SETTINGS)}"
