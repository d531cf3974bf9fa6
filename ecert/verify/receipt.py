"""The receipt (核验回执): a verdict that is kept, signed by its window and chained.

It names the licence, the answer and every list that the answer rests on; it holds no field of a
licence, and neither name nor number of a holder.  docs/formats/receipt.md is its format.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal, NamedTuple

import orjson
from pydantic import BeforeValidator, Field, PlainSerializer, StringConstraints

from ecert import limits
from ecert.reasons import Outcome, Reason
from ecert.trust.document import RegionCode, SHA256Hex, Strict, Version, VisibleName
from ecert.verify.policy_facts import PolicyFacts, facts_of
from ecert.verify.spelling import SpeltOnce

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecert.trust.succession import Mark
    from ecert.verify.policy import Policy
    from ecert.verify.presentation import Presented
    from ecert.verify.verdict import Part, Verdict

FORMAT: Final = 1
GENESIS: Final = "0" * 64
"""What a window's first receipt names as the hash of the one before."""


def _read_moment(value: object) -> datetime:
    # Other spellings pass here: that there is one is seen when all is written again.
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ValueError("a moment is text, with its time zone")
    return moment.astimezone(UTC)


def _write_instant(value: datetime) -> str:
    return f"{value.isoformat(timespec='microseconds')[:26]}Z"


def _write_second(value: datetime) -> str:
    return f"{value.isoformat(timespec='seconds')[:19]}Z"


Instant = Annotated[
    datetime, BeforeValidator(_read_moment), PlainSerializer(_write_instant, return_type=str)
]
"""A moment to the microsecond: a past day's lists are asked for by it."""
_Second = Annotated[
    datetime, BeforeValidator(_read_moment), PlainSerializer(_write_second, return_type=str)
]
CaseNumber = Annotated[VisibleName, Field(max_length=limits.MAX_CASE_CHARS)]
Challenge = Annotated[str, StringConstraints(min_length=1, max_length=limits.MAX_CHALLENGE_CHARS)]
_Code = Annotated[str, StringConstraints(min_length=1, max_length=limits.MAX_NAME_CHARS)]
_Reasons = Annotated[tuple[Reason, ...], Field(max_length=len(Reason))]


class ReceiptPart(Strict):
    """What a receipt says of one licence of the code.

    Attributes:
        outcome: What it came to.
        reasons: Everything that was found wrong, each once, in the order of the checks.
        type: The licence type code, once the signature was proven.
        issuer: The code of the issuing authority, once the signature was proven.
        licence: The licence id, once the signature was proven.
    """

    outcome: Outcome
    reasons: _Reasons = ()
    type: _Code | None = None
    issuer: _Code | None = None
    licence: _Code | None = None


class ReceiptList(Strict):
    """One list that the answer rests on: `ListUse`, and how old it was.

    Attributes:
        kind: Such as ``trust-list``.
        name: Its owner, address or title.
        version: Which issue.
        digest: SHA-256 of its signed payload.
        issued: When it was made.
        age: Its age at the check, in seconds.
    """

    kind: _Code
    name: Annotated[str, StringConstraints(min_length=1, max_length=limits.MAX_FIELD_CHARS)]
    version: Version
    digest: SHA256Hex
    issued: _Second
    age: int


