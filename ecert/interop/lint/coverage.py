"""Entries beside each other: contradictions, overlaps, and directions without a way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert import limits
from ecert.interop.lint.finding import found
from ecert.interop.lint.rules import Rule
from ecert.interop.neighbours import Neighbours, Way, Ways
from ecert.interop.overlap import Answered, Scope
from ecert.interop.precedence import Precedence, Rank
from ecert.model.regions import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ecert.interop.entry import Entry
    from ecert.interop.lint.finding import LintFinding
    from ecert.interop.lint.subject import LintSubject


def findings(subject: LintSubject) -> Iterator[LintFinding]:
    """Find entries that meet in one licence, and entries without a way back."""
    by_type: dict[str, list[Scope]] = {}
    for entry in subject.document.entries:
        by_type.setdefault(entry.source.type, []).append(Scope.of(entry))
    yield from _meetings(_Judged(subject), by_type.values())
    yield from _one_way(subject)


def _meetings(judged: _Judged, lists: Iterable[Sequence[Scope]]) -> Iterator[LintFinding]:
    """Tell of entries that meet, until so many were compared, or have met, that it is enough."""
    compared = met = 0
    for scopes in lists:
        neighbours = Neighbours(scopes)
        for one, other in neighbours.pairs(limits.MAX_COMPARED_PAIRS - compared):
            if met == limits.MAX_MEETING_PAIRS:
                neighbours.is_cut = True
                break
            met += 1
            if one.entry.id != other.entry.id:
                yield _meeting(judged, one.entry, other.entry)
        compared += neighbours.compared
        if neighbours.is_cut:
            # Among what was not looked at there may be contradictions.
            yield found(
                Rule.NOT_COMPARED, "entries",
                f"已比较{compared:,}对，其中{met:,}对有重叠",
                f"{compared:,} pairs were compared, {met:,} of them overlap",
            )  # fmt: skip
            return


class _Judged:
    """Rank and answer of entries, each worked out once: an entry may meet many others."""

    def __init__(self, subject: LintSubject) -> None:
        self._subject = subject
        self._ranks: dict[int, Rank] = {}
        self._answers: dict[int, Answered] = {}

    def rank(self, entry: Entry) -> Rank:
        """Return its place among the others."""
        # The list keeps its entries alive, so that none gets another's number.
        rank = self._ranks.get(id(entry))
        if rank is None:
            rank = self._ranks[id(entry)] = Rank.of(self._subject.document, entry)
        return rank

    def answer(self, entry: Entry) -> Answered:
        """Return what it makes of a licence."""
        answer = self._answers.get(id(entry))
        if answer is None:
            types = self._subject.type_of(entry.source), self._subject.type_of(entry.target)
            answer = self._answers[id(entry)] = Answered.of(entry, *types)
        return answer


def _meeting(judged: _Judged, one: Entry, other: Entry) -> LintFinding:
    rule = judged.rank(one).rule(judged.rank(other))
    if rule is Precedence.ENTRY:
        same = judged.answer(one) == judged.answer(other)
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
    first, second = sorted((one, other), key=judged.rank)
    return found(
        Rule.OVERLAP,
        "",
        f"与{second.id}，{rule.told('zh')}，本条优先",
        f"with {second.id}, this one speaks first: {rule.told('en')}",
        entry=first.id,
        attribute="source",
    )


def _one_way(subject: LintSubject) -> Iterator[LintFinding]:
    entries = [entry for entry in subject.document.entries if entry.withdrawn is None]
    by_types: dict[tuple[str, str], list[Way]] = {}
    for entry in entries:
        by_types.setdefault((entry.source.type, entry.target.type), []).append(_way(entry))
    ways = {types: Ways(known) for types, known in by_types.items()}
    for entry in entries:
        back = ways.get((entry.target.type, entry.source.type))
        if back is None or not back.lead_back(_way(entry)):
            yield found(
                Rule.ONE_WAY,
                "",
                f"没有{name_of(entry.target.region)} → {name_of(entry.source.region)}",
                f"none {entry.target.region} → {entry.source.region}",
                entry=entry.id,
                attribute="source",
            )


def _way(entry: Entry) -> Way:
    return Way(entry.source.region, entry.target.region)
