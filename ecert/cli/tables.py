"""Writes a table as it is read: CSV, a workbook, or one JSON document."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Final

from ecert.errors import FormatError
from ecert.sheets.atomic import atomic_file
from ecert.sheets.writing import Column

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import IO

    from ecert.issuers.stock.export import Export
    from ecert.sheets.writing import TableWriter

    Write = Callable[[Export, IO[bytes], str], int]


def write_table(table: Export, path: Path, form: str | None) -> int:
    """Write a table to a file, wholly or not at all, and return its number of rows.

    Args:
        table: The table; one row at a time is in memory.
        path: The file; ``-`` is stdout.
        form: One of `FORMS`; None for that of the file's name.

    Raises:
        FormatError: There is no such form, or the name tells none.
        TableError: The file cannot be written, or a workbook cannot hold so many rows.
    """
    chosen = path.suffix.removeprefix(".").lower() if form is None else form
    if chosen not in _WRITERS:
        raise FormatError(
            "没有这种格式，或文件名看不出格式", "there is no such form, or the name tells none",
            where="--format", fix_zh=f"可用：{'、'.join(FORMS)}",
            fix_en=f"There are: {', '.join(FORMS)}",
        )  # fmt: skip
    write = _WRITERS[chosen]
    if str(path) == "-":
        sys.stdout.flush()
        # The text layer would turn the line ends, and knows only the console's characters.
        return write(table, sys.stdout.buffer, path.name)
    with atomic_file(path) as file:
        return write(table, file, path.name)


def _columns(table: Export) -> list[Column]:
    return [Column(one.name, one.kind) for one in table.columns]


def _write_rows(table: Export, writer: TableWriter) -> int:
    count = 0
    for row in table.rows:
        writer.write(row)
        count += 1
    return count


def _write_csv(table: Export, file: IO[bytes], _name: str) -> int:
    from ecert.sheets.text_writers import CsvWriter

    with closing(CsvWriter(file, _columns(table))) as writer:
        return _write_rows(table, writer)


def _write_workbook(table: Export, file: IO[bytes], name: str) -> int:
    from ecert.sheets.workbook_writer import WorkbookWriter

    writer = WorkbookWriter(_columns(table), sheet="数据", name=name)
    try:
        count = _write_rows(table, writer)
        writer.save(file)
    finally:
        writer.discard()
    return count


def _write_json(table: Export, file: IO[bytes], _name: str) -> int:
    names = [column.name for column in table.columns]
    columns = [{"name": one.name, "zh": one.zh} for one in table.columns]
    # One row a line, so that it can be read as it was written: as a stream.
    file.write(b'{"columns": ' + _json(columns) + b',\n"rows": [')
    count = 0
    for row in table.rows:
        file.write(b",\n" if count else b"\n")
        file.write(_json(dict(zip(names, row, strict=True))))
        count += 1
    file.write(b'\n],\n"cursor": ' + _json(table.cursor or None) + b"}\n")
    file.flush()
    return count


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


_WRITERS: Final[dict[str, Write]] = {
    "csv": _write_csv,
    "xlsx": _write_workbook,
    "json": _write_json,
}
FORMS: Final = tuple(_WRITERS)
