"""What numbers and names may hold, and that refusals name the character and its place."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.errors import FormatError, USCCError
from ecert.model.characters import (
    DIGITS,
    DIGITS_AND_CAPITALS,
    MAX_COMBINING_RUN,
    PRINTABLE_ASCII,
    describe,
    is_mark,
    is_plain,
    require_only,
    require_visible,
)


def refusal(text: str, allowed: frozenset[str] = DIGITS_AND_CAPITALS) -> FormatError:
    with pytest.raises(FormatError) as caught:
        require_only(text, allowed, FormatError, where="编号")
    return caught.value


def test_allowed_text_passes() -> None:
    require_only("012XYZ", DIGITS_AND_CAPITALS, FormatError, where="编号")
    require_only("", DIGITS, FormatError, where="编号")


def test_the_error_is_of_the_class_asked_for_and_names_the_place() -> None:
    with pytest.raises(USCCError) as caught:
        require_only("x", DIGITS, USCCError, where="统一社会信用代码")
    assert caught.value.where == "统一社会信用代码"


@pytest.mark.parametrize(
    ("text", "place", "code_point", "fix_zh", "fix_en"),
    [
        ("12３", 3, "U+FF13", "请改用半角“3”", 'Use the half-width "3"'),
        ("1Ａ", 2, "U+FF21", "请改用半角“A”", 'Use the half-width "A"'),
        ("1ａ", 2, "U+FF41", "请改用半角“A”", 'Use the half-width "A"'),
        ("a", 1, "U+0061", "请改用大写“A”", 'Use the capital "A"'),
        ("1_2", 2, "U+005F", "请删去，或核对原件", "Remove it, or compare with the original"),
        ("1 2", 2, "U+0020", "请删去，或核对原件", "Remove it, or compare with the original"),
        ("А1", 1, "U+0410", "请删去，或核对原件", "Remove it, or compare with the original"),
        ("١", 1, "U+0661", "请删去，或核对原件", "Remove it, or compare with the original"),
        ("1\u200b2", 2, "U+200B", "请删去，或核对原件", "Remove it, or compare with the original"),
        ("ß", 1, "U+00DF", "请删去，或核对原件", "Remove it, or compare with the original"),
        ("ı", 1, "U+0131", "请删去，或核对原件", "Remove it, or compare with the original"),
    ],
)
def test_the_first_foreign_character_is_named_with_its_repair(
    text: str, place: int, code_point: str, fix_zh: str, fix_en: str
) -> None:
    error = refusal(text)
    assert error.where == "编号"
    assert f"第{place}位" in error.zh
    assert f"character {place} " in error.en
    assert code_point in error.zh
    assert code_point in error.en
    assert error.fix_zh == fix_zh
    assert error.fix_en == fix_en


def test_a_small_letter_is_kept_where_small_letters_are_allowed() -> None:
    assert refusal("ａ", PRINTABLE_ASCII).fix_zh == "请改用半角“a”"


def test_places_are_counted_from_the_beginning_of_the_whole_text() -> None:
    with pytest.raises(FormatError) as caught:
        require_only("x", DIGITS, FormatError, where="编号", skipped=17)
    assert "第18位" in caught.value.zh


@pytest.mark.parametrize("text", ["张伟", "𠮷田", "葛\U000e0100城", "ཀྲ", "O'Brien 3", "é"])
def test_rare_ideographs_variation_sequences_and_other_scripts_are_visible(text: str) -> None:
    require_visible(text, FormatError, where="姓名")


def test_ideographs_newer_than_pythons_tables_are_visible() -> None:
    newest = "\U000323b0"
    assert unicodedata.category(newest) in {"Cn", "Lo"}
    require_visible(newest, FormatError, where="姓名")


@pytest.mark.parametrize(
    ("character", "zh"),
    [
        ("\x00", "控制字符"),
        ("\t", "控制字符"),
        ("\x7f", "控制字符"),
        ("\x85", "控制字符"),
        ("\u00ad", "格式字符"),
        ("\u061c", "格式字符"),
        ("\u200b", "格式字符"),
        ("\u200d", "格式字符"),
        ("\u200e", "格式字符"),
        ("\u202e", "格式字符"),
        ("\u2066", "格式字符"),
        ("\u2069", "格式字符"),
        ("\ufeff", "格式字符"),
        ("\U000e0041", "格式字符"),
        ("\ue000", "自造字"),
        ("\U000f0000", "自造字"),
        ("\ud800", "代理码"),
        ("\u2028", "行分隔符"),
        ("\u2029", "段分隔符"),
        ("\u3164", "不可见的字符"),
        ("\u034f", "不可见的字符"),
        ("\uffff", "无效的字符"),
        ("\ufdd0", "无效的字符"),
        ("\U0001fffe", "无效的字符"),
    ],
)
def test_what_cannot_be_seen_is_refused_by_its_code_point(character: str, zh: str) -> None:
    with pytest.raises(FormatError) as caught:
        require_visible(f"张{character}伟", FormatError, where="姓名")
    assert caught.value.where == "姓名"
    assert zh in caught.value.zh
    assert "第2个字符" in caught.value.zh
    assert f"U+{ord(character):04X}" in caught.value.zh
    # The message itself must not carry what hides or turns text.
    assert character not in str(caught.value)


def test_whatever_is_passed_at_once_would_be_passed_singly() -> None:
    plain = [character for character in map(chr, range(sys.maxunicode + 1)) if is_plain(character)]
    assert len(plain) > 27_000
    for character in plain:
        assert not is_mark(character)
        # Behind a tab the whole text is looked at singly, and only the tab is wrong with it.
        with pytest.raises(FormatError, match="第2个字符U\\+0009"):
            require_visible(f"{character}\t", FormatError, where="姓名")


def test_combining_marks_are_bounded() -> None:
    require_visible("a" + "\u0301" * MAX_COMBINING_RUN, FormatError, where="姓名")
    with pytest.raises(FormatError, match="过多的组合符号"):
        require_visible("a" + "\u0301" * (MAX_COMBINING_RUN + 1), FormatError, where="姓名")


def test_description_shows_visible_characters_only() -> None:
    assert describe("１") == "“１”(U+FF11)"
    assert describe("\u202e") == "U+202E"
    assert describe("\u0301") == "U+0301"
    assert describe("\u3164") == "U+3164"


def test_variation_selectors_are_marks() -> None:
    assert is_mark("\U000e0100")
    assert is_mark("\ufe00")
    assert not is_mark("葛")


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_either_all_is_allowed_or_the_first_other_character_is_named(text: str) -> None:
    foreign = [place for place, character in enumerate(text, 1) if character not in DIGITS]
    if not foreign:
        require_only(text, DIGITS, FormatError, where="编号")
    else:
        assert refusal(text, DIGITS).en.startswith(f"character {foreign[0]} is ")
