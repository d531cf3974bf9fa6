"""What can be read from a register in memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ecert.issuers import refusals
from ecert.issuers.audit import AuditedLicence
from ecert.issuers.queries import Count, Page, Query, Row, require_limit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from ecert.issuers.audit import AuditEntry
    from ecert.issuers.records import (
        CredentialRecord,
        ExpectedCount,
        LicenceEvent,
        Objection,
        OfficeEvent,
        Publication,
        RecordedRequest,
        StatusChange,
    )
    from ecert.model.licence import Licence


@dataclass(slots=True)
class Tables:
    """All that a register remembers."""

    # In the order of recording, which numbers the rows.
    licences: dict[str, Licence] = field(default_factory=dict)
    rows: dict[int, str] = field(default_factory=dict)
    row_of: dict[str, int] = field(default_factory=dict)
    changed: dict[str, datetime] = field(default_factory=dict)
    ids_by_number: dict[str, tuple[str, ...]] = field(default_factory=dict)
    portraits: dict[str, bytes] = field(default_factory=dict)
    events: dict[str, tuple[LicenceEvent, ...]] = field(default_factory=dict)
    credentials: dict[str, CredentialRecord] = field(default_factory=dict)
    credentials_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    credential_by_request: dict[str, str] = field(default_factory=dict)
    list_sizes: dict[int, int] = field(default_factory=dict)
    list_years: dict[int, int] = field(default_factory=dict)
    # Every index given away, with its status; who has it stands in `owners`.
    slots: dict[int, dict[int, int]] = field(default_factory=dict)
    owners: dict[tuple[int, int], str] = field(default_factory=dict)
    changes: dict[int, tuple[int, StatusChange]] = field(default_factory=dict)
    nonces: dict[bytes, datetime] = field(default_factory=dict)
    publications: dict[str, tuple[Publication, ...]] = field(default_factory=dict)
    requests: dict[str, RecordedRequest] = field(default_factory=dict)
    objections: dict[str, Objection] = field(default_factory=dict)
    expected: dict[tuple[str, date], ExpectedCount] = field(default_factory=dict)
    trail: dict[int, AuditLine] = field(default_factory=dict)


AuditLine = tuple["AuditEntry", tuple["LicenceEvent", ...], tuple["OfficeEvent", ...]]
"""One entry of the audit trail with the events that it covers."""


class MemoryView:
    """See `ecert.issuers.register_view.RegisterView`."""

    def __init__(self, tables: Tables) -> None:
        self._kept: Tables | None = tables

    @property
    def _tables(self) -> Tables:
        if self._kept is None:
            raise RuntimeError("this transaction or view is over")
        return self._kept

    def close(self) -> None:
        """End the use of this view."""
        self._kept = None

    def request(self, request_id: str) -> RecordedRequest | None:
        """See `RegisterView.request`."""
        return self._tables.requests.get(request_id)

    def licence(self, licence_id: str) -> Licence:
        """See `RegisterView.licence`."""
        licence = self._tables.licences.get(licence_id)
        if licence is None:
            raise refusals.unknown_licence(licence_id)
        return licence

    def portrait(self, digest: str) -> bytes:
        """See `RegisterView.portrait`."""
        picture = self._tables.portraits.get(digest)
        if picture is None:
            raise refusals.unknown_portrait(digest)
        return picture

    def licences(self) -> Iterator[Licence]:
        """See `RegisterView.licences`."""
        for licence_id in list(self._tables.licences):
            yield self._tables.licences[licence_id]

    def find_by_number(self, number: str) -> tuple[Licence, ...]:
        """See `RegisterView.find_by_number`."""
        ids = self._tables.ids_by_number.get(number, ())
        return tuple(self._tables.licences[licence_id] for licence_id in ids)

    def events(self, licence_id: str) -> tuple[LicenceEvent, ...]:
        """See `RegisterView.events`."""
        return self._tables.events.get(licence_id, ())

    def credential(self, credential_id: str) -> CredentialRecord:
        """See `RegisterView.credential`."""
        credential = self._tables.credentials.get(credential_id)
        if credential is None:
            raise refusals.unknown_credential(credential_id)
        # A copy, because its key is a dictionary that the caller could change.
        return replace(credential)

    def credential_by_request(self, request_id: str) -> CredentialRecord | None:
        """See `RegisterView.credential_by_request`."""
        credential_id = self._tables.credential_by_request.get(request_id)
        return None if credential_id is None else self.credential(credential_id)

    def credentials_of(self, licence_id: str) -> tuple[CredentialRecord, ...]:
        """See `RegisterView.credentials_of`."""
        ids = self._tables.credentials_of.get(licence_id, ())
        return tuple(self.credential(credential_id) for credential_id in ids)

    def list_numbers(self) -> tuple[int, ...]:
        """See `RegisterView.list_numbers`."""
        return tuple(self._tables.list_sizes)

    def list_size(self, list_number: int) -> int:
        """See `RegisterView.list_size`."""
        if list_number not in self._tables.list_sizes:
            raise refusals.unknown_list(list_number)
        return self._tables.list_sizes[list_number]

    def statuses(self, list_number: int) -> Mapping[int, int]:
        """See `RegisterView.statuses`."""
        slots = self._tables.slots.get(list_number, {})
        return {index: value for index, value in slots.items() if value}

    def list_year(self, list_number: int) -> int:
        """See `RegisterView.list_year`."""
        self.list_size(list_number)
        return self._tables.list_years[list_number]

    def status_changes(self, list_number: int, *, up_to: int) -> Iterator[StatusChange]:
        """See `RegisterView.status_changes`."""
        for listed, change in list(self._tables.changes.values()):
            if listed == list_number and change.number <= up_to:
                yield change

    def last_status_change(self) -> int:
        """See `RegisterView.last_status_change`."""
        return len(self._tables.changes)

    def publication(self, kind: str, *, at: datetime | None = None) -> Publication | None:
        """See `RegisterView.publication`."""
        issues = self._tables.publications.get(kind, ())
        return next((one for one in reversed(issues) if at is None or one.issued <= at), None)

    def find(self, query: Query, *, after: int = 0, limit: int = 100) -> Page:
        """See `RegisterView.find`."""
        require_limit(limit)
        tables = self._tables
        lately = None if query.after_entry is None else self._changed_after(query.after_entry)
        rows: list[Row] = []
        for number in range(max(after, 0) + 1, len(tables.rows) + 1):
            licence_id = tables.rows[number]
            licence, changed = tables.licences[licence_id], tables.changed[licence_id]
            if not _fits(licence, changed, query) or (
                lately is not None and licence_id not in lately
            ):
                continue
            if len(rows) == limit:
                return Page(tuple(rows), rows[-1].number)
            rows.append(Row(number, licence, changed))
        return Page(tuple(rows), None)

    def _changed_after(self, entry: int) -> set[str]:
        return {one.licence_id for _, events, _ in self.audit_trail(after=entry) for one in events}

    def row(self, number: int) -> Licence | None:
        """See `RegisterView.row`."""
        licence_id = self._tables.rows.get(number)
        return None if licence_id is None else self._tables.licences[licence_id]

    def row_of(self, licence_id: str) -> int:
        """See `RegisterView.row_of`."""
        self.licence(licence_id)
        return self._tables.row_of[licence_id]

    def count(self, on: date) -> tuple[Count, ...]:
        """See `RegisterView.count`."""
        counted = Counter(
            (one.type_code, one.region, one.standing(on)) for one in self._tables.licences.values()
        )
        return tuple(Count(*group, count) for group, count in sorted(counted.items()))

    def objection(self, objection_id: str) -> Objection:
        """See `RegisterView.objection`."""
        objection = self._tables.objections.get(objection_id)
        if objection is None:
            raise refusals.unknown_objection(objection_id)
        return objection

    def objections(
        self, licence_id: str | None = None, *, only_open: bool = False
    ) -> Iterator[Objection]:
        """See `RegisterView.objections`."""
        for one in list(self._tables.objections.values()):
            wanted = licence_id is None or one.licence_id == licence_id
            if wanted and (one.is_open or not only_open):
                yield one

    def expected(self) -> tuple[ExpectedCount, ...]:
        """See `RegisterView.expected`."""
        newest = {code: one for (code, _), one in sorted(self._tables.expected.items())}
        return tuple(newest.values())

    def audit_head(self) -> AuditEntry | None:
        """See `RegisterView.audit_head`."""
        trail = self._tables.trail
        return trail[len(trail)][0] if trail else None

    def audit_trail(
        self, *, after: int = 0
    ) -> Iterator[tuple[AuditEntry, Sequence[LicenceEvent], Sequence[OfficeEvent]]]:
        """See `RegisterView.audit_trail`."""
        for number in range(max(after, 0) + 1, len(self._tables.trail) + 1):
            yield self._tables.trail[number]

    def audit_states(self) -> Iterator[AuditedLicence]:
        """See `RegisterView.audit_states`."""
        for licence in self.licences():
            licence_id = str(licence.id)
            statuses = [(one.id, one.status) for one in self.credentials_of(licence_id)]
            yield AuditedLicence(
                licence_id, licence.state, licence.digest(), self.events(licence_id), statuses
            )

    def stray_slots(self) -> int:
        """See `RegisterView.stray_slots`."""
        return sum(map(len, self._tables.slots.values())) - len(self._tables.owners)


def _fits(licence: Licence, changed: datetime, query: Query) -> bool:
    wanted = (
        (query.number, licence.number),
        (query.type_code, licence.type_code),
        (query.region, licence.region),
        (query.state, licence.standing(query.on)),
    )
    if any(asked is not None and asked != have for asked, have in wanted):
        return False
    numbers = {holder.number for holder in licence.holders}
    if query.holder_number is not None and query.holder_number not in numbers:
        return False
    return (
        (query.changed_from is None or changed >= query.changed_from)
        and (query.changed_before is None or changed < query.changed_before)
        and (query.issued_from is None or licence.issued_on >= query.issued_from)
        and (query.issued_until is None or licence.issued_on <= query.issued_until)
    )
