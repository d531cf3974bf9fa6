"""Replays a receipt: the same presentation, the lists of that day; does the answer still follow?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ecert.errors import FormatError, ParseError, TrustError
from ecert.reasons import Outcome, Reason, headline
from ecert.show import offline
from ecert.show.challenge import read_challenge
from ecert.verify.policy_facts import policy_of
from ecert.verify.presentation import is_file, presented_code, presented_file
from ecert.verify.receipt import knowledge_digest
from ecert.verify.verifier import Verifier

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ecert.verify.knowledge import Knowledge
    from ecert.verify.receipt import Receipt, ReceiptList
    from ecert.verify.verdict import Verdict

MEMORY: Final = frozenset({Reason.REPLAYED, Reason.CHALLENGE_EXPIRED})
"""Reasons that rest on what the window remembered of that minute, which nobody keeps."""
_SCAN: Final = frozenset(
    {Reason.UNREADABLE, Reason.SEVERAL_CODES, Reason.INCOMPLETE_SCAN, Reason.TOO_LARGE,
     Reason.MALFORMED}
)  # fmt: skip
# The code has run out long since; what today's lists say is asked of the licence.
_OF_THAT_MINUTE: Final = frozenset({Reason.CODE_EXPIRED})


class ReplayResult(StrEnum):
    """Whether a receipt's answer still follows."""

    FOLLOWS = "follows"
    DIFFERS = "differs"
    UNDETERMINED = "undetermined"

    @property
    def zh(self) -> str:
        """What it means, in Chinese."""
        return _RESULTS[self][0]

    @property
    def en(self) -> str:
        """What it means, in English."""
        return _RESULTS[self][1]


