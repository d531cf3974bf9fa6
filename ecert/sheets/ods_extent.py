"""How far the sheets of an .ods workbook reach (OpenDocument 1.3 part 3, 9.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.limits import MAX_NOTED_CELLS, MAX_TABLE_ROWS
from ecert.sheets.extent import Extent
from ecert.sheets.values import NO_RESULT, Damage
from ecert.sheets.xml_parts import local_name, parse_part

if TYPE_CHECKING:
    from ecert.sheets.package import Package

_CONTENT: Final = "content.xml"
_SHOWN_CHARS: Final = 20
# Else `collapse` (by hand) or `filter`.
_SHOWN: Final = "visible"
# Repetitions are read as far as a bound can be passed by them.
_MOST: Final = 2 * MAX_TABLE_ROWS


def ods_extents(package: Package, name: str) -> dict[str, Extent]:
    """Return how far each sheet reaches, by the sheet's name.

    Raises:
        TableError: The workbook is damaged, or a sheet passes a bound.
    """
    scan = _ContentScan(name)
    parse_part(package, _CONTENT, name, scan.start, scan.end, scan.characters)
    return scan.extents


class _ContentScan:
    """One pass over the content of the workbook."""

    def __init__(self, name: str) -> None:
        self.extents: dict[str, Extent] = {}
        self._name = name
        self._extent = Extent(name)
        self._row = self._column = self._columns = 0
        self._is_hidden = False
        self._row_times = self._cell_times = 1
        self._filled = self._is_error = self._is_formula = False
        self._text: list[str] | None = None
        # The row's filled cells: first column, how many, and what is damaged.
        self._cells: list[tuple[int, int, tuple[Damage, str] | None]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = local_name(tag)
        if tag in {"table-cell", "covered-table-cell"}:
            plain = {local_name(key): value for key, value in attributes.items()}
            self._cell_times = _times(plain.get("number-columns-repeated"))
            self._filled = "value-type" in plain
            self._is_error = "error" in {
                value for key, value in attributes.items() if local_name(key) == "value-type"
            }
            self._is_formula = "formula" in plain
            self._text = []
            self._note_merged(plain)
        elif tag == "table-row":
            plain = {local_name(key): value for key, value in attributes.items()}
            self._row_times = _times(plain.get("number-rows-repeated"))
            self._column, self._cells = 0, []
            self._is_hidden = plain.get("visibility", _SHOWN) != _SHOWN
        elif tag == "table-column":
            self._skip_columns({local_name(key): value for key, value in attributes.items()})
        elif tag == "table":
            plain = {local_name(key): value for key, value in attributes.items()}
            self._extent = Extent(self._name)
            self.extents[plain.get("name", "")] = self._extent
            self._row = self._columns = 0

    def end(self, tag: str) -> None:
        tag = local_name(tag)
        if tag in {"table-cell", "covered-table-cell"}:
            self._end_cell()
        elif tag == "table-row":
            self._end_row()

    def characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end_cell(self) -> None:
        text = "".join(self._text or ()).strip()
        self._text = None
        if self._is_formula:
            self._extent.note_formula(self._row, self._column)
        if self._is_error:
            lost = (Damage.ERROR_VALUE, text[:_SHOWN_CHARS])
            self._cells.append((self._column, self._cell_times, lost))
        elif self._filled or text:
            self._cells.append((self._column, self._cell_times, None))
        elif self._is_formula:
            self._cells.append((self._column, self._cell_times, (Damage.NO_VALUE, NO_RESULT)))
        self._column = min(self._column + self._cell_times, _MOST)

    def _note_merged(self, plain: dict[str, str]) -> None:
        down, across = (_times(plain.get(f"number-{name}-spanned")) for name in ("rows", "columns"))
        if down > 1 or across > 1:
            right = self._column + across - 1
            self._extent.note_merged(self._row, self._row + down - 1, self._column, right)

    def _skip_columns(self, plain: dict[str, str]) -> None:
        times = _times(plain.get("number-columns-repeated"))
        if plain.get("visibility", _SHOWN) != _SHOWN:
            self._extent.note_hidden_columns(self._columns, self._columns + times - 1)
        self._columns = min(self._columns + times, _MOST)

    def _end_row(self) -> None:
        if self._is_hidden and self._cells:
            # Repeated rows past the first thousand would not be remembered anyway.
            for row in range(self._row, self._row + min(self._row_times, MAX_NOTED_CELLS)):
                self._extent.note_hidden_row(row)
        for column, times, lost in self._cells:
            last_row, last = self._row + self._row_times - 1, column + times - 1
            self._extent.fill(last_row, last, times * self._row_times)
            if lost is not None:
                for row in range(self._row, last_row + 1):
                    for place in range(column, last + 1):
                        self._extent.damage(row, place, *lost)
        self._row = min(self._row + self._row_times, _MOST)


def _times(text: str | None) -> int:
    return min(int(text), _MOST) if text is not None and text.isdecimal() else 1
