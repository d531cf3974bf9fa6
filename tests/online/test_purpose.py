"""All six words, each bounded, each to be seen."""

from __future__ import annotations

from typing import Any

import pytest

from ecert import limits
from ecert.errors import FormatError
from ecert.online.purpose import AccessPurpose
from tests.online.office import WORDS

MOST = limits.MAX_PURPOSE_CHARS


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("word", ["", " ", "字" * (MOST + 1), 1, None, "a\u202eb", "a\nb", ...])
def test_a_word_that_is_missing_empty_too_long_or_hidden_is_named(name: str, word: Any) -> None:
    plain = {key: value for key, value in WORDS.items() if key != name}
    if word is not ...:
        plain[name] = word
    with pytest.raises(FormatError) as caught:
        AccessPurpose.read(plain)
    assert caught.value.where == name


@pytest.mark.parametrize("name", WORDS)
def test_a_word_may_be_as_long_as_the_bound(name: str) -> None:
    plain = WORDS | {name: "字" * MOST}
    assert AccessPurpose.read(plain).plain() == plain


@pytest.mark.parametrize("plain", [{}, [], None, "x", WORDS | {"more": "x"}])
def test_another_shape_is_refused(plain: object) -> None:
    with pytest.raises(FormatError):
        AccessPurpose.read(plain)


def test_what_was_said_does_not_stand_in_the_error() -> None:
    with pytest.raises(FormatError) as caught:
        AccessPurpose.read(WORDS | {"username": "张伟" * MOST})
    assert "张伟" not in f"{caught.value}{caught.value.__cause__}"
