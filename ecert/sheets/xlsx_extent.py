"""How far the sheets of an .xlsx workbook reach (ECMA-376 part 1, 18.3)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ecert.sheets import refusals
from ecert.sheets.extent import Extent
from ecert.sheets.values import NO_RESULT, Damage
from ecert.sheets.xml_parts import local_name, parse_part

if TYPE_CHECKING:
    from ecert.sheets.package import Package

_WORKBOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_CELL: Final = re.compile(r"([A-Z]{1,7})([0-9]{1,8})")
_SHOWN_CHARS: Final = 20
_TRUE: Final = frozenset({"1", "true"})
_RELATION_ID: Final = re.compile(r"(?:.+:)?id")


def xlsx_extents(package: Package, name: str) -> dict[str, Extent]:
    """Return how far each sheet reaches, by the sheet's name.

    Raises:
        TableError: The workbook is damaged, or a sheet passes a bound.
    """
    targets: dict[str, str] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if local_name(tag) == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    sheets: dict[str, str] = {}

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if local_name(tag) == "sheet":
            ids = [value for key, value in attributes.items() if _RELATION_ID.fullmatch(key)]
            sheets[attributes.get("name", "")] = ids[0] if ids else ""

    parse_part(package, _RELATIONS, name, relation)
    parse_part(package, _WORKBOOK, name, sheet)
    found = {}
    for title, relation_id in sheets.items():
        part = _part(targets.get(relation_id, ""))
        if part not in package:
            raise refusals.not_a_table(name, "a sheet is missing")
        found[title] = _SheetScan(package, part, name).extent
    return found


def _part(target: str) -> str:
    # As the library that reads the cells resolves it, so that both look at the same part.
    target = target.replace("\\", "/")
    return target[1:] if target.startswith("/") else f"xl/{target}"


class _SheetScan:
    """One pass over the part of one sheet."""

    def __init__(self, package: Package, part: str, name: str) -> None:
        self.extent = Extent(name)
        self._row, self._column = -1, -1
        self._kind = ""
        self._is_formula = self._is_inline = self._is_hidden = False
        # The text of the value, while there is one.
        self._text: str | None = None
        self._in_value = False
        parse_part(package, part, name, self._start, self._end, self._characters)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = local_name(tag)
        if tag == "c":
            self._begin_cell(attributes)
        elif tag == "v":
            self._in_value = True
        elif tag == "is":
            self._is_inline = True
        elif tag == "f":
            self._is_formula = True
        elif tag == "row":
            number = attributes.get("r", "")
            self._row = _number(number) - 1 if number else self._row + 1
            self._column = -1
            self._is_hidden = attributes.get("hidden") in _TRUE or attributes.get("ht") == "0"
        elif tag == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif tag == "col" and attributes.get("hidden") in _TRUE:
            first, last = (_number(attributes.get(name, "")) for name in ("min", "max"))
            self.extent.note_hidden_columns(first - 1, last - 1)

    def _merge(self, reference: str) -> None:
        first, _, last = reference.upper().partition(":")
        ends = [_CELL.fullmatch(one) for one in (first, last or first)]
        if ends[0] is not None and ends[1] is not None:
            (left, top), (right, bottom) = ends[0].groups(), ends[1].groups()
            self.extent.note_merged(int(top) - 1, int(bottom) - 1, _column(left), _column(right))

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._kind = attributes.get("t", "n")
        self._is_formula = self._is_inline = self._in_value = False
        self._text = None
        found = _CELL.fullmatch(attributes.get("r", "").upper())
        if found is None:
            self._column += 1
            return
        self._column = _column(found[1])
        self._row = int(found[2]) - 1

    def _end(self, tag: str) -> None:
        tag = local_name(tag)
        if tag == "v":
            self._in_value = False
        elif tag == "c":
            self._end_cell()

    def _end_cell(self) -> None:
        self._fill()
        if self._is_formula:
            self.extent.note_formula(self._row, self._column)
        if self._is_hidden and (self._text or self._is_inline or self._is_formula):
            self.extent.note_hidden_row(self._row)

    def _fill(self) -> None:
        if self._text and self._kind == "e":
            shown = self._text.strip()[:_SHOWN_CHARS]
            self.extent.damage(self._row, self._column, Damage.ERROR_VALUE, shown)
        elif self._text or self._is_inline:
            self.extent.fill(self._row, self._column)
        elif self._is_formula and self._kind != "str":
            # A formula whose result is no text at all is as good as blank.
            self.extent.damage(self._row, self._column, Damage.NO_VALUE, NO_RESULT)

    def _characters(self, text: str) -> None:
        if self._in_value:
            self._text = text if self._text is None else self._text + text


@lru_cache(maxsize=256)
def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column - 1


def _number(text: str) -> int:
    # Longer ones stand beyond every bound, whatever they are.
    return int(text[:8]) if text.isascii() and text.isdecimal() else 0
