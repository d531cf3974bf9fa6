"""Tables as text: CSV for Excel, and JSON lines."""

from __future__ import annotations

import codecs
import csv
import io
import re
from datetime import date
from typing import IO, TYPE_CHECKING, Final

import orjson

from ecert.sheets.writing import require_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecert.sheets.writing import Column, Value

# Excel takes what begins so for a formula; the full-width forms too, after conversion.
_LIKE_A_FORMULA: Final = re.compile(r"'*[=+\-@\t\r＝＋－＠]")


class CsvWriter:
    """CSV in UTF-8, with the mark by which Excel knows the encoding.

    Text that Excel would take for a formula is given an apostrophe, which Excel hides and our
    own reader takes off.  What was already such a text with an apostrophe is given one more.
    """

    def __init__(self, file: IO[bytes], columns: Sequence[Column]) -> None:
        self._columns = columns
        file.write(codecs.BOM_UTF8)
        self._text = io.TextIOWrapper(file, "utf-8", "replace", newline="")
        self._writer = csv.writer(self._text, quoting=csv.QUOTE_MINIMAL)
        self.write([column.name for column in columns])

    def write(self, values: Sequence[Value]) -> None:
        """Write one row."""
        require_width(values, self._columns)
        self._writer.writerow([_safe(value) for value in values])

    def close(self) -> None:
        """Write what is still held; the file stays open."""
        self._text.flush()
        self._text.detach()


class JsonLinesWriter:
    """One JSON object a line, by heading; blank cells are left out."""

    def __init__(self, file: IO[bytes], columns: Sequence[Column]) -> None:
        self._file = file
        self._columns = columns

    def write(self, values: Sequence[Value]) -> None:
        """Write one row."""
        require_width(values, self._columns)
        pairs = zip(self._columns, values, strict=True)
        line = {column.name: value for column, value in pairs if value is not None}
        try:
            data = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        except TypeError:  # half of a character that UTF-8 cannot hold
            whole = {name: _replaced(value) for name, value in line.items()}
            data = orjson.dumps(whole, option=orjson.OPT_APPEND_NEWLINE)
        self._file.write(data)

    def close(self) -> None:
        """Nothing is held."""


def _safe(value: Value) -> str | float | None:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and _LIKE_A_FORMULA.match(value):
        return f"'{value}"
    return value


def _replaced(value: Value) -> Value:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
