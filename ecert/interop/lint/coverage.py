"""Entries beside each other: contradictions, overlaps, and directions without a way back."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from ecert.interop.lint.finding import found
from ecert.interop.lint.rules import Rule
from ecert.interop.overlap import Answered, Scope
from ecert.interop.precedence import Precedence, Rank
from ecert.model.regions import covers, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.interop.entry import Entry, Side
    from ecert.interop.lint.finding import LintFinding
    from ecert.interop.lint.subject import LintSubject


def findings(subject: LintSubject) -> Iterator[LintFinding]:
    """Find entries that meet in one licence, and entries without a way back."""
    by_type: dict[str, list[Scope]] = {}
    for entry in subject.document.entries:
        by_type.setdefault(entry.source.type, []).append(Scope.of(entry))
    for scopes in by_type.values():
        for one, other in combinations(scopes, 2):
            if one.meets(other) and one.entry.id != other.entry.id:
                yield _meeting(subject, one.entry, other.entry)
    yield from _one_way(subject)


def _meeting(subject: LintSubject, one: Entry, other: Entry) -> LintFinding:
    document = subject.document
    rule = Rank.of(document, one).rule(Rank.of(document, other))
    same = _answer(subject, one) == _answer(subject, other)
    if rule is Precedence.ENTRY:
        # Nothing but the order of their ids tells them apart.
        zh, en = f"与{other.id}", f"with {other.id}"
        return found(
            Rule.OVERLAP if same else Rule.CONTRADICTION,
            "",
            zh + ("，结果相同" if same else ""),
            en + (", the same answer" if same else ""),
            entry=one.id,
            attribute="source",
        )
    first, second = sorted((one, other), key=lambda entry: Rank.of(document, entry))
    return found(
        Rule.OVERLAP,
        "",
        f"与{second.id}，{rule.told('zh')}，本条优先",
        f"with {second.id}, this one speaks first: {rule.told('en')}",
        entry=first.id,
        attribute="source",
    )


def _answer(subject: LintSubject, entry: Entry) -> Answered:
    return Answered.of(entry, subject.type_of(entry.source), subject.type_of(entry.target))


def _one_way(subject: LintSubject) -> Iterator[LintFinding]:
    entries = [entry for entry in subject.document.entries if entry.withdrawn is None]
    by_types: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        by_types.setdefault((entry.source.type, entry.target.type), []).append(entry)
    for entry in entries:
        back = by_types.get((entry.target.type, entry.source.type), ())
        if not any(_meets(way.source, entry.target) and _meets(way.target, entry.source)
                   for way in back):  # fmt: skip
            yield found(
                Rule.ONE_WAY,
                "",
                f"没有{name_of(entry.target.region)} → {name_of(entry.source.region)}",
                f"none {entry.target.region} → {entry.source.region}",
                entry=entry.id,
                attribute="source",
            )


def _meets(one: Side, other: Side) -> bool:
    return covers(one.region, other.region) or covers(other.region, one.region)
