"""Entries that may meet are found by looking them up; none is missed, and few are compared."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecert.interop.conditions import Equals
from ecert.interop.lint.coverage import findings
from ecert.interop.lint.rules import Rule
from ecert.interop.lint.subject import LintSubject
from ecert.interop.neighbours import Neighbours, Way, Ways
from ecert.interop.overlap import Scope
from ecert.model.catalogue import builtin
from ecert.model.codes import make_uscc
from ecert.model.regions import covers
from tests.unit.interop.generated import lists
from tests.unit.interop.regions import (
    AT,
    CHONGQING,
    GUANGAN,
    SICHUAN,
    entry,
    recognition_list,
    side,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.interop.recognition import RecognitionList

MANY = 300
# The nation, whole provinces, cities and counties of two of them, and codes that nobody has.
REGIONS = st.sampled_from(
    ["000000", SICHUAN, GUANGAN, "511623", "511603", "510100", "510104", CHONGQING, "500103",
     "500100", "999999", "100000"]
)  # fmt: skip
WAYS = st.lists(st.builds(Way, REGIONS, REGIONS), max_size=6)


@given(lists(8))
def test_those_that_meet_are_all_found_in_their_order(document: RecognitionList) -> None:
    scopes = [Scope.of(one) for one in document.entries]
    met = [(one, other) for one, other in combinations(scopes, 2) if one.meets(other)]
    assert list(Neighbours(scopes).pairs()) == met


@given(st.lists(st.tuples(REGIONS, REGIONS), max_size=8))
def test_of_regions_too_all_are_found(regions: list[tuple[str, str]]) -> None:
    scopes = [
        Scope.of(entry(str(number), source=side(source), target=side(target)))
        for number, (source, target) in enumerate(regions)
    ]
    met = [(one, other) for one, other in combinations(scopes, 2) if one.meets(other)]
    assert list(Neighbours(scopes).pairs()) == met


@given(WAYS, st.builds(Way, REGIONS, REGIONS))
def test_a_way_back_is_found_where_there_is_one(known: list[Way], asked: Way) -> None:
    def nested(one: str, other: str) -> bool:
        return covers(one, other) or covers(other, one)

    there = any(nested(w.source, asked.target) and nested(w.target, asked.source) for w in known)
    ways = Ways(known)
    assert ways.lead_back(asked) is there
    assert ways.lead_back(asked) is there


TELLING: dict[str, Callable[[int], dict[str, Any]]] = {
    "matters": lambda place: {"matters": (f"事项{place}", f"事项{place}甲")},
    "issuers": lambda place: {"issuers": (make_uscc("11", GUANGAN, f"{place:08d}"),)},
    "sources": lambda place: {"source": side(f"51{place // 99 + 1:02d}{place % 99 + 1:02d}")},
    "targets": lambda place: {"target": side(f"50{place // 99 + 1:02d}{place % 99 + 1:02d}")},
    "conditions": lambda place: {"conditions": (Equals(field="民族", value=f"第{place}族"),)},
}


@pytest.mark.parametrize("what", TELLING)
def test_a_long_list_of_one_pair_of_types_is_not_compared_each_with_each(what: str) -> None:
    made = [entry(str(place), **TELLING[what](place)) for place in range(MANY)]
    # One speaks of everything, and meets every other.
    neighbours = Neighbours([Scope.of(one) for one in (*made, entry("all"))])
    assert [other.entry.id for _, other in neighbours.pairs()] == ["all"] * MANY
    assert neighbours.compared <= 4 * MANY


def test_a_long_list_says_where_entries_meet_and_where_no_way_leads_back() -> None:
    made = [entry(f"{place:03d}", matters=(f"事项{place // 2}",)) for place in range(MANY)]
    made[0] = made[0].model_copy(update={"valid_until": date(2026, 2, 1)})
    made[1] = made[1].model_copy(update={"valid_from": date(2026, 2, 1) + timedelta(1)})
    subject = LintSubject.of(
        recognition_list(*made), catalogue=builtin(), previous=None, matters=None, at=AT
    )
    found = [(one.rule, one.entry, one.detail_zh) for one in findings(subject)]
    assert found == [
        *((Rule.OVERLAP, f"{place:03d}", f"与{place + 1:03d}，结果相同")
          for place in range(2, MANY, 2)),
        *((Rule.ONE_WAY, f"{place:03d}", "没有重庆市 → 四川省") for place in range(MANY)),
    ]  # fmt: skip
