"""Records licences that exist already: each once, with its history to date, nothing overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.errors import CatalogueError, ForbiddenMoveError, FormatError
from ecert.issuers.records import OfficeEvent
from ecert.issuers.stock.existing import ExistingLicence, check
from ecert.issuers.stock.matching import Placing
from ecert.issuers.stock.report import Outcome, Taking, Tally
from ecert.model.calendar import office_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date, datetime

    from ecert.issuers.drafting import Office
    from ecert.issuers.register import Register, RegisterTransaction
    from ecert.issuers.stock.existing import Batch, FaultyRow, Incoming
    from ecert.issuers.stock.report import ImportReport
    from ecert.model.catalogue import Catalogue

ROWS_A_TRANSACTION: Final = 200
"""So many licences are recorded at once: a process that dies has lost no more than these."""


class _Undone(Exception):  # noqa: N818 - not an error: a rehearsal ends with it
    """Ends a rehearsal's transaction."""


class StockImport:
    """Takes licences into one office's register.

    Args:
        office: Who keeps the register.
        register: The register.
        catalogue: The licence types that it knows.
    """

    def __init__(self, office: Office, register: Register, catalogue: Catalogue) -> None:
        self._office = office
        self._register = register
        self._catalogue = catalogue

    def run(
        self,
        items: Iterable[ExistingLicence | FaultyRow],
        batch: Batch,
        at: datetime,
        *,
        since: datetime | None = None,
        dry_run: bool = False,
        tell: Callable[[Outcome], None] | None = None,
    ) -> ImportReport:
        """Record what is not here yet; see `Stock.take_in`."""
        tally = Tally()
        for chunk in _chunks(items):
            # (1) What does not fit its type never comes near the register.
            today = office_day(at)
            checked = [self._checked(one, since, today) for one in chunk]
            # (2) The rest of the chunk is recorded together, or not at all.
            outcomes = self._record(checked, batch, at, dry_run=dry_run)
            # (3) What became of it is told when it is durable.
            for item, outcome in zip(chunk, outcomes, strict=True):
                tally.add(outcome, getattr(item, "changed_at", None))
                if tell is not None:
                    tell(outcome)
        self._note(tally, batch, at, dry_run=dry_run)
        return tally.report(since)

    def _checked(
        self, item: ExistingLicence | FaultyRow, since: datetime | None, today: date
    ) -> Incoming | Outcome:
        if not isinstance(item, ExistingLicence):
            return Outcome(Taking.REFUSED, item.row, "", item.message("zh"), item.message("en"))
        if since is not None and item.changed_at is not None and item.changed_at < since:
            return Outcome(Taking.UNCHANGED, item.row)
        try:
            licence_type = self._catalogue.require(item.application.type_name)
            return check(item, licence_type, self._office, today)
        except (CatalogueError, FormatError) as error:
            return Outcome(Taking.REFUSED, item.row, "", error.message("zh"), error.message("en"))

    def _record(
        self, checked: list[Incoming | Outcome], batch: Batch, at: datetime, *, dry_run: bool
    ) -> list[Outcome]:
        if all(isinstance(one, Outcome) for one in checked):
            return [one for one in checked if isinstance(one, Outcome)]
        outcomes: list[Outcome] = []
        try:
            with self._register.transaction() as tx:
                outcomes = [
                    one if isinstance(one, Outcome) else _placed(tx, one, batch, at)
                    for one in checked
                ]
                if dry_run:
                    raise _Undone
        except _Undone:
            pass
        return outcomes

    def _note(self, tally: Tally, batch: Batch, at: datetime, *, dry_run: bool) -> None:
        if dry_run or not tally.counts[Taking.RECORDED] + tally.counts[Taking.MOVED]:
            return
        detail = " ".join(f"{taking}={tally.counts[taking]}" for taking in Taking)
        with self._register.transaction() as tx:
            tx.add_office_event(OfficeEvent("stock-import", batch.source, at, batch.actor, detail))


def _placed(tx: RegisterTransaction, incoming: Incoming, batch: Batch, at: datetime) -> Outcome:
    try:
        return Placing(tx, batch, at).place(incoming)
    except ForbiddenMoveError as error:
        # Raised before anything is written: the record would not say what it must.
        return Outcome(
            Taking.REFUSED, incoming.existing.row, "", error.message("zh"), error.message("en")
        )


def _chunks(
    items: Iterable[ExistingLicence | FaultyRow],
) -> Iterator[list[ExistingLicence | FaultyRow]]:
    chunk: list[ExistingLicence | FaultyRow] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == ROWS_A_TRANSACTION:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
