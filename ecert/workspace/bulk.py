"""Bulk work in a workspace: files in, processes at work, a report out."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ecert.errors import BulkError
from ecert.issuers.bulk.applications import ApplicationReader
from ecert.issuers.bulk.columns import headings_for
from ecert.issuers.bulk.job import JobState
from ecert.issuers.bulk.move_rows import MOVE_HEADINGS, MoveReader
from ecert.issuers.bulk.planning import Planner
from ecert.sheets.reading import open_table
from ecert.sheets.rejects import annotated_path
from ecert.workspace.crew import work_here, work_together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from ecert.clock import Clock
    from ecert.issuers.bulk.job import BulkJob, Progress
    from ecert.issuers.bulk.ledger import BulkLedger
    from ecert.issuers.bulk.planning import Plan
    from ecert.issuers.changes import Order
    from ecert.issuers.lifecycle import Move
    from ecert.model.licence_type import LicenceType
    from ecert.sheets.table import Table
    from ecert.workspace import Workspace


class BulkDesk:
    """The bulk work of one workspace.

    Attributes:
        ledger: Where jobs are recorded.
    """

    def __init__(self, workspace: Workspace, clock: Clock) -> None:
        from ecert.store.bulk import SQLBulkLedger

        self.ledger: BulkLedger = SQLBulkLedger(workspace.engine)
        self._workspace = workspace
        self._clock = clock

    def now(self) -> datetime:
        """Return the time of this workspace's clock."""
        return self._clock()

    # -- planning -----------------------------------------------------------------------------

    @contextmanager
    def open_applications(
        self, path: Path, *, type_name: str | None = None, sheet: str | None = None
    ) -> Iterator[tuple[ApplicationReader, Table]]:
        """Open a file of applications (.csv, .xlsx, .xls, .ods).

        Raises:
            TableError: It cannot be read, or its columns do not do.
            CatalogueError: ``type_name`` is unknown.
        """
        catalogue = self._workspace.issuer.catalogue
        types: list[LicenceType] = (
            list(catalogue) if type_name is None else [catalogue.require(type_name)]
        )
        with open_table(path, headings=headings_for(types), sheet=sheet) as table:
            yield (
                ApplicationReader(table, catalogue, at=self._clock(), type_name=type_name),
                table,
            )

    def planner(
        self,
        path: Path,
        *,
        all_or_nothing: bool = False,
        dry_run: bool = False,
        on_row: Callable[[int], None] | None = None,
    ) -> Planner:
        """Return what plans the file ``path``; its bad rows go into a copy beside it."""
        return Planner(
            None if dry_run else self.ledger, annotated_path(path),
            all_or_nothing=all_or_nothing, on_row=on_row,
        )  # fmt: skip

    def plan_moves(
        self,
        path: Path,
        move: Move,
        order: Order,
        *,
        related: str = "",
        all_or_nothing: bool = False,
        dry_run: bool = False,
    ) -> Plan:
        """Plan one move of all the licences that a file names.

        Raises:
            TableError: The file cannot be read.
            ForbiddenMoveError: The order does not say what the record must say.
        """
        planner = self.planner(path, all_or_nothing=all_or_nothing, dry_run=dry_run)
        workspace = self._workspace
        with open_table(path, headings=MOVE_HEADINGS, least=1) as table:
            reader = MoveReader(table, workspace.register, workspace.issuer.catalogue)
            return planner.moves(reader, table, move, order, at=self._clock(), related=related)

    # -- running ------------------------------------------------------------------------------

    def run(
        self,
        job_id: str,
        *,
        workers: int | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Progress:
        """Carry out what is left of a job; what was broken off goes on where it was.

        Args:
            job_id: The job.
            workers: Processes side by side; as many as there are processors if left out.
            on_progress: Called after every shard.

        Raises:
            BulkError: The job is unknown, unfinished, unapproved, or a worker died.
            CustodyError: A key cannot be opened.
            StoreError: The database refuses (the disk is full); what was done is done.
        """
        job = self._runnable(job_id)
        shards = self.ledger.open_shards(job_id)
        wanted = min(workers or os.cpu_count() or 1, len(shards))
        workspace = self._workspace
        if job.types:
            # A wrong passphrase is found here, and not by every worker.
            workspace.unlock_licence_key()
        outcomes = (
            work_here(workspace, job_id, shards)
            if wanted <= 1
            else work_together(workspace.path, workspace.passphrases, job_id, shards, wanted)
        )
        for _ in outcomes:
            if on_progress is not None:
                on_progress(self.ledger.progress(job_id))
        return self.ledger.progress(job_id)

    def _runnable(self, job_id: str) -> BulkJob:
        job = self.ledger.job(job_id)
        if job.state is not JobState.PLANNED:
            raise BulkError(
                f"任务现为“{job.state.zh}”，不能运行", f"the job is {job.state}", where=job_id,
                fix_zh="请重新计划（ecert bulk plan）", fix_en="Plan it again (ecert bulk plan)",
            )  # fmt: skip
        self._workspace.issuer.shard_worker(job, self.ledger)
        return job
