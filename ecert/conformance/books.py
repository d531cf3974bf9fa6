"""Operations on signed documents: what may come into force, and what a code is worth with them.

Root keys are pinned on first sight here, and only here: a question has no telephone by which
their fingerprint could be compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ecert.conformance.answers import Answer, of_outcome, valid
from ecert.errors import DocumentRefusedError, FormatError
from ecert.trust.roots import RootSet
from ecert.trust.signatures import open_envelope, unverified_owner
from ecert.trust.trust_list import TrustList
from ecert.verify.kinds import kind_of
from ecert.verify.knowledge import Acceptance, Knowledge
from ecert.verify.verifier import Verifier

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.conformance.question import Question

_DEFAULT_REGION = "500000"


def take(knowledge: Knowledge, data: bytes, *, at: datetime, confirmed: bool = False) -> Acceptance:
    """Bring a document into force; the first roots of a region are pinned.

    Raises:
        DocumentRefusedError: It may not come into force.
    """
    if _is_first_roots(knowledge, data):
        return knowledge.pin(data, at=at)[0]
    return knowledge.accept(data, at=at, confirmed=confirmed)


def _is_first_roots(knowledge: Knowledge, data: bytes) -> bool:
    if kind_of(data) != RootSet.TYP:
        return False
    return knowledge.trust.roots(unverified_owner(open_envelope(data, RootSet.TYP))) is None


@dataclass(slots=True)
class _Book:
    """One named book: what its reader knows, and by slot what is in force."""

    knowledge: Knowledge
    versions: dict[str, int] = field(default_factory=dict)
    issuers: dict[str, frozenset[str]] = field(default_factory=dict)

    def take(self, data: bytes, at: datetime, *, confirmed: bool) -> Answer:
        accepted = take(self.knowledge, data, at=at, confirmed=confirmed)
        change = {"from_version": self.versions.get(accepted.slot), "to_version": accepted.version}
        if accepted.change is not None:
            change |= accepted.change.to_dict()
        elif accepted.kind == TrustList.TYP:
            change |= self._changed_issuers(accepted.slot)
        self.versions[accepted.slot] = accepted.version
        return valid(
            kind=accepted.kind,
            slot=accepted.slot,
            version=accepted.version,
            digest=accepted.digest,
            change=change,
        )

    def take_all(self, files: list[bytes], at: datetime, *, confirmed: bool) -> Answer:
        first = [data for data in files if _is_first_roots(self.knowledge, data)]
        rest = [data for data in files if data not in first]
        found = self.knowledge.accept_all(rest, roots=first, at=at, confirmed=confirmed)
        for one in found:
            self.versions[one.slot] = one.version
            if one.kind == TrustList.TYP:
                self._changed_issuers(one.slot)
        return valid(documents=[
            {"kind": one.kind, "slot": one.slot, "version": one.version, "digest": one.digest}
            for one in found
        ])  # fmt: skip

    def _changed_issuers(self, slot: str) -> dict[str, Any]:
        trust_list = self.knowledge.trust.trust_list(slot.rpartition(":")[2])
        after = frozenset[str]() if trust_list is None else trust_list.codes()
        before = self.issuers.get(slot, frozenset())
        self.issuers[slot] = after
        return {"added": sorted(after - before), "removed": sorted(before - after)}


class Books:
    """The books of one process, by name."""

    def __init__(self) -> None:
        self._books: dict[str, _Book] = {}

    def list_import(self, question: Question) -> Answer:
        """Bring a document into a book, or several that belong together; or say why not."""
        name, at, confirmed = (
            question.text("book"), question.moment("at"), question.flag("confirmed"),
        )  # fmt: skip
        several = isinstance(question.value("file"), list)
        files = question.octet_strings("file") if several else [question.octets("file")]
        book = self._book(name, question.optional_text("region"))
        if several:
            return book.take_all(files, at, confirmed=confirmed)
        return book.take(files[0], at, confirmed=confirmed)

    def _book(self, name: str, region: str | None) -> _Book:
        known = self._books.get(name)
        if known is None:
            known = _Book(Knowledge(region or _DEFAULT_REGION))
            self._books[name] = known
        if region not in {None, known.knowledge.region}:
            raise FormatError("提问格式不正确", "the book is another region's", where="region")
        return known


def verify(question: Question) -> Answer:
    """Judge a show code as a window of ``region`` would that knows just these documents."""
    region, at = question.text("region"), question.moment("at")
    code, matter = question.text("code"), question.optional_text("matter")
    challenge = question.optional_text("challenge")
    knowledge = Knowledge(region)
    left_out = []
    for position, data in enumerate(question.octet_strings("knowledge")):
        try:
            take(knowledge, data, at=at)
        except DocumentRefusedError as error:
            reason = {"reason": error.fault.value, "detail": error.en}
            left_out.append({"position": position} | reason)
    verdict = Verifier(region, knowledge=knowledge).verify(
        code, matter=matter, challenge=challenge, at=at
    )
    return of_outcome(
        verdict.outcome, verdict.reason, verdict=verdict.to_dict(), refused_documents=left_out
    )
