"""Which licences to show for a matter, each in which profile, so that the least is told.

Pure.  A profile that a clerk cannot compare with an identity card is never suggested; a holder may
still choose it by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ecert.show.covering import Option, cheapest
from ecert.show.fitness import Obstacle, Showable, ToShow, ways_to_show
from ecert.show.shown import amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from ecert.interop.matters.matter import LicenceChoice, Matter, Need
    from ecert.interop.matters.request import MatterRequest

# A licence that is shown at all tells its type, its issuer, its place in the register and dates.
_EACH_LICENCE = 4


@dataclass(frozen=True, slots=True)
class NeedSuggestion:
    """What meets one need of the matter.

    Attributes:
        need: The need; None for a licence that the holder named without one.
        chosen: What to show; None if nothing that is held will do.
        alternatives: What else would do, each in its least profile.
        obstacles: Held licences of a fitting type that will not do.
    """

    need: Need | None
    chosen: ToShow | None
    alternatives: tuple[ToShow, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to show for a matter: the least in all.

    It says what a window asks for; whether a licence stands, only its verification says.

    Attributes:
        matter: The matter.
        region: Where it is handled.
        on: The day for which it holds.
        needs: One for each need.
    """

    matter: Matter
    region: str
    on: date
    needs: tuple[NeedSuggestion, ...]

    @property
    def shown(self) -> tuple[ToShow, ...]:
        """What to show, each licence once."""
        found = {one.chosen.licence_id: one.chosen for one in self.needs if one.chosen is not None}
        return tuple(found.values())

    @property
    def profiles(self) -> dict[str, str]:
        """The profile of each licence to show, for `Wallet.show`."""
        return {one.licence_id: one.profile.name for one in self.shown}

    @property
    def missing(self) -> tuple[NeedSuggestion, ...]:
        """The needs that nothing held meets; what only paper meets is among them."""
        return tuple(one for one in self.needs if one.chosen is None)

    @property
    def complete(self) -> bool:
        """Whether everything that is needed can be shown."""
        return not self.missing

    @property
    def matters(self) -> tuple[str, ...]:
        """The names under which it has to be verified; more than one take a code each."""
        return tuple(dict.fromkeys(one.matter for one in self.shown if one.matter is not None))


def suggest(
    request: MatterRequest, held: Iterable[Showable], *, named: Iterable[str] = ()
) -> Suggestion:
    """Return what to show for ``request`` so that the least is told in all.

    Args:
        request: The matter, and what is recognised for it.
        held: What the holder has.
        named: Licence ids that the holder wants to show; if there are any, only they are looked
            at, and one that no need asks for is judged by recognition alone.
    """
    wanted = set(named)
    licences = [one for one in held if not wanted or one.id in wanted]
    judged = [_judge_need(need, licences, request) for need in request.matter.needs]
    chosen = cheapest([[option for option, _ in one.ways] for one in judged])
    needs = [one.told(option) for one, option in zip(judged, chosen, strict=True)]
    if wanted:
        # What was not named was not offered: only needs that the named ones are for are told.
        needs = [one for one in needs if one.chosen is not None or one.obstacles]
        told = {one.chosen.licence_id for one in needs if one.chosen is not None}
        told |= {obstacle.licence_id for one in needs for obstacle in one.obstacles}
        needs += [_by_itself(one, request) for one in licences if one.id not in told]
    return Suggestion(request.matter, request.region, request.on, tuple(needs))


class _Judged(NamedTuple):
    """One need with every way to meet it, the preferred choice first."""

    need: Need
    ways: Sequence[tuple[Option, ToShow]]
    obstacles: tuple[Obstacle, ...]

    def told(self, option: Option | None) -> NeedSuggestion:
        chosen = next((one for known, one in self.ways if known == option), None)
        least: dict[str, tuple[Option, ToShow]] = {}
        for way in self.ways:
            known = least.setdefault(way[1].licence_id, way)
            if way[0].cost < known[0].cost:
                least[way[1].licence_id] = way
        others = tuple(
            one for key, (_, one) in least.items() if chosen is None or key != chosen.licence_id
        )
        obstacles = () if chosen is not None else self.obstacles
        return NeedSuggestion(self.need, chosen, others, obstacles)


def _judge_need(need: Need, licences: Sequence[Showable], request: MatterRequest) -> _Judged:
    ways: list[tuple[Option, ToShow]] = []
    obstacles: list[Obstacle] = []
    for choice in need.licences:
        for licence in licences:
            if not _concerns(licence, choice, request):
                continue
            found = ways_to_show(licence, choice, request)
            if isinstance(found, Obstacle):
                obstacles.append(found)
            else:
                ways += [(_option(one), one) for one in found]
    return _Judged(need, ways, tuple(obstacles))


def _by_itself(licence: Showable, request: MatterRequest) -> NeedSuggestion:
    found = ways_to_show(licence, None, request)
    if isinstance(found, Obstacle):
        return NeedSuggestion(None, None, (), (found,))
    return NeedSuggestion(None, found[0])


def _option(way: ToShow) -> Option:
    cost = _EACH_LICENCE + amount(way.licence_type, way.profile)
    return Option(way.licence_id, way.profile.name, cost)


def _concerns(licence: Showable, choice: LicenceChoice, request: MatterRequest) -> bool:
    code = licence.claims.type_code
    return code == choice.type or any(
        one.entry.source.type == code and one.entry.target.type == choice.type
        for one in request.entries
    )
