"""Which entries of a long list may meet, without comparing each with every other.

What keeps two entries apart (another matter, another issuer, regions that do not lie in each
other, other days, another value of a field) is looked up: each entry is compared with those alone
that the most telling of these leaves over.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from ecert.interop.implication import allowed
from ecert.model.regions import significant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from ecert.interop.entry import Entry
    from ecert.interop.overlap import Scope

# How many digits of a region code can be its significant ones.
_LENGTHS = (0, 2, 4, 6)
# Terms that are passed over together, if the last of them ends too soon.
_BLOCK: Final = 64


class _Shelf(Protocol):
    """Something by which entries are told apart; entries are known by their place."""

    def count(self, place: int) -> int:
        """Return how many `beside` goes through, at most."""

    def beside(self, place: int) -> set[int]:
        """Return the places of all that this does not keep apart from the one at ``place``."""


class _Values:
    """What is told apart by values, such as matters: those without any go with all."""

    def __init__(self, values: Sequence[frozenset[str] | None]) -> None:
        self._values = values
        self._any: list[int] = []
        self._by_value: dict[str, list[int]] = {}
        for place, given in enumerate(values):
            if given is None:
                self._any.append(place)
            for value in given or ():
                self._by_value.setdefault(value, []).append(place)

    def count(self, place: int) -> int:
        values = self._values[place]
        if values is None:
            return len(self._values)
        return len(self._any) + sum(len(self._by_value[value]) for value in values)

    def beside(self, place: int) -> set[int]:
        values = self._values[place]
        if values is None:
            return set(range(len(self._values)))
        return set(self._any).union(*(self._by_value[value] for value in values))


class _Regions:
    """What is told apart by regions, of which one has to lie in the other."""

    def __init__(self, regions: Sequence[str]) -> None:
        self._regions = regions
        self._exactly: dict[str, list[int]] = {}
        self._below: dict[str, list[int]] = {}
        for place, region in enumerate(regions):
            self._exactly.setdefault(significant(region), []).append(place)
            for length in _LENGTHS:
                self._below.setdefault(region[:length], []).append(place)

    def count(self, place: int) -> int:
        return sum(map(len, self._lists(self._regions[place])))

    def beside(self, place: int) -> set[int]:
        return self.meeting(self._regions[place])

    def meeting(self, region: str) -> set[int]:
        """Return the places of the regions that lie in ``region``, or in which it lies."""
        return set().union(*self._lists(region))

    def _lists(self, region: str) -> list[list[int]]:
        above = [self._exactly.get(region[:length], []) for length in _LENGTHS]
        return [self._below.get(significant(region), []), *above]


class _Days:
    """What is told apart by terms, from a first day to a last one."""

    def __init__(self, terms: Sequence[tuple[date, date]]) -> None:
        self._terms = terms
        self._order = sorted(range(len(terms)), key=lambda place: terms[place][0])
        self._firsts = [terms[place][0] for place in self._order]
        self._lasts = sorted(last for _, last in terms)
        self._blocks = [
            max(terms[place][1] for place in self._order[start : start + _BLOCK])
            for start in range(0, len(terms), _BLOCK)
        ]

    def count(self, place: int) -> int:
        first, last = self._terms[place]
        # All that have begun, without those that were over before.
        return bisect_right(self._firsts, last) - bisect_left(self._lasts, first)

    def beside(self, place: int) -> set[int]:
        first, last = self._terms[place]
        begun = bisect_right(self._firsts, last)
        return {
            one
            for number, latest in enumerate(self._blocks[: -(-begun // _BLOCK)])
            if latest >= first
            for one in self._order[number * _BLOCK : min((number + 1) * _BLOCK, begun)]
            if self._terms[one][1] >= first
        }


class Neighbours:
    """The scopes of one list, and which of them may meet.

    Args:
        scopes: All of one licence type.

    Attributes:
        compared: How many pairs were compared so far.
        is_cut: Whether `pairs` ended before all were compared.
    """

    def __init__(self, scopes: Sequence[Scope]) -> None:
        self.compared = 0
        self.is_cut = False
        self._scopes = scopes
        entries = [scope.entry for scope in scopes]
        fields = dict.fromkeys(one.field for entry in entries for one in entry.conditions)
        self._shelves: list[_Shelf] = [
            _Values([scope.matters for scope in scopes]),
            _Values([scope.issuers for scope in scopes]),
            _Regions([entry.source.region for entry in entries]),
            _Regions([entry.target.region for entry in entries]),
            _Days([(scope.entry.valid_from, scope.last) for scope in scopes]),
            *(_Values([_asked(entry, name) for entry in entries]) for name in fields),
        ]

    def pairs(self, most: int | None = None) -> Iterator[tuple[Scope, Scope]]:
        """Yield each two that meet, in the order of the list.

        Args:
            most: How many pairs are compared.
        """
        for place, scope in enumerate(self._scopes):
            shelf = min(self._shelves, key=lambda one: one.count(place))
            for other in sorted(shelf.beside(place)):
                if other > place:
                    if self.compared == most:
                        self.is_cut = True
                        return
                    self.compared += 1
                    if scope.meets(self._scopes[other]):
                        yield scope, self._scopes[other]


def _asked(entry: Entry, field: str) -> frozenset[str] | None:
    """Return the values of which an entry asks one in a field; None if it asks for none."""
    for condition in entry.conditions:
        if condition.field == field and (values := allowed(condition)) is not None:
            return values
    return None


class Way(NamedTuple):
    """From where to where something is recognised."""

    source: str
    target: str


class Ways:
    """Directions between regions, and whether one of them leads back.

    Args:
        ways: The directions that there are.
    """

    def __init__(self, ways: Sequence[Way]) -> None:
        self._known = tuple(dict.fromkeys(ways))
        self._sources = _Regions([way.source for way in self._known])
        self._targets = _Regions([way.target for way in self._known])
        self._asked: dict[Way, bool] = {}

    def lead_back(self, way: Way) -> bool:
        """Tell whether one begins where ``way`` ends, and ends where it begins."""
        if way not in self._asked:
            begin, end = self._sources.meeting(way.target), self._targets.meeting(way.source)
            self._asked[way] = not begin.isdisjoint(end)
        return self._asked[way]
