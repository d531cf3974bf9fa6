"""The life cycle of a licence: every state with every move."""

from __future__ import annotations

import itertools

import pytest

from ecert.errors import ForbiddenMoveError
from ecert.issuers.lifecycle import (
    REPLACEMENTS,
    Move,
    allowed,
    is_final,
    moves_from,
    require_grounds,
    require_replacement,
    status_value,
)
from ecert.model.licence import LicenceState
from ecert.reasons import Reason
from ecert.status.values import StatusValue

I, S = LicenceState.ISSUED, LicenceState.SUSPENDED  # noqa: E741
STATES = (None, *LicenceState)
ENDED = (
    LicenceState.SUPERSEDED,
    LicenceState.CANCELLED,
    LicenceState.WITHDRAWN,
    LicenceState.REVOKED,
)
# Written out, so that no change of the table goes unseen.
ALLOWED: dict[tuple[LicenceState | None, Move], LicenceState] = {
    (None, Move.ISSUE): I,
    (I, Move.SUSPEND): S,
    (I, Move.RENEW): LicenceState.SUPERSEDED,
    (I, Move.CHANGE): LicenceState.SUPERSEDED,
    (I, Move.EXTEND): LicenceState.SUPERSEDED,
    (I, Move.REISSUE): LicenceState.SUPERSEDED,
    (I, Move.CORRECT): LicenceState.SUPERSEDED,
    (I, Move.CANCEL): LicenceState.CANCELLED,
    (I, Move.WITHDRAW): LicenceState.WITHDRAWN,
    (I, Move.REVOKE): LicenceState.REVOKED,
    (I, Move.TRANSFER): LicenceState.TRANSFERRED,
    (I, Move.WITHDRAW_CREDENTIAL): I,
    (I, Move.OBJECT): I,
    (I, Move.DISMISS): I,
    (S, Move.REINSTATE): I,
    (S, Move.CANCEL): LicenceState.CANCELLED,
    (S, Move.WITHDRAW): LicenceState.WITHDRAWN,
    (S, Move.REVOKE): LicenceState.REVOKED,
    (S, Move.WITHDRAW_CREDENTIAL): S,
    (S, Move.OBJECT): S,
    (S, Move.DISMISS): S,
    # Expiry is a matter of the day: what is recorded stays "issued".
    (LicenceState.EXPIRED, Move.RENEW): LicenceState.SUPERSEDED,
    (LicenceState.EXPIRED, Move.EXTEND): LicenceState.SUPERSEDED,
    (LicenceState.EXPIRED, Move.CORRECT): LicenceState.SUPERSEDED,
    (LicenceState.EXPIRED, Move.CANCEL): LicenceState.CANCELLED,
    (LicenceState.EXPIRED, Move.WITHDRAW): LicenceState.WITHDRAWN,
    (LicenceState.EXPIRED, Move.REVOKE): LicenceState.REVOKED,
    (LicenceState.EXPIRED, Move.WITHDRAW_CREDENTIAL): I,
    (LicenceState.EXPIRED, Move.OBJECT): I,
    (LicenceState.EXPIRED, Move.DISMISS): I,
    (LicenceState.TRANSFERRED, Move.TAKE_BACK): I,
    (LicenceState.TRANSFERRED, Move.OBJECT): LicenceState.TRANSFERRED,
    (LicenceState.TRANSFERRED, Move.DISMISS): LicenceState.TRANSFERRED,
    **{(state, move): state for state in ENDED for move in (Move.OBJECT, Move.DISMISS)},
}
FORBIDDEN = [pair for pair in itertools.product(STATES, Move) if pair not in ALLOWED]
# They change no state, so that no error offers them as a way on.
NOTED = {Move.WITHDRAW_CREDENTIAL, Move.OBJECT, Move.DISMISS}


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
    offered = [one for one in moves_from(state) if one not in NOTED]
    assert all(possible.zh in error.fix_zh for possible in offered)
    assert all(possible.value in error.fix_en for possible in offered)
    assert bool(offered) != ("最终状态" in error.fix_zh)
    assert bool(offered) != ("final" in error.fix_en)
    assert move not in moves_from(state)


