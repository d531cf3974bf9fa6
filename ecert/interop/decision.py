"""Is a licence recognised here, for this matter, today?  All lists in force are asked at once.

Several agreements may recognise one licence, as when a city has one of its own beside its
province's.  All of them are found, and `precedence` says which one speaks.  Recognition is never
transitive: an answer rests on one entry, from the region of issue to the region of the reader.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ecert.interop.layout import ListedEntry, ListInForce, Question, Stage
from ecert.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ecert.interop.entry import Entry
    from ecert.interop.withdrawal import Withheld

__all__ = ["Decision", "ListInForce", "ListedEntry", "Question", "RecognitionIndex", "Stage"]

Fact = str | int | bool | tuple[str, ...]


class Decision(NamedTuple):
    """Whether a licence is recognised, by what, and if not, why.

    Attributes:
        reason: None if it is recognised.
        entry: The entry that recognises it; None otherwise.
        list: The list that decided; None if there is none with the issuing region.
        nearest: Where it is not recognised, the entry that came nearest, for the facts only.
        consulted: Every list that was asked.
        recognising: Every entry that recognises it, the one that speaks first.
        expired: A list that was asked and has expired, if there is one: it may have a successor
            that says something else.
    """

    reason: Reason | None
    entry: Entry | None = None
    list: ListInForce | None = None
    nearest: Entry | None = None
    consulted: tuple[ListInForce, ...] = ()
    recognising: tuple[ListedEntry, ...] = ()
    expired: ListInForce | None = None

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
        entry = self.entry or self.nearest
        return facts if entry is None else facts | _entry_facts(entry, self.list.withheld)


def _entry_facts(entry: Entry, withheld: Mapping[str, Withheld]) -> dict[str, Fact]:
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
    held = withheld.get(entry.id)
    # Of the list's withdrawal and a notice's, the one that took effect first is told.
    if held is None or (entry.withdrawn is not None and entry.withdrawn.on <= held.line.on):
        return facts
    return facts | {
        "withdrawn_on": held.line.on.isoformat(),
        "withdrawal_basis": held.line.basis,
        "notice_by": held.notice.owner,
        "notice_version": held.notice.version,
        "notice_digest": held.digest,
    }


class RecognitionIndex:
    """All lists in force at one moment, laid out for look-up; never changed, only replaced.

    Attributes:
        lists: Real lists before samples, then by slot.
    """

    def __init__(self, lists: Iterable[ListInForce] = ()) -> None:
        self.lists = tuple(sorted(lists, key=_order))
        # A machine asks for the same few pairs of regions all day, and for the same types.
        self.relevant = lru_cache(maxsize=4096)(self._find_relevant)
        self._candidates = lru_cache(maxsize=16384)(self._find_candidates)

    def _find_relevant(self, issuing: str, accepting: str) -> tuple[ListInForce, ...]:
        """Return the lists that the two regions, or those above them, have agreed on."""
        return tuple(held for held in self.lists if held.concerns(issuing, accepting))

    def _find_candidates(
        self, licence_type: str, issuing: str, accepting: str
    ) -> tuple[ListedEntry, ...]:
        """Return the entries for that type and those regions, in their precedence."""
        found = (
            listed
            for held in self.relevant(issuing, accepting)
            for listed in held.entries(licence_type)
            if listed.spans(issuing, accepting)
        )
        return tuple(sorted(found, key=lambda listed: listed.rank))

    def decide(self, question: Question, at: datetime) -> Decision:
        """Answer ``question`` by all lists; one that recognises the licence is enough."""
        issuing, accepting = question.licence_region, question.reader_region
        consulted = self.relevant(issuing, accepting)
        if not consulted:
            return Decision(Reason.LIST_MISSING)
        expired = next((held for held in consulted if held.expires <= at), None)
        recognising: list[ListedEntry] = []
        nearest: tuple[Stage, ListedEntry] | None = None
        for listed in self._candidates(question.licence_type, issuing, accepting):
            if listed.list.expires <= at:
                continue
            stage = listed.answer(question)
            if stage is Stage.RECOGNISED:
                recognising.append(listed)
            elif nearest is None or stage > nearest[0]:
                nearest = stage, listed
        if recognising:
            first = recognising[0]
            return Decision(
                None, first.entry, first.list, None, consulted, tuple(recognising), expired
            )
        # What has expired may have a successor that recognises the licence: nobody can tell here.
        if expired is not None:
            return Decision(
                Reason.LIST_EXPIRED, None, expired, consulted=consulted, expired=expired
            )
        if nearest is not None:
            stage, listed = nearest
            return Decision(stage.reason, None, listed.list, listed.entry, consulted)
        return _not_listed(consulted, issuing, accepting)


def _not_listed(consulted: tuple[ListInForce, ...], issuing: str, accepting: str) -> Decision:
    for held in consulted:
        if held.covers(issuing, accepting):
            return Decision(Stage.TYPE.reason, None, held, consulted=consulted)
    return Decision(Stage.REGION.reason, None, consulted[0], consulted=consulted)


def _order(held: ListInForce) -> tuple[bool, str]:
    return held.document.sample, held.document.slot
