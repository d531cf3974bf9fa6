"""Masks: what is left of a value, and never more."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.model.masks import MASKS, apply


def test_the_set_is_closed() -> None:
    assert MASKS == ("none", "last4", "name", "phone", "year", "hidden")


@pytest.mark.parametrize(
    ("mask", "value", "left"),
    [
        ("none", "张伟", "张伟"),
        ("last4", "510681199003071237", "1237"),
        ("last4", "51068119900307123X", "123X"),
        ("last4", "12", "12"),
        ("last4", "", ""),
        ("name", "张伟", "张*"),
        ("name", "张小三", "张*三"),
        ("name", "欧阳小三", "欧**三"),
        ("name", "阿卜杜拉·买买提", "阿******提"),
        ("name", "张", "*"),
        ("name", "", ""),
        ("name", "𠮷田", "𠮷*"),
        # The variation selector belongs to its ideograph: it is not a character of its own.
        ("name", "葛\U000e0100城", "葛\U000e0100*"),
        ("name", "张葛\U000e0100城", "张*城"),
        ("phone", "13800001234", "138****1234"),
        ("phone", "+8613800001234", "+86*******1234"),
        ("phone", "82345678", "****5678"),
        ("phone", "1234567", "*******"),
        ("phone", "", ""),
        ("year", "1990-03-07", "1990"),
        ("year", "19900307", "1990"),
        ("year", "1990", "1990"),
        ("hidden", "任何内容", "***"),
        ("hidden", "", "***"),
    ],
)
def test_what_a_mask_leaves(mask: str, value: str, left: str) -> None:
    assert apply(mask, value) == left


@pytest.mark.parametrize("mask", ["", "NONE", "last5", "none "])
def test_an_unknown_mask_is_misuse_and_names_those_that_exist(mask: str) -> None:
    with pytest.raises(ValueError, match="none, last4, name, phone, year, hidden"):
        apply(mask, "值")


@pytest.mark.parametrize("value", ["", "90-03-07", "1990-3-7", "1990年", "511623199003071234"])
def test_the_year_of_something_not_a_date_is_misuse_and_leaks_nothing(value: str) -> None:
    with pytest.raises(ValueError, match="dates only") as caught:
        apply("year", value)
    assert not value or value not in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_no_mask_shows_more_than_it_may(value: str) -> None:
    assert apply("last4", value) == value[-4:]
    assert apply("hidden", value) == apply("hidden", "")
    assert len(apply("phone", value)) == len(value)
    assert apply("phone", value).count("*") >= min(len(value), 4)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(categories=["Lo", "Lu", "Ll"]), min_size=2, max_size=30))
def test_a_masked_name_keeps_its_ends_alone(name: str) -> None:
    masked = apply("name", name)
    assert len(masked) == len(name)
    assert masked[0] == name[0]
    assert set(masked[1:-1]) <= {"*"}
    assert masked[-1] == (name[-1] if len(name) > 2 else "*")
