"""Licences that stand in one list twice, found without keeping the list in memory."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ecert.sheets.row_faults import RowFault
from ecert.sheets.values import cell_reference

if TYPE_CHECKING:
    from types import TracebackType

# Kibibytes of pages that SQLite keeps in memory, whatever the size of the list.
_CACHE_KIB = 8 * 1024


class DuplicateFinder:
    """Tells the first row that had the same type and number; a context manager.

    The keys are kept in a private database that is gone when the block ends, as 16 bytes of
    a hash each: no number stands on the disk, and what is in memory does not grow.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="ecert-")
        self._database = sqlite3.connect(Path(self._folder.name) / "keys.db", isolation_level=None)
        # Nothing of it needs to outlive the process.
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._database.execute(
            "CREATE TABLE seen (key BLOB PRIMARY KEY, first INTEGER NOT NULL) WITHOUT ROWID"
        )
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the database."""
        self._database.close()
        self._folder.cleanup()

    def first(self, type_code: str, number: str, row: int) -> int | None:
        """Return the first row with this type and number, None if ``row`` is the first."""
        # Neither holds a line break, so no two keys are one text.
        key = hashlib.blake2b(f"{type_code}\n{number}".encode(), digest_size=16).digest()
        done = self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, row))
        if done.rowcount:
            return None
        found = self._database.execute("SELECT first FROM seen WHERE key = ?", (key,)).fetchone()
        return int(found[0])


def duplicate_fault(row: int, column: int | None, what: str, first: int) -> RowFault:
    """Return the fault of a row whose licence stands in ``first`` already."""
    there = str(first) if column is None else cell_reference(first, column)
    return RowFault(
        row,
        column,
        what,
        f"与第{first}行重复（同一证照类型、同一证照编号）",
        f"repeats row {first} ({there}): the same licence type and number",
        "请只保留一行",
        "Keep one of them",
    )
