"""Entries that may meet are found by looking them up; none is missed, and few are compared."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecert.errors import DocumentRefusedError
from ecert.interop.conditions import Equals
from ecert.interop.lint import lint, require_clean
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
DAY = date(2026, 1, 1)
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


TERMS = st.tuples(st.integers(0, 200), st.integers(-1, 60) | st.none())


@given(st.lists(TERMS, max_size=150))
def test_of_terms_too_all_are_found(terms: list[tuple[int, int | None]]) -> None:
    scopes = []
    for number, (start, days) in enumerate(terms):
        made, first = entry(str(number)), DAY + timedelta(start)
        until = None if days is None else first + timedelta(days)
        # One that ends before it begins holds never.
        made = made.model_copy(update={"valid_from": first, "valid_until": until})
        scopes.append(Scope.of(made))
    met = [(one, other) for one, other in combinations(scopes, 2) if one.meets(other)]
    assert list(Neighbours(scopes).pairs()) == met


@pytest.mark.parametrize(
    ("name", "limit", "is_cut"),
    [
        ("MAX_COMPARED_PAIRS", 45, False), ("MAX_COMPARED_PAIRS", 44, True),
        ("MAX_MEETING_PAIRS", 45, False), ("MAX_MEETING_PAIRS", 44, True),
    ],
)  # fmt: skip
def test_what_was_not_compared_forbids_signing(
    monkeypatch: pytest.MonkeyPatch, name: str, limit: int, *, is_cut: bool
) -> None:
    monkeypatch.setattr(f"ecert.limits.{name}", limit)
    document = recognition_list(*(entry(str(place)) for place in range(10)))
    told = lint(document, catalogue=builtin(), at=AT)
    cut = [one for one in told if one.rule is Rule.NOT_COMPARED]
    assert sum(one.rule is Rule.OVERLAP for one in told) == limit
    assert len(cut) == is_cut
    if not is_cut:
        require_clean(told)
        return
    assert cut[0].where == "entries"
    assert cut[0].detail_zh.endswith("其中44对有重叠")
    assert cut[0].detail_en.endswith("44 of them overlap")
    with pytest.raises(DocumentRefusedError, match="L504"):
        require_clean(told)


@pytest.mark.parametrize(("most", "more"), [(45, 0), (44, 1), (1, 44)])
def test_of_one_rule_so_many_are_told_and_the_rest_as_a_number(
    monkeypatch: pytest.MonkeyPatch, most: int, more: int
) -> None:
    monkeypatch.setattr("ecert.limits.MAX_LINT_FINDINGS", most)
    document = recognition_list(*(entry(str(place)) for place in range(10)))
    told = [one for one in lint(document, catalogue=builtin(), at=AT) if one.rule is Rule.OVERLAP]
    assert len(told) == min(45, most + 1)
    rest = [(one.detail_zh, one.detail_en) for one in told if not one.entry]
    assert rest == ([(f"另有{more}处", f"and {more} more")] if more else [])
    assert not told[0].detail_zh.startswith("另有")


def test_no_number_of_warnings_hides_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecert.limits.MAX_LINT_FINDINGS", 1)
    made = [entry(str(place)) for place in range(5)]
    made.append(entry("其他", target=side(CHONGQING, name="另一种叫法")))
    told = lint(recognition_list(*made), catalogue=builtin(), at=AT)
    assert [one.rule for one in told if one.is_error] == [Rule.CONTRADICTION] * 2
    assert told[1].detail_zh == "另有4处"


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
    "days": lambda place: {
        "valid_from": DAY + timedelta(place),
        "valid_until": DAY + timedelta(place),
    },
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
