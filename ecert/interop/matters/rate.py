"""The rate of matters that need no paper (免提交率), with the counts that it is made of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ecert.interop.matters.requirements import RecognisedHere, is_own
from ecert.model.regions import covers, parse_region, province

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ecert.interop.decision import ListInForce
    from ecert.interop.matters.matter import Matter, Need


@dataclass(frozen=True, slots=True)
class Rate:
    """A share, as its two counts.

    Attributes:
        paperless: Matters that need no paper.
        total: All matters.
    """

    paperless: int
    total: int

    @property
    def share(self) -> float | None:
        """The share, from 0 to 1; None where there is no matter."""
        return self.paperless / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class RateReport:
    """The rate of all matters, and its parts.

    Attributes:
        overall: Of all.
        by_department: Of each department, by its name; the largest first.
        by_region: Of each region in which matters are handled, by its code; the largest first.
    """

    overall: Rate
    by_department: Mapping[str, Rate] = field(hash=False)
    by_region: Mapping[str, Rate] = field(hash=False)


def rate(matters: Iterable[Matter]) -> RateReport:
    """Return the share of ``matters`` all of whose needs an electronic licence can meet.

    It is counted for a holder whose licences were issued here.
    """
    return _report((one, one.paperless) for one in matters)


def rate_for_visitors(
    matters: Iterable[Matter],
    visitors_from: str,
    *,
    lists: Iterable[ListInForce],
    at: datetime,
) -> RateReport:
    """Return the share for holders all of whose licences were issued in ``visitors_from``.

    A need counts if a type is recognised from there in the whole region that handles the matter,
    be it for certain issuers only; in their own province their licences need no list.

    Raises:
        RegionError: A region code does not have its form.
        ValueError: ``at`` has no time zone.
    """
    source, kept = parse_region(visitors_from), tuple(lists)
    by_region: dict[str, RecognisedHere] = {}

    def is_met(need: Need, matter: Matter, here: RecognisedHere) -> bool:
        if province(matter.region) == province(source):
            return any(
                not choice.own_region or is_own(matter.region, source) for choice in need.licences
            )
        return any(
            covers(found.entry.source.region, source)
            for choice in need.licences
            for found in here.sources(choice, matter)
        )

    def without_paper(matter: Matter) -> bool:
        here = by_region.get(matter.region)
        if here is None:
            here = by_region[matter.region] = RecognisedHere(kept, matter.region, at)
        return all(is_met(need, matter, here) for need in matter.needs)

    return _report((one, without_paper(one)) for one in matters)


def _report(counted: Iterable[tuple[Matter, bool]]) -> RateReport:
    total: Counter[tuple[str, str]] = Counter()
    paperless: Counter[tuple[str, str]] = Counter()
    for matter, without in counted:
        for key in (("", ""), ("department", matter.department), ("region", matter.region)):
            total[key] += 1
            paperless[key] += without

    def part(kind: str) -> dict[str, Rate]:
        # The largest first; names decide between equals, so that two runs agree.
        keys = sorted((-count, key) for key, count in total.items() if key[0] == kind)
        return {key[1]: Rate(paperless[key], total[key]) for _, key in keys}

    return RateReport(Rate(paperless["", ""], total["", ""]), part("department"), part("region"))
