"""The list as a whole: what it may not say at all, whom it reaches, what it follows."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

from ecert.interop.content import content_faults, oversteps
from ecert.interop.lint.finding import found
from ecert.interop.lint.rules import Rule
from ecert.model.regions import covers, name_of
from ecert.trust.document import EVERYONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecert.errors import FormatError
    from ecert.interop.lint.finding import LintFinding
    from ecert.interop.lint.subject import LintSubject


def findings(subject: LintSubject) -> Iterator[LintFinding]:
    """Find contradictions, oversteps, empty directions, parties out of reach, old versions."""
    document, previous = subject.document, subject.previous
    yield from _faults(Rule.CONTENT, content_faults(document))
    yield from _faults(Rule.OVERSTEPS, oversteps(document))
    yield from _empty_directions(subject)
    for party in document.parties:
        if not any(region == EVERYONE or covers(region, party) for region in document.audience):
            name = f"{name_of(party)}（{party}）"
            yield found(Rule.PARTY_NOT_ADDRESSED, "audience", name, party)
    if previous is not None and document.version <= previous.version:
        yield found(
            Rule.VERSION_NOT_NEXT,
            "version",
            f"现行第{previous.version}版，草案第{document.version}版",
            f"version {previous.version} is in force, this is {document.version}",
        )


def _faults(rule: Rule, faults: Iterable[FormatError]) -> Iterator[LintFinding]:
    for fault in faults:
        entry, place = "", fault.where
        if place.startswith("entries."):
            # An id may hold dots itself; the attribute never does.
            entry, place = _split(place.removeprefix("entries."))
        yield found(rule, place, fault.zh, fault.en, entry=entry)


def _split(place: str) -> tuple[str, str]:
    for attribute in ("source", "target", "issuers", "matters", "fields", "required",
                      "conditions", "valid_until", "withdrawn"):  # fmt: skip
        head, dot, tail = place.rpartition(f".{attribute}")
        if dot and (not tail or tail.startswith(".")):
            return head, f"{attribute}{tail}"
    return ("", "entries.id") if place == "id" else (place, "")


def _empty_directions(subject: LintSubject) -> Iterator[LintFinding]:
    document = subject.document
    if not document.entries:
        return  # retired, and wholly so
    for issuing, accepting in permutations(document.parties, 2):
        if covers(issuing, accepting) or covers(accepting, issuing):
            continue
        if not any(
            covers(issuing, entry.source.region) and covers(accepting, entry.target.region)
            for entry in document.entries
        ):
            yield found(
                Rule.DIRECTION_EMPTY,
                "entries",
                f"{name_of(issuing)} → {name_of(accepting)}",
                f"{issuing} → {accepting}",
            )