_RESULTS: Final = {
    ReplayResult.FOLLOWS: (
        "与回执一致：按当时的名单，仍得出同样结果",
        "The answer still follows from the lists of that day",
    ),
    ReplayResult.DIFFERS: (
        "与回执不一致：按当时的名单，得出的是另一结果",
        "The answer does not follow: the lists of that day give another",
    ),
    ReplayResult.UNDETERMINED: (
        "无法重验：当时的名单已不齐全",
        "Cannot be told: the lists of that day are no longer all here",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What a replay found.

    Attributes:
        receipt: What was replayed.
        result: Whether its answer still follows.
        then: The answer that the lists of that day give now.
        missing: The lists that the receipt names and that are no longer here.
        known_alike: Whether all that the window knew then is here as it was.
        not_repeatable: Reasons of the receipt that rest on the window's memory of that minute.
        today: What it would come to with today's lists, the code's own minute left aside.
        today_reasons: Why, if it would not be accepted.
    """

    receipt: Receipt
    result: ReplayResult
    then: Verdict
    missing: tuple[ReceiptList, ...]
    known_alike: bool
    not_repeatable: tuple[Reason, ...]
    today: Outcome
    today_reasons: tuple[Reason, ...]


def require_presentation(receipt: Receipt, presentation: str) -> str:
    """Return ``presentation`` in its one spelling, if it is what the receipt is about.

    Args:
        receipt: The receipt.
        presentation: The digits of a code, or the text of a file credential.

    Raises:
        FormatError: It is something else, or the receipt has no hash of what was scanned.
    """
    if receipt.presentation is None:
        raise FormatError(
            "当时没有读到完整的码，回执未记录其摘要，不能重验",
            "nothing whole was read, so the receipt has no hash of it and cannot be replayed",
            where="presentation",
        )
    if receipt.presented == "online":
        raise FormatError(
            "在线码的内容只交付一次，之后不再存在，不能重验",
            "what lies behind an online code is handed over once, and cannot be replayed",
            where="presentation",
        )
    reads = presented_file if is_file(presentation) else presented_code
    presented = reads(presentation)
    if presented.text is None or presented.digest != receipt.presentation:
        raise FormatError(
            "这不是回执所记的那一次出示的内容（摘要不符）",
            "this is not what the receipt is about: its hash is another", where="presentation",
            fix_zh="请核对回执编号，并使用当时扫到的码或文件",
            fix_en="Compare the receipt's number, and use the very code or file that was scanned",
        )  # fmt: skip
    return presented.text


def replay_receipt(
    receipt: Receipt, presentation: str, *, past: Knowledge, today: Knowledge, at: datetime
) -> Replay:
    """Verify the same presentation again, with the lists of that day and with today's.

    Args:
        receipt: The receipt; its signature is proven elsewhere.
        presentation: What was scanned.
        past: What was known when it was checked (`Knowledge.as_of`).
        today: What is known now.
        at: Now.

    Raises:
        FormatError: The presentation is another, or cannot be replayed.
        ParseError: The receipt names rules of another version of the program.
    """
    # (1) The very same thing, told by its hash.
    shown = require_presentation(receipt, presentation)
    # (2) The same rules at the same moment, with the lists of that day.
    then = _verify(receipt, shown, past, receipt.at)
    # (3) The same answer, for the same reasons, from the same lists?
    here = {mark.digest for mark in past.in_force.values()}
    missing = tuple(one for one in receipt.lists if one.digest not in here)
    alike = knowledge_digest(past.in_force) == receipt.knowledge
    # (4) And by what is known today.
    outcome, reasons = _today(_verify(receipt, shown, today, at))
    return Replay(
        receipt=receipt,
        result=_result(receipt, then, missing, alike=alike),
        then=then,
        missing=missing,
        known_alike=alike,
        not_repeatable=tuple(
            dict.fromkeys(
                reason for part in receipt.parts for reason in part.reasons if reason in MEMORY
            )
        ),
        today=outcome,
        today_reasons=reasons,
    )


def _verify(receipt: Receipt, shown: str, knowledge: Knowledge, at: datetime) -> Verdict:
    verifier = Verifier(
        receipt.region, knowledge=knowledge, policy=policy_of(receipt.policy), clock=lambda: at
    )
    if receipt.presented == "file":
        return verifier.verify_file(
            shown, matter=receipt.matter, challenge=receipt.challenge, at=at
        )
    challenge = _asked(receipt, shown)
    return verifier.verify(shown, matter=receipt.matter, challenge=challenge, at=at)


def _asked(receipt: Receipt, shown: str) -> str | None:
    """Return the number that was asked for, as far as it is told without the window's memory."""
    answered = _answered(shown)
    if any(Reason.AUDIENCE in part.reasons for part in receipt.parts):
        # Refused although it answers the number: that another code had answered it before, or
        # that it was shown later, the window remembered.
        asked = receipt.challenge
        fits = asked is not None and read_challenge(asked) == answered
        return None if fits else asked
    return receipt.challenge or answered


def _answered(shown: str) -> str | None:
    try:
        proof = offline.read(shown).proof
    except (ParseError, TrustError):
        return None
    return None if proof is None else proof.challenge


def _result(
    receipt: Receipt, then: Verdict, missing: Sequence[ReceiptList], *, alike: bool
) -> ReplayResult:
    same = _told(receipt) == _given(then)
    if same and not missing and (alike or _rests_on_lists_alone(receipt)):
        return ReplayResult.FOLLOWS
    # Only where all is as it was does another answer contradict the receipt.
    return ReplayResult.DIFFERS if alike else ReplayResult.UNDETERMINED


def _rests_on_lists_alone(receipt: Receipt) -> bool:
    """Tell whether the answer cannot come from a list that was *not* there.

    An acceptance rests on the lists that it names, a bad scan on none; a refusal may come from
    another list's silence.
    """
    reasons = {reason for part in receipt.parts for reason in part.reasons} - MEMORY
    return not reasons or reasons <= _SCAN


def _told(receipt: Receipt) -> object:
    parts = [
        (part.licence, part.type, part.issuer, frozenset(part.reasons) - MEMORY)
        for part in receipt.parts
    ]
    return parts, {(one.kind, one.version, one.digest) for one in receipt.lists}


def _given(verdict: Verdict) -> object:
    parts = [
        (
            part.licence_id,
            None if part.about is None else part.about.type_code,
            None if part.about is None else part.about.issuer_code,
            frozenset(finding.reason for finding in part.findings),
        )
        for part in verdict.parts
    ]
    return parts, {(one.kind, one.version, one.digest) for one in verdict.lists_used}


def _today(verdict: Verdict) -> tuple[Outcome, tuple[Reason, ...]]:
    reasons = dict.fromkeys(
        finding.reason for finding in verdict.findings if finding.reason not in _OF_THAT_MINUTE
    )
    if not reasons:
        return Outcome.ACCEPTED, ()
    worst = max((reason.outcome for reason in reasons), key=lambda outcome: outcome.badness)
    first = headline([reason for reason in reasons if reason.outcome is worst])
    return worst, (first, *(reason for reason in reasons if reason is not first))
