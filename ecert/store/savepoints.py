"""Statements that the database may refuse, on which the transaction goes on."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ecert.store.engine import SURVIVES_REFUSALS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


@contextmanager
def refusable(connection: Connection) -> Iterator[None]:
    """Let a statement be refused without spoiling its transaction: catch `IntegrityError` outside.

    SQLite undoes a refused statement alone.  PostgreSQL spoils the whole transaction, unless a
    savepoint stands before the statement.
    """
    if connection.get_execution_options()[SURVIVES_REFUSALS]:
        yield
        return
    with connection.begin_nested():
        yield
