"""What a restored register must not do again, because it has forgotten that it did it.

Status indexes given away since the backup belong to credentials that are still about: two
credentials with one index would share their fate.  And partners have seen versions of the region's
documents that are not in the backup, and would refuse lower ones.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

LISTS_SKIPPED: Final = 1_000
"""So many list numbers are left out: more than any register begins between two backups."""
VERSIONS_SKIPPED: Final = 100
"""So many versions of each document; fewer than what partners take for an attack
(`ecert.limits.MAX_VERSION_JUMP`)."""
# Of a list that only holds a number: it fills whole bytes, and gives nothing away.
_BARRIER_SLOTS: Final = 2
# The year of a list that nobody will ever fill further, whatever its credentials' years are.
_NO_YEAR: Final = 0


def skip_what_is_forgotten(file: Path) -> None:
    """Let the register in ``file``, a database that nobody has open, begin new lists and versions.

    Every status list is closed, and the next one gets a number that was never given before.
    """
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
        if "status_list" not in tables:
            return
        columns = [row[1] for row in database.execute("PRAGMA table_info(status_list)")]
        database.execute("BEGIN IMMEDIATE")
        last = database.execute("SELECT MAX(number) FROM status_list").fetchone()[0]
        if last is not None:
            barrier: dict[str, int | None] = {
                "number": last + LISTS_SKIPPED, "size": _BARRIER_SLOTS, "taken": 0,
                "year": _NO_YEAR, "order_key": None,
            }  # fmt: skip
            if "order_key" in columns:
                database.execute("UPDATE status_list SET order_key = NULL")
            else:
                # A backup of before revision 0017 has lists that end when they are full.
                database.execute("UPDATE status_list SET taken = size")
                barrier["taken"] = _BARRIER_SLOTS
            values = [barrier[name] for name in columns]
            marks = ", ".join("?" for _ in columns)
            database.execute(
                f"INSERT INTO status_list ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608
                values,
            )
        database.execute(
            "UPDATE publication SET version = version + ? WHERE version = "
            "(SELECT MAX(version) FROM publication AS other WHERE other.kind = publication.kind)",
            (VERSIONS_SKIPPED,),
        )
        database.execute("COMMIT")
