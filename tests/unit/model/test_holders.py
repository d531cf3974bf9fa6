"""Holders: names as received, numbers as printed, and nothing that hides."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.errors import FormatError, ResidentIdError, USCCError
from ecert.limits import MAX_NAME_CHARS
from ecert.model.holders import (
    HOLDER_ID_TYPES,
    MAX_NUMBER_CHARS,
    Holder,
    HolderClass,
    holder_faults,
)

if TYPE_CHECKING:
    from pathlib import Path

NUMBER = "510681199003071237"
USCC = "11430000006122244L"


def refusal(name: str = "张伟", number: str = NUMBER, number_type: str = "111") -> FormatError:
    with pytest.raises(FormatError) as caught:
        Holder(name, number, number_type)
    return caught.value


def test_a_person_is_the_usual_holder() -> None:
    holder = Holder("张伟", NUMBER)
    assert holder.number_type == "111"
    assert holder.holder_class is HolderClass.NATURAL_PERSON
    assert holder.last_four == "1237"
    assert holder.masked_name == "张*"


def test_an_enterprise_is_a_body_whose_name_is_public() -> None:
    holder = Holder.enterprise("广安测试有限公司", USCC)
    assert holder.number_type == "001"
    assert holder.holder_class is HolderClass.LEGAL_PERSON
    assert holder.masked_name == "广安测试有限公司"


def test_the_classes_of_holders_are_stable() -> None:
    assert [str(kind) for kind in HolderClass] == [
        "natural-person",
        "legal-person",
        "mixed",
        "other",
    ]


def test_the_kinds_of_numbers_of_gb_t_36903() -> None:
    bodies = {"001", "099"}
    persons = {"111", "114", "115", "118", "119", "120", "122", "411", "412", "413", "414"}
    persons |= {"511", "516", "999"} | {"400", "551", "552"}
    assert set(HOLDER_ID_TYPES) == bodies | persons
    for code, kind in HOLDER_ID_TYPES.items():
        assert kind.code == code
        assert kind.zh
        assert kind.en.isascii()
        wanted = HolderClass.LEGAL_PERSON if code in bodies else HolderClass.NATURAL_PERSON
        assert kind.holder_class is wanted


def attempt(name: str, number: str = NUMBER, number_type: str = "111") -> Holder | FormatError:
    try:
        return Holder(name, number, number_type)
    except FormatError as error:
        return error


# -- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "张伟",
        "𠮷",
        "葛\U000e0100城",
        "阿卜杜拉·买买提",
        "阿卜杜拉•买买提",
        "隆\uf9dc",
        "\ufa11",
        "O'Brien, Séamus",
        "José",
        "བསྟན་འཛིན",
        "广安测试有限公司（分公司）",
        "张" * MAX_NAME_CHARS,
    ],
)
def test_names_are_kept_exactly_as_received(name: str) -> None:
    assert Holder(name, NUMBER).name == name


@pytest.mark.parametrize(
    ("name", "zh"),
    [
        ("", "应为1至200个字符，实际0个"),
        ("张" * (MAX_NAME_CHARS + 1), "应为1至200个字符，实际201个"),
        (" 张伟", "首尾有空格"),
        ("张伟\u3000", "首尾有空格"),
        ("\u0301张", "不能以组合符号开头"),
        ("\U000e0100", "不能以组合符号开头"),
        ("\ue123伟", "第1个字符U+E123是自造字（私用区字符）"),
        ("张\U0010fffd", "第2个字符U+10FFFD是自造字（私用区字符）"),
        ("张\n伟", "第2个字符U+000A是控制字符"),
        ("张\u200b伟", "第2个字符U+200B是不可见的格式字符"),
        ("张\ufeff伟", "第2个字符U+FEFF是不可见的格式字符"),
        ("张\u2060伟", "第2个字符U+2060是不可见的格式字符"),
        ("张\ud83d伟", "第2个字符U+D83D是残缺的字符（代理码）"),
        ("张\u3164伟", "第2个字符U+3164是不可见的字符"),
        ("Z" + "\u0300" * 40, "第10个字符U+0300是过多的组合符号"),
    ],
)
def test_names_that_hide_something_are_refused(name: str, zh: str) -> None:
    error = refusal(name)
    assert error.where == "持证主体"
    assert error.zh == zh
    assert error.en


@pytest.mark.parametrize(
    "control", [*"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"]
)
def test_no_name_turns_the_direction_of_text(control: str) -> None:
    for name in (f"张{control}伟", f"{control}张伟", f"张伟{control}"):
        error = refusal(name)
        assert error.where == "持证主体"
        assert f"U+{ord(control):04X}" in error.zh


def test_naughty_strings_are_kept_unchanged_or_refused_with_a_reason(vectors: Path) -> None:
    data: Any = json.loads((vectors / "naughty-strings.json").read_text(encoding="utf-8"))
    strings = data if isinstance(data, list) else data["strings"]
    results = [attempt(text) for text in strings]
    kept = [result.name for result in results if isinstance(result, Holder)]
    refused = [result for result in results if isinstance(result, FormatError)]
    assert kept
    assert refused
    assert set(kept) < set(strings)
    assert {error.where for error in refused} == {"持证主体"}
    assert all(error.zh and error.en for error in refused)


def test_the_middle_dots_of_one_name_are_one_when_compared() -> None:
    spellings = [f"阿卜杜拉{dot}买买提" for dot in "\u00b7\u2022\u30fb\uff65\u2027"]
    assert len(set(spellings)) == 5
    holders = [Holder(name, NUMBER) for name in spellings]
    assert {holder.folded_name() for holder in holders} == {"阿卜杜拉\u00b7买买提"}
    assert [holder.name for holder in holders] == spellings


@pytest.mark.parametrize(
    ("one", "other"),
    [("Jose\u0301", "Jos\u00e9"), ("\uf9dc", "\u9686"), ("a\u0387b", "a\u00b7b")],
)
def test_spellings_that_unicode_calls_the_same_are_one_when_compared(one: str, other: str) -> None:
    assert Holder(one, NUMBER).folded_name() == Holder(other, NUMBER).folded_name()
    assert Holder(one, NUMBER).name != Holder(other, NUMBER).name


@pytest.mark.parametrize(("one", "other"), [("⼀", "一"), ("北京巿", "北京市"), ("\ufa11", "崎")])
def test_characters_that_only_look_alike_stay_apart(one: str, other: str) -> None:
    assert Holder(one, NUMBER).folded_name() != Holder(other, NUMBER).folded_name()


# -- numbers ----------------------------------------------------------------------------------


def test_a_residents_number_is_proven() -> None:
    error = refusal(number="510681199003071238")
    assert isinstance(error, ResidentIdError)
    assert error.zh == "校验码不符"


def test_a_bodys_code_is_proven() -> None:
    error = refusal(number="11430000006122244M", number_type="001")
    assert isinstance(error, USCCError)
    assert error.zh == "校验位不符"


@pytest.mark.parametrize("number_type", sorted(HOLDER_ID_TYPES))
def test_a_full_width_digit_is_refused_by_name_in_every_kind(number_type: str) -> None:
    number = {"111": NUMBER, "001": USCC}.get(number_type, "E12345678")
    error = refusal(number=number[:4] + "１" + number[5:], number_type=number_type)
    assert "第5位是“１”(U+FF11)" in error.zh
    assert error.fix_zh == "请改用半角“1”"


@pytest.mark.parametrize("number", ["E12345678", "H 123(4)", "1", "9" * MAX_NUMBER_CHARS])
def test_other_numbers_are_printable_ascii(number: str) -> None:
    assert Holder("Li", number, "414").number == number


@pytest.mark.parametrize("number", ["", " 1", "1 ", "9" * (MAX_NUMBER_CHARS + 1)])
def test_other_numbers_have_a_length_and_no_spaces_at_their_ends(number: str) -> None:
    error = refusal(number=number, number_type="414")
    assert error.where == "持证主体代码"
    assert error.zh == "应为1至40个字符，首尾不能有空格"


@pytest.mark.parametrize("number", ["军字1", "E1234\u200b", "E\t1", "Е1"])
def test_other_numbers_hold_nothing_else(number: str) -> None:
    error = refusal(number=number, number_type="999")
    assert error.where == "持证主体代码"
    assert "不能使用" in error.zh


@pytest.mark.parametrize("number_type", ["", "112", "111 ", "自然人"])
def test_an_unknown_kind_of_number_is_refused(number_type: str) -> None:
    error = refusal(number_type=number_type)
    assert error.where == "持证主体代码类型"
    assert "111" in error.fix_zh


# -- values -----------------------------------------------------------------------------------


def test_a_holder_does_not_print_what_identifies_a_person() -> None:
    printed = f"{Holder('张伟', NUMBER)!r} {Holder('张伟', NUMBER)}"
    assert "1237" in printed
    assert "张伟" not in printed
    assert NUMBER[:14] not in printed


def test_a_holder_is_a_value() -> None:
    holder = Holder("张伟", NUMBER)
    assert {holder} == {Holder("张伟", NUMBER)}
    with pytest.raises(dataclasses.FrozenInstanceError):
        holder.name = "李伟"  # type: ignore[misc]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_any_name_is_kept_or_refused(name: str) -> None:
    result = attempt(name)
    assert (result.name if isinstance(result, Holder) else result.where) in {name, "持证主体"}


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=45), st.sampled_from(sorted(HOLDER_ID_TYPES)))
def test_any_number_is_kept_or_refused_without_being_quoted(number: str, kind: str) -> None:
    result = attempt("张伟", number, kind)
    if isinstance(result, Holder):
        assert result.number == number
    else:
        assert result.where
        assert len(number) < 12 or number not in str(result)


def test_everything_that_is_wrong_with_a_holder_is_told() -> None:
    assert holder_faults("张伟", "510681199003071237", "111") == []
    name, number = holder_faults(" 张伟", "510681199003071238", "111")
    assert (name.where, name.zh) == ("持证主体", "首尾有空格")
    assert number.zh == "校验码不符"
    assert [fault.where for fault in holder_faults("张伟", "", "414")] == ["持证主体代码"]
