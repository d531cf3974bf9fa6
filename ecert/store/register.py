"""The issuer's register in SQL."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from sqlalchemy import (
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from ecert.issuers import refusals
from ecert.issuers.audit import next_entry
from ecert.issuers.records import NEVER, without_document
from ecert.model.licence import require_recorded
from ecert.store import outbox, rows
from ecert.store.credentials import SQLCredentials
from ecert.store.reading import SQLView
from ecert.store.tables import (
    audit,
    event,
    expected_count,
    holder,
    licence,
    objection,
    office_event,
    portrait,
    publication,
    request,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from ecert.issuers.audit import AuditEntry
    from ecert.issuers.portraits import Portrait
    from ecert.issuers.records import (
        ExpectedCount,
        LicenceEvent,
        Objection,
        OfficeEvent,
        Publication,
        RecordedRequest,
    )
    from ecert.issuers.register import RegisterTransaction, RegisterView
    from ecert.model.licence import Licence, LicenceState
    from ecert.store.engine import Engine

_ADD_REQUEST: Final = insert(request)
_ADD_LICENCE: Final = insert(licence)
_ADD_PORTRAIT: Final = insert(portrait)
_HAS_PORTRAIT: Final = select(portrait.c.digest).where(portrait.c.digest == bindparam("key"))
_ADD_EVENT: Final = insert(event)
_ADD_HOLDER: Final = insert(holder)
_ADD_OFFICE_EVENT: Final = insert(office_event)
_ADD_AUDIT: Final = insert(audit)
_ADD_OBJECTION: Final = insert(objection)
_LAST_ROW: Final = select(func.max(licence.c.row))
_ROW_OF: Final = select(licence.c.row).where(licence.c.id == bindparam("key"))
_SET_STATE: Final = (
    update(licence).where(licence.c.id == bindparam("key")).values(state=bindparam("new"))
)
_SET_CHANGED: Final = (
    update(licence).where(licence.c.row == bindparam("key")).values(changed_at=bindparam("moment"))
)
_EMPTY_DOCUMENT: Final = (
    update(publication)
    .where(publication.c.kind == bindparam("key"), publication.c.version == bindparam("of"))
    .values(document=b"")
)
_DECIDE: Final = (
    update(objection)
    .where(objection.c.id == bindparam("key"), objection.c.state == "open")
    .values(state=bindparam("new"), content=bindparam("plain"))
)
_DROP_EXPECTED: Final = delete(expected_count).where(
    expected_count.c.type_code == bindparam("key"), expected_count.c.as_of == bindparam("day")
)
_ADD_EXPECTED: Final = insert(expected_count)
_ADD_PUBLICATION: Final = insert(publication)


class SQLRegister:
    """A `Register` in a database; one transaction is one commit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def transaction(self) -> Iterator[RegisterTransaction]:
        """See `Register.transaction`.

        Raises:
            StoreError: The database is busy, full, read-only, damaged, or otherwise refuses.
            RuntimeError: Another process, a transaction open in this thread, or closed.
        """
        with self._engine.write() as connection:
            changes = SQLTransaction(connection)
            try:
                yield changes
                changes.seal()
            finally:
                changes.close()

    @contextmanager
    def view(self) -> Iterator[RegisterView]:
        """See `Register.view`.

        Raises:
            StoreError: The database is damaged, or otherwise refuses.
            RuntimeError: Another process, a transaction open in this thread, or closed.
        """
        with self._engine.read() as connection:
            view = SQLView(connection)
            try:
                yield view
            finally:
                view.close()


