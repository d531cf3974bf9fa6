"""Breaks text into lines as Chinese print does: signs stay with what they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.show.fonts import clusters

if TYPE_CHECKING:
    from collections.abc import Callable

# What may not begin a line, and what may not end one (GB/T 15834).
_NOT_FIRST: Final = frozenset("，。、；：？！）》〉」』】〕”’…—·,.;:?!)]}%")
_NOT_LAST: Final = frozenset("（《〈「『【〔“‘([{")
# Latin words and numbers longer than this are broken.
_MAX_WORD: Final = 24


def wrap(text: str, measure: Callable[[str], float], width: float) -> list[str]:
    """Break ``text`` into lines no wider than ``width``, of one character at least.

    Args:
        text: The text, without line breaks.
        measure: Gives the width of a text.
        width: In the unit of ``measure``.

    Returns:
        One line or more, without blanks at their ends.
    """
    lines, taken = [""], 0.0
    for word in _words(text):
        whole = len(word) <= _MAX_WORD and measure(word) <= width
        for part in [word] if whole else clusters(word):
            wide = measure(part)
            if lines[-1] and taken + measure(part.rstrip()) > width:
                lines.append("")
                taken = 0.0
            lines[-1] += part
            taken += wide
    return [line.strip() for line in lines if line.strip()] or [""]


def _words(text: str) -> list[str]:
    """Split into what is not broken: Latin words and numbers, and signs with what they cling to.

    Chinese may be broken anywhere else.
    """
    words: list[str] = []
    for one in clusters(text):
        latin = one.isascii() and not one.isspace()
        clings = words and (
            one[0] in _NOT_FIRST
            or words[-1][-1] in _NOT_LAST
            or one.isspace()
            or (latin and words[-1][-1].isascii() and not words[-1][-1].isspace())
        )
        if clings:
            words[-1] += one
        else:
            words.append(one)
    return words
