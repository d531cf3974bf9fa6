"""Which kind a holder's number is, where no column says it."""

from __future__ import annotations

import pytest

from ecert.errors import USCCError
from ecert.issuers.bulk.holders import Part, read_holders, read_kind
from ecert.model.codes import make_uscc, parse_resident_id, parse_uscc
from tests.unit.issuers.bulk.lists import SHOP, ZHANG, person


def kind_of(number: str, kinds: str = "", only: str | None = None) -> str:
    (holder,), faults = read_holders("张伟", number, kinds, only)
    assert faults == []
    return holder.number_type


def fault_of(number: str, kinds: str = "", only: str | None = None) -> tuple[Part, str]:
    holders, faults = read_holders("张伟", number, kinds, only)
    assert holders == ()
    ((part, error),) = faults
    return part, error.zh


def test_eighteen_characters_tell_their_kind_by_their_own_check() -> None:
    assert kind_of(ZHANG) == "111"
    assert kind_of(SHOP) == "001"


def test_a_uscc_of_digits_alone_is_told_from_a_resident_id() -> None:
    digits = next(
        code
        for number in range(100_000)
        if (code := make_uscc("91", "511623", f"{number:08d}")).isdecimal()
    )
    assert kind_of(digits) == "001"


def test_a_mistyped_resident_id_does_not_become_a_body() -> None:
    # One in thirty-one has the check character of a USCC.
    numbers = [f"51068119900307{order:03d}X" for order in range(400)]
    kinds = {fault_of(number)[0] for number in numbers if number != person(int(number[14:17]))}
    assert kinds == {Part.NUMBER}


def test_a_resident_id_that_has_the_check_of_a_uscc_is_a_resident_id() -> None:
    def is_both(number: str) -> bool:
        try:
            parse_uscc(number)
        except USCCError:
            return False
        return True

    both = next(number for order in range(1000) if is_both(number := person(order)))
    assert parse_resident_id(both)
    assert kind_of(both) == "111"


@pytest.mark.parametrize(
    ("kinds", "code"),
    [
        ("111", "111"),
        ("公民身份号码", "111"),
        ("居民身份证", "111"),
        ("10", "111"),
        ("999", "999"),
        ("40", "999"),
    ],
)
def test_a_column_says_the_kind_by_code_or_name(kinds: str, code: str) -> None:
    assert kind_of(ZHANG, kinds) == code


def test_a_passport_needs_its_kind() -> None:
    assert kind_of("E12345678", "普通护照") == "414"
    assert fault_of("E12345678") == (Part.KIND, "不是18位，无法判断是哪种证件")
    assert fault_of("E12345678", "护照本") == (Part.KIND, "没有这种代码类型")


def test_an_old_resident_id_is_known_as_such() -> None:
    assert fault_of("510681900307123") == (Part.NUMBER, "15位的旧号码已停止使用")


def test_the_type_may_leave_one_kind_alone() -> None:
    assert fault_of(SHOP, only="111")[0] is Part.NUMBER
    assert fault_of(ZHANG, only="001")[0] is Part.NUMBER
    assert kind_of(ZHANG, only="111") == "111"


def test_the_name_of_a_body_may_hold_a_comma() -> None:
    (holder,), faults = read_holders("某某（甲、乙）合伙企业", SHOP, "")
    assert faults == []
    assert holder.name == "某某（甲、乙）合伙企业"
    holders, faults = read_holders("甲^乙", SHOP, "")
    assert holders == ()
    assert faults[0][0] is Part.NUMBER


def test_one_kind_goes_for_all() -> None:
    holders, faults = read_holders("甲^乙", f"{ZHANG}^{person(2)}", "111")
    assert faults == []
    assert [holder.number_type for holder in holders] == ["111", "111"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [(1, "001"), (1.0, "001"), ("99", "099"), ("111", "111"), ("10", "10"), (None, "")],
)
def test_zeros_that_excel_dropped_from_a_kind(raw: str | float | None, text: str) -> None:
    assert read_kind(raw) == text
