"""What an entry says: seven reasons kept apart, and nothing unknown is ever valid."""

from __future__ import annotations

import pytest

from ecert.reasons import Outcome, Reason
from ecert.status.values import StatusValue, reason_of


def test_the_numbers_are_those_on_the_wire() -> None:
    assert {value.name: int(value) for value in StatusValue} == {
        "VALID": 0,
        "REVOKED": 1,
        "SUSPENDED": 2,
        "SUPERSEDED": 3,
        "CANCELLED": 12,
        "WITHDRAWN": 13,
        "CREDENTIAL_WITHDRAWN": 14,
        "TRANSFERRED": 15,
    }


def test_every_value_but_valid_has_the_reason_of_its_name() -> None:
    assert StatusValue.VALID.reason is None
    for value in set(StatusValue) - {StatusValue.VALID}:
        assert value.reason is Reason[value.name]
        assert reason_of(value) is value.reason


def test_giving_up_is_never_told_as_taking_away() -> None:
    told = {StatusValue(value).reason for value in (1, 12, 13)}
    assert told == {Reason.REVOKED, Reason.CANCELLED, Reason.WITHDRAWN}


@pytest.mark.parametrize("value", range(256))
def test_of_all_values_only_zero_lets_a_licence_be_accepted(value: int) -> None:
    reason = reason_of(value)
    assert (reason is None) is (value == 0)
    if value not in set(StatusValue):
        assert reason is not None
        assert reason.outcome is Outcome.UNDETERMINED
