"""A recognition list in force, laid out for quick look-up.

Asked for every licence that is shown, so each list is laid out once, when it comes into force.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from ecert.interop.entry import ALL, matter_key
from ecert.interop.precedence import Rank
from ecert.model.regions import covers
from ecert.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecert.interop.entry import Entry
    from ecert.interop.recognition import RecognitionList
    from ecert.interop.withdrawal import Withheld

# A machine asks about the same few regions again and again.
_covers = lru_cache(maxsize=4096)(covers)


class Stage(IntEnum):
    """How far a question got in a list; the furthest stage tells most about why not."""

    REGION = 0
    TYPE = 1
    LAPSED = 2
    WITHDRAWN = 3
    FUTURE = 4
    ISSUER = 5
    MATTER = 6
    RECOGNISED = 7

    @property
    def reason(self) -> Reason | None:
        """Why the question got no further; None where it got through."""
        return _REASONS[self]


_REASONS: Final = {
    Stage.REGION: Reason.REGION_NOT_COVERED,
    Stage.TYPE: Reason.TYPE_NOT_LISTED,
    Stage.LAPSED: Reason.TYPE_NOT_LISTED,
    Stage.WITHDRAWN: Reason.TYPE_NOT_LISTED,
    Stage.FUTURE: Reason.TYPE_NOT_LISTED,
    Stage.ISSUER: Reason.ISSUER_NOT_COVERED,
    Stage.MATTER: Reason.MATTER_NOT_COVERED,
    Stage.RECOGNISED: None,
}


class Question(NamedTuple):
    """A licence, the place where it is shown, and what for.

    Attributes:
        licence_type: Type code of the licence.
        licence_region: Region of its issuer.
        issuer: Code of its issuer.
        reader_region: Region of the machine that asks.
        matter: The matter as `matter_key` writes it, or None.
        on: The day at the reader's place.
    """

    licence_type: str
    licence_region: str
    issuer: str
    reader_region: str
    matter: str | None
    on: date


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """One entry of a list in force, flat: no attribute of an attribute, None for "all".

    Attributes:
        list: The list that it stands in.
        entry: The entry.
        rank: Its place among all entries in force.
    """

    list: ListInForce
    entry: Entry
    rank: Rank
    source_region: str
    target_region: str
    first: date
    last: date
    withdrawn: date | None
    issuers: frozenset[str] | None
    matters: frozenset[str] | None

    @classmethod
    def of(cls, held: ListInForce, entry: Entry) -> ListedEntry:
        """Lay out ``entry`` of the list ``held``."""
        return cls(
            list=held,
            entry=entry,
            rank=Rank.of(held.document, entry),
            source_region=entry.source.region,
            target_region=entry.target.region,
            first=entry.valid_from,
            last=entry.valid_until or date.max,
            withdrawn=held.withdrawn_on(entry),
            issuers=None if ALL in entry.issuers else frozenset(entry.issuers),
            matters=None if ALL in entry.matters else frozenset(map(matter_key, entry.matters)),
        )

    def spans(self, source_region: str, target_region: str) -> bool:
        """Tell whether it speaks of licences from the one region, shown in the other."""
        return _covers(self.source_region, source_region) and _covers(
            self.target_region, target_region
        )

    def answer(self, question: Question) -> Stage:
        """Return how far a question of the right type and regions gets here."""
        on, withdrawn = question.on, self.withdrawn
        # Of a withdrawal and the last day, what ended it first is what people must read.
        if withdrawn is not None and on >= withdrawn and withdrawn <= self.last:
            return Stage.WITHDRAWN
        if on > self.last:
            return Stage.LAPSED
        if on < self.first:
            return Stage.FUTURE
        if self.issuers is not None and question.issuer not in self.issuers:
            return Stage.ISSUER
        # Without a matter only what is recognised for all matters is recognised.
        if self.matters is not None and question.matter not in self.matters:
            return Stage.MATTER
        return Stage.RECOGNISED


class ListInForce:
    """A recognition list in force, with its hash.

    Attributes:
        document: The list.
        digest: SHA-256 of its payload in hex.
        expires: The list's own, near at hand.
        withheld: The entries that withdrawal notices withhold, by id.
    """

    __slots__ = ("_by_type", "_spans", "digest", "document", "expires", "withheld")

    def __init__(
        self,
        document: RecognitionList,
        digest: str,
        withheld: Mapping[str, Withheld] | None = None,
    ) -> None:
        self.document = document
        self.expires = document.expires
        self.digest = digest
        self.withheld: Mapping[str, Withheld] = withheld or {}
        self._by_type: dict[str, list[ListedEntry]] = {}
        # One entry for each pair of regions is enough to tell whether the pair is covered.
        self._spans: dict[tuple[str, str], ListedEntry] = {}
        for entry in document.entries:
            listed = ListedEntry.of(self, entry)
            self._by_type.setdefault(entry.source.type, []).append(listed)
            self._spans[listed.source_region, listed.target_region] = listed

    def withdrawn_on(self, entry: Entry) -> date | None:
        """Return since when the entry recognises nothing, by the list or a notice, or None."""
        held = self.withheld.get(entry.id)
        days = [] if held is None else [held.line.on]
        if entry.withdrawn is not None:
            days.append(entry.withdrawn.on)
        return min(days, default=None)

    def holds(self, entry: Entry, on: date) -> bool:
        """Tell whether the entry holds on that day, notices included."""
        withdrawn = self.withdrawn_on(entry)
        return entry.in_force(on) and (withdrawn is None or on < withdrawn)

    def concerns(self, issuing_region: str, accepting_region: str) -> bool:
        """Tell whether one party is, or is above, the one region, and another the other."""
        parties = self.document.parties
        return any(
            issuing != accepting
            and _covers(issuing, issuing_region)
            and _covers(accepting, accepting_region)
            for issuing in parties
            for accepting in parties
        )

    def covers(self, source_region: str, target_region: str) -> bool:
        """Tell whether any entry speaks of licences from the one region, shown in the other."""
        return any(listed.spans(source_region, target_region) for listed in self._spans.values())

    def entries(self, licence_type: str) -> Sequence[ListedEntry]:
        """Return the entries for licences of that type code."""
        return self._by_type.get(licence_type, ())
