"""For which window a code was made: what was asked for, and what the code answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ecert.reasons import Reason
from ecert.show.challenge import WindowChallenge, read_challenge
from ecert.verify.policy import Challenge
from ecert.verify.verdict import Finding

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.show.offline import HolderProof
    from ecert.verify.challenges import ChallengeBook, HeldChallenge
    from ecert.verify.policy import Policy
    from ecert.verify.presentations import PresentedProof


class Asked(NamedTuple):
    """What the window has asked for, as far as it matters to one code."""

    expected: str | None = None
    """The challenge that the code must answer, where the caller named it."""
    window: int | None = None
    held: HeldChallenge | None = None
    """The challenge of this window that the code answers, as the book remembers it."""
    guessed: bool = False
    """The code answers this window with a number that it has not shown."""


def ask(
    book: ChallengeBook | None,
    window: int | None,
    expected: str | None,
    proof: HolderProof | None,
) -> Asked:
    """Look up what this window has shown and the code answers.

    Args:
        book: Where challenges are remembered, if they are.
        window: This window's number, if it has one.
        expected: The challenge that the caller names, as it was shown.
        proof: The holder's proof, if there is one.
    """
    if expected is not None:
        expected = read_challenge(expected)
        named = WindowChallenge.find(expected)
        window = window if named is None else named.window
    if proof is None or proof.challenge is None or book is None or window is None:
        return Asked(expected, window)
    answered = WindowChallenge.find(proof.challenge)
    if answered is None or answered.window != window or answered.text != proof.challenge:
        return Asked(expected, window)
    held = book.find(answered) if expected in {None, answered.text} else None
    return Asked(expected, window, held, held is None and answered.text != expected)


def judge(
    asked: Asked, proof: HolderProof | PresentedProof | None, policy: Policy, at: datetime
) -> Finding | None:
    """Return why the code does not answer this window, if it does not."""
    answered = None if proof is None else proof.challenge
    if proof is None or answered is None:
        due = asked.expected is not None or policy.challenge is Challenge.REQUIRED
        return _not_for_us(asked) if due else None
    if asked.expected not in {None, answered}:
        return _not_for_us(asked, **_whose(answered, asked.window))
    held = asked.held
    if held is None:
        # The caller has shown it himself, or nobody here has.
        return (
            None
            if asked.expected is not None
            else _not_for_us(asked, **_whose(answered, asked.window))
        )
    if held.used_by in proof.replay_keys:
        return Finding("audience", Reason.REPLAYED, {"made": proof.made})
    if held.used_by is not None:
        return _not_for_us(asked, answered_before=True)
    # A holder's clock may run behind by as much as an old code may be late.
    if proof.made < held.issued - policy.max_late:
        return _not_for_us(asked, made=proof.made, shown=held.issued)
    if not held.open_at(at):
        facts = {"expired": held.expires, "misses": held.misses}
        return Finding("audience", Reason.CHALLENGE_EXPIRED, facts)
    return None


def _not_for_us(asked: Asked, **facts: object) -> Finding:
    told: dict[str, object] = {"challenge_expected": asked.expected is not None}
    return Finding("audience", Reason.AUDIENCE, told | facts)


def _whose(answered: str, window: int | None) -> dict[str, Any]:
    """Return what may help the clerk: another window's code, or a number mistyped for this one."""
    named = WindowChallenge.find(answered)
    if named is None:
        return {}
    return {"number_shown": False} if named.window == window else {"made_for_window": named.window}
