"""Plans a job from a file: every row is checked, good ones become shards, bad ones are told."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from ecert.errors import BulkError
from ecert.issuers.bulk.duplicates import DuplicateFinder, duplicate_fault
from ecert.issuers.bulk.headings import Meaning
from ecert.issuers.bulk.job import SHARD_MOVES, SHARD_ROWS, BulkJob, JobState, Refusal
from ecert.issuers.bulk.ledger import Shard
from ecert.issuers.bulk.rows import GrantRow, MoveRow, pack_grants, pack_moves
from ecert.issuers.lifecycle import Move, require_grounds
from ecert.sheets.rejects import create_rejects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from ecert.issuers.bulk.applications import ApplicationReader
    from ecert.issuers.bulk.ledger import BulkLedger
    from ecert.issuers.bulk.move_rows import MoveReader
    from ecert.issuers.changes import Order
    from ecert.sheets.rejects import RejectsWriter
    from ecert.sheets.row_faults import RowFault
    from ecert.sheets.table import Header, Row, Table

# Shards that are recorded in one transaction, so that the file is never in memory.
_SHARDS_AT_ONCE = 4

FIRST_FAULTS = 10
"""Faults that a plan tells by itself; the annotated copy has them all."""

_R = TypeVar("_R", GrantRow, MoveRow)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a plan came to.

    Attributes:
        job: The job; without rows if nothing was recorded.
        recorded: Whether it can be run.
        annotated: The copy of the bad rows with their faults; None if all are good, or if it
            was only tried out.
        faults: The first of the faults.
        fault_count: How many there are.
    """

    job: BulkJob
    recorded: bool
    annotated: Path | None
    faults: tuple[RowFault, ...] = ()
    fault_count: int = 0


class Planner:
    """Plans jobs on one ledger.

    Args:
        ledger: Where jobs are recorded; None to try a file out (``--dry-run``).
        annotated: Where the copy of the bad rows goes; None for none.
        all_or_nothing: Record nothing if any row is bad.
        on_row: Called with the number of rows read so far.
    """

    def __init__(
        self,
        ledger: BulkLedger | None,
        annotated: Path | None,
        *,
        all_or_nothing: bool = False,
        on_row: Callable[[int], None] | None = None,
    ) -> None:
        self._ledger = ledger
        self._annotated = annotated
        self._all_or_nothing = all_or_nothing
        self._on_row = on_row

    def grants(
        self,
        reader: ApplicationReader,
        table: Table,
        *,
        planned_by: str,
        at: datetime,
        files: bool = True,
        reason: str = "",
    ) -> Plan:
        """Plan the issue of a file of applications.

        Raises:
            TableError: The file is damaged, too large, or changed while it is read.
            StoreError: The ledger refuses.
        """
        types: dict[str, str] = {}

        def check(keys: DuplicateFinder) -> Iterator[_Checked[GrantRow]]:
            for checked in reader:
                application, of = checked.application, checked.licence_type
                if application is None or of is None:
                    yield _Checked(checked.row, None, checked.faults)
                    continue
                first = keys.first(of.code, application.number, checked.number)
                if first is not None:
                    place = reader.mapping.places.get(Meaning.NUMBER)
                    fault = duplicate_fault(checked.number, place, of.number_label, first)
                    yield _Checked(checked.row, None, (fault,))
                    continue
                types[of.code] = of.integrity()
                coded = replace(application, type_name=of.code)
                yield _Checked(checked.row, GrantRow(checked.number, coded), ())

        job = _new_job(Move.ISSUE, table, planned_by, at, reason=reason, files=files, types=types)
        return self._plan(job, table, check, pack_grants, SHARD_ROWS, lambda: types)

    def moves(
        self, reader: MoveReader, table: Table, move: Move, order: Order, *, at: datetime,
        related: str = "",
    ) -> Plan:  # fmt: skip
        """Plan one move of all the licences that a file names.

        Raises:
            ForbiddenMoveError: The order does not say what the record must say.
            TableError: The file is damaged, too large, or changed while it is read.
            StoreError: The ledger refuses.
        """
        reason, document = order.get("reason", ""), order.get("document", "")
        require_grounds(move, reason, document)

        def check(keys: DuplicateFinder) -> Iterator[_Checked[MoveRow]]:
            for row, licence_id, faults in reader:
                if licence_id is None:
                    yield _Checked(row, None, faults)
                    continue
                first = keys.first("", licence_id, row.number)
                if first is None:
                    yield _Checked(row, MoveRow(row.number, licence_id), ())
                else:
                    fault = duplicate_fault(row.number, None, "证照", first)
                    yield _Checked(row, None, (fault,))

        job = _new_job(
            move, table, order.get("actor", ""), at, reason=reason, document=document,
            related=related, files=False, types={},
        )  # fmt: skip
        return self._plan(job, table, check, pack_moves, SHARD_MOVES, dict)

    def _plan(
        self,
        job: BulkJob,
        table: Table,
        check: Callable[[DuplicateFinder], Iterator[_Checked[_R]]],
        pack: Callable[[Sequence[_R]], bytes],
        shard_rows: int,
        types: Callable[[], dict[str, str]],
    ) -> Plan:
        writing: _Writing[_R] = _Writing(self._ledger, job.id, pack, shard_rows)
        if self._ledger is not None:
            self._ledger.begin(job)
        with ExitStack() as stack:
            # Nothing of a plan that is not one stays behind: it is personal data.
            stack.callback(self._discard, job.id)
            self._read(table.header, check, writing)
            done = replace(job, rows=writing.rows, bad=writing.bad, types=types())
            recorded = (
                self._ledger is not None
                and bool(writing.rows)
                and not (writing.bad and self._all_or_nothing)
            )
            if recorded and self._ledger is not None:
                writing.flush()
                self._ledger.planned(done)
                done = replace(done, state=JobState.PLANNED)
                stack.pop_all()
        annotated = self._annotated if writing.bad else None
        return Plan(done, recorded, annotated, tuple(writing.first_faults), writing.fault_count)

    def _discard(self, job_id: str) -> None:
        if self._ledger is not None:
            self._ledger.discard(job_id)

    def _read(
        self,
        header: Header,
        check: Callable[[DuplicateFinder], Iterator[_Checked[_R]]],
        writing: _Writing[_R],
    ) -> None:
        with ExitStack() as stack:
            keys = stack.enter_context(DuplicateFinder())
            rejects: RejectsWriter | None = None
            for count, checked in enumerate(check(keys), start=1):
                if checked.good is not None:
                    writing.add(checked.good)
                else:
                    writing.refuse(checked.faults)
                    if rejects is None and self._annotated is not None:
                        rejects = stack.enter_context(create_rejects(self._annotated, header))
                    if rejects is not None:
                        rejects.write(checked.row, [fault.remark() for fault in checked.faults])
                if self._on_row is not None:
                    self._on_row(count)


