"""Conditions: met, not met, or nobody can tell; and whole years at birthdays."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecert import limits
from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.interop.conditions import Age, Condition, Equals, OneOf, unmet, whole_years
from ecert.interop.content import content_faults
from ecert.interop.recognition import RecognitionList
from ecert.reasons import Reason
from tests.unit.interop.regions import entry, recognition_list

ON = date(2026, 11, 22)
BORN = "出生日期"
DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))


def reasons(condition: Condition, value: str | None, on: date = ON) -> list[Reason]:
    shown = {} if value is None else {condition.field: value}
    return [reason for _, reason in unmet((condition,), shown, on)]


# -- values -----------------------------------------------------------------------------------


def test_a_value_is_compared_character_by_character() -> None:
    one = Equals(field="准驾车型", value="C1")
    assert reasons(one, "C1") == []
    for other in ("c1", "C1 ", "Ｃ1", "C1E"):
        assert reasons(one, other) == [Reason.CONDITION_NOT_MET]


def test_one_of_several_values_is_enough() -> None:
    several = OneOf(field="准驾车型", values=("A1", "C1"))
    assert [reasons(several, value) for value in ("A1", "C1")] == [[], []]
    assert reasons(several, "B2") == [Reason.CONDITION_NOT_MET]


@pytest.mark.parametrize(
    "condition",
    [Equals(field="甲", value="1"), OneOf(field="甲", values=("1",)), Age(field="甲", at_least=0)],
    ids=lambda condition: condition.op,
)
def test_what_is_not_shown_cannot_be_told(condition: Condition) -> None:
    assert reasons(condition, None) == [Reason.FIELD_MISSING]
    assert reasons(condition, "") == [Reason.FIELD_MISSING]


def test_all_conditions_count_and_each_that_fails_is_told() -> None:
    conditions = (
        Equals(field="甲", value="1"),
        OneOf(field="乙", values=("2",)),
        Age(field="丙", at_least=18),
    )
    shown = {"甲": "1", "乙": "9"}
    assert unmet(conditions, shown, ON) == [
        (conditions[1], Reason.CONDITION_NOT_MET),
        (conditions[2], Reason.FIELD_MISSING),
    ]


# -- years ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        ((2008, 11, 22), (2026, 11, 21), 17),
        ((2008, 11, 22), (2026, 11, 22), 18),
        ((2008, 2, 29), (2026, 2, 28), 17),
        ((2008, 2, 29), (2026, 3, 1), 18),
        ((2008, 2, 29), (2028, 2, 28), 19),
        ((2008, 2, 29), (2028, 2, 29), 20),
        ((2026, 11, 22), (2026, 11, 22), 0),
        ((2026, 11, 23), (2026, 11, 22), -1),
    ],
)
def test_a_year_is_complete_on_the_birthday(
    born: tuple[int, int, int], on: tuple[int, int, int], years: int
) -> None:
    assert whole_years(date(*born), date(*on)) == years


@given(born=DAYS, years=st.integers(0, 100))
def test_on_the_birthday_and_not_a_day_earlier(born: date, years: int) -> None:
    try:
        birthday = born.replace(year=born.year + years)
    except ValueError:  # 29 February in a common year
        birthday = date(born.year + years, 3, 1)
    assert whole_years(born, birthday) == years
    assert whole_years(born, birthday - timedelta(days=1)) == years - 1


@given(born=DAYS, on=DAYS)
def test_nobody_grows_younger(born: date, on: date) -> None:
    step = whole_years(born, on + timedelta(days=1)) - whole_years(born, on)
    assert step in (0, 1)


@given(born=DAYS, on=DAYS, bound=st.integers(1, limits.MAX_AGE_YEARS))
def test_at_least_and_below_leave_no_gap_and_no_overlap(born: date, on: date, bound: int) -> None:
    text = born.isoformat()
    old = reasons(Age(field=BORN, at_least=bound), text, on) == []
    young = reasons(Age(field=BORN, at_most=bound - 1), text, on) == []
    assert old + young == (born <= on)


def test_both_bounds_are_inclusive() -> None:
    age = Age(field=BORN, at_least=18, at_most=60)
    assert reasons(age, "2008-11-22") == []
    assert reasons(age, "2008-11-23") == [Reason.CONDITION_NOT_MET]
    assert reasons(age, "1965-11-23") == []
    assert reasons(age, "1965-11-22") == [Reason.CONDITION_NOT_MET]


def test_a_day_of_its_own_counts_instead_of_the_day_of_checking() -> None:
    age = Age(field=BORN, at_least=18, on=date(2026, 9, 1))
    assert reasons(age, "2008-09-01", ON) == []
    assert reasons(age, "2008-09-02", date(2090, 1, 1)) == [Reason.CONDITION_NOT_MET]


def test_who_was_not_yet_born_had_no_age() -> None:
    assert reasons(Age(field=BORN, at_most=60), "2026-11-23") == [Reason.CONDITION_NOT_MET]


@pytest.mark.parametrize("written", ["2008-11-22", "20081122", "2008年11月22日"])
def test_a_date_may_be_written_in_three_forms(written: str) -> None:
    assert reasons(Age(field=BORN, at_least=18), written) == []


@pytest.mark.parametrize("written", ["2008", "2008-02-30", "十八岁", "2008/11/22"])
def test_an_age_asked_of_what_is_no_date_has_no_counterpart(written: str) -> None:
    assert reasons(Age(field=BORN, at_least=18), written) == [Reason.VALUE_UNMAPPED]


# -- words ------------------------------------------------------------------------------------


def test_conditions_in_words() -> None:
    day = date(2026, 9, 1)
    age = Age(field=BORN, at_least=18, at_most=60, on=day)
    assert age.told() == "按出生日期计算满18周岁、不超过60周岁（以2026-09-01为准）"
    assert age.told("en") == "出生日期: at least 18 and at most 60 years on 2026-09-01"
    assert Equals(field="性别", value="女").told() == "性别为“女”"
    assert OneOf(field="级", values=("一级", "二级")).told() == "级为“一级”或“二级”"
    assert OneOf(field="级", values=("1", "2")).told("en") == "级: 1 or 2"


# -- as a document ----------------------------------------------------------------------------


def test_an_entry_without_conditions_keeps_the_bytes_it_had() -> None:
    payload = recognition_list(entry()).to_payload()
    for name in (b"conditions", b"withdrawn", b"lead", b"types", b"notice_days"):
        assert name not in payload


def test_conditions_read_back_as_they_were_written() -> None:
    conditions = (
        Equals(field="甲", value="1"),
        OneOf(field="乙", values=("2", "3")),
        Age(field="丙", at_least=18, on=ON),
    )
    document = recognition_list(entry(conditions=conditions))
    assert RecognitionList.from_payload(document.to_payload()) == document
    assert content_faults(document) == []


def _with(conditions: list[dict[str, Any]]) -> bytes:
    import json

    content = json.loads(recognition_list(entry()).to_payload())
    content["entries"][0]["conditions"] = conditions
    return json.dumps(content).encode()


def _equals(number: int) -> dict[str, Any]:
    return {"op": "equals", "field": str(number), "value": "1"}


def _one_of(count: int) -> dict[str, Any]:
    return {"op": "one-of", "field": "甲", "values": [str(n) for n in range(count)]}


@pytest.mark.parametrize(
    "conditions",
    [
        [_equals(n) for n in range(limits.MAX_CONDITIONS)],
        [_one_of(limits.MAX_CONDITION_VALUES)],
        [{"op": "age", "field": "甲", "at_least": limits.MAX_AGE_YEARS}],
    ],
)
def test_limits_themselves_pass(conditions: list[dict[str, Any]]) -> None:
    assert len(RecognitionList.from_payload(_with(conditions)).entries[0].conditions) >= 1


@pytest.mark.parametrize(
    "conditions",
    [
        [_equals(n) for n in range(limits.MAX_CONDITIONS + 1)],
        [_one_of(limits.MAX_CONDITION_VALUES + 1)],
        [_one_of(0)],
        [{"op": "age", "field": "甲", "at_least": limits.MAX_AGE_YEARS + 1}],
        [{"op": "age", "field": "甲", "at_least": -1}],
        [{"op": "age", "field": "甲", "at_least": 18.0}],
        [{"op": "age", "field": "甲", "at_least": True}],
        [{"op": "age", "field": "甲", "at_least": 18, "on": "2026-9-1"}],
        [{"op": "not", "field": "甲", "value": "1"}],
        [{"op": "equals", "field": "甲", "value": "1", "or": "2"}],
        [{"op": "equals", "field": "甲"}],
    ],
)
def test_what_does_not_have_the_form_is_malformed(conditions: list[dict[str, Any]]) -> None:
    with pytest.raises(DocumentRefusedError) as refusal:
        RecognitionList.from_payload(_with(conditions))
    assert refusal.value.fault is DocumentFault.MALFORMED
    assert "conditions" in refusal.value.en


@pytest.mark.parametrize(
    ("conditions", "where"),
    [
        ((Equals(field="甲", value="1"),) * 2, "conditions"),
        ((OneOf(field="甲", values=("1", "1")),), "conditions.0.values"),
        ((Age(field="甲"),), "conditions.0"),
        ((Equals(field="乙", value="1"), Age(field="甲", at_least=2, at_most=1)), "conditions.1"),
    ],
)
def test_a_contradiction_is_found_at_its_place(
    conditions: tuple[Condition, ...], where: str
) -> None:
    faults = content_faults(recognition_list(entry("7", conditions=conditions)))
    assert [fault.where for fault in faults] == [f"entries.7.{where}"]


def test_equal_bounds_are_no_contradiction() -> None:
    age = Age(field="甲", at_least=18, at_most=18)
    assert content_faults(recognition_list(entry(conditions=(age,)))) == []
