"""Text files with a separator (CSV), read as a stream: memory does not grow with the rows."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from ecert.errors import TableError
from ecert.limits import MAX_CELL_CHARS, MAX_HEADER_ROWS, MAX_TABLE_BYTES
from ecert.sheets import refusals
from ecert.sheets.encoding import find_encoding
from ecert.sheets.table import (
    NumberedRow,
    Table,
    begin_table,
    check_cell_length,
    count_headings,
    normal_heading,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from io import FileIO

    from _typeshed import WriteableBuffer

_SEPARATORS: Final = ",\t;"
_SAMPLE_BYTES: Final = 1 << 16
_BUFFER_BYTES: Final = 1 << 16
# A line with more is one cell that a lost quotation mark has opened, or no table.
_MAX_LINE_CHARS: Final = 32 * MAX_CELL_CHARS
# A cell that must stay text: '=1+1, as our own writer marks it, and ="0123", as others do.
_QUOTED: Final = re.compile(r"'+[=+\-@\t\r＝＋－＠]")
_AS_FORMULA: Final = re.compile(r'="([^"]*)"')


def read_delimited(file: FileIO, *, headings: Collection[str], least: int, name: str) -> Table:
    """Return the table in an open file with commas, tabs or semicolons; it is read as it goes.

    Raises:
        TableError: It is too large, empty, in another encoding, or without heading.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > MAX_TABLE_BYTES:
        most = f"{MAX_TABLE_BYTES >> 20} MiB"
        raise refusals.too_large(name, f"超过{most}", f"more than {most}")
    if size == 0:
        raise refusals.empty(name)
    encoding, sha256 = find_encoding(file, name)
    separator = _separator(file, encoding, headings)
    rows = _rows(_HashedFile(file), encoding, separator, name, sha256)
    return begin_table(name, "", rows, headings=headings, least=least, sha256=sha256, is_text=True)


class _HashedFile(io.RawIOBase):
    """A file whose bytes are hashed as they are read."""

    def __init__(self, file: FileIO) -> None:
        super().__init__()
        self._file = file
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        count = self._file.readinto(view) or 0
        self._digest.update(view[:count])
        return count

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def _separator(file: FileIO, encoding: str, headings: Collection[str]) -> str:
    """Return the separator by which one of the first rows holds most of the headings.

    Counting separators would be wrong: several holders in one cell stand between semicolons.
    """
    start = file.read(_SAMPLE_BYTES).decode(encoding, "ignore")
    file.seek(0)
    wanted = {normal_heading(heading) for heading in headings}

    def found(separator: str) -> int:
        rows = csv.reader(io.StringIO(start, newline=""), delimiter=separator)
        try:
            first = list(islice(rows, MAX_HEADER_ROWS))
        except csv.Error:
            return 0
        return max((count_headings(values, wanted) for values in first), default=0)

    return max(_SEPARATORS, key=found)


def _rows(
    source: _HashedFile, encoding: str, separator: str, name: str, sha256: str
) -> Iterator[NumberedRow]:
    buffered = io.BufferedReader(source, _BUFFER_BYTES)
    # newline="": a line break inside quotation marks belongs to the cell.
    text = io.TextIOWrapper(buffered, encoding, newline="")
    number = 0
    try:
        for values in csv.reader(_lines(text, name), delimiter=separator, strict=True):
            number += 1
            joined = "".join(values)
            if len(joined) > MAX_CELL_CHARS:
                check_cell_length(name, number, values)
            is_marked = "'" in joined or '="' in joined
            yield number, tuple(map(_unmarked, values) if is_marked else values)
    except UnicodeDecodeError:
        raise refusals.changed(name) from None
    except csv.Error as error:
        raise _broken(name, number + 1, error) from None
    except OSError as error:
        raise refusals.unreadable(name, error) from error
    if source.hexdigest() != sha256:
        raise refusals.changed(name)


def _lines(text: io.TextIOWrapper, name: str) -> Iterator[str]:
    number = 0
    while line := text.readline(_MAX_LINE_CHARS + 1):
        number += 1
        if len(line) > _MAX_LINE_CHARS:
            raise refusals.too_large(
                f"{name} 第{number}行", "一行过长", f"line {number} is too long"
            )
        yield line


def _unmarked(value: str) -> str:
    if value.startswith("'") and _QUOTED.match(value):
        return value[1:]
    if value.startswith("=") and (found := _AS_FORMULA.fullmatch(value)):
        return found[1]
    return value


def _broken(name: str, number: int, error: csv.Error) -> TableError:
    return TableError(
        "引号不成对，或单元格过长",
        f"quotation marks do not match, or a cell is too long ({error})",
        where=f"{name} 第{number}行",
        fix_zh="单元格内的引号应写成两个，并整格加引号",
        fix_en="Double the quotation marks inside a cell, and quote the whole cell",
    )
