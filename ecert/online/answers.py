"""Who asks a show service, what they get, and what is written of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ecert import limits
from ecert.online.storage import Attempt, AttemptOutcome
from ecert.reasons import Reason

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from ecert.online.purpose import AccessPurpose


class Caller(NamedTuple):
    """Who asks: what came with a verifier's request.

    Attributes:
        token: The bearer token, whatever it is.
        address: The network address.
        purpose: What is asked for, and by whom; None where nothing is to be handed over.
    """

    token: str
    address: str
    purpose: AccessPurpose | None


class Handed(NamedTuple):
    """What a verifier gets, once: presentations, and what the holder bound them to."""

    tokens: tuple[str, ...]
    audience: str
    nonce: str


class Refused(NamedTuple):
    """Why a verifier gets nothing."""

    reason: Reason
    retry_after: timedelta | None = None


def unserved(done: AttemptOutcome | None) -> Refused:
    """Return the answer to an attempt that the store did not serve."""
    if done is None:
        return Refused(Reason.SERVICE_BUSY, limits.SHOW_WINDOW)
    return Refused(Reason.NOT_REDEEMABLE)


class PendingAttempt(NamedTuple):
    """An attempt whose outcome is not known yet; called with it, the attempt."""

    at: datetime
    verifier: str | None
    address: bytes
    holder: bytes | None
    entry: bytes | None

    def __call__(self, outcome: AttemptOutcome) -> Attempt:
        """Return the attempt with its outcome."""
        return Attempt(
            at=self.at, outcome=outcome, verifier=self.verifier, address=self.address,
            holder=self.holder, entry=self.entry,
        )  # fmt: skip
