"""How far the sheets of an .xls workbook reach (MS-XLS, BIFF5 and BIFF8)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from ecert.limits import MAX_TABLE_COLUMNS
from ecert.sheets import refusals
from ecert.sheets.compound import CompoundFile
from ecert.sheets.extent import Extent
from ecert.sheets.values import Damage

if TYPE_CHECKING:
    from collections.abc import Iterator

_END: Final = 0x000A
_FORMULA: Final = 0x0006
_FILE_PASS: Final = 0x002F
_SHEET: Final = 0x0085
_MANY_NUMBERS: Final = 0x00BD
_STRINGS: Final = 0x00FC
_EXTENT: Final = 0x0200
_COLUMNS: Final = 0x007D
_ROW: Final = 0x0208
_MERGED: Final = 0x00E5
# Of a row: its height is zero, that is hidden; of columns: hidden.
_ROW_HIDDEN: Final = 0x20
_COLUMN_HIDDEN: Final = 0x01
_BOOLEAN_OR_ERROR: Final = 0x0205
# Number, label (three kinds of text), short number: row and column stand first in each.
_VALUES: Final = {0x0203, 0x0204, 0x00FD, 0x00D6, 0x027E, 0x007E}
_FILLING: Final = _VALUES | {_MANY_NUMBERS, _BOOLEAN_OR_ERROR, _FORMULA}
_ERRORS: Final = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_MOST_ROWS: Final = 65_536
_MACROS: Final = ("_vba_project", "vba")


def xls_extents(data: bytes, name: str) -> list[Extent]:
    """Return how far each sheet reaches, in the workbook's order.

    Raises:
        TableError: The workbook is damaged, protected or holds macros, or a sheet passes a
            bound.
    """
    streams = CompoundFile(data, name)
    if "EncryptedPackage" in streams:
        raise refusals.protected(name)
    if any(macro in streams for macro in _MACROS):
        raise refusals.active_content(name, "宏", "macros")
    stream = next((one for one in ("Workbook", "Book") if one in streams), None)
    if stream is None:
        raise refusals.not_a_table(name, "no workbook in the compound file")
    book = streams.stream(stream)
    try:
        places = list(_sheets(book, name))
        return [_extent(book, place, name) for place in places]
    except (struct.error, IndexError):
        raise refusals.not_a_table(name, "a damaged record") from None


def _sheets(book: bytes, name: str) -> Iterator[int]:
    for kind, body in _records(book, 0, name):
        if kind == _FILE_PASS:
            raise refusals.protected(name)
        if kind == _STRINGS and struct.unpack_from("<L", body, 4)[0] > len(book):
            # Room is made for as many texts as are stated, before one is read.
            raise refusals.not_a_table(name, "more texts than there are bytes")
        if kind == _SHEET:
            yield struct.unpack_from("<L", body)[0]


def _extent(book: bytes, place: int, name: str) -> Extent:
    extent = Extent(name)
    hidden: set[int] = set()
    for kind, body in _records(book, place, name):
        _note_hidden(extent, hidden, kind, body)
        if kind == _EXTENT:
            _require_sound_dimensions(body, name)
        elif kind in _VALUES:
            row, column = struct.unpack_from("<HH", body)
            extent.fill(row, column)
        elif kind == _MANY_NUMBERS:
            row, first = struct.unpack_from("<HH", body)
            last = min(struct.unpack_from("<H", body, len(body) - 2)[0], MAX_TABLE_COLUMNS)
            extent.fill(row, last, max(1, last - first + 1))
        elif kind == _BOOLEAN_OR_ERROR:
            row, column, _, value, is_error = struct.unpack_from("<3H2B", body)
            _fill(extent, row, column, value if is_error else None)
        elif kind == _FORMULA:
            row, column, _, result, value, ends = struct.unpack_from("<3HBxB3xH", body)
            extent.note_formula(row, column)
            _fill(extent, row, column, value if (result, ends) == (2, 0xFFFF) else None)
    return extent


def _note_hidden(extent: Extent, hidden: set[int], kind: int, body: bytes) -> None:
    """Note what is not shown or merged; records of rows stand before those of their cells."""
    if kind == _ROW:
        if struct.unpack_from("<H", body, 12)[0] & _ROW_HIDDEN:
            hidden.add(struct.unpack_from("<H", body)[0])
    elif kind == _MERGED:
        for place in range(2, 2 + 8 * struct.unpack_from("<H", body)[0], 8):
            extent.note_merged(*struct.unpack_from("<4H", body, place))
    elif kind == _COLUMNS:
        if struct.unpack_from("<H", body, 8)[0] & _COLUMN_HIDDEN:
            extent.note_hidden_columns(*struct.unpack_from("<HH", body))
    elif hidden and kind in _FILLING and struct.unpack_from("<H", body)[0] in hidden:
        extent.note_hidden_row(struct.unpack_from("<H", body)[0])


def _fill(extent: Extent, row: int, column: int, error: int | None) -> None:
    if error is None:
        extent.fill(row, column)
    else:
        extent.damage(row, column, Damage.ERROR_VALUE, _ERRORS.get(error, "#N/A"))


def _require_sound_dimensions(body: bytes, name: str) -> None:
    if len(body) >= 14:
        first, last, left, right = struct.unpack_from("<2L2H", body)
    else:
        first, last, left, right = struct.unpack_from("<4H", body)
    # Room is made for as many cells as are stated, before one is read.
    if not (first <= last <= _MOST_ROWS and left <= right <= MAX_TABLE_COLUMNS):
        raise refusals.not_a_table(name, "impossible dimensions")


def _records(book: bytes, place: int, name: str) -> Iterator[tuple[int, bytes]]:
    """Yield kind and body of each record, to the end of the part that begins at ``place``."""
    while place + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, place)
        body = book[place + 4 : place + 4 + length]
        if len(body) < length:
            break
        if kind == _END:
            return
        yield kind, body
        place += 4 + length
    raise refusals.not_a_table(name, "its records have no end")
