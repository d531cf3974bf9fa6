"""A table: the row of headings, found under whatever titles stand above it, and the rows below."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ecert.errors import TableError
from ecert.limits import MAX_CELL_CHARS, MAX_HEADER_ROWS, MAX_TABLE_COLUMNS, MAX_TABLE_ROWS
from ecert.sheets import refusals
from ecert.sheets.values import (
    Damage,
    Raw,
    Values,
    cell_reference,
    column_letters,
    damage_of,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from ecert.sheets.extent import Extent

# What offices add to a heading: a mark, a colon, 必填.
_ADDED: Final = re.compile(r"[\s*:]|\((?:必填|选填|必填项)\)|【(?:必填|选填)】")
# Headings that a message names; a longer list is cut.
_SHOWN_HEADINGS: Final = 12
# Of a heading that stands in the file, so much is repeated.
_SHOWN_CHARS: Final = 24

# The number of a row, as Excel counts, and what stands in it.
NumberedRow = tuple[int, Values]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes:
        reference: What Excel calls it: ``C7``.
        raw: Its value as stored.
        text: Its text, without spaces and line breaks at its ends.
    """

    reference: str
    # Cells hold personal data, and reprs end in logs.
    raw: Raw = field(repr=False)
    text: str = field(repr=False)

    @property
    def damage(self) -> Damage | None:
        """How its content was lost before it came here, or None."""
        return damage_of(self.raw)


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the heading.

    Attributes:
        number: Its number, as Excel counts.
        values: What is stored, by column; at least as long as the heading, but for a short row
            of a text file.
        misfit: What does not fit the heading (too many or too few cells), or None.
    """

    number: int
    values: Values = field(repr=False)
    misfit: TableError | None = None

    def cell(self, column: int) -> Cell:
        """Return the cell in ``column``, counted from 0; a blank one where there is none."""
        raw = self.values[column] if column < len(self.values) else None
        return Cell(cell_reference(self.number, column), raw, text_of(raw))

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All its cells."""
        return tuple(self.cell(column) for column in range(len(self.values)))


@dataclass(frozen=True, slots=True)
class Header:
    """The row of headings.

    Attributes:
        row: Its number, as Excel counts.
        headings: The text of each, without line breaks; empty above a column without one.
    """

    row: int
    headings: tuple[str, ...]

    def reference(self, column: int) -> str:
        """Return the letters of a column, counted from 0."""
        return column_letters(column)


