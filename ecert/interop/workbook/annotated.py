"""The annotated copy (_已标注.xlsx): the whole workbook, faulty cells red, all faults listed."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from ecert.interop.workbook.faults import WHOLE_SHEET
from ecert.interop.workbook.layout import ENTRIES, FAULTS_TITLE
from ecert.limits import MAX_CELL_CHARS
from ecert.sheets.book_writer import create_book
from ecert.sheets.reading import WORKBOOK_KINDS, open_table
from ecert.sheets.rejects import as_written
from ecert.sheets.writing import Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from ecert.interop.workbook.faults import ListFault
    from ecert.sheets.book_writer import BookWriter
    from ecert.sheets.values import Values

_WIDTH: Final = 18
_MARKED_ROWS: Final = 20_000


def write_annotated(
    path: Path, source: Path, faults: Sequence[ListFault], *, more: int = 0
) -> None:
    """Write a copy of a workbook in which every fault is marked.

    Sheets, rows and columns stand where they stood, so that the names of cells stay true.
    Formulas have become their results; what was hidden is shown.

    Args:
        path: The copy (.xlsx).
        source: The workbook, or text file.
        faults: Everything that is wrong.
        more: How many faults are not among them.

    Raises:
        TableError: The copy cannot be written, or the source is no longer what it was.
    """
    by_sheet: dict[str, dict[int, dict[int, list[str]]]] = {}
    for one in faults:
        marks = by_sheet.setdefault(one.sheet, {}).setdefault(one.fault.row, {})
        told = f"{one.fault.message('zh')}\n{one.fault.message('en')}"
        marks.setdefault(one.fault.column or 0, []).append(told)
    with ExitStack() as stack:
        sheets = list(sheets_of(stack, source))
        with create_book(path) as book:
            _write_faults(book, faults, more)
            for title, rows in sheets:
                _write_sheet(book, title, rows, by_sheet.get(title, {}))


def sheets_of(stack: ExitStack, source: Path) -> Iterator[tuple[str, Iterable[tuple[int, Values]]]]:
    """Yield the title and the rows of every sheet that is shown; of a text file its one table.

    Args:
        stack: Keeps a text file open.
        source: The workbook, or text file.

    Raises:
        TableError: It cannot be read.
    """
    if source.suffix.lower() in WORKBOOK_KINDS:
        from ecert.sheets.workbook import Workbook

        book = Workbook(source)
        for title in book.titles:
            # A sheet that is never read may be broken or huge; it is not copied then.
            if book.extent(title).rows <= _MARKED_ROWS:
                yield title, book.rows(title)
        return
    table = stack.enter_context(open_table(source, headings=ENTRIES.headings))
    heading = (table.header.row, table.header.headings)
    rows = ((row.number, row.values) for row in table.lenient_rows())
    yield "", _chained([*table.above, heading], rows)


def _chained(
    first: Iterable[tuple[int, Values]], rest: Iterable[tuple[int, Values]]
) -> Iterator[tuple[int, Values]]:
    yield from first
    yield from rest


def _write_faults(book: BookWriter, faults: Sequence[ListFault], more: int) -> None:
    columns = [
        Column("工作表", width=16, wraps=True),
        Column("单元格", width=10, wraps=True),
        Column("项目", width=18, wraps=True),
        Column("问题", width=60, wraps=True),
        Column("改法", width=60, wraps=True),
    ]
    writer = book.sheet(FAULTS_TITLE, columns)
    for one in faults:
        fault = one.fault
        cell = "" if fault.row == WHOLE_SHEET else fault.cell
        row = [one.sheet, cell, fault.what, f"{fault.zh}\n{fault.en}", fault.fix_zh]
        writer.write_marked([text[:MAX_CELL_CHARS] for text in row], {})
    if more:
        writer.write_marked(["", "", "", f"另有{more}处\n{more} more", "请先改正以上各处"], {})


def _write_sheet(
    book: BookWriter,
    title: str,
    rows: Iterable[tuple[int, Values]],
    marks: dict[int, dict[int, list[str]]],
) -> None:
    listed = list(rows)
    width = max((len(values) for _, values in listed), default=1)
    writer = book.copied(title or "数据", [Column("", width=_WIDTH) for _ in range(max(width, 1))])
    number = 0
    for number, values in listed:
        writer.skip_to(number)
        given = [as_written(raw) for raw in values] + [None] * (width - len(values))
        writer.write_marked(given, {
            min(column, width - 1): "\n".join(told)
            for column, told in marks.get(number, {}).items()
        })  # fmt: skip
