"""Reads the audit trail in SQL, page by page, and what it must agree with."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BigInteger, bindparam, func, literal_column, select

from ecert.errors import FormatError
from ecert.issuers.audit import AuditedLicence
from ecert.issuers.lifecycle import Move
from ecert.issuers.records import LicenceEvent, OfficeEvent
from ecert.model.licence import LicenceState
from ecert.store import rows
from ecert.store.as_kept import as_kept, is_whole
from ecert.store.tables import (
    audit,
    bulk_shard,
    credential,
    event,
    licence,
    office_event,
    status_list,
    status_slot,
)
from ecert.store.tables_register import OF_CREDENTIAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import CursorResult, Row

    from ecert.issuers.audit import AuditEntry

    Run = Callable[..., CursorResult[Any]]

_STATES: Final = frozenset(LicenceState)
_MOVES: Final = frozenset(Move)
# When nothing was recorded: what stands for an event that cannot be read.
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PAGE_ROWS: Final = 500
_PAGE_EVENTS: Final = 5_000

_ENTRY: Final = (audit.c.number, *(as_kept(one) for one in audit.c if one.name != "number"))
_HEAD: Final = select(*_ENTRY).where(
    audit.c.number == select(func.max(audit.c.number)).scalar_subquery()
)
_ENTRIES: Final = (
    select(*_ENTRY)
    .where(audit.c.number > bindparam("after"))
    .order_by(audit.c.number)
    .limit(_PAGE_ROWS)
)
_FIRST: Final = bindparam("first", type_=BigInteger)
_LAST: Final = bindparam("last", type_=BigInteger)
_EVENT: Final = (
    as_kept(licence.c.id),
    *(
        as_kept(event.c[name])
        for name in (
            "move", "at", "reason", "document", "actor", "request_id", "related", "digest",
        )
    ),
)  # fmt: skip
_EVENTS: Final = (
    select(event.c.audit, *_EVENT)
    .select_from(event)
    .join(licence)
    .where(event.c.audit.between(_FIRST, _LAST))
    .order_by(event.c.audit, event.c.seq)
)
_OFFICE_EVENTS: Final = (
    select(
        office_event.c.audit,
        *(as_kept(office_event.c[name]) for name in ("act", "subject", "at", "actor", "detail")),
    )
    .where(office_event.c.audit.between(_FIRST, _LAST))
    .order_by(office_event.c.audit, office_event.c.seq)
)
_LICENCES: Final = (
    select(licence.c.row, *(as_kept(licence.c[name]) for name in ("id", "state", "content")))
    .where(licence.c.row > bindparam("after"))
    .order_by(licence.c.row)
    .limit(_PAGE_ROWS)
)
_THEIR_EVENTS: Final = (
    select(event.c.licence, *_EVENT)
    .select_from(event)
    .join(licence)
    .where(event.c.licence.between(_FIRST, _LAST))
    .order_by(event.c.licence, event.c.seq)
)
_THEIR_STATUSES: Final = (
    select(
        credential.c.licence,
        as_kept(credential.c.list_number),
        as_kept(credential.c.position),
        func.coalesce(as_kept(status_slot.c.value), 0).label("value"),
    )
    .outerjoin(status_slot, OF_CREDENTIAL)
    .where(credential.c.licence.between(_FIRST, _LAST))
    .order_by(credential.c.licence, credential.c.seq)
)
_TAKEN: Final = select(func.coalesce(func.sum(status_list.c.taken), 0))
# Values that are published and belong to no credential.
_UNOWNED: Final = (
    select(func.count())
    .select_from(status_slot)
    .outerjoin(credential, OF_CREDENTIAL)
    .where(status_slot.c.value != literal_column("0"), credential.c.seq.is_(None))
)
# One whose columns are no numbers is no licence's and has no slot.
_CREDENTIALS: Final = (
    select(func.count())
    .select_from(credential)
    .join(licence)
    .where(is_whole(credential.c.list_number, credential.c.position))
)
_RESERVED: Final = select(func.coalesce(func.sum(bulk_shard.c.slots), 0))


def head(run: Run) -> AuditEntry | None:
    """See `RegisterView.audit_head`."""
    row = run(_HEAD).one_or_none()
    return None if row is None else rows.to_audit_entry(row)


def entries(
    run: Run, *, after: int
) -> Iterator[tuple[AuditEntry, Sequence[LicenceEvent], Sequence[OfficeEvent]]]:
    """See `RegisterView.audit_trail`."""
    while found := run(_ENTRIES, {"after": after}).all():
        page = _few_events(found)
        within = {"first": page[0].number, "last": page[-1].number}
        events = _Grouped(run(_EVENTS, within), "audit")
        acts = _Grouped(run(_OFFICE_EVENTS, within), "audit")
        for row in page:
            yield (
                rows.to_audit_entry(row),
                [_event(one) for one in events.of(row.number)],
                [_office_event(one) for one in acts.of(row.number)],
            )
        after = page[-1].number


def states(run: Run) -> Iterator[AuditedLicence]:
    """See `RegisterView.audit_states`."""
    after = 0
    while page := run(_LICENCES, {"after": after}).all():
        within = {"first": page[0].row, "last": page[-1].row}
        events = _Grouped(run(_THEIR_EVENTS, within), "licence")
        statuses = _Grouped(run(_THEIR_STATUSES, within), "licence")
        for row in page:
            yield AuditedLicence(
                row.id,
                _state(row.state),
                hashlib.sha256((row.content or "").encode()).hexdigest(),
                [_event(one) for one in events.of(row.row)],
                [(f"{one.list_number}-{one.position}", one.value) for one in statuses.of(row.row)],
            )
        after = page[-1].row


def _state(text: str | None) -> LicenceState | None:
    return LicenceState(text) if text in _STATES else None


def _event(row: Row[Any]) -> LicenceEvent:
    """Return an event; in the place of one that cannot be one, something that nobody recorded."""
    if row.move in _MOVES:
        with suppress(FormatError):  # a text with what shows nothing: bytes that are no text
            return rows.to_event(row)
    return LicenceEvent(row.id or "", Move.OBJECT, _NEVER, "", "", "", None)


def _office_event(row: Row[Any]) -> OfficeEvent:
    with suppress(FormatError):
        return rows.to_office_event(row)
    return OfficeEvent("", "", _NEVER, "")


def stray_slots(run: Run) -> int:
    """See `RegisterView.stray_slots`."""
    taken, owned, reserved = (
        int(run(asked).scalar_one()) for asked in (_TAKEN, _CREDENTIALS, _RESERVED)
    )
    return (taken - owned - reserved) or int(run(_UNOWNED).scalar_one())


def _few_events(found: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """Return the first entries whose events fit into memory: bulk work has a thousand in one."""
    total = 0
    for position, row in enumerate(found):
        total += row.events
        if total > _PAGE_EVENTS and position:
            return found[:position]
    return found


class _Grouped:
    """Rows that come ordered by ``key``, handed out group by group in the same order."""

    def __init__(self, result: CursorResult[Any], key: str) -> None:
        self._groups = groupby(result, key=attrgetter(key))
        self._next = next(self._groups, None)

    def of(self, key: int) -> list[Row[Any]]:
        # Groups that nobody asks for: events of an entry that somebody has removed.
        while self._next is not None and self._next[0] < key:
            self._next = next(self._groups, None)
        if self._next is None or self._next[0] != key:
            return []
        found = list(self._next[1])
        self._next = next(self._groups, None)
        return found
