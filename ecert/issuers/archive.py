"""What a register holds, for those who look and do not change: found, counted, audited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.issuers.audit_check import AuditReport, check_audit
from ecert.issuers.queries import Page, Query
from ecert.issuers.status_history import KnownStatus, status_known
from ecert.model.calendar import office_day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from typing import Unpack

    from ecert.clock import Clock
    from ecert.issuers.audit import AuditEntry
    from ecert.issuers.queries import Count, Row, Wanted
    from ecert.issuers.register import Register
    from ecert.model.identifiers import LicenceId


class Archive:
    """The reading side of one register."""

    def __init__(self, register: Register, clock: Clock) -> None:
        self._register = register
        self._clock = clock

    def find(
        self,
        *,
        after: int = 0,
        limit: int = 100,
        on: date | None = None,
        **wanted: Unpack[Wanted],
    ) -> Page:
        """Return one page of the licences that are wanted, in the order of recording.

        Args:
            after: `Page.next_after` of the page before; 0 for the first.
            limit: Most rows of the page.
            on: The day on which states are judged; today if left out.
            **wanted: What narrows the search; see `Query`.
        """
        query = Query(on=on or office_day(self._clock()), **wanted)
        with self._register.view() as view:
            return view.find(query, after=after, limit=limit)

    def portrait(self, licence_id: LicenceId | str) -> bytes | None:
        """Return the holder's portrait that a licence bears, a JPEG; None if it bears none.

        Raises:
            UnknownLicenceError: There is no such licence.
        """
        with self._register.view() as view:
            digest = view.licence(str(licence_id)).portrait
            return None if digest is None else view.portrait(digest)

    def rows(self, *, on: date | None = None, **wanted: Unpack[Wanted]) -> Iterator[Row]:
        """Iterate over all licences that are wanted, page by page."""
        after: int | None = 0
        while after is not None:
            page = self.find(after=after, limit=500, on=on, **wanted)
            yield from page.rows
            after = page.next_after

    def count(self, on: date | None = None) -> tuple[Count, ...]:
        """Count the licences by type, region and how they stand on a day (today if left out)."""
        with self._register.view() as view:
            return view.count(on or office_day(self._clock()))

    def audit_head(self) -> AuditEntry | None:
        """Return the last entry of the audit trail: note its hash down elsewhere."""
        with self._register.view() as view:
            return view.audit_head()

    def check_audit(self, *, noted: str | None = None) -> AuditReport:
        """Check the audit trail, and the register against it.

        Args:
            noted: The hash of an earlier head that was noted down; the trail must contain it.
        """
        with self._register.view() as view:
            return check_audit(view, noted=noted)

    def status_known(self, credential_id: str, at: datetime) -> KnownStatus | None:
        """Return what the status list in force at ``at`` said of a credential.

        Returns:
            None if no list had been published by then.

        Raises:
            UnknownLicenceError: There is no such credential.
        """
        with self._register.view() as view:
            return status_known(view, credential_id, at)
