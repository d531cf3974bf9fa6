"""Workbooks (.xlsx), written row by row: identifiers stay text, nothing becomes a formula."""

from __future__ import annotations

import contextlib
import re
from datetime import date
from typing import IO, TYPE_CHECKING, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from ecert.limits import MAX_CELL_CHARS, MAX_TABLE_ROWS
from ecert.sheets import refusals
from ecert.sheets.paper import lay_across
from ecert.sheets.writing import require_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl.cell import Cell

    from ecert.sheets.writing import Column, Value

_FORMATS: Final = {"text": "@", "date": "yyyy-mm-dd", "number": "General"}
_MIN_WIDTH: Final = 8
_MAX_WIDTH: Final = 60
# Excel takes no longer list inside a rule; a longer one stands in a sheet of its own.
_MAX_LIST_CHARS: Final = 255
_CHOICES_SHEET: Final = "选项"
# ECMA-376 part 1, 22.9.2.19: what XML cannot hold is written _xHHHH_, and so is what looks so.
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b-\x1f]|_(?=x[0-9A-Fa-f]{4}_)")
# Neither XML nor that form holds halves of characters and noncharacters.
_LOST: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")
_NOT_IN_A_TITLE: Final = re.compile(r"[\\/*?:\[\]']")
_MAX_TITLE_CHARS: Final = 31
# As openpyxl writes every other cell.
_FONT: Final = "Calibri"
_POINTS: Final = 11
_LINE_POINTS: Final = 15
_MAX_HEIGHT: Final = 400
_HEADING: Final = "ecert-heading"
_RED: Final = "ecert-red"


