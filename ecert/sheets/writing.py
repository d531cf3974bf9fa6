"""Write a table to a file: a workbook, CSV for Excel, or JSON lines, by the file's name."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, Literal, Protocol

from ecert.sheets import refusals
from ecert.sheets.atomic import atomic_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ecert.errors import TableError

ColumnKind = Literal["text", "date", "number"]
# What a cell may be given.  Numbers that identify something are text, and stay text.
Value = str | int | float | date | None

KINDS: Final = (".xlsx", ".csv", ".jsonl")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table that is written.

    Attributes:
        name: Its heading.
        kind: ``text`` (identifiers too: nothing is lost), ``date`` or ``number``.
        width: Its width in characters; None for one that fits the heading.
        choices: The values that a drop-down list offers; none if empty.
        hint: What is shown while a cell of the column is filled in.
        wraps: Whether long text is broken into lines.
    """

    name: str
    kind: ColumnKind = "text"
    width: int | None = None
    choices: tuple[str, ...] = ()
    hint: str = ""
    wraps: bool = False


class TableWriter(Protocol):
    """Takes rows one by one."""

    def write(self, values: Sequence[Value]) -> None:
        """Write one row, a value for each column; None leaves a cell blank.

        Raises:
            TableError: The form cannot hold it: too many rows, too long a text.
            ValueError: Not as many values as columns.
        """


@contextmanager
def create_table(
    path: Path, columns: Sequence[Column], *, sheet: str = "数据"
) -> Iterator[TableWriter]:
    """Give a writer for a new file, which is there, whole, when the block ends well.

    ``.xlsx`` is a workbook with a frozen heading and text columns; ``.csv`` is UTF-8 with the
    mark by which Excel knows it; ``.jsonl`` has one object a line.  Text never becomes a
    formula.

    Args:
        path: The file; what stood there is replaced.
        columns: The columns.
        sheet: The sheet's name, in a workbook.

    Raises:
        TableError: Files of this kind are not written, or the folder refuses.
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise _not_written(path.name)
    with atomic_file(path) as file:
        if kind == ".xlsx":
            from ecert.sheets.workbook_writer import WorkbookWriter

            writer = WorkbookWriter(columns, sheet=sheet, name=path.name)
            try:
                yield writer
                writer.save(file)
            finally:
                writer.discard()
        else:
            from ecert.sheets.text_writers import CsvWriter, JsonLinesWriter

            form = CsvWriter if kind == ".csv" else JsonLinesWriter
            with closing(form(file, columns)) as lines:
                yield lines


def require_width(values: Sequence[Value], columns: Sequence[Column]) -> None:
    """Require a value for each column.

    Raises:
        ValueError: There are more or fewer.
    """
    if len(values) != len(columns):
        raise ValueError(f"{len(columns)} values are needed, not {len(values)}")


def _not_written(name: str) -> TableError:
    error = refusals.unknown_kind(name)
    error.fix_zh, error.fix_en = "请使用.xlsx、.csv或.jsonl", "Use .xlsx, .csv or .jsonl"
    return error
