"""How a sheet that is made for paper is laid out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class PageLayout:
    """The columns of a printed sheet.

    Attributes:
        headings: The headings, repeated on every page.
        widths: The width of each column in characters.
        footer: A text at the foot of every page, left of the page number.
    """

    headings: tuple[str, ...]
    widths: tuple[int, ...]
    footer: str = ""


class TableSheet(Protocol):
    """A sheet for paper while it is written: in a workbook, or as pages of a PDF."""

    def title(self, text: str) -> None:
        """Write the title, across all columns."""

    def line(self, text: str) -> None:
        """Write a line across all columns."""

    def blank(self) -> None:
        """Leave a line out."""

    def headings(self) -> None:
        """Write the row of headings, which every page then repeats."""

    def row(self, texts: Sequence[str]) -> None:
        """Write one row of the table."""

    def boxes(self, texts: Sequence[str], *, lines: int) -> None:
        """Write boxes of equal width beside one another."""
