"""Which way an entry has changed: does it recognise more than before, less, or something else?

Judged attribute by attribute, and only what is certain: `WIDENED` means that whatever was
recognised still is, `NARROWED` that whatever is recognised now was before.  What cannot be told
is `OTHER`.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from ecert.interop.entry import ALL, matter_key
from ecert.interop.implication import all_imply
from ecert.interop.mapping import ValueTable
from ecert.model.regions import covers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ecert.interop.entry import Entry, Side
    from ecert.interop.mapping import FieldMap


class Direction(StrEnum):
    """Which way something has changed, for what is recognised."""

    SAME = "same"
    NARROWED = "narrowed"
    WIDENED = "widened"
    OTHER = "changed"

    @property
    def zh(self) -> str:
        """The office's word for it, between two values: 由…收窄为…."""
        return _VERBS[self][0]

    @property
    def en(self) -> str:
        """The English word for it."""
        return _VERBS[self][1]

    @classmethod
    def of(cls, *, wider: bool, narrower: bool) -> Direction:
        """Return the direction of what is, certainly, no less and no more than before."""
        if wider and narrower:
            return cls.SAME
        if wider:
            return cls.WIDENED
        return cls.NARROWED if narrower else cls.OTHER

    @classmethod
    def together(cls, directions: Iterable[Direction]) -> Direction:
        """Return what several directions come to."""
        ways = set(directions) - {cls.SAME}
        if not ways:
            return cls.SAME
        return ways.pop() if len(ways) == 1 else cls.OTHER


_VERBS: Final = {
    Direction.SAME: ("改写", "reworded"),
    Direction.NARROWED: ("收窄", "narrowed"),
    Direction.WIDENED: ("放宽", "widened"),
    Direction.OTHER: ("改", "changed"),
}


class AttributeChange(NamedTuple):
    """One attribute of an entry that differs.

    Attributes:
        attribute: Its name; parts of the sides apart: ``source.region``.
        direction: What that means for recognition.
        old: The entry before.
        new: The entry now.
    """

    attribute: str
    direction: Direction
    old: Entry
    new: Entry


def attribute_changes(old: Entry, new: Entry) -> tuple[AttributeChange, ...]:
    """Return the attributes in which two versions of an entry differ, each with its direction."""
    return tuple(
        AttributeChange(name, judge(old, new), old, new)
        for name, (value, judge) in _JUDGES.items()
        if value(old) != value(new)
    )


def _region(side: Callable[[Entry], Side]) -> Callable[[Entry, Entry], Direction]:
    def judge(old: Entry, new: Entry) -> Direction:
        before, now = side(old).region, side(new).region
        return Direction.of(wider=covers(now, before), narrower=covers(before, now))

    return judge


def _other(_old: Entry, _new: Entry) -> Direction:
    return Direction.OTHER


def _words(_old: Entry, _new: Entry) -> Direction:
    return Direction.SAME


def _issuers(old: Entry, new: Entry) -> Direction:
    return _sets(old.issuers, new.issuers)


def _matters(old: Entry, new: Entry) -> Direction:
    return _sets(*([matter_key(matter) for matter in one.matters] for one in (old, new)))


def _sets(old: Iterable[str], new: Iterable[str]) -> Direction:
    before, now = set(old), set(new)
    return Direction.of(
        wider=ALL in now or (ALL not in before and before <= now),
        narrower=ALL in before or (ALL not in now and now <= before),
    )


def _required(old: Entry, new: Entry) -> Direction:
    before, now = set(old.required), set(new.required)
    return Direction.of(wider=now <= before, narrower=before <= now)


def _conditions(old: Entry, new: Entry) -> Direction:
    return Direction.of(
        wider=all_imply(old.conditions, new.conditions),
        narrower=all_imply(new.conditions, old.conditions),
    )


def _valid_from(old: Entry, new: Entry) -> Direction:
    before, now = old.valid_from, new.valid_from
    return Direction.of(wider=now <= before, narrower=before <= now)


def _valid_until(old: Entry, new: Entry) -> Direction:
    before, now = old.valid_until or date.max, new.valid_until or date.max
    return Direction.of(wider=before <= now, narrower=now <= before)


def _withdrawn(old: Entry, new: Entry) -> Direction:
    # `None` is never; a withdrawal on the last of all days is not.
    before, now = (
        (one.withdrawn is None, date.min if one.withdrawn is None else one.withdrawn.on)
        for one in (old, new)
    )
    return Direction.of(wider=before <= now, narrower=now <= before)


def _fields(old: Entry, new: Entry) -> Direction:
    """Judge the field comparison: only a value table that grew or shrank is certain."""
    if old.fields is None or new.fields is None:
        return Direction.OTHER
    before = {line.target: line for line in old.fields}
    now = {line.target: line for line in new.fields}
    if before.keys() != now.keys():
        return Direction.OTHER
    return Direction.together(_line(line, now[name]) for name, line in before.items())


def _line(old: FieldMap, new: FieldMap) -> Direction:
    if old == new:
        return Direction.SAME
    if not (isinstance(old, ValueTable) and isinstance(new, ValueTable)):
        return Direction.OTHER
    if old.source != new.source or old.default is not None or new.default is not None:
        return Direction.OTHER
    before, now = old.values.items(), new.values.items()
    return Direction.of(wider=before <= now, narrower=now <= before)


# In the order in which people read an entry: its value, and what a difference means.
_JUDGES: Final[dict[str, tuple[Callable[[Entry], object], Callable[[Entry, Entry], Direction]]]] = {
    "source.region": (lambda one: one.source.region, _region(lambda one: one.source)),
    "source.type": (lambda one: one.source.type, _other),
    "source.name": (lambda one: one.source.name, _words),
    "target.region": (lambda one: one.target.region, _region(lambda one: one.target)),
    "target.type": (lambda one: one.target.type, _other),
    "target.name": (lambda one: one.target.name, _words),
    "issuers": (lambda one: one.issuers, _issuers),
    "matters": (lambda one: one.matters, _matters),
    "conditions": (lambda one: one.conditions, _conditions),
    "fields": (lambda one: one.fields, _fields),
    "required": (lambda one: one.required, _required),
    "valid_from": (lambda one: one.valid_from, _valid_from),
    "valid_until": (lambda one: one.valid_until, _valid_until),
    "withdrawn": (lambda one: one.withdrawn, _withdrawn),
    "lead": (lambda one: one.lead, _words),
    "basis": (lambda one: one.basis, _words),
    "note": (lambda one: one.note, _words),
}