class Receipt(SpeltOnce):
    """A kept verdict.

    Attributes:
        format: Version of the format.
        window: Name of the window whose chain it is in.
        region: The window's region.
        number: Its number in the window's chain, from 1 without gaps.
        previous: SHA-256 of the receipt before as it was signed, `GENESIS` for the first.
        clerk: Who checked, where the window says so.
        at: When.
        matter: The service matter or scene.
        case: The case number (办件编号).
        policy: The window's rules, so that they can be applied again.
        challenge: The number that the window showed.
        demo: Whether demonstration keys were relied on.
        outcome: The answer.
        reason: Its headline.
        parts: Each licence of the code.
        presented: What was scanned: ``code``, ``file``, ``picture`` or ``online``.
        presentation: SHA-256 of it (`Presented`); absent where nothing whole was read.
        lists: Every list that the answer rests on.
        knowledge: Digest of all that the window knew (`knowledge_digest`).
        software: Name and version of the program.
    """

    called: ClassVar[str] = "receipt"
    leaves_out_none: ClassVar[bool] = True

    format: Literal[1] = FORMAT
    window: VisibleName
    region: RegionCode
    number: Version
    previous: SHA256Hex
    clerk: VisibleName | None = None
    at: Instant
    matter: VisibleName | None = None
    case: CaseNumber | None = None
    policy: PolicyFacts
    challenge: Challenge | None = None
    demo: bool = False
    outcome: Outcome
    reason: Reason
    parts: Annotated[
        tuple[ReceiptPart, ...], Field(min_length=1, max_length=limits.MAX_PARTS_OF_CHECK)
    ]
    presented: Literal["code", "file", "picture", "online"]
    presentation: SHA256Hex | None = None
    lists: Annotated[tuple[ReceiptList, ...], Field(max_length=limits.MAX_RECEIPT_LISTS)] = ()
    knowledge: SHA256Hex
    software: VisibleName

    @property
    def licences(self) -> tuple[str, ...]:
        """The licence ids that it names, each once."""
        named = (part.licence for part in self.parts)
        return tuple(dict.fromkeys(one for one in named if one is not None))

    def after(self, head: ReceiptHead) -> Receipt:
        """Return this receipt as the next one of the chain that ends in ``head``."""
        return self.model_copy(update={"number": head.number + 1, "previous": head.digest})


class ReceiptHead(NamedTuple):
    """Where a window's chain ends: note it down where the window cannot write."""

    window: str
    number: int = 0
    digest: str = GENESIS
    """SHA-256 of the last receipt as it was signed."""


def receipt_of(
    verdict: Verdict,
    presented: Presented,
    *,
    window: str,
    known: Mapping[str, Mark],
    policy: Policy,
    software: str,
    clerk: str | None = None,
    case: str | None = None,
    challenge: str | None = None,
) -> Receipt:
    """Return the receipt of a verdict, as the first of its window; `Receipt.after` chains it.

    Args:
        verdict: The verdict.
        presented: What was scanned.
        window: The window's name.
        known: Version and hash of all that the window knew, by slot.
        policy: The rules it went by.
        software: Name and version of the program.
        clerk: Who checked.
        case: The case number (办件编号).
        challenge: The number that the window showed.

    Raises:
        ValueError: A text lacks its form; `require_texts` says so before a code is checked.
    """
    return Receipt(
        window=window, region=verdict.region, number=1, previous=GENESIS, clerk=clerk,
        at=verdict.at, matter=verdict.matter, case=case, policy=facts_of(policy),
        challenge=challenge, demo=verdict.demo, outcome=verdict.outcome, reason=verdict.reason,
        parts=tuple(map(_part, verdict.parts)), presented=presented.kind,
        presentation=presented.digest,
        lists=tuple(
            ReceiptList(**use._asdict(), age=use.age_seconds(verdict.at))
            for use in verdict.lists_used
        ),
        knowledge=knowledge_digest(known), software=software,
    )  # fmt: skip


def _part(part: Part) -> ReceiptPart:
    about, reasons = part.about, dict.fromkeys(finding.reason for finding in part.findings)
    return ReceiptPart(
        outcome=part.outcome,
        reasons=tuple(reasons),
        type=None if about is None else about.type_code,
        issuer=None if about is None else about.issuer_code,
        licence=part.licence_id,
    )


def knowledge_digest(known: Mapping[str, Mark]) -> str:
    """Return the SHA-256 over slot, version and digest of every document, by slot, as JSON."""
    rows = [[slot, mark.version, mark.digest] for slot, mark in sorted(known.items())]
    return hashlib.sha256(orjson.dumps(rows)).hexdigest()
