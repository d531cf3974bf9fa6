"""A sheet that is made for paper: A4 across, titles above, borders, headings on every page."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins

from ecert.sheets.paper import lay_across
from ecert.sheets.workbook_writer import writable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl import Workbook
    from openpyxl.cell import Cell

    from ecert.sheets.page import PageLayout

_MARGIN_INCHES: Final = 0.4
_FOOT_INCHES: Final = 0.6
_FONT: Final = "宋体"
_POINTS: Final = 9
_TITLE_POINTS: Final = 16
_LINE_POINTS: Final = 12.5
_MAX_HEIGHT: Final = 400
_THIN: Final = Side(style="thin", color="000000")
_BORDER: Final = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_WRAPPED: Final = Alignment(vertical="center", wrap_text=True)
_CENTRED: Final = Alignment(horizontal="center", vertical="center", wrap_text=True)
_PLAIN_FONT: Final = Font(_FONT, _POINTS)
_BOLD_FONT: Final = Font(_FONT, _POINTS, bold=True)
_TITLE_FONT: Final = Font(_FONT, _TITLE_POINTS, bold=True)
_GREY: Final = PatternFill("solid", fgColor="EDEDED")


class PrintedSheet:
    """Writes titles, then one table, then closing lines; all cells are text.

    Args:
        book: The workbook, written row by row.
        title: The sheet's name.
        layout: Widths and headings.
    """

    def __init__(self, book: Workbook, title: str, layout: PageLayout) -> None:
        self._sheet = book.create_sheet(title)
        self._layout = layout
        self._rows = 0
        for place, width in enumerate(layout.widths, start=1):
            self._sheet.column_dimensions[get_column_letter(place)].width = width
        lay_across(self._sheet)
        self._sheet.page_margins = PageMargins(
            _MARGIN_INCHES, _MARGIN_INCHES, _MARGIN_INCHES, _FOOT_INCHES, footer=_MARGIN_INCHES / 2
        )
        self._sheet.print_options.horizontalCentered = True
        self._sheet.oddFooter.left.text = layout.footer.replace("&", "&&")

    def title(self, text: str) -> None:
        """Write the title, across all columns."""
        self._across(text, _TITLE_FONT, _CENTRED, _TITLE_POINTS * 2)

    def line(self, text: str) -> None:
        """Write a line across all columns."""
        self._across(text, _PLAIN_FONT, _WRAPPED, None)

    def blank(self) -> None:
        """Leave a line out."""
        self._append([])

    def headings(self) -> None:
        """Write the row of headings, which every page then repeats."""
        row = [self._boxed(text, _BOLD_FONT, _CENTRED) for text in self._layout.headings]
        for cell in row:
            cell.fill = _GREY
        self._append(row, self._height(self._layout.headings))
        self._sheet.print_title_rows = f"{self._rows}:{self._rows}"

    def row(self, texts: Sequence[str]) -> None:
        """Write one row of the table.

        Raises:
            ValueError: Not as many texts as columns.
        """
        if len(texts) != len(self._layout.widths):
            raise ValueError(f"{len(self._layout.widths)} texts are needed, not {len(texts)}")
        cells = [self._boxed(text, _PLAIN_FONT, _WRAPPED) for text in texts]
        self._append(cells, self._height(texts))

    def boxes(self, texts: Sequence[str], *, lines: int) -> None:
        """Write boxes of equal width beside one another, such as for signatures.

        Args:
            texts: What stands in each; blank is room to write.
            lines: How high they are.
        """
        columns = len(self._layout.widths)
        # Boxes end where a column ends: as near to equal widths as that allows.
        total = sum(self._layout.widths)
        ends, sofar, ended = list[int](), 0, 0
        for place, width in enumerate(self._layout.widths, start=1):
            sofar += width
            left = columns - place
            wanted = len(texts) - ended - 1
            if wanted and (sofar * len(texts) >= total * (ended + 1) or left <= wanted):
                ends.append(place)
                ended += 1
        ends.append(columns)
        firsts = [1, *(end + 1 for end in ends[:-1])]
        row = [self._boxed("", _PLAIN_FONT, _WRAPPED) for _ in range(columns)]
        for first, text in zip(firsts, texts, strict=False):
            row[first - 1] = self._boxed(text, _PLAIN_FONT, _WRAPPED)
        self._append(row, lines * _LINE_POINTS)
        for first, last in zip(firsts, ends, strict=True):
            self._merge(first, last)

    def discard(self) -> None:
        """Remove what openpyxl keeps on the disk until it is saved."""
        if not self._sheet.closed:
            self._sheet.close()
        with contextlib.suppress(FileNotFoundError):
            self._sheet._writer.cleanup()  # noqa: SLF001 - it offers no other way

    def _across(self, text: str, font: Font, alignment: Alignment, height: float | None) -> None:
        cell = self._cell(text, font, alignment)
        width = sum(self._layout.widths)
        lines = _lines(text, width)
        self._append([cell], height or lines * _LINE_POINTS + 4)
        self._merge(1, len(self._layout.widths))

    def _merge(self, first: int, last: int) -> None:
        if first < last:
            left, right = get_column_letter(first), get_column_letter(last)
            self._sheet.merged_cells.add(f"{left}{self._rows}:{right}{self._rows}")

    def _append(self, cells: list[Cell], height: float | None = None) -> None:
        self._rows += 1
        if height is not None:
            self._sheet.row_dimensions[self._rows].height = min(height, _MAX_HEIGHT)
        self._sheet.append(cells)
        self._sheet.row_dimensions.pop(self._rows, None)

    def _height(self, texts: Sequence[str]) -> float:
        pairs = zip(texts, self._layout.widths, strict=True)
        return max(_lines(text, width) for text, width in pairs) * _LINE_POINTS + 4

    def _boxed(self, text: str, font: Font, alignment: Alignment) -> Cell:
        cell = self._cell(text, font, alignment)
        cell.border = _BORDER
        return cell

    def _cell(self, text: str, font: Font, alignment: Alignment) -> Cell:
        cell: Cell = WriteOnlyCell(self._sheet, "")
        cell.value = writable(text)
        # Set after the value, which openpyxl would take for a formula or an error.
        cell.data_type = "s"
        cell.number_format = "@"
        cell.font, cell.alignment = font, alignment
        return cell


def _lines(text: str, width: int) -> int:
    """Return how many lines a text takes in a column; a wide character counts twice."""
    return sum(1 + _wide(line) // max(width - 1, 1) for line in text.split("\n"))


def _wide(text: str) -> int:
    return sum(1 if character.isascii() else 2 for character in text)
