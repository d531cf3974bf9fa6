"""The words of other systems for a licence's state."""

from __future__ import annotations

import pytest

from ecert.errors import FormatError
from ecert.issuers.stock.states import read_state
from ecert.model.licence import LicenceState


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("有效", LicenceState.ISSUED), ("", LicenceState.ISSUED), (" 现势 ", LicenceState.ISSUED),
        ("暂扣", LicenceState.SUSPENDED), ("注销", LicenceState.CANCELLED),
        ("撤销", LicenceState.WITHDRAWN), ("吊销", LicenceState.REVOKED),
        ("办理转出", LicenceState.TRANSFERRED), ("失效", LicenceState.EXPIRED),
        ("Revoked", LicenceState.REVOKED), ("已换发", LicenceState.SUPERSEDED),
    ],
)  # fmt: skip
def test_a_word_means_one_state(word: str, state: LicenceState) -> None:
    assert read_state(word) is state


@pytest.mark.parametrize("state", LicenceState, ids=str)
def test_our_own_words_are_read(state: LicenceState) -> None:
    assert read_state(state.zh) is state
    assert read_state(state.value) is state


@pytest.mark.parametrize("word", ["01", "10", "1", "作废"])
def test_a_code_that_means_two_things_is_not_guessed(word: str) -> None:
    with pytest.raises(FormatError, match="不认识这种证照状态") as caught:
        read_state(word)
    assert "注销、撤销、吊销" in caught.value.fix_zh
