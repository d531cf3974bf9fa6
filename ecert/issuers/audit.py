"""The audit trail: every change of the register, in a chain of hashes.

Each transaction that changes something adds one entry, which holds the digest of the events that it
recorded and the hash of the entry before.  Whoever changes, adds or removes an event afterwards
must rewrite every later entry, and an earlier hash that somebody noted down no longer fits.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from ecert.issuers.records import microseconds, require_aware

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from ecert.issuers.records import LicenceEvent, OfficeEvent
    from ecert.model.licence import LicenceState

GENESIS: Final = "0" * 64
"""What the first entry names as the hash of the one before."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One transaction's line in the trail.

    Attributes:
        number: Its number, from 1 without gaps.
        at: When it was recorded.
        events: How many events it covers.
        digest: SHA-256 over those events in hex (`events_digest`).
        previous: The hash of the entry before, `GENESIS` for the first.
        hash: SHA-256 over all of the above in hex.
    """

    number: int
    at: datetime
    events: int
    digest: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditedLicence:
    """A licence as it stands now, for comparison with what the trail says of it.

    Attributes:
        licence_id: Its licence id.
        state: Its state; None where none can be read.
        digest: `Licence.digest` of what is recorded now.
        events: Its events, oldest first.
        statuses: The value of each of its credentials in the status lists.
    """

    licence_id: str
    state: LicenceState | None
    digest: str
    events: Sequence[LicenceEvent]
    statuses: Sequence[tuple[str, int]]


def next_entry(
    last: AuditEntry | None,
    at: datetime,
    licence_events: Iterable[LicenceEvent],
    office_events: Iterable[OfficeEvent],
) -> AuditEntry:
    """Return the entry that follows ``last`` and covers these events."""
    digest, count = events_digest(licence_events, office_events)
    return next_sealed(last, at, count, digest)


def next_sealed(last: AuditEntry | None, at: datetime, events: int, digest: str) -> AuditEntry:
    """Return the entry that follows ``last`` and covers ``events`` events with this digest."""
    number = 1 if last is None else last.number + 1
    return seal(number, at, events, digest, GENESIS if last is None else last.hash)


def seal(number: int, at: datetime, events: int, digest: str, previous: str) -> AuditEntry:
    """Return the entry of these contents, with its hash."""
    require_aware(at)
    content = [number, microseconds(at), events, digest, previous]
    return AuditEntry(
        number, at, events, digest, previous, hashlib.sha256(orjson.dumps(content)).hexdigest()
    )


def events_digest(
    licence_events: Iterable[LicenceEvent], office_events: Iterable[OfficeEvent]
) -> tuple[str, int]:
    """Return the digest over the events of one entry in the order of recording, and their count.

    Each is one line of JSON; those of licences come first.
    """
    over, count = hashlib.sha256(), 0
    for event in licence_events:
        over.update(licence_line(event))
        count += 1
    for act in office_events:
        over.update(audit_line([microseconds(act.at), act.act, act.subject, act.actor, act.detail]))
        count += 1
    return over.hexdigest(), count


def licence_line(event: LicenceEvent) -> bytes:
    """Return an event of a licence as it enters the digest."""
    return audit_line([
        event.licence_id, event.move, microseconds(event.at), event.reason, event.document,
        event.actor, event.request_id, event.related, event.digest,
    ])  # fmt: skip


def audit_line(values: list[Any]) -> bytes:
    """Return one event as it enters the digest: its values in order, as a line of JSON."""
    return orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE)
