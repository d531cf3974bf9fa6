"""A table on paper: titles, one table with its headings on every page, closing lines, as a PDF.

It takes what a printed sheet of a workbook takes (`ecert.sheets.page.TableSheet`), so that both
have the same contents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from ecert.errors import FormatError
from ecert.model.characters import require_visible
from ecert.show.pages import HEIGHT, MM, WIDTH, Pages, require_reportlab

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ecert.sheets.page import PageLayout
    from ecert.show.fonts import FontChain

_MARGIN: Final = 10 * MM
_ACROSS: Final = HEIGHT - 2 * _MARGIN
_TOP, _BOTTOM = WIDTH - _MARGIN, _MARGIN + 6 * MM
_SIZE, _LEADING, _TITLE = 8.0, 10.5, 15.0
_PAD: Final = 3.0
# A row is not begun at the foot of a page for less than so many of its lines.
_LEAST_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class _Block:
    """What stands beside one another, in columns of these widths."""

    kind: Literal["title", "line", "row", "boxes"]
    texts: tuple[str, ...]
    lines: int = 0


class TablePages:
    """A table while it is written; `pdf` draws it.  All of it is text.

    Args:
        layout: Widths and headings.
    """

    def __init__(self, layout: PageLayout) -> None:
        self._layout = layout
        self._blocks: list[_Block] = []

    def title(self, text: str) -> None:
        """Write the title, across all columns."""
        self._blocks.append(_Block("title", (text,)))

    def line(self, text: str) -> None:
        """Write a line across all columns."""
        self._blocks.append(_Block("line", (text,)))

    def blank(self) -> None:
        """Leave a line out."""
        self.line("")

    def headings(self) -> None:
        """Write the row of headings, which every page then repeats."""
        self._blocks.append(_Block("row", self._layout.headings, lines=-1))

    def row(self, texts: Sequence[str]) -> None:
        """Write one row of the table.

        Raises:
            ValueError: Not as many texts as columns.
        """
        if len(texts) != len(self._layout.widths):
            raise ValueError(f"{len(self._layout.widths)} texts are needed, not {len(texts)}")
        self._blocks.append(_Block("row", tuple(texts)))

    def boxes(self, texts: Sequence[str], *, lines: int) -> None:
        """Write boxes of equal width beside one another, such as for signatures.

        Args:
            texts: What stands in each; blank is room to write.
            lines: How high they are.
        """
        self._blocks.append(_Block("boxes", tuple(texts), lines))

    def pdf(self, fonts: FontChain, *, title: str, author: str) -> bytes:
        """Draw it on A4 across; the same contents and fonts always give the same bytes.

        A character that no font has is a box with its code point inside.

        Raises:
            ExtraMissingError: The extra ``pdf`` is not installed.
            FormatError: A text holds characters that show nothing.
            PlotterMissingError: The table's own words are in no font.
        """
        require_reportlab()
        texts = [text for block in self._blocks for text in block.texts]
        for text in texts:
            for line in text.split("\n"):
                require_visible(line, FormatError, where=title)
        own = [*self._layout.headings, _foot(88, 88), "0123456789ABCDEF"]
        fonts.require(own, where=title)
        total = 1
        while True:
            everything = [*texts, *own, self._layout.footer]
            with Pages(fonts, everything, title=title, author=author, landscape=True) as pages:
                drawing = _Drawing(self._layout, pages, total)
                for block in self._blocks:
                    drawing.block(block)
                drawing.foot()
                data = pages.finish()
            # How many there are is known only when all are drawn.
            if drawing.number == total:
                return data
            total = drawing.number


def _foot(number: int, total: int) -> str:
    return f"第 {number} 页　共 {total} 页"


class _Drawing:
    """One drawing of all pages; ``y`` is the upper edge of what comes next."""

    def __init__(self, layout: PageLayout, pages: Pages, total: int) -> None:
        self.number = 1
        self._layout, self._pages, self._total = layout, pages, total
        self._y = _TOP
        self._in_table = False
        whole = sum(layout.widths)
        self._widths = [width / whole * _ACROSS for width in layout.widths]

    def block(self, block: _Block) -> None:
        if block.kind == "title":
            for line in self._pages.lines(block.texts[0], _TITLE, _ACROSS):
                self._pages.text(HEIGHT / 2, self._y - _TITLE, line, _TITLE, align="centre")
                self._y -= _TITLE * 1.4
        elif block.kind == "line":
            self._in_table = False
            for line in self._wrapped(block.texts[0], _ACROSS):
                self._room(_LEADING)
                self._pages.text(_MARGIN, self._y - _SIZE, line, _SIZE)
                self._y -= _LEADING
            self._y -= 2
        elif block.kind == "boxes":
            self._boxes(block)
        else:
            self._row(block.texts)
            self._in_table = True

    def foot(self) -> None:
        """Write the foot of a page."""
        y = _MARGIN
        self._pages.text(_MARGIN, y, self._layout.footer, _SIZE, ink="grey")
        said = _foot(self.number, self._total)
        self._pages.text(_MARGIN + _ACROSS, y, said, _SIZE, ink="grey", align="right")

    def _room(self, height: float) -> None:
        if self._y - height < _BOTTOM:
            self._turn()

    def _turn(self) -> None:
        self.foot()
        self._pages.next()
        self.number += 1
        self._y = _TOP
        if self._in_table:
            self._in_table = False
            self._row(self._layout.headings)
            self._in_table = True

    def _row(self, texts: Sequence[str]) -> None:
        cells = [
            self._wrapped(text, width - 2 * _PAD)
            for text, width in zip(texts, self._widths, strict=True)
        ]
        left = max(map(len, cells))
        while left:
            fit = int((self._y - _BOTTOM - 2 * _PAD) / _LEADING)
            if fit < min(left, _LEAST_LINES):
                self._turn()
                continue
            taken = min(left, fit)
            self._cells([cell[:taken] for cell in cells], self._widths, taken)
            cells = [cell[taken:] for cell in cells]
            left -= taken

    def _boxes(self, block: _Block) -> None:
        width = _ACROSS / len(block.texts)
        cells = [self._wrapped(text, width - 2 * _PAD) for text in block.texts]
        lines = max(block.lines, *map(len, cells))
        self._in_table = False
        self._room(lines * _LEADING + 2 * _PAD)
        self._cells(cells, [width] * len(cells), lines)

    def _cells(self, cells: Sequence[Sequence[str]], widths: Sequence[float], lines: int) -> None:
        x, height = _MARGIN, lines * _LEADING + 2 * _PAD
        for cell, width in zip(cells, widths, strict=True):
            self._pages.frame(x, self._y - height, width, height)
            for number, line in enumerate(cell):
                y = self._y - _PAD - _SIZE - number * _LEADING
                self._pages.text(x + _PAD, y, line, _SIZE)
            x += width
        self._y -= height

    def _wrapped(self, text: str, width: float) -> list[str]:
        return list(self._lines(text, width)) or [""]

    def _lines(self, text: str, width: float) -> Iterator[str]:
        for line in text.split("\n"):
            yield from self._pages.lines(line, _SIZE, width) or [""]
