"""Writes a table as it is read: CSV that Excel opens rightly, or JSON."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import secrets
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ecert.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import IO

    from ecert.issuers.stock.export import Export, Value

FORMS: Final = ("csv", "json")
# What a spreadsheet would run as a formula; a number with its sign is none.
_FORMULA: Final = re.compile(r"[=+\-@\t\r](?!\Z)(?![0-9.]+\Z)")


def write_table(table: Export, path: Path, form: str | None) -> int:
    """Write a table to a file, wholly or not at all, and return its number of rows.

    Args:
        table: The table; one row at a time is in memory.
        path: The file; ``-`` is stdout.
        form: One of `FORMS`; None for that of the file's name.

    Raises:
        FormatError: There is no such form, or the name tells none.
    """
    write = _writer(path, form)
    if str(path) == "-":
        sys.stdout.flush()
        # The text layer would turn the line ends, and knows only the console's characters.
        return write(table, sys.stdout.buffer)
    with _whole(path) as file:
        return write(table, file)


def _writer(path: Path, form: str | None) -> Callable[[Export, IO[bytes]], int]:
    chosen = path.suffix.removeprefix(".").lower() if form is None else form
    if chosen == "csv":
        return _write_csv
    if chosen == "json":
        return _write_json
    raise FormatError(
        "没有这种格式，或文件名看不出格式", "there is no such form, or the name tells none",
        where="--format", fix_zh=f"可用：{'、'.join(FORMS)}",
        fix_en=f"There are: {', '.join(FORMS)}",
    )  # fmt: skip


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    half = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    # Only its owner may read it: it holds personal data.
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def _write_csv(table: Export, file: IO[bytes]) -> int:
    # With the mark by which Excel knows UTF-8.
    text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=False)
    try:
        lines = csv.writer(text)
        lines.writerow([column.name for column in table.columns])
        count = 0
        for row in table.rows:
            lines.writerow([_harmless(value) for value in row])
            count += 1
        return count
    finally:
        text.flush()
        text.detach()


def _harmless(value: Value) -> str | int:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def _write_json(table: Export, file: IO[bytes]) -> int:
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
