"""Counts of what a list would make of a register: by outcome, reason, type and entry.

Bounded: what is counted are combinations, of which there are few, and of each a few examples.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from ecert.reasons import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecert.interop.simulation import Answer, LicenceFacts, ListTrial
    from ecert.reasons import Reason


_Key = TypeVar("_Key")


class Turn(StrEnum):
    """How the answer to a licence differs from the one before."""

    SAME = "same"
    GAINED = "gained"
    LOST = "lost"
    OTHERWISE = "otherwise"
    REASON = "reason"

    @property
    def zh(self) -> str:
        """The office's words for it."""
        return _TURNS[self][0]

    @property
    def en(self) -> str:
        """The English words for it."""
        return _TURNS[self][1]

    @classmethod
    def of(cls, before: Answer, now: Answer) -> Turn:
        """Return which way the answer has turned."""
        was, is_now = (one.outcome is Outcome.ACCEPTED for one in (before, now))
        if was != is_now:
            return cls.GAINED if is_now else cls.LOST
        if not now.differs(before):
            return cls.SAME
        return cls.OTHERWISE if is_now else cls.REASON


_TURNS: Final = {
    Turn.SAME: ("不变", "unchanged"),
    Turn.GAINED: ("由不认可变为认可", "newly accepted"),
    Turn.LOST: ("由认可变为不认可", "no longer accepted"),
    Turn.OTHERWISE: ("仍认可，名称或内容有变", "still accepted, told otherwise"),
    Turn.REASON: ("仍不认可，原因有变", "still not accepted, for another reason"),
}


class Example(NamedTuple):
    """A licence that people can look up, without personal data.

    Attributes:
        row: Its row in the register.
        licence: Its licence id, with the serial cut where that repeats a number on it.
        number: The last four characters of its number.
    """

    row: int
    licence: str
    number: str


class TrialItem(NamedTuple):
    """A licence of a register.

    Attributes:
        example: How people find it.
        standing: None where it stands; otherwise why the list is not asked.
        facts: What the list looks at.
    """

    example: Example
    standing: Reason | None
    facts: LicenceFacts


class TallyKey(NamedTuple):
    """What is counted together."""

    reason: Reason
    type: str
    entry: str
    turn: Turn | None = None


@dataclass(slots=True)
class TallyLine:
    """How many licences came to one end, and a few of them."""

    count: int = 0
    examples: list[Example] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """All counts of one simulation.

    Attributes:
        most_examples: How many licences each line names.
        lines: Counts of what the list was asked about.
        not_standing: How many licences do not stand, by reason; the list is not asked.
    """

    most_examples: int
    lines: dict[TallyKey, TallyLine] = field(default_factory=dict)
    not_standing: dict[Reason, int] = field(default_factory=dict)

    def add(self, key: TallyKey, example: Example) -> None:
        """Count one licence."""
        line = self.lines.get(key)
        if line is None:
            line = self.lines[key] = TallyLine()
        line.count += 1
        if len(line.examples) < self.most_examples:
            line.examples.append(example)

    @property
    def asked(self) -> int:
        """How many licences the list was asked about."""
        return sum(line.count for line in self.lines.values())

    @property
    def seen(self) -> int:
        """How many licences were seen, those that do not stand among them."""
        return self.asked + sum(self.not_standing.values())

    def by_outcome(self) -> dict[Outcome, int]:
        """Return the counts of accepted, not recognised and undetermined licences."""
        return _summed((key.reason.outcome, line.count) for key, line in self.lines.items())

    def by_turn(self) -> dict[Turn, int]:
        """Return the counts by how the answer has turned; empty without a list before."""
        return _summed(
            (key.turn, line.count) for key, line in self.lines.items() if key.turn is not None
        )

    def sorted_lines(self) -> list[tuple[TallyKey, TallyLine]]:
        """Return the lines: accepted ones first, then by reason, the larger counts before."""
        return sorted(
            self.lines.items(),
            key=lambda one: (one[0].reason.outcome.badness, -one[1].count, *map(str, one[0])),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "seen": self.seen,
            "asked": self.asked,
            "not_standing": {why.value: count for why, count in self.not_standing.items()},
            "outcomes": {one.value: count for one, count in self.by_outcome().items()},
            "turns": {one.value: count for one, count in self.by_turn().items()},
            "lines": [
                {
                    "outcome": key.reason.outcome.value,
                    "reason": key.reason.value,
                    "type": key.type,
                    "entry": key.entry or None,
                    "turn": None if key.turn is None else key.turn.value,
                    "count": line.count,
                    "examples": [one._asdict() for one in line.examples],
                }
                for key, line in self.sorted_lines()
            ],
        }


def _summed(counts: Iterable[tuple[_Key, int]]) -> dict[_Key, int]:
    sums: dict[_Key, int] = {}
    for key, count in counts:
        sums[key] = sums.get(key, 0) + count
    return sums


def simulate(
    items: Iterable[TrialItem],
    trial: ListTrial,
    *,
    against: ListTrial | None = None,
    examples: int = 5,
) -> Tally:
    """Ask a list about every licence, and count the answers.

    Args:
        items: The licences; read one at a time.
        trial: The list.
        against: The list before, so that changed answers are counted.
        examples: How many licences each line of the result names.
    """
    tally = Tally(examples)
    for example, standing, facts in items:
        if standing is not None:
            tally.not_standing[standing] = tally.not_standing.get(standing, 0) + 1
            continue
        now = trial.ask(facts)
        turn = None if against is None else Turn.of(against.ask(facts), now)
        tally.add(TallyKey(now.reason, facts.type, now.entry, turn), example)
    return tally
