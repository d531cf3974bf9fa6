"""Do two entries of one list speak of the same licences, and would they give one answer?"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from ecert.interop.entry import ALL, matter_key
from ecert.interop.implication import exclude
from ecert.interop.mapping import Copy
from ecert.model.regions import covers

if TYPE_CHECKING:
    from ecert.interop.entry import Entry
    from ecert.interop.mapping import FieldMap
    from ecert.model.catalogue import LicenceType


class Answered(NamedTuple):
    """What an entry makes of a licence that it accepts.

    Attributes:
        type: The type code there.
        name: What the type is called there.
        fields: The field comparison, in no order.
    """

    type: str
    name: str | None
    fields: frozenset[str]

    @classmethod
    def of(cls, entry: Entry, source: LicenceType | None, target: LicenceType | None) -> Answered:
        """Return the answer of ``entry``, with the definitions of its types where known."""
        name = entry.target.name or (None if target is None else target.name)
        return cls(entry.target.type, name, frozenset(_lines(entry, source)))


def _lines(entry: Entry, source: LicenceType | None) -> set[str]:
    lines: tuple[FieldMap, ...] | None = entry.fields
    if lines is None:
        if source is None:
            return {"*"}
        lines = tuple(Copy(source=spec.name) for spec in source.fields)
    return {_plain(line) for line in lines}


def _plain(line: FieldMap) -> str:
    if line.op == "rename" and line.source == line.target:
        line = Copy(source=line.source)
    if line.op == "table":  # its rows have no order
        line = line.model_copy(update={"values": dict(sorted(line.values.items()))})
    return line.model_dump_json()


class Scope(NamedTuple):
    """What an entry speaks of, laid out for comparing it with many others.

    Attributes:
        entry: The entry.
        issuers: None for all.
        matters: By `matter_key`; None for all.
        last: The last day on which it holds.
    """

    entry: Entry
    issuers: frozenset[str] | None
    matters: frozenset[str] | None
    last: date

    @classmethod
    def of(cls, entry: Entry) -> Scope:
        """Lay out ``entry``."""
        return cls(
            entry,
            None if ALL in entry.issuers else frozenset(entry.issuers),
            None if ALL in entry.matters else frozenset(map(matter_key, entry.matters)),
            last_day(entry),
        )

    def meets(self, other: Scope) -> bool:
        """Tell whether some licence, shown somewhere for some matter on some day, meets both."""
        # The cheapest first: a list of one type has a million pairs.
        if _apart(self.matters, other.matters) or _apart(self.issuers, other.issuers):
            return False
        mine, theirs = self.entry, other.entry
        return (
            mine.source.type == theirs.source.type
            and max(mine.valid_from, theirs.valid_from) <= min(self.last, other.last)
            and _either(mine.source.region, theirs.source.region)
            and _either(mine.target.region, theirs.target.region)
            and not exclude(mine.conditions, theirs.conditions)
        )


def last_day(entry: Entry) -> date:
    """Return the last day on which an entry holds; before its first, if it never does."""
    last = entry.valid_until or date.max
    if entry.withdrawn is None or entry.withdrawn.on > last:
        return last
    # A day before the first possible one does not exist, and nothing holds on it either.
    ordinal = max(entry.withdrawn.on.toordinal() - 1, date.min.toordinal())
    return date.fromordinal(ordinal)


def _either(one: str, other: str) -> bool:
    return covers(one, other) or covers(other, one)


def _apart(one: frozenset[str] | None, other: frozenset[str] | None) -> bool:
    return one is not None and other is not None and one.isdisjoint(other)
