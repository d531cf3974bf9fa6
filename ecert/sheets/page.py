"""How a sheet that is made for paper is laid out."""

from __future__ import annotations

from dataclasses import dataclass


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
