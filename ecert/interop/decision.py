"""Is a licence recognised here, for this matter, today?  One list laid out for quick look-up.

Asked for every licence that is shown, so each list is laid out once, when it comes into force.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from ecert.interop.entry import ALL, matter_key
from ecert.model.regions import covers
from ecert.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ecert.interop.entry import Entry
    from ecert.interop.recognition import RecognitionList

Fact = str | int | bool | tuple[str, ...]

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
class _Rule:
    """One entry, flat: no attribute of an attribute, None for "all"."""

    entry: Entry
    source_region: str
    target_region: str
    first: date
    last: date
    withdrawn: date | None
    issuers: frozenset[str] | None
    matters: frozenset[str] | None

    @classmethod
    def of(cls, entry: Entry) -> _Rule:
        return cls(
            entry=entry,
            source_region=entry.source.region,
            target_region=entry.target.region,
            first=entry.valid_from,
            last=entry.valid_until or date.max,
            withdrawn=None if entry.withdrawn is None else entry.withdrawn.on,
            issuers=None if ALL in entry.issuers else frozenset(entry.issuers),
            matters=None if ALL in entry.matters else frozenset(map(matter_key, entry.matters)),
        )

    @property
    def width(self) -> tuple[int, int, bool, bool]:
        """How much the entry covers: where two recognise a licence, the narrower one speaks."""
        return (
            -len(self.source_region.rstrip("0")),
            -len(self.target_region.rstrip("0")),
            self.issuers is None,
            self.matters is None,
        )

    def spans(self, source_region: str, target_region: str) -> bool:
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
    """

    __slots__ = ("_by_type", "_spans", "digest", "document", "expires")

    def __init__(self, document: RecognitionList, digest: str) -> None:
        self.document = document
        self.expires = document.expires
        self.digest = digest
        rules = sorted(map(_Rule.of, document.entries), key=lambda rule: rule.width)
        self._by_type: dict[str, list[_Rule]] = {}
        for rule in rules:
            self._by_type.setdefault(rule.entry.source.type, []).append(rule)
        # One rule for each pair of regions is enough to tell whether the pair is covered.
        self._spans = {(rule.source_region, rule.target_region): rule for rule in rules}

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

    def answer(self, question: Question) -> tuple[Stage, Entry | None]:
        """Return how far ``question`` gets, and the entry that got it there."""
        source, target = question.licence_region, question.reader_region
        best: tuple[Stage, Entry | None] | None = None
        for rule in self._by_type.get(question.licence_type, ()):
            if rule.spans(source, target):
                stage = rule.answer(question)
                if stage is Stage.RECOGNISED:
                    return stage, rule.entry
                if best is None or stage > best[0]:
                    best = stage, rule.entry
        if best is not None:
            return best
        covered = any(rule.spans(source, target) for rule in self._spans.values())
        return (Stage.TYPE if covered else Stage.REGION), None


class Decision(NamedTuple):
    """Whether a licence is recognised, by what, and if not, why.

    Attributes:
        reason: None if it is recognised.
        entry: The entry that recognises it; None otherwise.
        list: The list that decided; None if there is none with the issuing region.
        nearest: Where it is not recognised, the entry that came nearest, for the facts only.
        consulted: Every list that was asked.
    """

    reason: Reason | None
    entry: Entry | None = None
    list: ListInForce | None = None
    nearest: Entry | None = None
    consulted: tuple[ListInForce, ...] = ()

    @property
    def recognised(self) -> bool:
        """Whether the licence is recognised."""
        return self.reason is None

    @property
    def facts(self) -> dict[str, Fact]:
        """What the verdict tells about it: the list, and the entry that decided."""
        if self.list is None:
            return {}
        document = self.list.document
        facts: dict[str, Fact] = {
            "list_id": document.list_id,
            "title": document.title,
            "document_number": document.document_number,
            "version": document.version,
            "issued": document.issued.isoformat(),
            "expires": document.expires.isoformat(),
            "digest": self.list.digest,
            "sample": document.sample,
        }
        return facts | _entry_facts(self.entry or self.nearest)


def _entry_facts(entry: Entry | None) -> dict[str, Fact]:
    if entry is None:
        return {}
    facts: dict[str, Fact] = {
        "entry": entry.id,
        "basis": entry.basis,
        "matters": entry.matters,
        "valid_from": entry.valid_from.isoformat(),
    }
    if entry.valid_until is not None:
        facts["valid_until"] = entry.valid_until.isoformat()
    if entry.withdrawn is not None:
        facts["withdrawn_on"] = entry.withdrawn.on.isoformat()
        facts["withdrawal_basis"] = entry.withdrawn.basis
    if entry.lead is not None:
        facts["lead"] = entry.lead
    return facts


class RecognitionIndex:
    """All lists in force at one moment, laid out for look-up; never changed, only replaced.

    Attributes:
        lists: Real lists before samples, then by slot.
    """

    def __init__(self, lists: Iterable[ListInForce] = ()) -> None:
        self.lists = tuple(sorted(lists, key=_order))
        # A machine asks for the same few pairs of regions all day.
        self.relevant = lru_cache(maxsize=4096)(self._find_relevant)

    def _find_relevant(self, issuing: str, accepting: str) -> tuple[ListInForce, ...]:
        """Return the lists that the two regions, or those above them, have agreed on."""
        return tuple(held for held in self.lists if held.concerns(issuing, accepting))

    def decide(self, question: Question, at: datetime) -> Decision:
        """Answer ``question`` by all lists; one that recognises the licence is enough."""
        consulted = self.relevant(question.licence_region, question.reader_region)
        if not consulted:
            return Decision(Reason.LIST_MISSING)
        expired: ListInForce | None = None
        best: tuple[Stage, Decision] | None = None
        for held in consulted:
            if held.expires <= at:
                expired = expired or held
                continue
            stage, entry = held.answer(question)
            if stage is Stage.RECOGNISED:
                return Decision(None, entry, held, consulted=consulted)
            if best is None or stage > best[0]:
                best = stage, Decision(stage.reason, None, held, entry, consulted)
        # What has expired may have a successor that recognises the licence: nobody can tell here.
        if expired is not None or best is None:
            return Decision(Reason.LIST_EXPIRED, None, expired, consulted=consulted)
        return best[1]


def _order(held: ListInForce) -> tuple[bool, str]:
    return held.document.sample, held.document.slot
