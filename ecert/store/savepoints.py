"""Statements that the database may refuse, on which the transaction goes on."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


SURVIVES_REFUSALS: Final = "ecert_survives_refusals"
"""Option of connections on which a refused statement leaves its transaction as it was."""

# On PostgreSQL every transaction that writes begins with this.
SAVEPOINT: Final = "SAVEPOINT ecert_refusable"
# Both in one round trip; without the first, a long transaction would pile savepoints up.
_RENEW: Final = f"RELEASE {SAVEPOINT}; {SAVEPOINT}"


@contextmanager
def refusable(connection: Connection) -> Iterator[None]:
    """Let a statement be refused without spoiling its transaction: catch `IntegrityError` outside.

    SQLite undoes a refused statement alone.  PostgreSQL spoils the whole transaction, unless a
    savepoint stands before the statement.  Does not nest.
    """
    if connection.get_execution_options()[SURVIVES_REFUSALS]:
        yield
        return
    connection.exec_driver_sql(_RENEW)
    try:
        yield
    except IntegrityError:
        connection.exec_driver_sql(f"ROLLBACK TO {SAVEPOINT}")
        raise
