"""A register in memory: complete, transactional, and gone with its process."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ecert.issuers import refusals
from ecert.issuers.indexes import ListFill, draw_index, list_to_fill
from ecert.issuers.records import require_aware, require_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from ecert.issuers.records import (
        CredentialRecord,
        LicenceEvent,
        Publication,
        RecordedRequest,
    )
    from ecert.issuers.register import RegisterTransaction, RegisterView
    from ecert.model.licence import Licence, LicenceState

_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(slots=True)
class _Tables:
    licences: dict[str, Licence] = field(default_factory=dict)
    ids_by_number: dict[str, tuple[str, ...]] = field(default_factory=dict)
    events: dict[str, tuple[LicenceEvent, ...]] = field(default_factory=dict)
    credentials: dict[str, CredentialRecord] = field(default_factory=dict)
    credentials_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    credential_by_request: dict[str, str] = field(default_factory=dict)
    list_sizes: dict[int, int] = field(default_factory=dict)
    # Every index given away, with its status; who has it stands in `owners`.
    slots: dict[int, dict[int, int]] = field(default_factory=dict)
    owners: dict[tuple[int, int], str] = field(default_factory=dict)
    nonces: dict[bytes, datetime] = field(default_factory=dict)
    publications: dict[str, Publication] = field(default_factory=dict)
    requests: dict[str, RecordedRequest] = field(default_factory=dict)


class MemoryRegister:
    """A `Register` of one process: for tests, demonstrations and trying things out."""

    def __init__(self) -> None:
        self._tables = _Tables()
        self._lock = threading.Lock()
        self._owner: int | None = None

    @contextmanager
    def transaction(self) -> Iterator[RegisterTransaction]:
        """See `Register.transaction`."""
        with self._entered():
            changes = _MemoryTransaction(self._tables)
            try:
                yield changes
            except BaseException:
                changes.undo()
                raise
            finally:
                changes.close()

    @contextmanager
    def view(self) -> Iterator[RegisterView]:
        """See `Register.view`."""
        with self._entered():
            view = _MemoryView(self._tables)
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


class _MemoryView:
    def __init__(self, tables: _Tables) -> None:
        self._kept: _Tables | None = tables

    @property
    def _tables(self) -> _Tables:
        if self._kept is None:
            raise RuntimeError("this transaction or view is over")
        return self._kept

    def close(self) -> None:
        self._kept = None

    def request(self, request_id: str) -> RecordedRequest | None:
        return self._tables.requests.get(request_id)

    def licence(self, licence_id: str) -> Licence:
        licence = self._tables.licences.get(licence_id)
        if licence is None:
            raise refusals.unknown_licence(licence_id)
        return licence

    def licences(self) -> Iterator[Licence]:
        for licence_id in list(self._tables.licences):
            yield self._tables.licences[licence_id]

    def find_by_number(self, number: str) -> tuple[Licence, ...]:
        ids = self._tables.ids_by_number.get(number, ())
        return tuple(self._tables.licences[licence_id] for licence_id in ids)

    def events(self, licence_id: str) -> tuple[LicenceEvent, ...]:
        return self._tables.events.get(licence_id, ())

    def credential(self, credential_id: str) -> CredentialRecord:
        credential = self._tables.credentials.get(credential_id)
        if credential is None:
            raise refusals.unknown_credential(credential_id)
        # A copy, because its key is a dictionary that the caller could change.
        return replace(credential)

    def credential_by_request(self, request_id: str) -> CredentialRecord | None:
        credential_id = self._tables.credential_by_request.get(request_id)
        return None if credential_id is None else self.credential(credential_id)

    def credentials_of(self, licence_id: str) -> tuple[CredentialRecord, ...]:
        ids = self._tables.credentials_of.get(licence_id, ())
        return tuple(self.credential(credential_id) for credential_id in ids)

    def list_numbers(self) -> tuple[int, ...]:
        return tuple(self._tables.list_sizes)

    def list_size(self, list_number: int) -> int:
        if list_number not in self._tables.list_sizes:
            raise refusals.unknown_list(list_number)
        return self._tables.list_sizes[list_number]

    def statuses(self, list_number: int) -> Mapping[int, int]:
        slots = self._tables.slots.get(list_number, {})
        return {index: value for index, value in slots.items() if value}

    def publication(self, kind: str) -> Publication | None:
        return self._tables.publications.get(kind)


class _MemoryTransaction(_MemoryView):
    def __init__(self, tables: _Tables) -> None:
        super().__init__(tables)
        self._undo: list[Callable[[], Any]] = []

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

    def add_licence(self, licence: Licence) -> None:
        licence_id = str(licence.id)
        if licence_id in self._tables.licences:
            raise refusals.licence_exists(licence_id)
        self._put(self._tables.licences, licence_id, licence)
        ids = self._tables.ids_by_number.get(licence.number, ())
        self._put(self._tables.ids_by_number, licence.number, (*ids, licence_id))

    def set_state(self, licence_id: str, state: LicenceState) -> None:
        licence = replace(self.licence(licence_id), state=state)
        self._put(self._tables.licences, licence_id, licence)

    def add_event(self, event: LicenceEvent) -> None:
        self.licence(event.licence_id)
        events = self._tables.events.get(event.licence_id, ())
        self._put(self._tables.events, event.licence_id, (*events, event))

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

    def allocate_index(self, size: int, fill: float) -> tuple[int, int]:
        tables = self._tables
        newest = None
        if tables.list_sizes:
            number = max(tables.list_sizes)
            newest = ListFill(number, tables.list_sizes[number], len(tables.slots[number]))
        chosen = list_to_fill(newest, size, fill)
        if chosen.number not in tables.list_sizes:
            self._put(tables.list_sizes, chosen.number, chosen.size)
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
        self._put(tables.slots[slot[0]], slot[1], int(credential.status))
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

    def set_status(self, credential_id: str, value: int) -> None:
        require_status(value)
        credential = replace(self.credential(credential_id), status=int(value))
        self._put(self._tables.credentials, credential_id, credential)
        self._put(self._tables.slots[credential.list_number], credential.index, int(value))

    def record_publication(self, publication: Publication) -> None:
        newest = self._tables.publications.get(publication.kind)
        if newest is not None and publication.version <= newest.version:
            raise refusals.version_too_low(publication.kind, publication.version, newest.version)
        self._put(self._tables.publications, publication.kind, publication)
