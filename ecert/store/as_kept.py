"""Reads columns whatever is in them, so that a check tells what is damaged and goes on.

SQLite keeps any bytes in any column, and its driver refuses a row with text that is not UTF-8, or
hands out a number that no date has.  A check of receipts or of the audit trail asks for the bytes,
and makes of each what can be made: what was changed then differs from what was signed or hashed.
PostgreSQL keeps nothing of another kind, and is asked as ever.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import BigInteger, TypeDecorator

from ecert.store.columns import CompactToken, Moment

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement, Dialect
    from sqlalchemy.sql.compiler import SQLCompiler

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
UNREADABLE: Final = -1
"""What is read where a number should be and is none."""


class KeptText(TypeDecorator[str]):
    """Text; of bytes that are none, text with a sign in the place of each."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: str | bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return what the database kept."""
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


class KeptNumber(TypeDecorator[int]):
    """A whole number; `UNREADABLE` where there is none."""

    impl = BigInteger
    cache_ok = True

    def process_result_value(self, value: int | bytes | None, dialect: Dialect) -> int:  # noqa: ARG002
        """Return what the database kept."""
        return _number(value)


class KeptMoment(TypeDecorator[datetime]):
    """A moment; the first one of all where there is none."""

    impl = BigInteger
    cache_ok = True

    def process_result_value(self, value: int | bytes | None, dialect: Dialect) -> datetime:  # noqa: ARG002
        """Return what the database kept."""
        try:
            return _EPOCH + _number(value) * _MICROSECOND
        except OverflowError:
            return _EPOCH


class KeptToken(TypeDecorator[str]):
    """A compact JWS, packed or as text; of anything else some text that is none."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: str | bytes | None, dialect: Dialect) -> str:
        """Return what the database kept."""
        if isinstance(value, bytes) and not CompactToken.is_packed(value):
            # What is not ASCII is no token, and is found to be none.
            return value.decode("utf-8", "replace")
        return CompactToken().process_result_value(value, dialect) or ""


class _AsKept(FunctionElement[Any]):
    """A column's bytes, where the database keeps any; elsewhere the column."""

    name = "as_kept"
    inherit_cache = True

    def __init__(self, column: Column[Any]) -> None:
        super().__init__(column)
        self.type = _type_of(column)


def as_kept(column: Column[Any]) -> ColumnElement[Any]:
    """Return a column to be read whatever is in it, under its own name."""
    return _AsKept(column).label(column.name)


@compiles(_AsKept)
def _elsewhere(element: _AsKept, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(element.clauses, **how)


@compiles(_AsKept, "sqlite")
def _in_sqlite(element: _AsKept, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **how)} AS BLOB)"


def _type_of(column: Column[Any]) -> TypeDecorator[Any]:
    kind = column.type
    if isinstance(kind, CompactToken):
        return KeptToken()
    if isinstance(kind, Moment):
        return KeptMoment()
    return KeptText() if isinstance(kind, Text) else KeptNumber()


def _number(value: int | bytes | None) -> int:
    try:
        return UNREADABLE if value is None else int(value)
    except ValueError:
        return UNREADABLE