@dataclass(slots=True)
class Table:
    """A table that is being read; its rows can be gone through once.

    Attributes:
        name: The file's name, as messages call it.
        sheet: The sheet's name; empty for a text file.
        header: The row of headings.
        sha256: Hash of the file (hexadecimal), to be kept with what was made of it.
        above: The rows above the heading (titles), as far as they are filled.
        extent: Formulas and hidden rows of the sheet; None for a text file.
    """

    name: str
    sheet: str
    header: Header
    sha256: str
    _rows: Iterator[NumberedRow] = field(repr=False)
    _is_text: bool = field(repr=False)
    above: tuple[NumberedRow, ...] = field(default=(), repr=False)
    extent: Extent | None = field(default=None, repr=False)

    @property
    def where(self) -> str:
        """The file, and the sheet if there are sheets."""
        return f"{self.name}［{self.sheet}］" if self.sheet else self.name

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the heading that are not blank.

        Raises:
            TableError: A row has too many or too few cells, or the file is too large, damaged
                or changed while it is read.
        """
        for row in self.lenient_rows():
            if row.misfit is not None:
                raise row.misfit
            yield row

    def lenient_rows(self) -> Iterator[Row]:
        """Yield the rows below the heading; what does not fit it stands in ``misfit``.

        Raises:
            TableError: The file is too large, damaged or changed while it is read.
        """
        width = len(self.header.headings)
        headless = [place for place, text in enumerate(self.header.headings) if not text]
        for number, values in self._rows:
            if len(values) == width and not headless:
                # A text file's blank cells are empty texts, so this is all there is to ask.
                if any(values) and not _is_blank(values):
                    yield Row(number, values)
            elif not _is_blank(values):
                misfit = self._misfit(number, values, headless)
                padding = (None,) * (width - len(values))
                yield Row(number, values + padding, misfit)

    def _misfit(self, number: int, values: Values, headless: list[int]) -> TableError | None:
        width = len(self.header.headings)
        if self._is_text and len(values) < width:
            return refusals.ragged(
                f"{self.where} 第{number}行",
                f"只有{len(values)}列，表头有{width}列",
                f"row {number} has {len(values)} cells, the heading has {width}",
            )
        beyond = [*(place for place in headless if place < width), *range(width, len(values))]
        for place in beyond:
            if place < len(values) and text_of(values[place]):
                reference = cell_reference(number, place)
                return refusals.ragged(
                    f"{self.where} {reference}",
                    "有内容，但该列没有表头",
                    f"{reference} is filled, but there is no heading above it",
                )
        return None


def normal_heading(text: str) -> str:
    """Return a heading for comparing: half-width, without spaces, marks and 必填, lower case."""
    return _ADDED.sub("", unicodedata.normalize("NFKC", text)).casefold()


def count_headings(values: Sequence[Raw], wanted: AbstractSet[str]) -> int:
    """Return how many of ``wanted``, in normal form, stand in a row."""
    return len({normal_heading(text_of(raw)) for raw in values} & wanted)


def begin_table(
    name: str,
    sheet: str,
    rows: Iterable[NumberedRow],
    *,
    headings: Collection[str],
    least: int,
    sha256: str,
    is_text: bool,
) -> Table:
    """Find the heading and return the table below it.

    Of the first rows it is the one that holds most of ``headings``, and at least ``least``.

    Raises:
        TableError: There is no row, no heading, or a heading stands there twice.
    """
    wanted = {normal_heading(heading) for heading in headings}
    source = _bounded(name, iter(rows))
    best: NumberedRow | None = None
    most, seen = least - 1, 0
    above, after = list[NumberedRow](), list[NumberedRow]()
    for numbered in source:
        seen += 1
        after.append(numbered)
        found = count_headings(numbered[1], wanted)
        if found > most:
            above += after[:-1] if best is None else [best, *after[:-1]]
            best, most, after = numbered, found, []
        if seen >= MAX_HEADER_ROWS:
            break
    if best is None:
        if not seen:
            raise refusals.empty(name)
        raise refusals.no_header(name, [*headings][:_SHOWN_HEADINGS])
    header = _header(name, best)
    filled = tuple(row for row in above if not _is_blank(row[1]))
    return Table(name, sheet, header, sha256, _chained(after, source), is_text, filled)


def _chained(first: list[NumberedRow], rest: Iterator[NumberedRow]) -> Iterator[NumberedRow]:
    yield from first
    yield from rest


def _header(name: str, numbered: NumberedRow) -> Header:
    number, values = numbered
    texts = ["".join(text_of(raw).split()) for raw in values]
    while texts and not texts[-1]:
        texts.pop()
    first: dict[str, int] = {}
    for place, text in enumerate(texts):
        earlier = first.setdefault(normal_heading(text), place) if text else place
        if earlier != place:
            one, other = cell_reference(number, earlier), cell_reference(number, place)
            raise TableError(
                f"表头“{text[:_SHOWN_CHARS]}”出现两次：{one}和{other}",
                f"a heading stands there twice: {one} and {other}",
                where=name,
                fix_zh="请删去或改名其中一列",
                fix_en="Remove or rename one of the columns",
            )
    return Header(number, tuple(texts))


def _bounded(name: str, rows: Iterator[NumberedRow]) -> Iterator[NumberedRow]:
    for numbered in rows:
        number, values = numbered
        if number > MAX_TABLE_ROWS:
            most = f"{MAX_TABLE_ROWS:,}"
            raise refusals.too_large(name, f"超过{most}行", f"more than {most} rows")
        if len(values) > MAX_TABLE_COLUMNS:
            raise refusals.too_large(
                f"{name} 第{number}行",
                f"超过{MAX_TABLE_COLUMNS}列",
                f"more than {MAX_TABLE_COLUMNS} columns",
            )
        yield numbered


def check_cell_length(name: str, number: int, values: Sequence[Raw]) -> None:
    """Require that no cell of a row is too long.

    Raises:
        TableError: One is; it is named.
    """
    for place, raw in enumerate(values):
        if isinstance(raw, str) and len(raw) > MAX_CELL_CHARS:
            raise refusals.too_large(
                f"{name} {cell_reference(number, place)}",
                f"单元格超过{MAX_CELL_CHARS:,}个字符",
                f"a cell of more than {MAX_CELL_CHARS:,} characters",
            )


def _is_blank(values: Values) -> bool:
    return not any(text_of(raw) for raw in values)
