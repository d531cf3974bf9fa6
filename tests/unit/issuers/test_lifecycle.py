"""The life cycle of a licence: every state with every move."""

from __future__ import annotations

import itertools

import pytest

from ecert.errors import ForbiddenMoveError
from ecert.issuers.lifecycle import Move, allowed, moves_from, status_value
from ecert.model.licence import LicenceState
from ecert.reasons import Reason
from ecert.status.values import StatusValue

I, S = LicenceState.ISSUED, LicenceState.SUSPENDED  # noqa: E741
STATES = (None, *LicenceState)
# Written out, so that no change of the table goes unseen.
ALLOWED = {
    (None, Move.ISSUE): I,
    (I, Move.SUSPEND): S,
    (S, Move.REINSTATE): I,
    (I, Move.CANCEL): LicenceState.CANCELLED,
    (I, Move.WITHDRAW): LicenceState.WITHDRAWN,
    (I, Move.REVOKE): LicenceState.REVOKED,
    (S, Move.CANCEL): LicenceState.CANCELLED,
    (S, Move.WITHDRAW): LicenceState.WITHDRAWN,
    (S, Move.REVOKE): LicenceState.REVOKED,
}
FORBIDDEN = [pair for pair in itertools.product(STATES, Move) if pair not in ALLOWED]


@pytest.mark.parametrize(("state", "move"), list(ALLOWED))
def test_a_move_that_the_life_cycle_has_leads_to_its_state(
    state: LicenceState | None, move: Move
) -> None:
    assert allowed(state, move) is ALLOWED[state, move]
    assert move in moves_from(state)


@pytest.mark.parametrize(("state", "move"), FORBIDDEN)
def test_any_other_move_is_refused_naming_state_move_and_what_is_allowed(
    state: LicenceState | None, move: Move
) -> None:
    with pytest.raises(ForbiddenMoveError) as caught:
        allowed(state, move)
    error = caught.value
    assert error.where == "证照状态"
    assert (state.zh if state else "未颁发") in error.zh
    assert move.zh in error.zh
    assert (state.value if state else "not issued") in error.en
    assert move.value in error.en
    assert all(possible.zh in error.fix_zh for possible in moves_from(state))
    assert all(possible.value in error.fix_en for possible in moves_from(state))
    assert move not in moves_from(state)


def test_cancelled_withdrawn_revoked_replaced_and_transferred_are_final() -> None:
    final = {state for state in LicenceState if not moves_from(state)}
    assert final == set(LicenceState) - {I, S}
    with pytest.raises(ForbiddenMoveError) as caught:
        allowed(LicenceState.REVOKED, Move.REINSTATE)
    assert "最终状态" in caught.value.fix_zh
    assert "final" in caught.value.fix_en


def test_the_three_ends_have_three_words_and_three_statuses() -> None:
    ends = (Move.CANCEL, Move.WITHDRAW, Move.REVOKE)
    assert [move.zh for move in ends] == ["注销", "撤销", "吊销"]
    assert [int(status_value(allowed(I, move))) for move in ends] == [12, 13, 1]


def test_every_state_has_a_status_of_its_own_and_only_issued_is_valid() -> None:
    values = {state: status_value(state) for state in LicenceState}
    assert len(set(values.values())) == len(LicenceState)
    assert [state for state, value in values.items() if value is StatusValue.VALID] == [I]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (LicenceState.ISSUED, None),
        (LicenceState.SUSPENDED, Reason.SUSPENDED),
        (LicenceState.SUPERSEDED, Reason.SUPERSEDED),
        (LicenceState.CANCELLED, Reason.CANCELLED),
        (LicenceState.WITHDRAWN, Reason.WITHDRAWN),
        (LicenceState.REVOKED, Reason.REVOKED),
        (LicenceState.TRANSFERRED, Reason.TRANSFERRED),
    ],
)
def test_a_state_reaches_the_clerk_as_its_own_reason(
    state: LicenceState, reason: Reason | None
) -> None:
    assert status_value(state).reason is reason


def test_every_move_has_a_word_for_the_office() -> None:
    words = [move.zh for move in Move]
    assert len(set(words)) == len(words)
