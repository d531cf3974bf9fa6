"""What can be read from a register in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, literal_column, select

from ecert.issuers import refusals
from ecert.issuers.records import ExpectedCount, StatusChange, credential_place
from ecert.store import disputes, finding, rows, trail
from ecert.store.savepoints import refusable
from ecert.store.tables import (
    credential,
    event,
    expected_count,
    licence,
    portrait,
    publication,
    request,
    status_change,
    status_list,
    status_slot,
)
from ecert.store.tables_register import OF_CREDENTIAL, VALUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, CursorResult, Row
    from sqlalchemy.sql import Executable

    from ecert.issuers.audit import AuditedLicence, AuditEntry
    from ecert.issuers.queries import Count, Page, Query
    from ecert.issuers.records import (
        CredentialRecord,
        LicenceEvent,
        Objection,
        OfficeEvent,
        Publication,
        RecordedRequest,
    )
    from ecert.model.licence import Licence

# Rows fetched at once, so that memory stays flat over millions.
_PAGE_ROWS: Final = 500

# Statements are built once: building costs more than running them.
_REQUEST: Final = select(request).where(request.c.id == bindparam("key"))
_LICENCE: Final = select(licence).where(licence.c.id == bindparam("key"))
_PORTRAIT: Final = select(portrait).where(portrait.c.digest == bindparam("key"))
_ROW: Final = select(licence).where(licence.c.row == bindparam("key"))
_ROW_OF: Final = select(licence.c.row).where(licence.c.id == bindparam("key"))
_BY_NUMBER: Final = (
    select(licence).where(licence.c.number == bindparam("key")).order_by(licence.c.row)
)
_PAGE: Final = (
    select(licence)
    .where(licence.c.row > bindparam("key"))
    .order_by(licence.c.row)
    .limit(_PAGE_ROWS)
)
_EVENTS: Final = (
    select(event, licence.c.id)
    .join(licence)
    .where(licence.c.id == bindparam("key"))
    .order_by(event.c.seq)
)
_CREDENTIALS: Final = (
    select(credential, VALUE.label("value"), licence.c.id.label("licence_id"))
    .outerjoin(status_slot, OF_CREDENTIAL)
    .join(licence, licence.c.row == credential.c.licence)
)
_CREDENTIAL: Final = _CREDENTIALS.where(
    credential.c.list_number == bindparam("number"), credential.c.position == bindparam("place")
)
_CREDENTIAL_BY_REQUEST: Final = _CREDENTIALS.where(credential.c.request_id == bindparam("key"))
_CREDENTIALS_OF: Final = _CREDENTIALS.where(licence.c.id == bindparam("key")).order_by(
    credential.c.seq
)
_LIST_NUMBERS: Final = select(status_list.c.number).order_by(status_list.c.number)
_LIST: Final = select(status_list).where(status_list.c.number == bindparam("key"))
_STATUSES: Final = select(status_slot.c.position, status_slot.c.value).where(
    # Written out, not a parameter, so that the index of just these slots is seen to fit.
    status_slot.c.list_number == bindparam("key"),
    status_slot.c.value != literal_column("0"),
)
_CHANGES: Final = (
    select(status_change)
    .where(
        status_change.c.list_number == bindparam("key"),
        status_change.c.number > bindparam("after"),
        status_change.c.number <= bindparam("up_to"),
    )
    .order_by(status_change.c.number)
    .limit(_PAGE_ROWS)
)
_LAST_CHANGE: Final = select(func.max(status_change.c.number))
_PUBLICATION: Final = (
    select(publication)
    .where(publication.c.kind == bindparam("key"))
    .order_by(publication.c.version.desc())
    .limit(1)
)
_EXPECTED: Final = select(expected_count).order_by(
    expected_count.c.type_code, expected_count.c.as_of
)


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

    # -- licences -----------------------------------------------------------------------------

    def licence(self, licence_id: str) -> Licence:
        """See `RegisterView.licence`."""
        row = self._one(_LICENCE, licence_id)
        if row is None:
            raise refusals.unknown_licence(licence_id)
        return rows.to_licence(row)

    def portrait(self, digest: str) -> bytes:
        """See `RegisterView.portrait`."""
        row = self._one(_PORTRAIT, digest)
        if row is None:
            raise refusals.unknown_portrait(digest)
        return bytes(row.picture)

    def licences(self) -> Iterator[Licence]:
        """See `RegisterView.licences`."""
        last = 0
        while page := self._run(_PAGE, {"key": last}).all():
            yield from map(rows.to_licence, page)
            last = page[-1].row

    def find_by_number(self, number: str) -> tuple[Licence, ...]:
        """See `RegisterView.find_by_number`."""
        return tuple(map(rows.to_licence, self._run(_BY_NUMBER, {"key": number})))

    def find(self, query: Query, *, after: int = 0, limit: int = 100) -> Page:
        """See `RegisterView.find`."""
        return finding.find(self._run, query, after=after, limit=limit)

    def row(self, number: int) -> Licence | None:
        """See `RegisterView.row`."""
        row = self._one(_ROW, number)
        return None if row is None else rows.to_licence(row)

    def row_of(self, licence_id: str) -> int:
        """See `RegisterView.row_of`."""
        row = self._one(_ROW_OF, licence_id)
        if row is None:
            raise refusals.unknown_licence(licence_id)
        return int(row.row)

    def count(self, on: date) -> tuple[Count, ...]:
        """See `RegisterView.count`."""
        return finding.count(self._run, on)

    def events(self, licence_id: str) -> tuple[LicenceEvent, ...]:
        """See `RegisterView.events`."""
        return tuple(map(rows.to_event, self._run(_EVENTS, {"key": licence_id})))

    # -- credentials and their status ---------------------------------------------------------

    def credential(self, credential_id: str) -> CredentialRecord:
        """See `RegisterView.credential`."""
        place = credential_place(credential_id)
        if place is None:
            raise refusals.unknown_credential(credential_id)
        row = self._run(_CREDENTIAL, {"number": place[0], "place": place[1]}).one_or_none()
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
        return int(self._list(list_number).size)

    def list_year(self, list_number: int) -> int:
        """See `RegisterView.list_year`."""
        return int(self._list(list_number).year)

    def _list(self, list_number: int) -> Row[Any]:
        row = self._one(_LIST, list_number)
        if row is None:
            raise refusals.unknown_list(list_number)
        return row

    def statuses(self, list_number: int) -> Mapping[int, int]:
        """See `RegisterView.statuses`."""
        return {row.position: row.value for row in self._run(_STATUSES, {"key": list_number})}

    def status_changes(self, list_number: int, *, up_to: int) -> Iterator[StatusChange]:
        """See `RegisterView.status_changes`."""
        asked = {"key": list_number, "after": 0, "up_to": up_to}
        while page := self._run(_CHANGES, asked).all():
            for row in page:
                yield StatusChange(row.number, row.position, row.value, row.at)
            asked["after"] = page[-1].number

    def last_status_change(self) -> int:
        """See `RegisterView.last_status_change`."""
        return self._run(_LAST_CHANGE).scalar() or 0

    def publication(self, kind: str, *, at: datetime | None = None) -> Publication | None:
        """See `RegisterView.publication`."""
        asked = _PUBLICATION if at is None else _PUBLICATION.where(publication.c.issued <= at)
        row = self._one(asked, kind)
        return None if row is None else rows.to_publication(row)

    # -- objections and counts ----------------------------------------------------------------

    def objection(self, objection_id: str) -> Objection:
        """See `RegisterView.objection`."""
        return disputes.objection(self._run, objection_id)

    def objections(
        self, licence_id: str | None = None, *, only_open: bool = False
    ) -> Iterator[Objection]:
        """See `RegisterView.objections`."""
        return disputes.objections(self._run, licence_id, only_open=only_open)

    def expected(self) -> tuple[ExpectedCount, ...]:
        """See `RegisterView.expected`."""
        newest = {
            row.type_code: ExpectedCount(row.type_code, row.how_many, row.as_of, row.source)
            for row in self._run(_EXPECTED).all()
        }
        return tuple(newest.values())

    # -- audit --------------------------------------------------------------------------------

    def audit_head(self) -> AuditEntry | None:
        """See `RegisterView.audit_head`."""
        return trail.head(self._run)

    def audit_trail(
        self, *, after: int = 0
    ) -> Iterator[tuple[AuditEntry, Sequence[LicenceEvent], Sequence[OfficeEvent]]]:
        """See `RegisterView.audit_trail`."""
        return trail.entries(self._run, after=after)

    def audit_states(self) -> Iterator[AuditedLicence]:
        """See `RegisterView.audit_states`."""
        return trail.states(self._run)

    def stray_slots(self) -> int:
        """See `RegisterView.stray_slots`."""
        return trail.stray_slots(self._run)


def _over() -> RuntimeError:
    return RuntimeError("this transaction or view is over")
