"""What can be read from a register in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, literal_column, select

from ecert.issuers import refusals
from ecert.store import rows
from ecert.store.savepoints import refusable
from ecert.store.tables import (
    credential,
    event,
    licence,
    publication,
    request,
    status_list,
    status_slot,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection, CursorResult, Row
    from sqlalchemy.sql import Executable

    from ecert.issuers.records import (
        CredentialRecord,
        LicenceEvent,
        Publication,
        RecordedRequest,
    )
    from ecert.model.licence import Licence

# Rows fetched at once by `licences`, so that memory stays flat over millions.
_PAGE_ROWS: Final = 500

# Statements are built once: building costs more than running them.
_REQUEST: Final = select(request).where(request.c.id == bindparam("key"))
_LICENCE: Final = select(licence).where(licence.c.id == bindparam("key"))
_BY_NUMBER: Final = (
    select(licence).where(licence.c.number == bindparam("key")).order_by(licence.c.seq)
)
_PAGE: Final = (
    select(licence)
    .where(licence.c.seq > bindparam("key"))
    .order_by(licence.c.seq)
    .limit(_PAGE_ROWS)
)
_EVENTS: Final = select(event).where(event.c.licence_id == bindparam("key")).order_by(event.c.seq)
_CREDENTIALS: Final = select(credential, status_slot.c.value).join(status_slot)
_CREDENTIAL: Final = _CREDENTIALS.where(credential.c.id == bindparam("key"))
_CREDENTIAL_BY_REQUEST: Final = _CREDENTIALS.where(credential.c.request_id == bindparam("key"))
_CREDENTIALS_OF: Final = _CREDENTIALS.where(credential.c.licence_id == bindparam("key")).order_by(
    credential.c.seq
)
_LIST_NUMBERS: Final = select(status_list.c.number).order_by(status_list.c.number)
_LIST_SIZE: Final = select(status_list.c.size).where(status_list.c.number == bindparam("key"))
_STATUSES: Final = select(status_slot.c.position, status_slot.c.value).where(
    # Written out, not a parameter, so that the index of just these slots is seen to fit.
    status_slot.c.list_number == bindparam("key"),
    status_slot.c.value != literal_column("0"),
)
_PUBLICATION: Final = select(publication).where(publication.c.kind == bindparam("key"))


class SQLView:
    """A `RegisterView` on one connection, as long as its transaction is open."""

    def __init__(self, connection: Connection) -> None:
        self._connection: Connection | None = connection

    def close(self) -> None:
        """End the use of this view."""
        self._connection = None

    def _run(
        self, statement: Executable, values: Mapping[str, Any] | None = None
    ) -> CursorResult[Any]:
        if self._connection is None:
            raise _over()
        return self._connection.execute(statement, values)

    def _try(self, statement: Executable, values: Mapping[str, Any]) -> None:
        """Run a statement that may be refused; the transaction goes on."""
        if self._connection is None:
            raise _over()
        with refusable(self._connection):
            self._connection.execute(statement, values)

    def _one(self, statement: Executable, key: object) -> Row[Any] | None:
        return self._run(statement, {"key": key}).one_or_none()

    def request(self, request_id: str) -> RecordedRequest | None:
        """See `RegisterView.request`."""
        row = self._one(_REQUEST, request_id)
        return None if row is None else rows.to_request(row)

    def licence(self, licence_id: str) -> Licence:
        """See `RegisterView.licence`."""
        row = self._one(_LICENCE, licence_id)
        if row is None:
            raise refusals.unknown_licence(licence_id)
        return rows.to_licence(row)

    def licences(self) -> Iterator[Licence]:
        """See `RegisterView.licences`."""
        last = 0
        while page := self._run(_PAGE, {"key": last}).all():
            yield from map(rows.to_licence, page)
            last = page[-1].seq

    def find_by_number(self, number: str) -> tuple[Licence, ...]:
        """See `RegisterView.find_by_number`."""
        return tuple(map(rows.to_licence, self._run(_BY_NUMBER, {"key": number})))

    def events(self, licence_id: str) -> tuple[LicenceEvent, ...]:
        """See `RegisterView.events`."""
        return tuple(map(rows.to_event, self._run(_EVENTS, {"key": licence_id})))

    def credential(self, credential_id: str) -> CredentialRecord:
        """See `RegisterView.credential`."""
        row = self._one(_CREDENTIAL, credential_id)
        if row is None:
            raise refusals.unknown_credential(credential_id)
        return rows.to_credential(row)

    def credential_by_request(self, request_id: str) -> CredentialRecord | None:
        """See `RegisterView.credential_by_request`."""
        row = self._one(_CREDENTIAL_BY_REQUEST, request_id)
        return None if row is None else rows.to_credential(row)

    def credentials_of(self, licence_id: str) -> tuple[CredentialRecord, ...]:
        """See `RegisterView.credentials_of`."""
        return tuple(map(rows.to_credential, self._run(_CREDENTIALS_OF, {"key": licence_id})))

    def list_numbers(self) -> tuple[int, ...]:
        """See `RegisterView.list_numbers`."""
        return tuple(self._run(_LIST_NUMBERS).scalars())

    def list_size(self, list_number: int) -> int:
        """See `RegisterView.list_size`."""
        row = self._one(_LIST_SIZE, list_number)
        if row is None:
            raise refusals.unknown_list(list_number)
        return int(row.size)

    def statuses(self, list_number: int) -> Mapping[int, int]:
        """See `RegisterView.statuses`."""
        return {row.position: row.value for row in self._run(_STATUSES, {"key": list_number})}

    def publication(self, kind: str) -> Publication | None:
        """See `RegisterView.publication`."""
        row = self._one(_PUBLICATION, kind)
        return None if row is None else rows.to_publication(row)


def _over() -> RuntimeError:
    return RuntimeError("this transaction or view is over")