def test_superseded_cancelled_withdrawn_and_revoked_are_final() -> None:
    assert {state for state in LicenceState if is_final(state)} == set(ENDED)
    for state in ENDED:
        assert set(moves_from(state)) == {Move.OBJECT, Move.DISMISS}, "history can be disputed"
    with pytest.raises(ForbiddenMoveError) as caught:
        allowed(LicenceState.REVOKED, Move.REINSTATE)
    assert "最终状态" in caught.value.fix_zh
    assert "final" in caught.value.fix_en


def test_nothing_leads_back_from_a_final_state() -> None:
    reached = {target for (state, _), target in ALLOWED.items() if state in ENDED}
    assert reached <= set(ENDED)


def test_what_may_be_done_after_the_last_day_may_be_done_before_it() -> None:
    # The audit replays events without their days.
    for move in moves_from(LicenceState.EXPIRED):
        assert allowed(LicenceState.EXPIRED, move) is allowed(I, move)


@pytest.mark.parametrize("move", Move)
def test_every_move_but_the_issue_says_why(move: Move) -> None:
    assert move.needs_reason is (move is not Move.ISSUE)
    if move is Move.ISSUE:
        require_grounds(move, "", "")
        return
    for reason in ("", " ", "\t\n", "\u3000"):
        with pytest.raises(ForbiddenMoveError) as caught:
            require_grounds(move, reason, "川公〔2026〕3号")
        assert caught.value.where == "reason"
        assert move.zh in caught.value.zh
        assert "理由" in caught.value.zh
        assert f'"{move.value}" needs a reason' in caught.value.en


@pytest.mark.parametrize("move", Move)
def test_what_takes_something_away_names_its_decision(move: Move) -> None:
    assert move.needs_document is (move in {Move.SUSPEND, Move.WITHDRAW, Move.REVOKE})
    if not move.needs_document:
        require_grounds(move, "理由", "")
        return
    for document in ("", " "):
        with pytest.raises(ForbiddenMoveError) as caught:
            require_grounds(move, "理由", document)
        assert caught.value.where == "document"
        assert "文号" in caught.value.zh
        assert move.value in caught.value.en
    require_grounds(move, "理由", "川公〔2026〕3号")


@pytest.mark.parametrize("move", Move)
def test_only_five_moves_make_a_new_version(move: Move) -> None:
    replaces = {pair[1] for pair, target in ALLOWED.items() if target is LicenceState.SUPERSEDED}
    # What is disputed stays superseded, and makes nothing new.
    assert set(REPLACEMENTS) == replaces - NOTED
    if move in REPLACEMENTS:
        require_replacement(move)
        return
    with pytest.raises(ForbiddenMoveError) as caught:
        require_replacement(move)
    assert caught.value.where == "move"
    assert move.zh in caught.value.zh
    assert all(one.zh in caught.value.fix_zh for one in REPLACEMENTS)
    assert all(one.value in caught.value.fix_en for one in REPLACEMENTS)


def test_the_three_ends_have_three_words_and_three_statuses() -> None:
    ends = (Move.CANCEL, Move.WITHDRAW, Move.REVOKE)
    assert [move.zh for move in ends] == ["注销", "撤销", "吊销"]
    assert [int(status_value(allowed(I, move))) for move in ends] == [12, 13, 1]


def test_every_recorded_state_has_a_status_of_its_own_and_only_issued_is_valid() -> None:
    values = {one: status_value(one) for one in LicenceState if one is not LicenceState.EXPIRED}
    assert len(set(values.values())) == len(LicenceState) - 1
    assert [state for state, value in values.items() if value is StatusValue.VALID] == [I]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (LicenceState.ISSUED, None),
        # The dates stand in the credential itself; a status list says nothing of them.
        (LicenceState.EXPIRED, None),
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
