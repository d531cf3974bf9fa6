"""The cheapest way to meet several needs, where one licence may meet more than one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ecert import limits

if TYPE_CHECKING:
    from collections.abc import Sequence

# More than any sum of profiles: as few needs are left open as can be.
_OPEN = 1_000_000


class Option(NamedTuple):
    """A licence in one of its profiles.

    Attributes:
        licence_id: The licence; a code shows it in one profile only.
        profile: The name of the profile.
        cost: How much it tells.
    """

    licence_id: str
    profile: str
    cost: int


def cheapest(
    needs: Sequence[Sequence[Option]], *, steps: int = limits.MAX_SUGGESTION_STEPS
) -> list[Option | None]:
    """Return one option for each need so that as many as can be are met, and the least is told.

    Between equals the earlier option of a need wins.  Past so many ``steps`` the best that was
    found is taken; the first try is already the cheapest of each need, one after the other.

    Args:
        needs: What would meet each need.
        steps: Most options to look at.
    """
    search = _Search(
        [sorted(dict.fromkeys(one), key=lambda option: option.cost) for one in needs], steps
    )
    search.descend([], {}, 0)
    return search.best


class _Search:
    """Depth first, leaving a branch as soon as it costs no less than the best."""

    def __init__(self, needs: list[list[Option]], steps: int) -> None:
        self._needs = needs
        self._left = steps
        self._least: int | None = None
        self.best: list[Option | None] = [None] * len(needs)

    def descend(self, chosen: list[Option | None], taken: dict[str, Option], cost: int) -> None:
        if self._least is not None and (cost >= self._least or self._left <= 0):
            return
        if len(chosen) == len(self._needs):
            self._least, self.best = cost, list(chosen)
            return
        free = [one for one in self._needs[len(chosen)] if self._fits(one, taken)]
        # What is shown already costs nothing more.
        free.sort(key=lambda one: one.licence_id not in taken)
        for option in free:
            self._left -= 1
            more = 0 if option.licence_id in taken else option.cost
            self.descend([*chosen, option], {**taken, option.licence_id: option}, cost + more)
        # Also where something would do: it may stand in the way of what meets another need.
        self._left -= 1
        self.descend([*chosen, None], taken, cost + _OPEN)

    @staticmethod
    def _fits(option: Option, taken: dict[str, Option]) -> bool:
        return taken.get(option.licence_id, option) == option
