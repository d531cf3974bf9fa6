"""Several texts in one cell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecert.errors import FormatError
from ecert.interop.workbook import texts

parts = st.lists(
    st.text('甲乙"、，,；; *+#', min_size=1, max_size=6).map(str.strip).filter(bool), min_size=1
)


@given(parts)
def test_texts_that_are_joined_come_apart_again(given_texts: list[str]) -> None:
    assert texts.split(texts.join(given_texts), quoted=True) == given_texts


@given(st.text('甲"5E+10#N/A', min_size=1).map(str.strip).filter(bool))
def test_one_text_comes_back(text: str) -> None:
    assert texts.plain(texts.written(text) or "", quoted=True) == text


@pytest.mark.parametrize("text", ['"甲', '甲、"乙', '"甲"乙', '"甲""'])
def test_a_mark_that_is_not_closed_is_told(text: str) -> None:
    with pytest.raises(FormatError, match="双引号不成对"):
        texts.split(text, quoted=True)


def test_elsewhere_marks_are_characters_like_others() -> None:
    assert texts.split('"甲、乙"', quoted=False) == ['"甲', '乙"']
    assert texts.plain('"甲', quoted=False) == '"甲'
    with pytest.raises(FormatError, match="双引号不成对"):
        texts.plain('"甲', quoted=True)


def test_all_is_a_word_and_not_a_matter() -> None:
    assert texts.split_or_all(" 全部 ", quoted=True) == ["*"]
    assert texts.split_or_all('"全部"', quoted=True) == ["全部"]
    assert texts.join_or_all(("*",)) == "全部"
    assert texts.join_or_all(("全部",)) == '"全部"'
    assert texts.written(None) is None