@dataclass(frozen=True, slots=True)
class _Checked(Generic[_R]):
    row: Row
    good: _R | None
    faults: tuple[RowFault, ...]


class _Writing(Generic[_R]):
    """Gathers rows into shards and records them a few at a time."""

    def __init__(
        self,
        ledger: BulkLedger | None,
        job_id: str,
        pack: Callable[[Sequence[_R]], bytes],
        shard_rows: int,
    ) -> None:
        self.rows = 0
        self.bad = 0
        self.fault_count = 0
        self.first_faults: list[RowFault] = []
        self._ledger = ledger
        self._job_id = job_id
        self._pack: Callable[[Sequence[_R]], bytes] = pack
        self._shard_rows = shard_rows
        self._open: list[_R] = []
        self._shards: list[Shard] = []
        self._refusals: list[Refusal] = []

    def add(self, row: _R) -> None:
        self.rows += 1
        if self._ledger is None:
            return
        self._open.append(row)
        if len(self._open) == self._shard_rows:
            self._close_shard()
            if len(self._shards) == _SHARDS_AT_ONCE:
                self._record()

    def refuse(self, faults: Sequence[RowFault]) -> None:
        self.bad += 1
        self.fault_count += len(faults)
        self.first_faults += faults[: FIRST_FAULTS - len(self.first_faults)]
        self._refusals += [
            Refusal(fault.row, fault.cell, fault.message("zh"), fault.message("en"))
            for fault in faults
        ]
        if len(self._refusals) >= self._shard_rows:
            self._record()

    def flush(self) -> None:
        if self._open:
            self._close_shard()
        self._record()

    def _close_shard(self) -> None:
        self._shards.append(Shard(len(self._open), self._pack(self._open)))
        self._open.clear()

    def _record(self) -> None:
        if self._ledger is not None:
            self._ledger.add(self._job_id, self._shards, self._refusals)
        self._shards.clear()
        self._refusals.clear()


def _new_job(
    move: Move,
    table: Table,
    planned_by: str,
    at: datetime,
    *,
    types: dict[str, str],
    files: bool,
    reason: str = "",
    document: str = "",
    related: str = "",
) -> BulkJob:
    if not planned_by.strip():
        raise BulkError(
            "须写明由谁计划", "it must be said who plans it", where="actor",
            fix_zh="请加 --actor", fix_en="Add --actor",
        )  # fmt: skip
    return BulkJob(
        id=f"{at:%y%m%d}-{secrets.token_hex(3)}", move=move, state=JobState.PLANNING,
        source=table.name, source_digest=table.sha256, planned_at=at, planned_by=planned_by,
        reason=reason, document=document, related=related, files=files, types=types,
    )  # fmt: skip
