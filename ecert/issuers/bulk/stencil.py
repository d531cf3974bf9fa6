"""Texts that differ in a few places only: what they share is worked out once."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NOWHERE = b""
"""The mark of a value that a text does not tell."""


class Stencil:
    """A text with open places, cut from one that was written in full.

    What wrote the text stays the only one that knows its form; a stencil repeats it.

    Args:
        written: The text, with a mark in each place that is to be open.
        marks: The marks, one for each of the values that will be given.

    Raises:
        ValueError: A mark does not occur once, or lies within another.
    """

    __slots__ = ("_pick", "_text")

    def __init__(self, written: bytes, marks: Sequence[bytes]) -> None:
        told = [number for number, mark in enumerate(marks) if mark != NOWHERE]
        if any(written.count(marks[number]) != 1 for number in told):
            raise ValueError("a mark does not occur once")
        told.sort(key=lambda number: written.index(marks[number]))
        parts, rest = [], written
        for number in told:
            # The next mark stands behind this one, or they overlap.
            before, found, rest = rest.partition(marks[number])
            if not found:
                raise ValueError("a mark lies within another")
            parts.append(before)
        self._text = b"%b".join(part.replace(b"%", b"%%") for part in [*parts, rest])
        self._pick = itemgetter(*told)

    def fill(self, values: Sequence[bytes]) -> bytes:
        """Return the text with ``values`` in their places."""
        text: bytes = self._text % self._pick(values)
        return text
