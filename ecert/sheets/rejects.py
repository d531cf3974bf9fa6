"""The annotated copy (_已标注.xlsx): the rows that were refused, each with what is wrong."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from ecert.limits import MAX_CELL_CHARS
from ecert.sheets.atomic import atomic_file
from ecert.sheets.values import Raw, is_number, text_of
from ecert.sheets.writing import Column

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ecert.sheets.table import Header, Row
    from ecert.sheets.workbook_writer import WorkbookWriter
    from ecert.sheets.writing import Value

ROW_HEADING: Final = "行号"
WHY_HEADING: Final = "原因"
_SUFFIX: Final = "_已标注.xlsx"
_WIDTH: Final = 20
_WHY_WIDTH: Final = 70
# Comments stay in memory until the end, a kilobyte each; the column 原因 tells the same.
_MAX_COMMENTS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong with one cell, or with the whole row.

    Attributes:
        column: The column, counted from 0; None for the whole row.
        zh: What is wrong and how to mend it, in Chinese.
        en: The same in English.
    """

    column: int | None
    zh: str
    en: str


class RejectsWriter:
    """Writes refused rows; `create_rejects` makes one.

    Args:
        writer: The workbook.
        kept: The columns of the source that are copied, counted from 0.
    """

    def __init__(self, writer: WorkbookWriter, kept: Sequence[int]) -> None:
        self._writer = writer
        self._places = {column: place for place, column in enumerate(kept)}
        self._comments = 0

    def write(self, row: Row, remarks: Sequence[Remark]) -> None:
        """Write a refused row as it stood, its faulty cells in red."""
        marks: dict[int, list[str]] = {}
        for remark in remarks:
            place = None if remark.column is None else self._places.get(remark.column)
            if place is not None:
                marks.setdefault(place, []).append(f"{remark.zh}\n{remark.en}")
        self._comments += len(marks)
        why = "\n".join(remark.zh for remark in remarks)[:MAX_CELL_CHARS]
        given = [as_written(row.cell(column).raw) for column in self._places]
        self._writer.write_marked(
            [*given, row.number, why],
            {place: "\n".join(told) for place, told in marks.items()},
            with_comments=self._comments <= _MAX_COMMENTS,
        )


@contextmanager
def create_rejects(path: Path, header: Header) -> Iterator[RejectsWriter]:
    """Give a writer for the annotated copy; the file is there, whole, when the block ends well.

    It holds the original heading and the refused rows only, in columns of text, so that it
    can be mended and handed in again; 行号 and 原因 stand at the end.

    Args:
        path: The file (.xlsx).
        header: The heading of the table that was read.

    Raises:
        TableError: It cannot be written.
    """
    from ecert.sheets.workbook_writer import WorkbookWriter

    # A copy of a copy has each of its own two columns once.
    own = {ROW_HEADING, WHY_HEADING}
    kept = [place for place, text in enumerate(header.headings) if text not in own]
    columns = [Column(header.headings[place], width=_WIDTH) for place in kept]
    columns += [Column(ROW_HEADING, "number"), Column(WHY_HEADING, width=_WHY_WIDTH, wraps=True)]
    with atomic_file(path) as file:
        writer = WorkbookWriter(columns, sheet="已标注", name=path.name)
        try:
            yield RejectsWriter(writer, kept)
            writer.save(file)
        finally:
            writer.discard()


def annotated_path(source: Path) -> Path:
    """Return where the annotated copy of ``source`` belongs: beside it, ``…_已标注.xlsx``."""
    return source.with_name(source.stem + _SUFFIX)


def as_written(raw: Raw) -> Value:
    """Return what a cell held as it is written again, for people to mend."""
    # A number stays one: as text, a number that has lost its zeros would pass the next time.
    if raw is None or is_number(raw) or (isinstance(raw, date) and not isinstance(raw, datetime)):
        return raw  # type: ignore[return-value]
    return raw[:MAX_CELL_CHARS] if isinstance(raw, str) else text_of(raw)
