"""Loads many rows at once, past SQLAlchemy, as fast as the driver can."""

from __future__ import annotations

import typing
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import ARRAY, cast, exc, func, literal, select

from ecert.store.addresses import SQLITE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Column, Connection, Select, Table

if TYPE_CHECKING:
    Plain = int | str | bytes | None

_NAME: Final = "LOAD"
LONG_LOG_PAGES: Final = 65_536
"""Pages at which the log of a bulk job goes into the file: 256 MiB."""
_PAGE_BYTES: Final = 4_096


def load(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Iterable[Sequence[Plain]],
    *,
    refusable: bool = True,
) -> int:
    """Add rows that are already in the form that the database keeps; return how many.

    Give ``seq`` only if you know what you do: PostgreSQL does not count on from it by itself.

    Args:
        connection: In a transaction that may write.
        table: Where to.
        columns: The columns that each row gives, in their order.
        rows: One value for each column; moments as whole microseconds, JSON as text.
        refusable: Whether the transaction may go on when a row is refused.  If not, let it end:
            SQLite then need not keep every page as it was before.

    Raises:
        sqlalchemy.exc.IntegrityError: A row violates a constraint.  None of them is added then,
            and the transaction goes on.
    """
    unknown = set(columns) - set(table.columns.keys())
    if unknown or not columns:
        raise ValueError(f"no such columns: {sorted(unknown)}")
    # SQLite would keep the rows before a refused one; PostgreSQL would spoil the transaction.
    undone = connection.begin_nested() if refusable else nullcontext()
    with undone, as_sqlalchemy_errors(connection):
        if connection.dialect.name == SQLITE:
            return _insert(connection, table, columns, rows)
        return _copy(connection, table, columns, rows)


def let_log_grow(connection: Connection) -> None:
    """Let SQLite's log grow long before it goes into the file, until `Engine.settle`.

    Keys of licences are random, so that every shard changes the same pages of their indexes all
    over again: of all that the log has of a page, only the last goes into the file.
    """
    if connection.dialect.name == SQLITE:
        connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint = {LONG_LOG_PAGES}")
        connection.exec_driver_sql(f"PRAGMA journal_size_limit = {LONG_LOG_PAGES * _PAGE_BYTES}")


def among(
    connection: Connection, statement: Select[Any], column: Column[Any], values: Sequence[Plain]
) -> Select[Any]:
    """Return ``statement`` for the rows whose ``column`` is among ``values``.

    However many they are, they are one parameter: a list written out as thousands of parameters
    takes longer to write than to answer.
    """
    if connection.dialect.name == SQLITE:
        given = func.json_each(orjson.dumps(values).decode()).table_valued("value")
        return statement.where(column.in_(select(given.c.value)))
    return statement.where(column == func.any(cast(literal(values), ARRAY(column.type))))


def _insert(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Plain]]
) -> int:
    cursor = connection.connection.cursor()
    try:
        marks = ", ".join("?" for _ in columns)
        statement = f"INSERT INTO {_target(connection, table, columns)} VALUES ({marks})"  # noqa: S608
        # The driver takes any iterable, whatever its interface says.
        cursor.executemany(statement, typing.cast("Sequence[Sequence[Any]]", rows))
        return max(0, cursor.rowcount)
    finally:
        cursor.close()


def _copy(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Plain]]
) -> int:
    # psycopg's own cursor: the one that SQLAlchemy wraps has no `copy`.
    driver: Any = connection.connection.driver_connection
    count = 0
    with driver.cursor() as cursor:
        target = _target(connection, table, columns)
        with cursor.copy(f"COPY {target} FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types([_type(connection, table, name) for name in columns])
            for row in rows:
                copy.write_row(row)
                count += 1
    return count


def _target(connection: Connection, table: Table, columns: Sequence[str]) -> str:
    prepare = connection.dialect.identifier_preparer
    names = ", ".join(prepare.format_column(table.columns[name]) for name in columns)
    return f"{prepare.format_table(table)} ({names})"


def _type(connection: Connection, table: Table, name: str) -> str:
    # "VARCHAR(32)" is told without its length.
    told: str = table.columns[name].type.compile(connection.dialect)
    return told.lower().partition("(")[0]


@contextmanager
def as_sqlalchemy_errors(connection: Connection) -> Iterator[None]:
    """Raise what the driver raises as SQLAlchemy would, so that callers see one kind of error."""
    driver = connection.dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        lost = connection.dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
        wrapped = exc.DBAPIError.instance(
            _NAME, None, error, driver.Error, hide_parameters=True, connection_invalidated=lost,
            dialect=connection.dialect,
        )  # fmt: skip
        if lost:
            connection.invalidate(error)
        raise wrapped from error
