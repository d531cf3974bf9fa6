"""Changes credentials, status lists and nonces in SQL: part of a register's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import (
    Integer,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from ecert.issuers import refusals
from ecert.issuers.records import require_aware, require_status
from ecert.store import given, list_order, rows
from ecert.store.reading import SQLView
from ecert.store.tables import credential, nonce, status_change, status_list, status_slot

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from ecert.errors import RegisterError
    from ecert.issuers.records import CredentialRecord

_ADD_CREDENTIAL: Final = insert(credential)
_ADD_NONCE: Final = insert(nonce)
_ADD_CHANGE: Final = insert(status_change)
_PURGE_NONCES: Final = delete(nonce).where(nonce.c.expires <= bindparam("at"))
_USE_NONCE: Final = delete(nonce).where(nonce.c.digest == bindparam("key"))
_LIST: Final = bindparam("number", type_=Integer)
_PLACE: Final = bindparam("place", type_=Integer)
_IS_SLOT: Final = and_(status_slot.c.list_number == _LIST, status_slot.c.position == _PLACE)
_NEW: Final = bindparam("new", type_=Integer)
# One statement, because asking first and then inserting takes two.
_ADD_SLOT: Final = (
    insert(status_slot)
    .from_select(
        ["list_number", "position", "value"],
        select(_LIST, _PLACE, _NEW).where(~exists().where(_IS_SLOT)),
    )
    # Of an INSERT, SQLAlchemy keeps the count only when told to: it would be -1 on PostgreSQL.
    .execution_options(preserve_rowcount=True)
)
_ORDER: Final = select(status_list).where(status_list.c.number == _LIST)
_SET_SLOT: Final = (
    update(status_slot).where(_IS_SLOT, status_slot.c.value != _NEW).values(value=_NEW)
)
_CREDENTIAL_AT: Final = select(credential.c.seq).where(
    credential.c.list_number == _LIST, credential.c.position == _PLACE
)
_RECORD_SIGNED: Final = (
    update(credential)
    .where(
        credential.c.list_number == _LIST,
        credential.c.position == _PLACE,
        credential.c.artefacts.is_(None),
    )
    .values(artefacts=bindparam("signed"), signed_at=bindparam("moment"))
)


class SQLCredentials(SQLView):
    """The part of `RegisterTransaction` that is about credentials and their status."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        # A licence never changes its row, and one act asks for it several times.
        self._rows: dict[str, int] = {}
        self._given: set[tuple[int, int]] = set()

    def row_of(self, licence_id: str) -> int:
        """See `RegisterView.row_of`."""
        row = self._rows.get(licence_id)
        if row is None:
            row = self._rows[licence_id] = super().row_of(licence_id)
        return row

    def add_nonce(self, digest: bytes, expires: datetime) -> None:
        """See `RegisterTransaction.add_nonce`."""
        require_aware(expires)
        try:
            self._try(_ADD_NONCE, {"digest": digest, "expires": expires})
        except IntegrityError:
            raise refusals.nonce_exists() from None

    def consume_nonce(self, digest: bytes, at: datetime) -> bool:
        """See `RegisterTransaction.consume_nonce`."""
        require_aware(at)
        self._run(_PURGE_NONCES, {"at": at})
        return bool(self._run(_USE_NONCE, {"key": digest}).rowcount)

    def allocate_index(self, size: int, fill: float, year: int = 0) -> tuple[int, int]:
        """See `RegisterTransaction.allocate_index`."""
        place = given.give(self._run, year, 1, size, fill)[0]
        self._given.add(place)
        return place

    def add_credential(self, credential: CredentialRecord) -> None:
        """See `RegisterTransaction.add_credential`."""
        licence = self.row_of(credential.licence_id)
        self._require_given(credential)
        try:
            self._try(_ADD_CREDENTIAL, rows.credential_values(credential, licence))
        except IntegrityError:
            raise self._credential_refusal(credential) from None
        if credential.status:
            place = (credential.list_number, credential.index)
            self._set_slot(*place, credential.status, credential.reserved_at)

    def _credential_refusal(self, credential: CredentialRecord) -> RegisterError:
        # The database says only that a constraint is violated, in words of its own.
        place = {"number": credential.list_number, "place": credential.index}
        if self._run(_CREDENTIAL_AT, place).one_or_none() is not None:
            return refusals.credential_exists(credential.id)
        if self.credential_by_request(credential.request_id) is not None:
            return refusals.request_used(credential.request_id)
        return refusals.index_refused(credential.list_number, credential.index)

    def _require_given(self, credential: CredentialRecord) -> None:
        number, index = credential.list_number, credential.index
        if (number, index) in self._given:
            return
        row = self._run(_ORDER, {"number": number}).one_or_none()
        if row is None or row.order_key is None or not 0 <= index < row.size:
            is_given = False
        else:
            is_given = list_order.place_of(row.order_key, row.size, index) < row.taken
        if not is_given:
            raise self._credential_refusal(credential)

    def record_signed(self, credential_id: str, artefacts: bytes, at: datetime) -> None:
        """See `RegisterTransaction.record_signed`."""
        require_aware(at)
        known = self.credential(credential_id)
        place = {"number": known.list_number, "place": known.index}
        if self._run(_RECORD_SIGNED, {**place, "signed": artefacts, "moment": at}).rowcount:
            return
        if known.artefacts != artefacts:
            raise refusals.signed_otherwise(credential_id)

    def set_status(self, credential_id: str, value: int, at: datetime) -> None:
        """See `RegisterTransaction.set_status`."""
        require_status(value)
        require_aware(at)
        known = self.credential(credential_id)
        self._set_slot(known.list_number, known.index, value, at)

    def _set_slot(self, list_number: int, index: int, value: int, at: datetime) -> None:
        place = {"number": list_number, "place": index, "new": int(value)}
        # Most credentials never have another status than 0, so that most have no row.
        changed = self._run(_SET_SLOT, place).rowcount
        if not changed and value:
            changed = self._run(_ADD_SLOT, place).rowcount
        if changed:
            self._run(_ADD_CHANGE, {
                "number": self.last_status_change() + 1, "list_number": list_number,
                "position": index, "value": int(value), "at": at,
            })  # fmt: skip
