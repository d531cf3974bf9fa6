"""A licence is whole, immutable, and comes back from its plain form as it went."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.errors import FormatError
from ecert.limits import MAX_FIELDS, MAX_HOLDERS
from ecert.model.codes import make_uscc, resident_id_check_character
from ecert.model.holders import Holder
from ecert.model.identifiers import LicenceId
from ecert.model.licence import Licence, LicenceState

ISSUER = "11511623008888888K"
# Expiry follows from the dates.
RECORDED = [state for state in LicenceState if state is not LicenceState.EXPIRED]
TYPE_CODE = "11100000000019713D013"
ZHANG = Holder("张伟", "510681199003071237")


def make(**changes: Any) -> Licence:
    parts: dict[str, Any] = {
        "id": LicenceId.make(TYPE_CODE, ISSUER, "TEST2024000002"),
        "type_code": TYPE_CODE,
        "type_name": "道路运输证",
        "number": "川交运管渝字511623001234号",
        "holders": (ZHANG,),
        "fields": {"车辆号牌": "川X12345", "经营范围": "普通货运"},
        "region": "511623",
        "issuer_code": ISSUER,
        "issuer_name": "邻水县交通运输局",
        "issued_on": date(2024, 1, 31),
        "valid_from": date(2024, 2, 1),
        "valid_until": date(2028, 1, 31),
    }
    return Licence(**(parts | changes))


def person(order: int) -> Holder:
    body = f"51068119900307{order:03d}"
    return Holder("张伟", body + resident_id_check_character(body))


def refusal(**changes: Any) -> FormatError:
    with pytest.raises(FormatError) as caught:
        make(**changes)
    return caught.value


def reading_refusal(data: Any) -> FormatError:
    with pytest.raises(FormatError) as caught:
        Licence.from_dict(data)
    return caught.value


def test_the_first_holder_is_the_principal_one() -> None:
    shop = Holder.enterprise("邻水县某店", make_uscc("92", "511623", "MA6AAAAA"))
    assert make(holders=(shop, ZHANG)).holder is shop


def test_a_new_licence_is_in_force_and_replaces_nothing() -> None:
    licence = make()
    assert licence.state is LicenceState.ISSUED
    assert licence.predecessor is None


def test_fields_are_a_copy_and_read_only() -> None:
    given_fields = {"车辆号牌": "川X12345"}
    licence = make(fields=given_fields)
    given_fields["车辆号牌"] = "川X99999"
    assert licence.fields == {"车辆号牌": "川X12345"}
    with pytest.raises(TypeError):
        licence.fields["车辆号牌"] = "川X99999"  # type: ignore[index]


def test_a_licence_cannot_be_altered_but_replaced() -> None:
    licence = make()
    with pytest.raises(FrozenInstanceError):
        licence.state = LicenceState.REVOKED  # type: ignore[misc]
    revoked = replace(licence, state=LicenceState.REVOKED)
    assert (licence.state, revoked.state) == (LicenceState.ISSUED, LicenceState.REVOKED)
    assert revoked != licence


def test_equal_licences_have_equal_hashes() -> None:
    assert make() == make()
    assert hash(make()) == hash(make())
    assert make() != make(fields={"车辆号牌": "川X12346", "经营范围": "普通货运"})


@pytest.mark.parametrize("until", [date(2028, 1, 31), None])
def test_the_plain_form_is_json_and_comes_back_equal(until: date | None) -> None:
    predecessor = LicenceId.make(TYPE_CODE, ISSUER, "TEST2019000001", 2)
    licence = make(valid_until=until, predecessor=predecessor, state=LicenceState.SUSPENDED)
    data = json.loads(json.dumps(licence.to_dict()))
    assert Licence.from_dict(data) == licence
    assert data["valid_until"] == (until and "2028-01-31")
    assert data["id"] == f"1.2.156.3005.2.{TYPE_CODE}.{ISSUER}.TEST2024000002.001.O"
    assert data["holders"] == [
        {"name": "张伟", "number": "510681199003071237", "number_type": "111"}
    ]


def test_a_plain_form_without_predecessor_is_complete() -> None:
    data = make().to_dict()
    del data["predecessor"]
    assert Licence.from_dict(data) == make()


@settings(max_examples=100, deadline=None)
@given(
    fields=st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=20), max_size=8),
    issued=st.dates(),
    years=st.integers(0, 30),
    state=st.sampled_from(RECORDED),
)
def test_whatever_the_fields_the_plain_form_comes_back(
    fields: dict[str, str], issued: date, years: int, state: LicenceState
) -> None:
    until = date(min(issued.year + years, 9999), 12, 31)
    licence = make(
        fields=fields, issued_on=issued, valid_from=issued, valid_until=until, state=state
    )
    assert Licence.from_dict(licence.to_dict()) == licence


def test_a_licence_can_be_pickled_and_copied() -> None:
    licence = make()
    assert pickle.loads(pickle.dumps(licence)) == licence  # noqa: S301 - our own bytes
    assert copy.deepcopy(licence) == licence


def test_the_repr_shows_no_personal_data() -> None:
    shown = repr(make(number="510681199003071237"))
    assert "张伟" not in shown
    assert "51068119900307" not in shown
    assert "川X12345" not in shown
    assert "道路运输证" in shown
    assert "***1237" in shown


def test_validity_of_one_day_is_possible_and_of_less_is_not() -> None:
    assert make(valid_until=date(2024, 2, 1)).valid_until == date(2024, 2, 1)
    fault = refusal(valid_until=date(2024, 1, 31))
    assert fault.where == "valid_until"
    assert fault.zh == "有效期截止日期早于起始日期"


@pytest.mark.parametrize("name", ["issued_on", "valid_from", "valid_until"])
@pytest.mark.parametrize("day", [datetime(2025, 1, 1, tzinfo=UTC), "2025-01-01", 20250101])
def test_a_day_is_a_date_without_a_time(name: str, day: object) -> None:
    assert refusal(**{name: day}).where == name


@pytest.mark.parametrize("name", ["issued_on", "valid_from"])
def test_only_the_last_day_may_be_absent(name: str) -> None:
    assert refusal(**{name: None}).where == name


@pytest.mark.parametrize("name", ["type_name", "number", "region", "issuer_code", "issuer_name"])
@pytest.mark.parametrize("value", ["", None])
def test_no_text_part_is_empty(name: str, value: object) -> None:
    assert refusal(**{name: value}).where == name


def test_the_type_is_that_of_the_licence_id() -> None:
    fault = refusal(type_code="11100000MB03271699001")
    assert fault.where == "type_code"
    assert "证照标识" in fault.zh


def test_the_number_of_holders_is_bounded() -> None:
    crowd = tuple(person(order) for order in range(MAX_HOLDERS + 1))
    assert len(make(holders=crowd[:MAX_HOLDERS]).holders) == MAX_HOLDERS
    assert refusal(holders=crowd).where == "holders"
    assert refusal(holders=()).where == "holders"


def test_the_number_of_fields_is_bounded() -> None:
    many = {f"项{place}": "值" for place in range(MAX_FIELDS + 1)}
    assert refusal(fields=many).where == "fields"
    many.popitem()
    assert len(make(fields=many).fields) == MAX_FIELDS


def test_another_licence_like_it_is_looked_at_where_it_may_differ() -> None:
    first = make()
    days = (first.issued_on, first.valid_from, first.valid_until)
    many = {f"项{place}": "值" for place in range(MAX_FIELDS + 1)}
    crowd = tuple(person(order) for order in range(MAX_HOLDERS + 1))
    other = first.alike(first.id, "川1", first.holders, {"车辆号牌": "川X1"}, days)
    assert other == make(number="川1", fields={"车辆号牌": "川X1"})
    for number, holders, fields, where in (
        ("", first.holders, {}, "number"),
        ("川1", first.holders, many, "fields"),
        ("川1", (), {}, "holders"),
        ("川1", crowd, {}, "holders"),
    ):
        with pytest.raises(FormatError) as caught:
            first.alike(first.id, number, holders, fields, days)
        assert caught.value.where == where
    many.popitem()
    assert len(first.alike(first.id, "川1", first.holders, many, days).fields) == MAX_FIELDS


@pytest.mark.parametrize("key", sorted(make().to_dict().keys() - {"predecessor"}))
def test_a_missing_key_is_named(key: str) -> None:
    data = make().to_dict()
    del data[key]
    fault = reading_refusal(data)
    assert (fault.where, fault.en) == (key, "is missing")


def test_an_unknown_key_is_named() -> None:
    fault = reading_refusal(make().to_dict() | {"photo": ""})
    assert fault.where == "licence"
    assert "'photo'" in fault.zh


@pytest.mark.parametrize("key", sorted(make().to_dict().keys() - {"predecessor", "valid_until"}))
def test_a_value_of_another_kind_is_refused(key: str) -> None:
    assert reading_refusal(make().to_dict() | {key: 7}).where == key


@pytest.mark.parametrize(
    "text", ["20240131", "2024-W05-3", "2024-02-30", "2024-1-31", "２０２４-01-31"]
)
@pytest.mark.parametrize("key", ["issued_on", "valid_from", "valid_until"])
def test_a_day_is_written_in_one_form(key: str, text: str) -> None:
    fault = reading_refusal(make().to_dict() | {key: text})
    assert (fault.where, fault.zh) == (key, "日期应写成 YYYY-MM-DD")


def test_an_unknown_state_is_refused() -> None:
    assert reading_refusal(make().to_dict() | {"state": "valid"}).where == "state"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"holders": [{"name": "张伟", "number": "510681199003071237"}]}, "number_type"),
        ({"holders": ["张伟"]}, "holders"),
        ({"fields": {"车辆号牌": 1}}, "fields"),
        ({"predecessor": 1}, "predecessor"),
    ],
)
def test_parts_inside_are_checked_too(change: dict[str, Any], where: str) -> None:
    assert reading_refusal(make().to_dict() | change).where == where


def test_what_is_no_mapping_is_refused() -> None:
    assert reading_refusal(["licence"]).where == "licence"


def test_every_state_has_a_word_of_its_own() -> None:
    words = {state: state.zh for state in LicenceState}
    assert len(set(words.values())) == len(LicenceState) == 8
    assert words[LicenceState.CANCELLED] == "已注销"
    assert words[LicenceState.WITHDRAWN] == "已撤销"
    assert words[LicenceState.REVOKED] == "已吊销"
    assert LicenceState.TRANSFERRED.value == "transferred-out"


def test_expiry_is_a_matter_of_the_day_and_never_recorded() -> None:
    fault = refusal(state=LicenceState.EXPIRED)
    assert fault.where == "state"
    assert "有效期" in fault.zh
    assert reading_refusal(make().to_dict() | {"state": "expired"}).where == "state"


def test_a_licence_stands_as_expired_from_the_day_after_its_last() -> None:
    last = date(2028, 1, 31)
    licence = make(valid_until=last)
    assert licence.standing(last) is LicenceState.ISSUED
    assert licence.standing(date(2028, 2, 1)) is LicenceState.EXPIRED
    assert make(valid_until=None).standing(date.max) is LicenceState.ISSUED


@pytest.mark.parametrize("state", RECORDED[1:])
def test_what_is_not_in_force_does_not_expire(state: LicenceState) -> None:
    assert make(state=state).standing(date.max) is state


def test_the_content_keeps_the_order_of_the_fields_and_leaves_the_state_out() -> None:
    licence = make(fields={"经营范围": "普通货运", "一": "1", "车辆号牌": "川X12345"})
    content = json.loads(licence.content())
    assert list(content["fields"]) == ["经营范围", "一", "车辆号牌"]
    assert content == {key: value for key, value in licence.to_dict().items() if key != "state"}


def test_the_digest_is_the_contents_and_outlives_every_move() -> None:
    licence = make()
    assert licence.digest() == hashlib.sha256(licence.content()).hexdigest()
    assert replace(licence, state=LicenceState.REVOKED).digest() == licence.digest()
    assert replace(licence, number="另一个号码").digest() != licence.digest()
    assert Licence.from_dict(licence.to_dict()).digest() == licence.digest()
