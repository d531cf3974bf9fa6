"""What `Issuer.stock` is: taking licences in, comparing with the department's count, exporting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.issuers.records import ExpectedCount
from ecert.issuers.stock import export
from ecert.issuers.stock.coverage import coverage, expect
from ecert.issuers.stock.export import Wish
from ecert.issuers.stock.importing import StockImport
from ecert.model.calendar import office_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime

    from ecert.clock import Clock
    from ecert.issuers.drafting import Office
    from ecert.issuers.register import Register
    from ecert.issuers.stock.columns import Names
    from ecert.issuers.stock.coverage import Coverage
    from ecert.issuers.stock.existing import Batch, ExistingLicence, FaultyRow
    from ecert.issuers.stock.export import Export
    from ecert.issuers.stock.report import ImportReport, Outcome
    from ecert.model.catalogue import Catalogue


class Stock:
    """Stock taking (归集) on one office's register."""

    def __init__(
        self, office: Office, register: Register, catalogue: Catalogue, clock: Clock
    ) -> None:
        self._office = office
        self._register = register
        self._catalogue = catalogue
        self._clock = clock

    def take_in(
        self,
        items: Iterable[ExistingLicence | FaultyRow],
        batch: Batch,
        *,
        since: datetime | None = None,
        dry_run: bool = False,
        tell: Callable[[Outcome], None] | None = None,
        at: datetime | None = None,
    ) -> ImportReport:
        """Record licences that exist already, with their numbers, ids, dates and states.

        Each is recorded as issued, with a reason that begins with 归集, and then brought to its
        state.  One that is here with the same content is left alone; one that is here with other
        content is a conflict, and what is here stays.  A newer version of a licence supersedes the
        one that is here and names it.  Repeating an import changes nothing.

        Args:
            items: The licences, and rows that could not be read; read lazily.
            batch: Where they come from.
            since: Leave out what its source last changed before this; `ImportReport.cursor` of
                the import before.
            dry_run: Tell what would be done, and change nothing.  What depends on another part
                of the same batch may then come out otherwise.
            tell: Called for each, when its transaction is durable.
            at: The time; now if left out.

        Returns:
            How many came to which end.  Licences are recorded in transactions of bounded size, so
            an exception from the register leaves what was done before; repeat it then.
        """
        importing = StockImport(self._office, self._register, self._catalogue)
        return importing.run(
            items, batch, at or self._clock(), since=since, dry_run=dry_run, tell=tell
        )

    def expect(
        self,
        type_name: str,
        count: int,
        *,
        as_of: date,
        source: str,
        actor: str = "",
        at: datetime | None = None,
    ) -> ExpectedCount:
        """Record how many licences of a type are in force by the department's own count.

        Args:
            type_name: Name, alias or code of the licence type.
            count: How many.
            as_of: On which day.
            source: Where the count comes from.
            actor: Who records it.
            at: The time; now if left out.

        Raises:
            CatalogueError: Unknown licence type.
            FormatError: ``source`` holds characters that show nothing.
            ValueError: ``count`` is negative.
        """
        if count < 0:
            raise ValueError("a count is not negative")
        code = self._catalogue.require(type_name).code
        expected = ExpectedCount(code, count, as_of, source)
        expect(self._register, expected, actor, at or self._clock())
        return expected

    def coverage(self, on: date | None = None) -> tuple[Coverage, ...]:
        """Compare what is held in force with what the department counts, type by type.

        Args:
            on: The day on which expiry is judged; today if left out.
        """
        with self._register.view() as view:
            return coverage(view, self._catalogue, on or office_day(self._clock()))

    def metadata(
        self,
        *,
        names: Names = "short",
        type_name: str | None = None,
        after_entry: int | None = None,
        changed_from: datetime | None = None,
    ) -> Export:
        """Return licences as metadata by the names of GB/T 36903, page by page.

        Args:
            names: ``short`` for pinyin short names, ``long`` for those of the national platform.
            type_name: Only this type, its fields as columns of their own.
            after_entry: Only what was recorded since: `Export.cursor` of the export before.
            changed_from: Only what was changed at this time or later.

        Raises:
            CatalogueError: Unknown licence type.
        """
        licence_type = None if type_name is None else self._catalogue.require(type_name)
        wish = Wish(
            names=names, licence_type=licence_type, after_entry=after_entry,
            changed_from=changed_from,
        )  # fmt: skip
        today = office_day(self._clock())
        return export.metadata(self._register, self._catalogue, wish, today)

    def catalogue(self) -> Export:
        """Return the licence types as entries of a directory (GB/T 36902)."""
        today = office_day(self._clock())
        return export.catalogue_entries(self._register, self._catalogue, self._office, today)