class WorkbookWriter:
    """A workbook with one sheet of data; rows leave memory as they are written.

    Args:
        columns: The columns.
        sheet: The sheet's name.
        name: What messages call the file.
        book: The workbook that the sheet is added to; None for one of its own.
        is_copy: Whether its rows stand where they stood elsewhere: without a heading of ours.
        landscape: Whether it is printed on A4 on its side, as wide as the paper; so is every
            sheet that is added to a workbook.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        sheet: str,
        name: str,
        book: Workbook | None = None,
        is_copy: bool = False,
        landscape: bool = False,
    ) -> None:
        self._columns = columns
        self._name = name
        self._is_copy = is_copy
        self._book = new_book() if book is None else book
        self._sheet = self._book.create_sheet(_title(sheet))
        if not is_copy:
            self._sheet.freeze_panes = "A2"
        if landscape or book is not None:
            lay_across(self._sheet)
            if not is_copy:
                self._sheet.print_title_rows = "1:1"
        for place, column in enumerate(columns, start=1):
            dimension = self._sheet.column_dimensions[get_column_letter(place)]
            dimension.width = column.width or _fitting_width(column.name)
            # Blank cells too, so that what is typed into them stays text.
            dimension.number_format = _FORMATS[column.kind]
        self._rules()
        self._formats = [_FORMATS[column.kind] for column in columns]
        self._texts = [self._cell("", "@") for _ in columns]
        self._wraps = [column.wraps for column in columns]
        self._rows = 0
        if not is_copy:
            self._append([self._styled(column.name, _HEADING) for column in columns])

    def write(self, values: Sequence[Value]) -> None:
        """Write one row."""
        require_width(values, self._columns)
        self._append(
            [
                None
                if value is None
                else self._text(self._texts[place], value)
                if isinstance(value, str)
                else self._cell(value, self._formats[place])
                for place, value in enumerate(values)
            ]
        )

    def skip_to(self, number: int) -> None:
        """Leave rows blank until the next one is row ``number``, counted from 1."""
        while self._rows < number - 1:
            self._append([])

    def write_marked(
        self, values: Sequence[Value], marks: dict[int, str], *, with_comments: bool = True
    ) -> None:
        """Write one row with red cells.

        Args:
            values: A value for each column.
            marks: What is wrong, by column counted from 0; shown as the cell's comment.
            with_comments: Whether comments are written, and not the colour alone.
        """
        require_width(values, self._columns)
        cells = []
        for place, (value, form) in enumerate(zip(values, self._formats, strict=True)):
            cell = self._cell("" if value is None else value, form)
            if place in marks:
                own = cell.number_format
                cell.style = _RED
                cell.number_format = own
                if with_comments:
                    cell.comment = _comment(marks[place])
            if self._wraps[place]:
                cell.alignment = Alignment(vertical="top", wrap_text=True)
            cells.append(cell)
        self._append_fitted(values, cells)

    def _append_fitted(self, values: Sequence[Value], cells: Sequence[Cell]) -> None:
        """Append a row that is as high as its longest text in lines."""
        lines = max(
            (
                _lines(str(value), column.width or _MAX_WIDTH)
                for value, column in zip(values, self._columns, strict=True)
                if column.wraps
            ),
            default=1,
        )
        # Office programs fit the height of a row when its cells are typed, not when it is read.
        heights = self._sheet.row_dimensions
        heights[self._rows + 1].height = min(lines * _LINE_POINTS, _MAX_HEIGHT)
        self._append(cells)
        del heights[self._rows]

    def save(self, file: IO[bytes]) -> None:
        """Write the whole workbook to ``file``."""
        self._book.save(file)

    def discard(self) -> None:
        """Remove what openpyxl keeps on the disk until it is saved."""
        if not self._sheet.closed:
            self._sheet.close()
        with contextlib.suppress(FileNotFoundError):
            self._sheet._writer.cleanup()  # noqa: SLF001 - it offers no other way

    def _append(self, cells: Sequence[Cell | None]) -> None:
        self._rows += 1
        if self._rows > MAX_TABLE_ROWS:
            most = f"{MAX_TABLE_ROWS:,}"
            raise refusals.too_large(
                self._name, f"工作簿最多{most}行", f"a workbook has at most {most} rows"
            )
        self._sheet.append(list(cells))

    def _cell(self, value: Value, form: str) -> Cell:
        if not isinstance(value, str):
            cell = self._new(value)
            # A number or a day in a column of text stays what it is.
            by_value = _FORMATS["date" if isinstance(value, date) else "number"]
            cell.number_format = by_value if form == "@" else form
            return cell
        cell = self._new("")
        cell.number_format = "@"
        return self._text(cell, value)

    def _text(self, cell: Cell, value: str) -> Cell:
        """Put a text into a cell, which is written before the next row is begun."""
        if len(value) > MAX_CELL_CHARS:
            most = f"{MAX_CELL_CHARS:,}"
            raise refusals.too_large(
                self._name,
                f"单元格最多{most}个字符",
                f"a cell holds at most {most} characters",
            )
        cell.value = writable(value)
        # Set after the value, which openpyxl would take for a formula or an error.
        cell.data_type = "s"
        return cell

    def _new(self, value: Value) -> Cell:
        cell: Cell = WriteOnlyCell(self._sheet, value)  # type: ignore[arg-type]
        return cell

    def _styled(self, text: str, style: str) -> Cell:
        cell = self._cell(text, "@")
        cell.style = style
        return cell

    def _rules(self) -> None:
        """Add drop-down lists and hints."""
        long = [column for column in self._columns if len(_list(column)) > _MAX_LIST_CHARS]
        choices = self._list_choices(long) if long else ""
        for place, column in enumerate(self._columns, start=1):
            if not column.choices and not column.hint:
                continue
            rule = DataValidation(allow_blank=True, showErrorMessage=bool(column.choices))
            if column.choices:
                rule.type = "list"
                rule.formula1 = f'"{_list(column)}"'
                if column in long:
                    letter = get_column_letter(long.index(column) + 1)
                    rule.formula1 = f"{choices}!${letter}$1:${letter}${len(column.choices)}"
                rule.errorTitle, rule.error = "不在选项中", "请从下拉列表中选择"
            if column.hint:
                rule.showInputMessage = True
                rule.promptTitle, rule.prompt = column.name[:32], column.hint[:255]
            letter = get_column_letter(place)
            rule.add(f"{letter}2:{letter}{MAX_TABLE_ROWS}")
            self._sheet.data_validations.append(rule)

    def _list_choices(self, columns: list[Column]) -> str:
        """Write long lists into a hidden sheet, and return its name."""
        sheet = self._book.create_sheet(_CHOICES_SHEET)
        sheet.sheet_state = "hidden"
        most = max(len(column.choices) for column in columns)
        for place in range(most):
            cells = []
            for column in columns:
                text = column.choices[place] if place < len(column.choices) else ""
                cell = WriteOnlyCell(sheet, writable(text))
                cell.data_type = "s"
                cells.append(cell)
            sheet.append(cells)
        return str(sheet.title)


def new_book() -> Workbook:
    """Return a workbook without sheets, with the styles of ours."""
    book = Workbook(write_only=True)
    grey, pink = PatternFill("solid", fgColor="D9E2F3"), PatternFill("solid", fgColor="FFC7CE")
    centred = Alignment(horizontal="center", vertical="center", wrap_text=True)
    book.add_named_style(
        NamedStyle(_HEADING, font=Font(_FONT, _POINTS, bold=True), fill=grey, alignment=centred)
    )
    book.add_named_style(NamedStyle(_RED, font=Font(_FONT, _POINTS, color="9C0006"), fill=pink))
    return book


def _list(column: Column) -> str:
    # A comma inside a choice would end it, so such lists count as too long.
    if any("," in choice or '"' in choice for choice in column.choices):
        return "," * (_MAX_LIST_CHARS + 1)
    return ",".join(column.choices)


def writable(text: str) -> str:
    """Return ``text`` as a workbook can hold it; reading it gives ``text`` again."""
    text = _LOST.sub("\ufffd", text)
    return _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _comment(text: str) -> Comment:
    comment = Comment(writable(text), "ecert")
    comment.width, comment.height = 320, 40 + 18 * (text.count("\n") + 1 + len(text) // 30)
    return comment


def _fitting_width(heading: str) -> int:
    return min(max(_wide(heading) + 4, _MIN_WIDTH), _MAX_WIDTH)


def _lines(text: str, width: int) -> int:
    """Return how many lines a text takes in a column; a wide character counts twice."""
    return sum(1 + _wide(line) // width for line in text.split("\n"))


def _wide(text: str) -> int:
    return sum(1 if character.isascii() else 2 for character in text)


def _title(sheet: str) -> str:
    return _NOT_IN_A_TITLE.sub("_", sheet)[:_MAX_TITLE_CHARS] or "Sheet1"
