"""Find matters by words, by part of a code, or by pinyin initials; ranked, the nearest first."""

from __future__ import annotations

from functools import cached_property
from heapq import nsmallest
from typing import TYPE_CHECKING, Final

from ecert.errors import MatterError
from ecert.interop.matters.initials import initials, pattern
from ecert.interop.recognition import matter_key
from ecert.limits import MAX_SEARCH_CHARS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ecert.interop.matters.matter import Matter

# Past its cache: tens of thousands of names would push out those that windows ask for.
_key = matter_key.__wrapped__
_Rank = tuple[int, int, int, str, int]
# Without a match of all words, this share of the question's pairs of characters must occur.
_LIKENESS: Final = 0.5


class MatterSearch:
    """Searches a fixed sequence of matters; what it needs is laid out at the first question.

    Args:
        matters: The matters.
    """

    def __init__(self, matters: Sequence[Matter]) -> None:
        self._matters = matters

    @cached_property
    def _lines(self) -> list[tuple[str, str]]:
        """The name, and all that words are looked for in, of each."""
        return [
            (
                key := _key(one.name).casefold(),
                "\n".join((key, *map(_key, one.aliases), one.code, one.department)).casefold(),
            )
            for one in self._matters
        ]

    @cached_property
    def _initials(self) -> list[str]:
        return ["\n".join(map(initials, one.names)) for one in self._matters]

    def find(self, text: str, limit: int) -> tuple[Matter, ...]:
        """Return at most ``limit`` matters that fit ``text``.

        All words of it occur in name, aliases, code or department; or it is the initials of
        some characters in a row; failing both, names that share half of its pairs of characters.

        Raises:
            MatterError: The text is too long.
        """
        if len(text) > MAX_SEARCH_CHARS:
            raise MatterError(
                f"查找内容超过{MAX_SEARCH_CHARS}个字符",
                f"a search has at most {MAX_SEARCH_CHARS} characters", where="查找",
            )  # fmt: skip
        words = matter_key(text).casefold().split()
        if not words:
            return ()
        ranked = [*self._by_words(words)]
        letters = "".join(words)
        if letters.isascii() and letters.isalpha():
            ranked += self._by_initials(letters)
        if not ranked:
            ranked = [*self._by_likeness(letters)]
        best: dict[int, None] = {}
        # One may be found in both ways.
        for rank in nsmallest(2 * limit, ranked):
            best.setdefault(rank[-1])
        return tuple(self._matters[place] for place in list(best)[:limit])

    def _by_words(self, words: list[str]) -> Iterator[_Rank]:
        whole, first = " ".join(words), words[0]
        for place, (name, text) in enumerate(self._lines):
            if first not in text or not all(word in text for word in words):
                continue
            found = name.find(first)
            if name == whole:
                grade = 0
            elif found == 0:
                grade = 1
            elif found > 0:
                grade = 2
            else:
                grade = 4
            yield grade, max(found, 0), len(name), self._matters[place].code, place

    def _by_initials(self, letters: str) -> Iterator[_Rank]:
        search = pattern(letters).search
        for place, text in enumerate(self._initials):
            found = search(text)
            if found is not None:
                grade = 1 if found.start() == 0 else 3
                yield grade, found.start(), len(text), self._matters[place].code, place

    def _by_likeness(self, text: str) -> Iterator[_Rank]:
        pairs = {text[at : at + 2] for at in range(len(text) - 1)}
        least = max(1, len(pairs) * _LIKENESS)
        for place, (name, _) in enumerate(self._lines):
            shared = sum(pair in name for pair in pairs)
            if shared >= least:
                yield 5, -shared, len(name), self._matters[place].code, place
