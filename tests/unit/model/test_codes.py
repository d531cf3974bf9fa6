"""Codes of organisations (GB 32100) and persons (GB 11643)."""

from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from ecert.errors import RegionError, ResidentIdError, USCCError
from ecert.model.codes import (
    last_four,
    make_uscc,
    parse_resident_id,
    parse_uscc,
    resident_id_check_character,
    uscc_check_character,
    uscc_region,
)

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

# Authorities that define licence types, and issuers of real licence ids.
REAL_USCCS = [
    "11100000000013127D",  # 公安部
    "111000000000131433",  # 民政部
    "11100000000013338W",  # 住房和城乡建设部
    "11100000000019713D",  # 交通运输部
    "11100000MB0143028R",  # 国家市场监督管理总局
    "11100000MB0341032Y",  # 国家药品监督管理局
    "11100000MB03271699",  # 自然资源部
    "11100000000014445H",  # 国家税务总局
    "11100000000014154E",  # 海关总署
    "1110000000001332XW",
    "11100000000013661B",
    "11410800MB18523953",
    "11430000006122244L",
    "11330105002500287C",
    "11220000013544541J",
    "11370800MB28559184",
    "113700000045046442",
    "12110000400777687U",
    "11110000000021135M",
]


def resident(region: str, birth: str, order: str = "123") -> str:
    body = f"{region}{birth}{order}"
    return body + resident_id_check_character(body)


def uscc_refusal(text: str) -> USCCError:
    with pytest.raises(USCCError) as caught:
        parse_uscc(text)
    return caught.value


def resident_refusal(text: str) -> ResidentIdError:
    with pytest.raises(ResidentIdError) as caught:
        parse_resident_id(text)
    return caught.value


# -- unified social credit codes --------------------------------------------------------------


@pytest.mark.parametrize("code", REAL_USCCS)
def test_real_codes_parse_unchanged(code: str) -> None:
    assert parse_uscc(code) == code
    assert uscc.is_valid(code)


@settings(max_examples=200, deadline=None)
@given(st.text(USCC_ALPHABET, min_size=17, max_size=17))
def test_the_check_character_agrees_with_an_independent_implementation(body: str) -> None:
    assert uscc_check_character(body) == uscc.calc_check_digit(body)


@pytest.mark.parametrize("code", REAL_USCCS)
def test_every_single_substitution_is_refused(code: str) -> None:
    for place in range(18):
        for character in USCC_ALPHABET:
            if character != code[place]:
                uscc_refusal(code[:place] + character + code[place + 1 :])


def test_a_wrong_check_character_says_what_to_do() -> None:
    error = uscc_refusal("11100000000013127E")
    assert error.where == "统一社会信用代码"
    assert error.zh == "校验位不符"
    assert error.fix_zh
    assert error.fix_en


@pytest.mark.parametrize("code", ["", "1", "11100000000013127", "11100000000013127DD"])
def test_another_length_is_refused(code: str) -> None:
    assert uscc_refusal(code).zh == f"应为18位，实际{len(code)}位"


@pytest.mark.parametrize(
    ("code", "place", "fix"),
    [
        ("11100000000013127d", 18, "请改用大写“D”"),
        ("１1100000000013127D", 1, "请改用半角“1”"),
        ("1110000000001312７D", 17, "请改用半角“7”"),
        ("11100000O00013127D", 9, "请删去，或核对原件"),
        ("11100000I00013127D", 9, "请删去，或核对原件"),
        ("11100000Z00013127D", 9, "请删去，或核对原件"),
        ("11100000S00013127D", 9, "请删去，或核对原件"),
        ("11100000V00013127D", 9, "请删去，或核对原件"),
        ("1110 000000013127D", 5, "请删去，或核对原件"),
        # Registering department and region.
        ("01100000000013127D", 1, "请删去，或核对原件"),
        ("B1100000000013127D", 1, "请删去，或核对原件"),
        ("111A0000000013127D", 4, "请删去，或核对原件"),
        ("1110000A000013127D", 8, "请删去，或核对原件"),
    ],
)
def test_a_character_that_cannot_stand_there_is_named(code: str, place: int, fix: str) -> None:
    error = uscc_refusal(code)
    assert error.where == "统一社会信用代码"
    assert f"第{place}位" in error.zh
    assert error.fix_zh == fix


@pytest.mark.parametrize("first", "123456789ANY")
def test_every_registering_department_is_accepted(first: str) -> None:
    assert make_uscc(f"{first}1", "511600", "00000001").startswith(first)


def test_the_region_inside_a_code() -> None:
    assert uscc_region("11370800MB28559184") == "370800"
    with pytest.raises(USCCError):
        uscc_region("370800")


@pytest.mark.parametrize("code", [code for code in REAL_USCCS if code[:2] == "11"])
def test_making_gives_real_codes_again(code: str) -> None:
    """The organisation code's own check character (GB 11714) is the 17th."""
    assert make_uscc(code[:2], code[2:8], code[8:16]) == code


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from("123456789ANY"),
    st.text(string.digits, min_size=6, max_size=6),
    st.text(USCC_ALPHABET, min_size=8, max_size=8),
)
def test_a_made_code_parses(first: str, region: str, organisation: str) -> None:
    code = make_uscc(f"{first}1", region, organisation)
    assert parse_uscc(code) == code
    assert uscc_region(code) == region
    # The other implementation knows no registering department with a letter (A, N, Y).
    assert uscc.is_valid(code) or not first.isdigit()


