"""A register in memory: complete, transactional, and gone with its process."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ecert.issuers import refusals
from ecert.issuers.audit import next_entry
from ecert.issuers.indexes import ListFill, draw_index, list_to_fill
from ecert.issuers.memory_view import MemoryView, Tables
from ecert.issuers.records import (
    NEVER,
    StatusChange,
    require_aware,
    require_status,
    without_document,
)
from ecert.model.licence import require_recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from ecert.issuers.portraits import Portrait
    from ecert.issuers.records import (
        CredentialRecord,
        ExpectedCount,
        LicenceEvent,
        Objection,
        OfficeEvent,
        Publication,
        RecordedRequest,
    )
    from ecert.issuers.register import RegisterTransaction
    from ecert.issuers.register_view import RegisterView
    from ecert.model.licence import Licence, LicenceState

_K = TypeVar("_K")
_V = TypeVar("_V")


class MemoryRegister:
    """A `Register` of one process: for tests, demonstrations and trying things out."""

    def __init__(self) -> None:
        self._tables = Tables()
        self._lock = threading.Lock()
        self._owner: int | None = None

    @contextmanager
    def transaction(self) -> Iterator[RegisterTransaction]:
        """See `Register.transaction`."""
        with self._entered():
            changes = _MemoryTransaction(self._tables)
            try:
                yield changes
                changes.seal()
            except BaseException:
                changes.undo()
                raise
            finally:
                changes.close()

    @contextmanager
    def view(self) -> Iterator[RegisterView]:
        """See `Register.view`."""
        with self._entered():
            view = MemoryView(self._tables)
            try:
                yield view
            finally:
                view.close()

    @contextmanager
    def _entered(self) -> Iterator[None]:
        # Only this thread can have set the owner to itself, so no lock is needed to look.
        if self._owner == threading.get_ident():
            raise RuntimeError("this thread has a transaction or view open already")
        with self._lock:
            self._owner = threading.get_ident()
            try:
                yield
            finally:
                self._owner = None


class _MemoryTransaction(MemoryView):
    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._undo: list[Callable[[], Any]] = []
        self._events: list[LicenceEvent] = []
        self._acts: list[OfficeEvent] = []

    def seal(self) -> None:
        """Add the audit entry of what was recorded, if anything was."""
        if self._events or self._acts:
            at = self._acts[-1].at if self._acts else self._events[-1].at
            entry = next_entry(self.audit_head(), at, self._events, self._acts)
            line = (entry, tuple(self._events), tuple(self._acts))
            self._put(self._tables.trail, entry.number, line)

    def undo(self) -> None:
        while self._undo:
            self._undo.pop()()

    def _put(self, table: dict[_K, _V], key: _K, value: _V) -> None:
        if key in table:
            self._undo.append(partial(table.__setitem__, key, table[key]))
        else:
            self._undo.append(partial(table.pop, key))
        table[key] = value

    def _remove(self, table: dict[_K, _V], key: _K) -> None:
        self._undo.append(partial(table.__setitem__, key, table.pop(key)))

    def record_request(self, request: RecordedRequest) -> None:
        if request.request_id in self._tables.requests:
            raise refusals.request_used(request.request_id)
        self._put(self._tables.requests, request.request_id, request)

    def add_portrait(self, portrait: Portrait) -> None:
        if portrait.digest not in self._tables.portraits:
            self._put(self._tables.portraits, portrait.digest, portrait.picture)

    def add_licence(self, licence: Licence) -> None:
        licence_id = str(licence.id)
        if licence_id in self._tables.licences:
            raise refusals.licence_exists(licence_id)
        self._put(self._tables.licences, licence_id, licence)
        row = len(self._tables.rows) + 1
        self._put(self._tables.rows, row, licence_id)
        self._put(self._tables.row_of, licence_id, row)
        self._put(self._tables.changed, licence_id, NEVER)
        ids = self._tables.ids_by_number.get(licence.number, ())
        self._put(self._tables.ids_by_number, licence.number, (*ids, licence_id))

    def set_state(self, licence_id: str, state: LicenceState) -> None:
        require_recorded(state)
        licence = replace(self.licence(licence_id), state=state)
        self._put(self._tables.licences, licence_id, licence)

    def add_event(self, event: LicenceEvent) -> None:
        self.licence(event.licence_id)
        events = self._tables.events.get(event.licence_id, ())
        self._put(self._tables.events, event.licence_id, (*events, event))
        self._put(self._tables.changed, event.licence_id, event.at)
        self._events.append(event)

    def add_office_event(self, event: OfficeEvent) -> None:
        self._acts.append(event)

    def add_nonce(self, digest: bytes, expires: datetime) -> None:
        require_aware(expires)
        if digest in self._tables.nonces:
            raise refusals.nonce_exists()
        self._put(self._tables.nonces, digest, expires)

    def consume_nonce(self, digest: bytes, at: datetime) -> bool:
        require_aware(at)
        for known, expires in list(self._tables.nonces.items()):
            if expires <= at:
                self._remove(self._tables.nonces, known)
        if digest not in self._tables.nonces:
            return False
        self._remove(self._tables.nonces, digest)
        return True

    def allocate_index(self, size: int, fill: float, year: int = 0) -> tuple[int, int]:
        tables = self._tables
        newest = None
        if of_year := [number for number, of in tables.list_years.items() if of == year]:
            number = max(of_year)
            newest = ListFill(number, tables.list_sizes[number], len(tables.slots[number]))
        chosen = list_to_fill(newest, size, fill, next_number=len(tables.list_sizes) + 1)
        if chosen.number not in tables.list_sizes:
            self._put(tables.list_sizes, chosen.number, chosen.size)
            self._put(tables.list_years, chosen.number, year)
            self._put(tables.slots, chosen.number, {})
        slots = tables.slots[chosen.number]

        def claim(index: int) -> bool:
            if index in slots:
                return False
            self._put(slots, index, 0)
            return True

        return chosen.number, draw_index(chosen.size, claim, slots.keys)

    def add_credential(self, credential: CredentialRecord) -> None:
        tables = self._tables
        slot = (credential.list_number, credential.index)
        self.licence(credential.licence_id)
        if credential.id in tables.credentials:
            raise refusals.credential_exists(credential.id)
        if credential.request_id in tables.credential_by_request:
            raise refusals.request_used(credential.request_id)
        if slot in tables.owners or slot[1] not in tables.slots.get(slot[0], {}):
            raise refusals.index_refused(*slot)
        self._put(tables.credentials, credential.id, replace(credential))
        self._put(tables.owners, slot, credential.id)
        self._set_slot(*slot, int(credential.status), credential.reserved_at)
        self._put(tables.credential_by_request, credential.request_id, credential.id)
        ids = tables.credentials_of.get(credential.licence_id, ())
        self._put(tables.credentials_of, credential.licence_id, (*ids, credential.id))

    def record_signed(self, credential_id: str, artefacts: bytes, at: datetime) -> None:
        require_aware(at)
        credential = self.credential(credential_id)
        if credential.artefacts is None:
            signed = replace(credential, artefacts=bytes(artefacts), signed_at=at)
            self._put(self._tables.credentials, credential_id, signed)
        elif credential.artefacts != artefacts:
            raise refusals.signed_otherwise(credential_id)

    def set_status(self, credential_id: str, value: int, at: datetime) -> None:
        require_status(value)
        require_aware(at)
        credential = replace(self.credential(credential_id), status=int(value))
        self._put(self._tables.credentials, credential_id, credential)
        self._set_slot(credential.list_number, credential.index, int(value), at)

    def _set_slot(self, list_number: int, index: int, value: int, at: datetime) -> None:
        slots = self._tables.slots[list_number]
        if slots[index] == value:
            return
        self._put(slots, index, value)
        number = self.last_status_change() + 1
        change = StatusChange(number, index, value, at)
        self._put(self._tables.changes, number, (list_number, change))

    def record_publication(self, publication: Publication) -> None:
        issues = self._tables.publications.get(publication.kind, ())
        if issues and publication.version <= issues[-1].version:
            raise refusals.version_too_low(
                publication.kind, publication.version, issues[-1].version
            )
        kept = tuple(without_document(one) for one in issues)
        self._put(self._tables.publications, publication.kind, (*kept, publication))

    def add_objection(self, objection: Objection) -> None:
        self.licence(objection.licence_id)
        if objection.id in self._tables.objections:
            raise refusals.objection_exists(objection.id)
        self._put(self._tables.objections, objection.id, objection)

    def decide_objection(self, objection: Objection) -> None:
        if not self.objection(objection.id).is_open:
            raise refusals.objection_decided(objection.id)
        self._put(self._tables.objections, objection.id, objection)

    def set_expected(self, expected: ExpectedCount) -> None:
        self._put(self._tables.expected, (expected.type_code, expected.as_of), expected)