class SQLTransaction(SQLCredentials):
    """A `RegisterTransaction` on one connection."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._events: list[LicenceEvent] = []
        self._acts: list[OfficeEvent] = []
        self._head: tuple[AuditEntry | None] | None = None
        self._last_row: int | None = None
        self._states: dict[str, LicenceState] = {}

    def seal(self) -> None:
        """Add the audit entry of what was recorded, if anything was."""
        if self._events or self._acts:
            at = self._acts[-1].at if self._acts else self._events[-1].at
            entry = next_entry(self._last_entry(), at, self._events, self._acts)
            self._run(_ADD_AUDIT, asdict(entry))
            # Whoever is to be told is told of what was committed, and of nothing else.
            if self._connection is not None:
                outbox.enqueue(self._connection, outbox.told_of(self._events, self._states))

    def _last_entry(self) -> AuditEntry | None:
        # There is one writer at a time, so no other can follow it meanwhile.
        if self._head is None:
            self._head = (self.audit_head(),)
        return self._head[0]

    def _audit_number(self) -> int:
        last = self._last_entry()
        return 1 if last is None else last.number + 1

    def record_request(self, request: RecordedRequest) -> None:
        """See `RegisterTransaction.record_request`."""
        try:
            self._try(_ADD_REQUEST, rows.request_values(request))
        except IntegrityError:
            raise refusals.request_used(request.request_id) from None

    # -- licences -----------------------------------------------------------------------------

    def add_licence(self, licence: Licence) -> None:
        """See `RegisterTransaction.add_licence`."""
        row = self._next_row()
        try:
            self._try(_ADD_LICENCE, rows.licence_values(licence, row, NEVER))
        except IntegrityError:
            raise refusals.licence_exists(str(licence.id)) from None
        self._last_row = self._rows[str(licence.id)] = row
        for number in {one.number for one in licence.holders}:
            self._run(_ADD_HOLDER, {"licence": row, "number": number})

    def add_portrait(self, portrait: Portrait) -> None:
        """See `RegisterTransaction.add_portrait`."""
        if self._one(_HAS_PORTRAIT, portrait.digest) is None:
            self._run(_ADD_PORTRAIT, {"digest": portrait.digest, "picture": portrait.picture})

    def _next_row(self) -> int:
        if self._last_row is None:
            self._last_row = self._run(_LAST_ROW).scalar() or 0
        return self._last_row + 1

    def set_state(self, licence_id: str, state: LicenceState) -> None:
        """See `RegisterTransaction.set_state`."""
        require_recorded(state)
        if not self._run(_SET_STATE, {"key": licence_id, "new": state.value}).rowcount:
            raise refusals.unknown_licence(licence_id)
        self._states[licence_id] = state

    def add_event(self, event: LicenceEvent) -> None:
        """See `RegisterTransaction.add_event`."""
        row = self.row_of(event.licence_id)
        self._run(_ADD_EVENT, rows.event_values(event, row, self._audit_number()))
        self._run(_SET_CHANGED, {"key": row, "moment": event.at})
        self._events.append(event)

    def add_office_event(self, event: OfficeEvent) -> None:
        """See `RegisterTransaction.add_office_event`."""
        self._run(_ADD_OFFICE_EVENT, asdict(event) | {"audit": self._audit_number()})
        self._acts.append(event)

    # -- publications, objections, counts -------------------------------------------------------

    def record_publication(self, publication: Publication) -> None:
        """See `RegisterTransaction.record_publication`."""
        newest = self.publication(publication.kind)
        if newest is not None:
            if publication.version <= newest.version:
                raise refusals.version_too_low(
                    publication.kind, publication.version, newest.version
                )
            if not without_document(newest).document:
                self._run(_EMPTY_DOCUMENT, {"key": newest.kind, "of": newest.version})
        self._run(_ADD_PUBLICATION, rows.publication_values(publication))

    def add_objection(self, objection: Objection) -> None:
        """See `RegisterTransaction.add_objection`."""
        licence = self.row_of(objection.licence_id)
        plain = rows.objection_content(objection)
        values = {"id": objection.id, "licence": licence, "state": objection.state.value}
        try:
            self._try(_ADD_OBJECTION, values | {"content": plain})
        except IntegrityError:
            raise refusals.objection_exists(objection.id) from None

    def decide_objection(self, objection: Objection) -> None:
        """See `RegisterTransaction.decide_objection`."""
        self.objection(objection.id)
        decided = {"key": objection.id, "new": objection.state.value}
        plain = rows.objection_content(objection)
        if not self._run(_DECIDE, decided | {"plain": plain}).rowcount:
            raise refusals.objection_decided(objection.id)

    def set_expected(self, expected: ExpectedCount) -> None:
        """See `RegisterTransaction.set_expected`."""
        self._run(_DROP_EXPECTED, {"key": expected.type_code, "day": expected.as_of})
        values = asdict(expected)
        self._run(_ADD_EXPECTED, values | {"how_many": values.pop("count")})
