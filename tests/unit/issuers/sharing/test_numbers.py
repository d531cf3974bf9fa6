"""Every reason and every state has a number, and only what is accepted has that of acceptance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ecert.issuers.sharing.numbers import (
    NOT_YET,
    NumberSource,
    ShareStatus,
    VerifyResult,
    numbers_of,
    result_of,
)
from ecert.model.licence import LicenceState
from ecert.reasons import Outcome, Reason
from tests.unit.issuers.sample_register import a_licence

ON = date(2026, 11, 22)


@pytest.mark.parametrize("reason", Reason, ids=str)
def test_every_reason_has_a_number_that_never_turns_it_into_more(reason: Reason) -> None:
    result = result_of(reason)
    assert (result is VerifyResult.VALID) == (reason.outcome is Outcome.ACCEPTED)
    assert (result is VerifyResult.NOT_RECOGNISED) == (reason.outcome is Outcome.NOT_RECOGNISED)
    assert (result is VerifyResult.UNDETERMINED) == (reason.outcome is Outcome.UNDETERMINED)


def test_what_ended_what_pauses_and_what_has_not_begun_are_told_apart() -> None:
    told = {reason: result_of(reason) for reason in Reason}
    ended = {reason for reason, result in told.items() if result is VerifyResult.ENDED}
    assert ended == {
        Reason.REVOKED, Reason.WITHDRAWN, Reason.CANCELLED, Reason.SUPERSEDED,
        Reason.TRANSFERRED, Reason.EXPIRED,
    }  # fmt: skip
    assert told[Reason.SUSPENDED] is VerifyResult.SUSPENDED
    assert told[Reason.NOT_YET_VALID] is VerifyResult.NOT_YET
    assert told[Reason.UNKNOWN_ISSUER] is VerifyResult.NOT_FOUND
    # This credential is cut off, the licence is not: it has not ended.
    assert told[Reason.CREDENTIAL_WITHDRAWN] is VerifyResult.WRONG


@pytest.mark.parametrize(
    ("state", "status", "result"),
    [
        (LicenceState.ISSUED, 0, 0),
        (LicenceState.SUSPENDED, 23, 2),
        (LicenceState.SUPERSEDED, 21, 3),
        (LicenceState.CANCELLED, 21, 3),
        (LicenceState.WITHDRAWN, 21, 3),
        (LicenceState.REVOKED, 21, 3),
        (LicenceState.TRANSFERRED, 21, 3),
    ],
)
def test_every_recorded_state_has_its_numbers(
    state: LicenceState, status: int, result: int
) -> None:
    assert numbers_of(replace(a_licence(), state=state), ON) == (status, result)


def test_expiry_and_a_first_day_in_the_future_follow_from_the_day() -> None:
    licence = replace(a_licence(), valid_from=ON, valid_until=ON)
    assert numbers_of(licence, ON) == (0, 0)
    assert numbers_of(licence, ON + timedelta(days=1)) == (22, 3)
    assert numbers_of(licence, ON - timedelta(days=1)) is NOT_YET


def test_every_number_is_worded_in_both_languages_and_says_whose_it_is() -> None:
    for one in (*ShareStatus, *VerifyResult):
        assert any("\u4e00" <= character <= "\u9fff" for character in one.zh)
        assert one.en.isascii()
    own = {one for one in ShareStatus if one.source is NumberSource.OWN}
    assert own == {one for one in ShareStatus if one >= 900}
    assert [one for one in VerifyResult if one.source is NumberSource.OWN] == [8]
