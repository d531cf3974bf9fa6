"""What can be read from a register: the half of the port that changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from ecert.issuers.audit import AuditedLicence, AuditEntry
    from ecert.issuers.queries import Count, Page, Query
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


class RegisterView(Protocol):
    """What can be read, all of it as of one moment."""

    def request(self, request_id: str) -> RecordedRequest | None:
        """Return the request recorded under this id."""
        ...

    def licence(self, licence_id: str) -> Licence:
        """Return one licence.

        Raises:
            UnknownLicenceError: There is none with this id.
        """
        ...

    def portrait(self, digest: str) -> bytes:
        """Return the portrait of that digest, a JPEG.

        Raises:
            RegisterError: There is none.
        """
        ...

    def licences(self) -> Iterator[Licence]:
        """Iterate over all licences in the order in which they were added.

        What is changed while iterating may or may not be seen.
        """
        ...

    def find_by_number(self, number: str) -> tuple[Licence, ...]:
        """Return all licences with this number (证照编号), oldest first."""
        ...

    def find(self, query: Query, *, after: int = 0, limit: int = 100) -> Page:
        """Return the licences that ``query`` wants, in the order of recording.

        Args:
            query: Which licences.
            after: Only rows after this one: pages go on by key, so that each costs the same.
            limit: Most rows of the page, 1 to `ecert.issuers.queries.MAX_PAGE_ROWS`.

        Raises:
            ValueError: ``limit`` is out of range.
        """
        ...

    def row(self, number: int) -> Licence | None:
        """Return the licence in a row of the register, or None."""
        ...

    def row_of(self, licence_id: str) -> int:
        """Return the row of a licence, from 1 in the order of recording.

        Raises:
            UnknownLicenceError: There is none with this id.
        """
        ...

    def count(self, on: date) -> tuple[Count, ...]:
        """Count the licences by type, region and how they stand on a day."""
        ...

    def events(self, licence_id: str) -> tuple[LicenceEvent, ...]:
        """Return a licence's events, oldest first; none if there is no such licence."""
        ...

    def credential(self, credential_id: str) -> CredentialRecord:
        """Return one credential.

        Raises:
            UnknownLicenceError: There is none with this id.
        """
        ...

    def credential_by_request(self, request_id: str) -> CredentialRecord | None:
        """Return the credential that this request made."""
        ...

    def credentials_of(self, licence_id: str) -> tuple[CredentialRecord, ...]:
        """Return a licence's credentials, oldest first."""
        ...

    def list_numbers(self) -> tuple[int, ...]:
        """Return the numbers of all status lists begun, in ascending order."""
        ...

    def list_size(self, list_number: int) -> int:
        """Return the number of slots with which a status list was begun.

        Raises:
            RegisterError: There is no such list.
        """
        ...

    def list_year(self, list_number: int) -> int:
        """Return the year in which the credentials of a status list end; 0: they have no end.

        Raises:
            RegisterError: There is no such list.
        """
        ...

    def statuses(self, list_number: int) -> Mapping[int, int]:
        """Return the values of one status list that are not 0, by index."""
        ...

    def status_changes(self, list_number: int, *, up_to: int) -> Iterator[StatusChange]:
        """Iterate over a status list's changes in order, to the one numbered ``up_to``."""
        ...

    def last_status_change(self) -> int:
        """Return the number of the last change of any status; 0 if there is none."""
        ...

    def publication(self, kind: str, *, at: datetime | None = None) -> Publication | None:
        """Return the newest publication of this kind, or the newest issued by ``at``."""
        ...

    def objection(self, objection_id: str) -> Objection:
        """Return one objection.

        Raises:
            RegisterError: There is none with this id.
        """
        ...

    def objections(
        self, licence_id: str | None = None, *, only_open: bool = False
    ) -> Iterator[Objection]:
        """Iterate over the objections, oldest first: all, or those to one licence."""
        ...

    def expected(self) -> tuple[ExpectedCount, ...]:
        """Return the newest count that the department gave for each type (应归集数)."""
        ...

    def audit_head(self) -> AuditEntry | None:
        """Return the last entry of the audit trail."""
        ...

    def audit_trail(
        self, *, after: int = 0
    ) -> Iterator[tuple[AuditEntry, Sequence[LicenceEvent], Sequence[OfficeEvent]]]:
        """Iterate over the audit trail: each entry after ``after`` with its events in order."""
        ...

    def audit_states(self) -> Iterator[AuditedLicence]:
        """Iterate over all licences, each with what its audit must agree with."""
        ...

    def stray_slots(self) -> int:
        """Count status indexes given away that belong to no credential and no reservation."""
        ...
