"""A workbook that people read and print: coloured rows, long texts in lines, A4 on its side."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal

from openpyxl.styles import Alignment, Border, PatternFill, Side

from ecert.sheets import refusals
from ecert.sheets.atomic import atomic_file
from ecert.sheets.workbook_writer import WorkbookWriter
from ecert.sheets.writing import require_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ecert.sheets.writing import Column, Value

Colour = Literal["none", "green", "red", "yellow", "grey"]

_FILLS: Final = {
    "green": PatternFill("solid", fgColor="E2EFDA"),
    "red": PatternFill("solid", fgColor="F8CBAD"),
    "yellow": PatternFill("solid", fgColor="FFF2CC"),
    "grey": PatternFill("solid", fgColor="EDEDED"),
}
_LINE: Final = Side(style="thin", color="BFBFBF")
_BORDER: Final = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)


class ReportWriter(WorkbookWriter):
    """A workbook with one sheet of rows in colours, to be printed."""

    def write_coloured(self, values: Sequence[Value], colour: Colour = "none") -> None:
        """Write one row.

        Args:
            values: A value for each column.
            colour: Behind the whole row.
        """
        require_width(values, self._columns)
        cells = []
        for value, form, wraps in zip(values, self._formats, self._wraps, strict=True):
            cell = self._cell("" if value is None else value, form)
            cell.alignment = Alignment(vertical="top", wrap_text=wraps)
            cell.border = _BORDER
            if colour != "none":
                cell.fill = _FILLS[colour]
            cells.append(cell)
        self._append_fitted(values, cells)


@contextmanager
def create_report(path: Path, columns: Sequence[Column], *, sheet: str) -> Iterator[ReportWriter]:
    """Give a writer for a new workbook, which is there, whole, when the block ends well.

    Args:
        path: The file, ``.xlsx``; what stood there is replaced.
        columns: The columns.
        sheet: The sheet's name.

    Raises:
        TableError: The file is no workbook by its name, or the folder refuses.
    """
    if path.suffix.lower() != ".xlsx":
        error = refusals.unknown_kind(path.name)
        error.fix_zh, error.fix_en = "请使用.xlsx", "Use .xlsx"
        raise error
    with atomic_file(path) as file:
        writer = ReportWriter(columns, sheet=sheet, name=path.name, landscape=True)
        try:
            yield writer
            writer.save(file)
        finally:
            writer.discard()
