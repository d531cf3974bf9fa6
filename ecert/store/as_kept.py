"""Reads columns whatever is in them, so that a check tells what is damaged and goes on.

SQLite keeps anything in any column, and its driver refuses a row with text that is not UTF-8, or
hands out a number that no date has.  A check of receipts or of the audit trail asks for the bytes
and for how they are kept, and makes of each what can be made: of what is not as it was written,
something that nobody wrote, which then differs from what was signed or hashed.  So is text that
became bytes, though it reads the same: nothing finds it any more.
PostgreSQL keeps nothing of another kind, and is asked as ever.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Boolean, Text
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
NO_TEXT: Final = "\uffff"
"""What is read where text should be and is none, and what damaged text begins with.

Not a character: no text that was checked holds it, and no JSON begins with it.
"""


class KeptText(TypeDecorator[str]):
    """Text; of what is none, `NO_TEXT` and what can be read of it.

    Args:
        optional: Whether there need not be any.
    """

    impl = Text
    cache_ok = True

    def __init__(self, *, optional: bool = False) -> None:
        super().__init__()
        self.optional = optional

    def process_result_value(self, value: str | bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return what the database kept."""
        if value is None:
            return None if self.optional else NO_TEXT
        return _text(value) if isinstance(value, bytes) else value


class KeptNumber(TypeDecorator[int]):
    """A whole number; `UNREADABLE` where there is none."""

    impl = BigInteger
    cache_ok = True

    def process_result_value(self, value: int | None, dialect: Dialect) -> int:  # noqa: ARG002
        """Return what the database kept."""
        return UNREADABLE if value is None else value


class KeptMoment(TypeDecorator[datetime]):
    """A moment; the first one of all where there is none."""

    impl = BigInteger
    cache_ok = True

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime:  # noqa: ARG002
        """Return what the database kept."""
        try:
            return _EPOCH if value is None else _EPOCH + value * _MICROSECOND
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
            return _text(value)
        return CompactToken().process_result_value(value, dialect) or ""


class _AsKept(FunctionElement[Any]):
    """A column as SQLite keeps it; elsewhere the column."""

    name = "as_kept"
    inherit_cache = True

    def __init__(self, column: Column[Any], kind: TypeDecorator[Any]) -> None:
        super().__init__(column)
        self.type = kind


class _IsWhole(FunctionElement[bool]):
    """Whether SQLite keeps whole numbers in all of some columns; elsewhere it is true."""

    name = "is_whole"
    type = Boolean()
    inherit_cache = True


def as_kept(column: Column[Any], *, optional: bool | None = None) -> ColumnElement[Any]:
    """Return a column to be read whatever is in it, under its own name.

    Args:
        column: The column.
        optional: Whether text may be missing; left out: as the table says.
    """
    may_lack = bool(column.nullable) if optional is None else optional
    return _AsKept(column, _type_of(column, optional=may_lack)).label(column.name)


def is_whole(*columns: Column[Any]) -> ColumnElement[bool]:
    """Return whether each column is a whole number: other rows are found by no number."""
    return _IsWhole(*columns)


@compiles(_AsKept)
def _elsewhere(element: _AsKept, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(element.clauses, **how)


@compiles(_AsKept, "sqlite")
def _in_sqlite(element: _AsKept, compiler: SQLCompiler, **how: Any) -> str:
    return _KEPT[type(element.type)].format(compiler.process(element.clauses, **how))


@compiles(_IsWhole)
def _always(element: _IsWhole, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ARG001
    return "true"


@compiles(_IsWhole, "sqlite")
def _where_whole(element: _IsWhole, compiler: SQLCompiler, **how: Any) -> str:
    each = [f"typeof({compiler.process(one, **how)}) = 'integer'" for one in element.clauses]
    return f"({' AND '.join(each)})"


_WHOLE: Final = (
    f"CASE typeof({{0}}) WHEN 'integer' THEN {{0}} WHEN 'null' THEN NULL ELSE {UNREADABLE} END"
)
# As what SQLite must keep a value: text that is kept as bytes equals no text in a search.
_KEPT: Final[dict[type, str]] = {
    KeptText: "CASE typeof({0}) WHEN 'text' THEN CAST({0} AS BLOB) WHEN 'null' THEN NULL"
    " ELSE x'ff' END",
    KeptToken: "CASE WHEN typeof({0}) IN ('text', 'blob') THEN CAST({0} AS BLOB) END",
    KeptNumber: _WHOLE,
    KeptMoment: _WHOLE,
}


def _type_of(column: Column[Any], *, optional: bool) -> TypeDecorator[Any]:
    kind = column.type
    if isinstance(kind, CompactToken):
        return KeptToken()
    if isinstance(kind, Moment):
        return KeptMoment()
    return KeptText(optional=optional) if isinstance(kind, Text) else KeptNumber()


def _text(kept: bytes) -> str:
    try:
        return kept.decode()
    except UnicodeDecodeError:
        return NO_TEXT + kept.decode("utf-8", "replace")
