"""Rules as plain values: there and back, and nothing that this program does not know."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ecert.errors import ParseError
from ecert.verify.policy import COUNTER, TERMINAL, Policy
from ecert.verify.policy_facts import facts_of, policy_of


@pytest.mark.parametrize(
    "policy", [COUNTER, TERMINAL, Policy(max_late=timedelta(milliseconds=1_500))], ids=str
)
def test_rules_come_back_as_they_were(policy: Policy) -> None:
    assert policy_of(facts_of(policy)) == policy


def test_what_is_not_named_is_as_at_a_counter() -> None:
    assert policy_of({}) == COUNTER
    assert policy_of({"challenge": "required"}).challenge is TERMINAL.challenge


@pytest.mark.parametrize(
    "facts",
    [
        {"colour": "red"}, {"challenge": "sometimes"}, {"challenge": 1}, {"max_late": "long"},
        {"max_late": True}, {"max_late": -1}, {"max_late": 31_000}, {"max_late": 1 << 60},
    ],
    ids=str,
)  # fmt: skip
def test_other_rules_are_refused(facts: dict[str, bool | int | str]) -> None:
    with pytest.raises(ParseError):
        policy_of(facts)


def test_a_rule_without_a_plain_value_is_a_bug() -> None:
    rules = Policy()
    object.__setattr__(rules, "paper", 0.5)
    with pytest.raises(TypeError, match="float"):
        facts_of(rules)
