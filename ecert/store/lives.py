"""In which life a database is: what goes back in time without a word begins another.

A register that goes back, as a standby that is promoted without the last commits, or a copy that is
restored elsewhere, would give the status indexes of the lost time away again.  So a status list
remembers the life in which it was begun, and ends with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler


class this_life(FunctionElement[str]):  # noqa: N801 - a function of SQL
    """The life of this database, as text.

    On PostgreSQL: cluster, database and timeline.  A promoted standby and a recovery to a point in
    time begin a new timeline; ``pg_restore`` makes another database.  SQLite is one file and knows
    nothing of its past: there `ecert.store.forgotten` ends the lists of a copy instead.
    """

    type = Text()
    inherit_cache = True


@compiles(this_life)
def _anywhere(element: this_life, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ARG001
    return "''"


@compiles(this_life, "postgresql")
def _in_postgresql(element: this_life, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ARG001
    return (
        "(SELECT (pg_control_system()).system_identifier || '/' || oid || '/' || "
        "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) "
        "FROM pg_database WHERE datname = current_database())"
    )