@pytest.mark.parametrize(
    ("registration", "region", "organisation", "error"),
    [
        ("1", "511600", "00000001", USCCError),
        ("01", "511600", "00000001", USCCError),
        ("1O", "511600", "00000001", USCCError),
        ("11", "51160", "00000001", RegionError),
        ("11", "51160A", "00000001", RegionError),
        ("11", "511600", "0000001", USCCError),
        ("11", "511600", "0000000i", USCCError),
    ],
)
def test_making_refuses_parts_of_another_form(
    registration: str, region: str, organisation: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        make_uscc(registration, region, organisation)


@pytest.mark.parametrize("body", ["", "1" * 16, "1" * 18, "I" + "1" * 16, "１" * 17])
def test_a_check_character_needs_17_characters_of_the_alphabet(body: str) -> None:
    with pytest.raises(ValueError, match="17 characters"):
        uscc_check_character(body)


# -- resident identity numbers ----------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(st.text(string.digits, min_size=17, max_size=17))
def test_the_resident_check_character_agrees_with_an_independent_implementation(
    body: str,
) -> None:
    assert resident_id_check_character(body) == ric.calc_check_digit(body + "0")


@settings(max_examples=200, deadline=None)
@given(
    st.text(string.digits, min_size=6, max_size=6),
    st.dates(date(1800, 1, 1), date(2099, 12, 31)),
    st.text(string.digits, min_size=3, max_size=3),
)
def test_every_district_and_day_is_accepted(region: str, birth: date, order: str) -> None:
    number = resident(region, birth.isoformat().replace("-", ""), order)
    assert parse_resident_id(number) == number


@pytest.mark.parametrize(
    ("region", "birth"),
    [
        ("511623", "19900307"),  # 邻水县 has this code since 1998
        ("510113", "19600101"),  # 青白江区 since 1983
        ("500101", "19500101"),  # Chongqing since 1997
        ("510281", "20100101"),  # a code of Chongqing that ended in 1997
    ],
)
def test_a_person_may_be_older_than_the_code_of_the_district(region: str, birth: str) -> None:
    number = resident(region, birth)
    assert parse_resident_id(number) == number
    # Why the other implementation is no oracle for this: it wants the code to be as old.
    assert not ric.is_valid(number)


def test_a_number_that_ends_in_x() -> None:
    numbers = [resident("511623", "19900307", f"{order:03d}") for order in range(30)]
    number = next(number for number in numbers if number.endswith("X"))
    assert parse_resident_id(number) == number
    error = resident_refusal(number[:-1] + "x")
    assert error.where == "公民身份号码"
    assert "第18位" in error.zh
    assert error.fix_zh == "请改用大写“X”"
    assert error.fix_en == 'Use the capital "X"'
    assert resident_refusal(number[:-1] + "Ｘ").fix_zh == "请改用半角“X”"


def test_a_full_width_digit_is_refused_by_name() -> None:
    number = resident("511623", "19900307")
    error = resident_refusal("５" + number[1:])
    assert "第1位是“５”(U+FF15)" in error.zh
    assert error.fix_zh == "请改用半角“5”"


@pytest.mark.parametrize("digits", ["５１１６２３", "٥١١٦٢٣", "५११६२३", "𝟓𝟏𝟏𝟔𝟐𝟑"])
def test_digits_of_other_scripts_are_refused_though_python_calls_them_digits(digits: str) -> None:
    assert digits.isdigit()
    assert "第1位" in resident_refusal(digits + "199003071234").zh


@pytest.mark.parametrize(
    "birth", ["19900230", "19901301", "19900001", "19900100", "19000229", "00000000", "17991231"]
)
def test_a_day_that_never_was_is_refused(birth: str) -> None:
    error = resident_refusal(resident("511623", birth))
    assert error.where == "公民身份号码"
    assert "出生日期" in error.zh


def test_a_leap_day_is_accepted() -> None:
    number = resident("511623", "20000229")
    assert parse_resident_id(number) == number


def test_numbers_of_15_digits_are_refused_with_what_is_wanted() -> None:
    error = resident_refusal("511623900307123")
    assert error.fix_zh == "请填写18位公民身份号码"


@pytest.mark.parametrize("number", ["", "5", "51162319900307123", "5116231990030712345"])
def test_another_length_of_number_is_refused(number: str) -> None:
    assert resident_refusal(number).zh == f"应为18位，实际{len(number)}位"


def test_every_single_substitution_of_a_number_is_refused() -> None:
    number = resident("511623", "19900307")
    for place in range(18):
        for character in string.digits + "X":
            if character != number[place]:
                resident_refusal(number[:place] + character + number[place + 1 :])


def test_errors_do_not_quote_the_number() -> None:
    number = resident("511623", "19900307")
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    error = resident_refusal(wrong)
    assert error.zh == "校验码不符"
    assert wrong[:8] not in str(error)
    assert wrong[-6:] not in str(error)


@pytest.mark.parametrize("body", ["", "1" * 16, "1" * 18, "A" + "1" * 16, "１" * 17])
def test_a_resident_check_character_needs_17_digits(body: str) -> None:
    with pytest.raises(ValueError, match="17 ASCII digits"):
        resident_id_check_character(body)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40) | st.text(string.digits + "Xx１", min_size=18, max_size=18))
def test_any_text_is_accepted_unchanged_or_refused(text: str) -> None:
    for parse, error in ((parse_uscc, USCCError), (parse_resident_id, ResidentIdError)):
        try:
            parsed = parse(text)
        except error as caught:
            parsed = f"{caught.where}已拒绝"
        assert parsed in {text, "统一社会信用代码已拒绝", "公民身份号码已拒绝"}


def test_last_four() -> None:
    assert last_four("51068119900307123X") == "123X"
    assert last_four("12") == "12"
