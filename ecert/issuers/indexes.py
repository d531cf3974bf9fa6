"""Which status index a new credential gets: random, unused, never given twice.

Random, because indexes in order of issue would tell anyone who reads two credentials how many
licences were issued in between (Token Status List, privacy considerations).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

# With half of a list taken, 64 draws in a row fail once in 2^64.
_MAX_DRAWS: Final = 64


def list_year(last_day: date | None) -> int:
    """Return the year whose status lists a credential with this last day belongs to; 0: no end."""
    return 0 if last_day is None else last_day.year


@dataclass(frozen=True, slots=True)
class ListFill:
    """How full one status list is."""

    number: int
    size: int
    """Slots of the list, fixed when it was begun."""
    taken: int
    """Slots given away."""


def list_to_fill(newest: ListFill | None, size: int, fill: float, *, next_number: int) -> ListFill:
    """Return the list that gives the next index: ``newest``, or one to be begun.

    A list keeps the size with which it was begun; another ``size`` begins the next list.

    Args:
        newest: The list of the credential's year with the highest number, if there is one.
        size: Slots of a new list.
        fill: The share of slots (over 0, at most 1) at which a list is left for the next.
        next_number: The number of a list to be begun.

    Raises:
        ValueError: ``size`` or ``fill`` is out of range.
    """
    if size < 1 or not 0 < fill <= 1:
        raise ValueError("a status list has at least one slot, and fills by 0 < share <= 1")
    if newest is None or newest.size != size or newest.taken >= list_room(size, fill):
        return ListFill(next_number, size, 0)
    return newest


def list_room(size: int, fill: float) -> int:
    """Return how many slots of a list are given away before it is left for the next."""
    return max(1, int(size * fill))


def draw_index(size: int, claim: Callable[[int], bool], taken: Callable[[], Iterable[int]]) -> int:
    """Draw a random index that ``claim`` grants.

    Args:
        size: Slots of the list.
        claim: Takes a slot; False if it was given away before.
        taken: All slots given away; asked only when chance has failed many times.

    Raises:
        ValueError: No slot is free.
    """
    for _ in range(_MAX_DRAWS):
        index = secrets.randbelow(size)
        if claim(index):
            return index
    free = sorted(set(range(size)).difference(taken()))
    if not free:
        raise ValueError("no slot of this status list is free")
    index = secrets.choice(free)
    claim(index)
    return index
