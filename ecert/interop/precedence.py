"""Which of several entries that recognise a licence speaks: a total order, with its rules."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from ecert.interop.entry import ALL
from ecert.model.regions import NATION

if TYPE_CHECKING:
    from ecert.interop.entry import Entry
    from ecert.interop.recognition import RecognitionList
    from ecert.reasons import Language


class Precedence(StrEnum):
    """The rule by which one entry comes before another; the first that tells them apart."""

    REAL = "real-before-sample"
    SOURCE = "narrower-source-region"
    TARGET = "narrower-target-region"
    ISSUERS = "named-issuers"
    MATTERS = "named-matters"
    LIST = "order-of-lists"
    ENTRY = "order-of-entries"

    def told(self, language: Language = "zh") -> str:
        """Return the rule in words."""
        return _WORDS[self][0 if language == "zh" else 1]


_WORDS: Final = {
    Precedence.REAL: ("正式清单先于样例", "a real list before a sample"),
    Precedence.SOURCE: ("颁发地区范围更小", "the narrower issuing region"),
    Precedence.TARGET: ("认可地区范围更小", "the narrower accepting region"),
    Precedence.ISSUERS: ("列明颁发机构", "named issuers before all issuers"),
    Precedence.MATTERS: ("列明事项", "named matters before all matters"),
    Precedence.LIST: ("按清单编号", "the order of the lists' ids"),
    Precedence.ENTRY: ("按条目编号", "the order of the entries' ids"),
}


# One for each part of a rank, in its order; going through the members of an enum is slow.
_RULES: Final = tuple(Precedence)


class Rank(NamedTuple):
    """The place of an entry among all entries in force; the lesser one speaks first.

    No two entries share a rank: a slot is filled by one list, and an id stands once in it.
    """

    sample: bool
    source: int
    target: int
    all_issuers: bool
    all_matters: bool
    slot: str
    entry: str

    @classmethod
    def of(cls, document: RecognitionList, entry: Entry) -> Rank:
        """Return the rank of ``entry`` of the list ``document``."""
        return cls(
            sample=document.sample,
            source=-_depth(entry.source.region),
            target=-_depth(entry.target.region),
            all_issuers=ALL in entry.issuers,
            all_matters=ALL in entry.matters,
            slot=document.slot,
            entry=entry.id,
        )

    def rule(self, other: Rank) -> Precedence:
        """Return the rule that puts this rank and ``other`` in their order.

        Raises:
            ValueError: They are one and the same.
        """
        for rule, mine, theirs in zip(_RULES, self, other, strict=True):
            if mine != theirs:
                return rule
        raise ValueError("one entry has no precedence over itself")


def _depth(region: str) -> int:
    """Return how far down a region stands: 0 the nation, 1 a province, 2 a city, 3 a county."""
    if region == NATION:
        return 0
    if region.endswith("0000"):
        return 1
    return 2 if region.endswith("00") else 3
