"""Matters found by code, name, alias, words and pinyin initials."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecert import limits
from ecert.errors import MatterError
from ecert.interop.matters import catalogue as catalogue_module
from ecert.interop.matters.catalogue import MatterCatalogue
from ecert.interop.matters.initials import initials, pattern
from tests.unit.interop.matters.samples import GUANGAN, SICHUAN, matter

HERE = MatterCatalogue(
    [
        matter(code="A1", name="机动车驾驶证换发", aliases=("机动车业务",), region=GUANGAN),
        matter(code="A2", name="食品经营许可证变更", region=GUANGAN, department="市场监督管理局"),
        matter(code="A3", name="营业执照变更", region=GUANGAN, department="市场监督管理局"),
        matter(code="A4", name="驾驶证补领", region=GUANGAN),
        matter(code="B1", name="公证办理", region=GUANGAN),
        matter(code="B2", name="公证办理", region=SICHUAN),
        matter(code="B3", name="重庆银行会计行政处罚", region=SICHUAN),
    ]
)


def codes(text: str, limit: int = 20) -> list[str]:
    return [one.code for one in HERE.search(text, limit=limit)]


def test_by_code_name_and_alias() -> None:
    assert HERE.get("A1") is HERE.require("机动车业务")
    assert HERE.get("A9") is None
    assert [one.code for one in HERE.named(" 公证办理　")] == ["B1", "B2"]
    assert HERE.named("公证") == ()
    assert "A1" in HERE
    assert len(HERE) == len(list(HERE)) == 7


def test_a_name_that_several_have_is_told_apart_by_region() -> None:
    with pytest.raises(MatterError, match="有2项") as raised:
        HERE.require("公证办理")
    assert "B1（511600）、B2（510000）" in raised.value.fix_zh
    assert HERE.require("公证办理", "511623").code == "B1"
    assert HERE.require("公证办理", "510100").code == "B2"
    with pytest.raises(MatterError, match="由四川省广安市、四川省办理，不在重庆市办理"):
        HERE.require("公证办理", "500000")
    # A code is one matter, but it must be handled there, too.
    with pytest.raises(MatterError):
        HERE.require("B1", "510100")


def test_an_unknown_name_is_answered_with_near_ones() -> None:
    with pytest.raises(MatterError) as raised:
        HERE.require("驾驶证换领")
    assert "机动车驾驶证换发" in raised.value.fix_zh
    with pytest.raises(MatterError) as raised:
        MatterCatalogue().require("公证办理")
    assert "先导入" in raised.value.fix_zh


def test_two_matters_cannot_have_one_code() -> None:
    with pytest.raises(MatterError, match="同一编码") as raised:
        MatterCatalogue([matter(name="一"), matter(name="二")])
    assert raised.value.where == "SL-1"


def test_a_matter_of_the_same_code_takes_the_place_of_the_old_one() -> None:
    new = HERE.with_matters([matter(code="A1", name="换证"), matter(code="C1", name="新")])
    assert len(new) == 8
    assert new.require("A1").name == "换证"
    assert new.named("机动车业务") == ()
    assert HERE.require("A1").name == "机动车驾驶证换发"


def test_the_number_of_matters_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits.MAX_MATTERS >= 43_207
    monkeypatch.setattr(catalogue_module, "MAX_MATTERS", 3)
    some = [matter(code=str(number)) for number in range(4)]
    assert len(MatterCatalogue(some[:3])) == 3
    with pytest.raises(MatterError, match="超过3项"):
        MatterCatalogue(some)


# -- search -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("驾驶证", ["A4", "A1"]),  # at the beginning of the name first
        ("变更", ["A3", "A2"]),  # then the earlier in it
        ("变更 食品", ["A2"]),  # all words
        ("市场监督 变更", ["A3", "A2"]),  # of the department, too
        ("机动车业务", ["A1"]),  # of an alias
        ("a2", ["A2"]),  # part of a code, in any case
        ("公证办理", ["B1", "B2"]),
        ("驾驶证换领", ["A1", "A4"]),  # no words fit: what shares most pairs of characters
        ("完全不相干", []),
        ("", []),
        ("  ", []),
        ("*", []),
        (".", []),
        ("[a", []),
    ],
)
def test_search_ranks_the_nearest_first(text: str, found: list[str]) -> None:
    assert codes(text) == found


def test_search_by_pinyin_initials() -> None:
    assert codes("jdcjszhf") == ["A1"]
    assert codes("JSZ") == ["A4", "A1"]
    assert codes("jdcyw") == ["A1"]  # of an alias
    assert codes("gz") == ["B1", "B2"]
    assert codes("xyz") == []


@pytest.mark.parametrize("letters", ["cqyhkjxzcf", "zqyxhjhzcf"])
def test_characters_that_are_read_in_several_ways_fit_each(letters: str) -> None:
    assert codes(letters) == ["B3"]


def test_search_gives_at_most_what_is_asked_for() -> None:
    assert codes("变更", limit=1) == ["A3"]


def test_a_search_has_a_limit() -> None:
    HERE.search("事" * limits.MAX_SEARCH_CHARS)
    with pytest.raises(MatterError, match=str(limits.MAX_SEARCH_CHARS)):
        HERE.search("事" * (limits.MAX_SEARCH_CHARS + 1))


@given(st.text(max_size=limits.MAX_SEARCH_CHARS))
def test_any_search_is_answered(text: str) -> None:
    assert set(HERE.search(text)) <= set(HERE)


@given(st.sampled_from(sorted(one.code for one in HERE)), st.data())
def test_every_part_of_a_name_finds_the_matter(code: str, data: st.DataObject) -> None:
    one = HERE.require(code)
    begin = data.draw(st.integers(0, len(one.name) - 1))
    end = data.draw(st.integers(begin + 1, len(one.name)))
    assert one in HERE.search(one.name[begin:end])


# -- initials ---------------------------------------------------------------------------------


def test_initials_of_common_characters() -> None:
    assert initials("安不从到额放高和见看来买那哦跑去人三他我想一中") == "abcdefghjklmnopqrstwxyz"
    assert initials("A4纸、证照（1）") == "azzz"
    assert initials("殡葬") == "?z"  # outside the common 3,755: fits any letter
    assert pattern("bz").search(initials("殡葬"))


def test_letters_alone_are_initials() -> None:
    for text in ("", "驾", "j1", "j z", "é"):
        with pytest.raises(ValueError, match="a to z"):
            pattern(text)


@given(st.text(max_size=40))
def test_initials_hold_one_letter_or_mark_for_each_letter(text: str) -> None:
    assert len(initials(text)) == sum(character.isalpha() for character in text)
