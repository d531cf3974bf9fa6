"""The port behind which codes, verifiers and the log are kept: what the show service asks of it.

Everything personal comes in encrypted.  What finds a row (`tag`, `holder`, `address`) is a keyed
hash, so that a stolen database tells nothing without the service's key and the codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ecert import limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


class CodeUse(IntEnum):
    """What an online code stands for."""

    DEPOSIT = 1
    """What the holder has deposited."""
    CONSENT = 2
    """The holder's readiness to be asked."""


class ConsentState(IntEnum):
    """How far a request for consent has come; the numbers are those of the interface."""

    WAITING = 1
    AGREED = 2
    DECLINED = 3
    EXPIRED = 4


class AttemptOutcome(IntEnum):
    """What became of an attempt."""

    SERVED = 1
    MISSED = 2
    """No such code, used, run out, cancelled, or the verifier's token is not in force."""
    NOT_COVERED = 3
    """The code was good, but no list covers the verifier's region; it stays good."""
    ASKED = 4
    """The holder was asked for consent."""
    DECLINED = 5
    """The holder declined the verifier's own request, or left this type out of the answer."""
    GONE = 6
    """The verifier's own: what was agreed to was fetched before, or has run out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCode:
    """One code as it is kept.

    Attributes:
        tag: Keyed hash of the code.
        use: What it stands for.
        holder: Keyed hash of the holder's key.
        digest: Keyed hash of what was deposited, by which a repeated deposit is known.
        made_at: When it was deposited or opened.
        expires_at: Until when it can be used.
        payload: What was deposited, encrypted; None once it was handed over or cancelled.
        used_at: When a verifier used it.
        used_by: Which verifier.
        cancelled_at: When the holder cancelled it.
        asked: What the verifier asks for, encrypted.
        answer: What the holder answered.
    """

    tag: bytes
    use: CodeUse
    holder: bytes
    digest: bytes
    made_at: datetime
    expires_at: datetime
    payload: bytes | None = None
    used_at: datetime | None = None
    used_by: str | None = None
    cancelled_at: datetime | None = None
    asked: bytes | None = None
    answer: ConsentState | None = None

    def is_open(self, at: datetime) -> bool:
        """Tell whether a verifier may still use it."""
        return self.used_at is None and self.cancelled_at is None and at < self.expires_at


class StoredPart(NamedTuple):
    """One type of what a holder agreed to, as it is kept.

    Attributes:
        payload: What was handed over, encrypted; None once it was fetched.
    """

    payload: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierRecord:
    """A verifier (核验方) that may fetch: an office of a region, until a day.

    Attributes:
        id: A short name, for lists and logs.
        region: Its region, six digits.
        office: Its name, as holders read it.
        token_hash: SHA-256 of its token, which is kept nowhere.
        made_at: Since when.
        expires_at: Until when.
        removed_at: When the operator removed it.
    """

    id: str
    region: str
    office: str
    token_hash: bytes
    made_at: datetime
    expires_at: datetime
    removed_at: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        """Tell whether its token is good at a moment."""
        return self.made_at <= at < self.expires_at and self.removed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt, as the log keeps it.

    Attributes:
        at: When.
        outcome: What became of it.
        verifier: Whose; None if the token is none of ours.
        address: Keyed hash of the network address.
        holder: Whose log it belongs to; None if there was no such code.
        entry: What the holder reads, encrypted.
    """

    at: datetime
    outcome: AttemptOutcome
    verifier: str | None
    address: bytes
    holder: bytes | None = None
    entry: bytes | None = None


class Tally(NamedTuple):
    """What was counted within `limits.SHOW_WINDOW`."""

    misses_of_verifier: int
    misses_of_address: int
    requests_of_verifier: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How much may happen within `limits.SHOW_WINDOW` before somebody has to wait."""

    misses_of_verifier: int = limits.MAX_MISSES_OF_VERIFIER
    misses_of_address: int = limits.MAX_MISSES_OF_ADDRESS
    requests_of_verifier: int = limits.MAX_REQUESTS_OF_VERIFIER

    def exceeded_by(self, tally: Tally) -> bool:
        """Tell whether one more would be too much."""
        return (
            tally.misses_of_verifier >= self.misses_of_verifier
            or tally.misses_of_address >= self.misses_of_address
            or tally.requests_of_verifier >= self.requests_of_verifier
        )


class ShowStore(Protocol):
    """Where a show service keeps things; several processes may share one."""

    def put(self, code: StoredCode, *, most_open: int) -> StoredCode | None:
        """Keep a new code, durably.

        Returns:
            The code that is kept under this tag: the new one, or an older one that has the tag
            already; None if the holder has ``most_open`` open codes.
        """
        ...

    def code(self, tag: bytes) -> StoredCode | None:
        """Return the code with this tag, whatever its state."""
        ...

    def use(
        self,
        tag: bytes,
        verifier: str,
        attempt: Attempt,
        *,
        missed: Attempt,
        rates: Rates,
        asked: bytes | None = None,
        until: datetime | None = None,
    ) -> AttemptOutcome | None:
        """Use an open code up and write ``attempt``, in one transaction; at most one caller can.

        Args:
            tag: The code.
            verifier: Who uses it.
            attempt: What is written if it could be used; its time is the time of use.
            missed: What is written if not.
            rates: How much may be tried.
            asked: What is kept of a request for consent.
            until: The end of a request for consent.

        Returns:
            What was written; None if there were too many attempts, and nothing was.
        """
        ...

    def cancel(self, tag: bytes, holder: bytes, *, at: datetime) -> bool:
        """Cancel a holder's own code; False if it was used, or there is none."""
        ...

    def answer(
        self,
        tag: bytes,
        holder: bytes,
        state: ConsentState,
        parts: Mapping[str, bytes],
        *,
        at: datetime,
        until: datetime,
    ) -> bool:
        """Keep a holder's answer, and what is handed over by type; False if none is awaited."""
        ...

    def take(
        self,
        tag: bytes,
        type_code: str,
        verifier: str,
        attempt: Attempt,
        *,
        missed: Attempt,
        rates: Rates,
    ) -> AttemptOutcome | None:
        """Use up one type of what the holder agreed to; as `use`."""
        ...

    def part(self, tag: bytes, type_code: str) -> StoredPart | None:
        """Return what was handed over for a type; None if the holder left it out."""
        ...

    def record(self, attempt: Attempt, rates: Rates) -> AttemptOutcome | None:
        """Write an attempt; None if there were too many, and nothing was written."""
        ...

    def tally(self, verifier: str | None, address: bytes, *, since: datetime) -> Tally:
        """Count attempts after a moment."""
        ...

    def attempts_of(self, holder: bytes, *, most: int) -> Sequence[Attempt]:
        """Return the newest attempts at a holder's codes, newest first."""
        ...

    def claim(self, key: bytes, *, until: datetime, at: datetime) -> bool:
        """Remember a request's id; False if it is remembered already.  Atomic."""
        ...

    def verifier(self, token_hash: bytes) -> VerifierRecord | None:
        """Return the verifier with this token."""
        ...

    def add_verifier(self, record: VerifierRecord) -> None:
        """Keep a verifier."""
        ...

    def verifiers(self) -> Sequence[VerifierRecord]:
        """Return all verifiers, oldest first."""
        ...

    def remove_verifier(self, name: str, *, at: datetime) -> bool:
        """End a verifier's token; False if there is no such verifier in force."""
        ...

    def purge(self, *, at: datetime) -> int:
        """Delete what has run out; returns how many codes held something until now."""
        ...
