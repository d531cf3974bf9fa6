"""What a restored register must not do again, because it has forgotten that it did it.

Status indexes given away since the backup belong to credentials that are still about: two
credentials with one index would share their fate.  And partners have seen versions of the region's
documents that are not in the backup, and would refuse lower ones.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VERSIONS_SKIPPED: Final = 100
"""So many versions of each document; fewer than what partners take for an attack
(`ecert.limits.MAX_VERSION_JUMP`)."""
_VERSIONS: Final = "SELECT kind, MAX(version) FROM publication GROUP BY kind"


def versions_reached(file: Path) -> dict[str, int]:
    """Return the newest version of each document in ``file``, as far as it can still be read."""
    with suppress(sqlite3.Error), closing(_opened(file, "ro")) as database:
        return dict(database.execute(_VERSIONS).fetchall())
    return {}


def end_lists(file: Path) -> None:
    """End every status list of the register in ``file``, a copy that nobody has open.

    The next list gets a number that was never given before: see `ecert.store.given`.
    """
    with closing(_opened(file, "rw")) as database:
        columns = database.execute("PRAGMA table_info(status_list)").fetchall()
        # Before revision 0017 lists had no order; its upgrade ends them all.
        if "order_key" in {column[1] for column in columns}:
            database.execute("UPDATE status_list SET order_key = NULL")


def skip_what_is_forgotten(file: Path, before: Mapping[str, int]) -> None:
    """Let the register in ``file``, a database that nobody has open, begin new lists and versions.

    Args:
        file: The backup that is restored.
        before: The versions that the register which it replaces had published.
    """
    end_lists(file)
    with closing(_opened(file, "rw")) as database:
        if not database.execute("PRAGMA table_info(publication)").fetchall():
            return
        database.execute("BEGIN IMMEDIATE")
        for kind, version in database.execute(_VERSIONS).fetchall():
            newest = max(version, before.get(kind, 0)) + VERSIONS_SKIPPED
            database.execute(
                "UPDATE publication SET version = ? WHERE kind = ? AND version = ?",
                (newest, kind, version),
            )
        database.execute("COMMIT")


def _opened(file: Path, mode: str) -> sqlite3.Connection:
    address = f"{file.resolve().as_uri()}?mode={mode}"
    return sqlite3.connect(address, uri=True, isolation_level=None)
