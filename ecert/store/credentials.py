"""Changes credentials, status lists and nonces in SQL: part of a register's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import (
    Integer,
    and_,
    bindparam,
    delete,
    exists,
    func,
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
from ecert.store.tables import credential, nonce, status_change, status_list, status_slot

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from ecert.errors import RegisterError
    from ecert.issuers.records import CredentialRecord

_ADD_CREDENTIAL: Final = insert(credential)
_ADD_NONCE: Final = insert(nonce)
_ADD_LIST: Final = insert(status_list)
_ADD_CHANGE: Final = insert(status_change)
_PURGE_NONCES: Final = delete(nonce).where(nonce.c.expires <= bindparam("at"))
_USE_NONCE: Final = delete(nonce).where(nonce.c.digest == bindparam("key"))
_LAST_LIST: Final = select(func.max(status_list.c.number))
_NEWEST_LIST: Final = (
    select(status_list, _LAST_LIST.scalar_subquery().label("last"))
    .where(status_list.c.year == bindparam("key"))
    .order_by(status_list.c.number.desc())
    .limit(1)
)
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
_SET_SLOT: Final = (
    update(status_slot)
    .where(_IS_SLOT, status_slot.c.value != bindparam("new"))
    .values(value=bindparam("new"))
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
        chosen = self._list_to_fill(size, fill, year)
        number = chosen.number

        def claim(place: int) -> bool:
            return self._run(_CLAIM, {"number": number, "place": place}).rowcount == 1

        def taken() -> Iterable[int]:
            return self._run(_TAKEN, {"number": number}).scalars()

        index = draw_index(chosen.size, claim, taken)
        self._run(_COUNT_TAKEN, {"key": number})
        return number, index

    def _list_to_fill(self, size: int, fill: float, year: int) -> ListFill:
        row = self._one(_NEWEST_LIST, year)
        newest = None if row is None else ListFill(row.number, row.size, row.taken)
        # Only the first list of a year has no row that tells the last number as well.
        last = (self._run(_LAST_LIST).scalar() or 0) if row is None else row.last
        chosen = list_to_fill(newest, size, fill, next_number=last + 1)
        if chosen is not newest:
            new = {"number": chosen.number, "size": chosen.size, "taken": 0, "year": year}
            self._run(_ADD_LIST, new)
        return chosen

    def add_credential(self, credential: CredentialRecord) -> None:
        """See `RegisterTransaction.add_credential`."""
        licence = self.row_of(credential.licence_id)
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
        if self._run(_SET_SLOT, place).rowcount:
            self._run(_ADD_CHANGE, {
                "number": self.last_status_change() + 1, "list_number": list_number,
                "position": index, "value": int(value), "at": at,
            })  # fmt: skip
