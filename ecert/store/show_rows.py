"""What a show service keeps, row by row: codes, verifiers, attempts, inside a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, insert, select

from ecert import limits
from ecert.online.storage import (
    Attempt,
    AttemptOutcome,
    CodeUse,
    ConsentState,
    StoredCode,
    Tally,
    VerifierRecord,
)
from ecert.store.tables import show_attempt, show_code

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row

    from ecert.online.storage import Rates

_MISSES: Final = (AttemptOutcome.MISSED, AttemptOutcome.NOT_COVERED)


def find_code(connection: Connection, tag: bytes) -> StoredCode | None:
    """Return the code with this tag."""
    row = connection.execute(select(show_code).where(show_code.c.tag == tag)).one_or_none()
    if row is None:
        return None
    return StoredCode(
        tag=row.tag, use=CodeUse(row.purpose), holder=row.holder, digest=row.digest,
        made_at=row.made_at, expires_at=row.expires_at, payload=row.payload,
        used_at=row.used_at, used_by=row.used_by, cancelled_at=row.cancelled_at, asked=row.asked,
        answer=None if row.answer is None else ConsentState(row.answer),
    )  # fmt: skip


def verifier_of(row: Row[Any]) -> VerifierRecord:
    """Return a verifier from its row."""
    return VerifierRecord(
        id=row.id, region=row.region, office=row.office, token_hash=row.token_hash,
        made_at=row.made_at, expires_at=row.expires_at, removed_at=row.removed_at,
    )  # fmt: skip


def tally(connection: Connection, verifier: str | None, address: bytes, since: datetime) -> Tally:
    """Count attempts after a moment."""
    recent = show_attempt.c.at > since
    missed = show_attempt.c.outcome.in_([int(one) for one in _MISSES])

    def count(*conditions: ColumnElement[bool]) -> int:
        wanted = select(func.count()).select_from(show_attempt).where(recent, *conditions)
        return int(connection.execute(wanted).scalar_one())

    by_address = count(show_attempt.c.address == address, missed)
    if verifier is None:
        return Tally(0, by_address, 0)
    own = show_attempt.c.verifier == verifier
    return Tally(count(own, missed), by_address, count(own))


def is_busy(connection: Connection, attempt: Attempt, rates: Rates) -> bool:
    """Tell whether whoever makes ``attempt`` must wait."""
    # Once more, where there is no other writer: many at once are counted as one after the other.
    since = attempt.at - limits.SHOW_WINDOW
    return rates.exceeded_by(tally(connection, attempt.verifier, attempt.address, since))


def record(connection: Connection, attempt: Attempt) -> AttemptOutcome:
    """Write an attempt."""
    values = {
        "at": attempt.at, "outcome": int(attempt.outcome), "verifier": attempt.verifier,
        "address": attempt.address, "holder": attempt.holder, "entry": attempt.entry,
    }  # fmt: skip
    connection.execute(insert(show_attempt), values)
    return attempt.outcome
