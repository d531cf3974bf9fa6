"""The issuer's register in SQL."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sqlalchemy import (
    Integer,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from ecert.issuers import refusals
from ecert.issuers.indexes import ListFill, draw_index, list_to_fill
from ecert.issuers.records import require_aware, require_status
from ecert.store import rows
from ecert.store.reading import SQLView
from ecert.store.tables import (
    credential,
    event,
    licence,
    nonce,
    publication,
    request,
    status_list,
    status_slot,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ecert.errors import RegisterError
    from ecert.issuers.records import (
        CredentialRecord,
        LicenceEvent,
        Publication,
        RecordedRequest,
    )
    from ecert.issuers.register import RegisterTransaction, RegisterView
    from ecert.model.licence import Licence, LicenceState
    from ecert.store.engine import Engine

_ADD_REQUEST: Final = insert(request)
_ADD_LICENCE: Final = insert(licence)
_ADD_EVENT: Final = insert(event)
_ADD_CREDENTIAL: Final = insert(credential)
_ADD_NONCE: Final = insert(nonce)
_ADD_LIST: Final = insert(status_list)
_SET_STATE: Final = (
    update(licence).where(licence.c.id == bindparam("key")).values(state=bindparam("new"))
)
_PURGE_NONCES: Final = delete(nonce).where(nonce.c.expires <= bindparam("at"))
_USE_NONCE: Final = delete(nonce).where(nonce.c.digest == bindparam("key"))
_NEWEST_LIST: Final = select(status_list).order_by(status_list.c.number.desc()).limit(1)
_COUNT_TAKEN: Final = (
    update(status_list)
    .where(status_list.c.number == bindparam("key"))
    .values(taken=status_list.c.taken + 1)
)
_LIST: Final = bindparam("number", type_=Integer)
_PLACE: Final = bindparam("place", type_=Integer)
_IS_SLOT: Final = and_(status_slot.c.list_number == _LIST, status_slot.c.position == _PLACE)
# One statement, because asking first and then inserting takes two.
_CLAIM: Final = (
    insert(status_slot)
    .from_select(
        ["list_number", "position", "value"],
        select(_LIST, _PLACE, literal(0)).where(~exists().where(_IS_SLOT)),
    )
    # Of an INSERT, SQLAlchemy keeps the count only when told to: it would be -1 on PostgreSQL.
    .execution_options(preserve_rowcount=True)
)
_TAKEN: Final = select(status_slot.c.position).where(status_slot.c.list_number == _LIST)
_SET_SLOT: Final = update(status_slot).where(_IS_SLOT).values(value=bindparam("new"))
_SLOT_OF: Final = select(
    credential.c.list_number.label("number"), credential.c.position.label("place")
).where(credential.c.id == bindparam("key"))
_RECORD_SIGNED: Final = (
    update(credential)
    .where(credential.c.id == bindparam("key"), credential.c.artefacts.is_(None))
    .values(artefacts=bindparam("signed"), signed_at=bindparam("moment"))
)
_REPLACE_PUBLICATION: Final = (
    update(publication)
    .where(publication.c.kind == bindparam("key"), publication.c.version < bindparam("new_version"))
    .values(
        version=bindparam("new_version"),
        digest=bindparam("new_digest"),
        document=bindparam("new_document"),
        issued=bindparam("new_issued"),
        expires=bindparam("new_expires"),
    )
)
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
            changes = _SQLTransaction(connection)
            try:
                yield changes
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


class _SQLTransaction(SQLView):
    def record_request(self, request: RecordedRequest) -> None:
        try:
            self._try(_ADD_REQUEST, rows.request_values(request))
        except IntegrityError:
            raise refusals.request_used(request.request_id) from None

    def add_licence(self, licence: Licence) -> None:
        try:
            self._try(_ADD_LICENCE, rows.licence_values(licence))
        except IntegrityError:
            raise refusals.licence_exists(str(licence.id)) from None

    def set_state(self, licence_id: str, state: LicenceState) -> None:
        if not self._run(_SET_STATE, {"key": licence_id, "new": state.value}).rowcount:
            raise refusals.unknown_licence(licence_id)

    def add_event(self, event: LicenceEvent) -> None:
        try:
            self._try(_ADD_EVENT, rows.event_values(event))
        except IntegrityError:
            raise refusals.unknown_licence(event.licence_id) from None

    def add_nonce(self, digest: bytes, expires: datetime) -> None:
        require_aware(expires)
        try:
            self._try(_ADD_NONCE, {"digest": digest, "expires": expires})
        except IntegrityError:
            raise refusals.nonce_exists() from None

    def consume_nonce(self, digest: bytes, at: datetime) -> bool:
        require_aware(at)
        self._run(_PURGE_NONCES, {"at": at})
        return bool(self._run(_USE_NONCE, {"key": digest}).rowcount)

    def allocate_index(self, size: int, fill: float) -> tuple[int, int]:
        row = self._run(_NEWEST_LIST).one_or_none()
        newest = None if row is None else ListFill(row.number, row.size, row.taken)
        chosen = list_to_fill(newest, size, fill)
        number = chosen.number
        if chosen is not newest:
            self._run(_ADD_LIST, {"number": number, "size": chosen.size, "taken": 0})

        def claim(place: int) -> bool:
            return self._run(_CLAIM, {"number": number, "place": place}).rowcount == 1

        index = draw_index(
            chosen.size, claim, lambda: self._run(_TAKEN, {"number": number}).scalars()
        )
        self._run(_COUNT_TAKEN, {"key": number})
        return number, index

    def add_credential(self, credential: CredentialRecord) -> None:
        try:
            self._try(_ADD_CREDENTIAL, rows.credential_values(credential))
        except IntegrityError:
            raise self._credential_refusal(credential) from None
        if credential.status:
            self._set_slot(credential.list_number, credential.index, credential.status)

    def _credential_refusal(self, credential: CredentialRecord) -> RegisterError:
        # The database says only that a constraint is violated, in words of its own.
        self.licence(credential.licence_id)
        if self._run(_SLOT_OF, {"key": credential.id}).one_or_none() is not None:
            return refusals.credential_exists(credential.id)
        if self.credential_by_request(credential.request_id) is not None:
            return refusals.request_used(credential.request_id)
        return refusals.index_refused(credential.list_number, credential.index)

    def record_signed(self, credential_id: str, artefacts: bytes, at: datetime) -> None:
        require_aware(at)
        values = {"key": credential_id, "signed": artefacts, "moment": at}
        if self._run(_RECORD_SIGNED, values).rowcount:
            return
        if self.credential(credential_id).artefacts != artefacts:
            raise refusals.signed_otherwise(credential_id)

    def set_status(self, credential_id: str, value: int) -> None:
        require_status(value)
        slot = self._run(_SLOT_OF, {"key": credential_id}).one_or_none()
        if slot is None:
            raise refusals.unknown_credential(credential_id)
        self._set_slot(slot.number, slot.place, value)

    def _set_slot(self, list_number: int, index: int, value: int) -> None:
        self._run(_SET_SLOT, {"number": list_number, "place": index, "new": int(value)})

    def record_publication(self, publication: Publication) -> None:
        values = rows.publication_values(publication)
        kind = values["kind"]
        changed = {f"new_{name}": value for name, value in values.items() if name != "kind"}
        if self._run(_REPLACE_PUBLICATION, {"key": kind, **changed}).rowcount:
            return
        newest = self.publication(kind)
        if newest is not None:
            raise refusals.version_too_low(kind, publication.version, newest.version)
        self._run(_ADD_PUBLICATION, values)
