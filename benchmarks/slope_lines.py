"""What the measured steps of a growing register come to, and what follows for fifty million."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

GANSU: Final = 50_000_000
"""Licences of a province (Gansu)."""
_BENT: Final = 0.8


@dataclass(frozen=True, slots=True)
class Step:
    """One job while the register grows.

    Attributes:
        licences: In the register when it was done.
        rate: Licences a second of this job's run.
        raw: Bare signatures a second of the same cores, around it.
        plan_rate: Rows planned a second.
        bytes: Of the database when it was done.
        largest: Bytes of the largest process.
    """

    licences: int
    rate: float
    raw: float
    plan_rate: float
    bytes: int
    largest: int

    @property
    def cost(self) -> float:
        """What a licence takes, in bare signatures: leaves out how busy the machine was."""
        return self.raw / self.rate


@dataclass(frozen=True, slots=True)
class Trend:
    """What the steps come to: cost = ``base`` + ``slope`` · log2(licences)."""

    base: float
    slope: float

    def cost(self, licences: int) -> float:
        """What a licence takes, in bare signatures, in a register of so many."""
        return self.base + self.slope * log2(licences)


def trend(steps: Sequence[Step]) -> Trend:
    """Return the line of least squares through the second half, where the indexes are large.

    A larger register makes nothing cheaper: a line that falls says how the machine's other work
    changed meanwhile, and is taken as level.
    """
    used = steps[len(steps) // 2 :]
    if len(used) < 2:
        return Trend(used[-1].cost, 0.0)
    xs, ys = [log2(one.licences) for one in used], [one.cost for one in used]
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True))
    slope = max(0.0, slope / sum((x - x_mean) ** 2 for x in xs))
    return Trend(y_mean - slope * x_mean, slope)


def bend(steps: Sequence[Step]) -> int | None:
    """Return the size at which a licence began to cost a quarter more, for good; None if never."""
    first = steps[0].cost
    found = None
    for one in steps:
        if one.cost * _BENT <= first:
            found = None
        elif found is None:
            found = one.licences
    return found


def bytes_a_licence(steps: Sequence[Step]) -> float:
    """Return what each further licence adds to the database, over the second half."""
    first, last = steps[len(steps) // 2 - 1 if len(steps) > 1 else 0], steps[-1]
    if first is last:
        return last.bytes / last.licences
    return (last.bytes - first.bytes) / (last.licences - first.licences)


def seconds_to_fill(steps: Sequence[Step], licences: int, raw: float) -> float:
    """Return how long filling a register of so many would take at ``raw`` signatures a second."""
    line, slices = trend(steps), 200
    each = licences / slices
    costs = (line.cost(max(2, round(each * (place + 0.5)))) for place in range(slices))
    return sum(each * cost / raw for cost in costs)


@dataclass(frozen=True, slots=True)
class FiftyMillion:
    """What a register of fifty million licences would take.

    Attributes:
        bent: Licences from which on one cost a quarter more than at first; None if none did.
        rate: Licences a second at the end.
        hours: For all of them.
        gigabytes: Of the database.
        bytes_each: Of the database, for each further licence.
    """

    bent: int | None
    rate: float
    hours: float
    gigabytes: float
    bytes_each: float


def fifty_million(steps: Sequence[Step]) -> FiftyMillion:
    """Extrapolate."""
    raw = sum(one.raw for one in steps) / len(steps)
    each = bytes_a_licence(steps)
    return FiftyMillion(
        bend(steps), raw / trend(steps).cost(GANSU), seconds_to_fill(steps, GANSU, raw) / 3600,
        GANSU * each / 1e9, each,
    )  # fmt: skip
