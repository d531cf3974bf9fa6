"""Rows of a shard as bytes: JSON without names, compressed.

They are personal data, kept only until the shard is done.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson

from ecert.issuers.application import Application
from ecert.model.holders import Holder

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEVEL = 1


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One licence to be issued: a row that has been checked.

    Attributes:
        row: Its number in the file.
        application: What is asked for, its fields canonical and its type by code.
    """

    row: int
    application: Application


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One licence to be moved.

    Attributes:
        row: Its number in the file.
        licence_id: The licence.
    """

    row: int
    licence_id: str


def pack_grants(rows: Sequence[GrantRow]) -> bytes:
    """Return rows to be issued as bytes."""
    return _pack([_grant(row) for row in rows])


def unpack_grants(data: bytes) -> list[GrantRow]:
    """Read what `pack_grants` wrote."""
    return [_to_grant(values) for values in _unpack(data)]


def pack_moves(rows: Sequence[MoveRow]) -> bytes:
    """Return rows to be moved as bytes."""
    return _pack([[row.row, row.licence_id] for row in rows])


def unpack_moves(data: bytes) -> list[MoveRow]:
    """Read what `pack_moves` wrote."""
    return [MoveRow(*values) for values in _unpack(data)]


def row_numbers(data: bytes) -> list[int]:
    """Return the numbers of the rows that `pack_grants` or `pack_moves` wrote."""
    return [values[0] for values in _unpack(data)]


def _pack(rows: list[list[Any]]) -> bytes:
    return zlib.compress(orjson.dumps(rows), _LEVEL)


def _unpack(data: bytes) -> list[list[Any]]:
    # Our own writing, checked when it was planned: the quick parser is enough.
    rows: list[list[Any]] = orjson.loads(zlib.decompress(data))
    return rows


def _grant(row: GrantRow) -> list[Any]:
    asked = row.application
    holders = [[one.name, one.number, one.number_type] for one in asked.holders]
    return [
        row.row, asked.type_name, asked.number, holders, dict(asked.fields),
        asked.valid_until, asked.valid_from, asked.issued_on,
    ]  # fmt: skip


def _to_grant(values: list[Any]) -> GrantRow:
    row, type_code, number, holders, fields, until, start, issued = values
    return GrantRow(
        row,
        Application(
            type_name=type_code,
            number=number,
            holders=tuple([Holder.known(*one) for one in holders]),
            fields=fields,
            valid_until=_day(until),
            valid_from=_day(start),
            issued_on=_day(issued),
        ),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
