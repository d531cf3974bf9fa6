"""Bulk work in a workspace: files in, processes at work, a report out."""

from __future__ import annotations

import os
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, TypeVar

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
    from ecert.errors import EcertError
    from ecert.issuers.bulk.job import BulkJob, Progress
    from ecert.issuers.bulk.ledger import BulkLedger
    from ecert.issuers.bulk.planning import Plan
    from ecert.issuers.changes import Order
    from ecert.issuers.lifecycle import Move
    from ecert.model.licence_type import LicenceType
    from ecert.sheets.table import Table
    from ecert.workspace import Workspace

_T = TypeVar("_T")

BulkEngine = Literal["processes", "procrastinate"]


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
        """Return what plans the file ``path``; its bad rows go into a copy beside it.

        A dry run writes nothing: neither the job nor the copy.
        """
        return Planner(
            None if dry_run else self.ledger, None if dry_run else annotated_path(path),
            all_or_nothing=all_or_nothing, on_row=on_row,
        )  # fmt: skip

    def plan_moves(
        self,
        path: Path,
        move: Move,
        order: Order,
        *,
        related: str = "",
        sheet: str | None = None,
        all_or_nothing: bool = False,
        dry_run: bool = False,
        on_row: Callable[[int], None] | None = None,
    ) -> Plan:
        """Plan one move of all the licences that a file names.

        Raises:
            TableError: The file cannot be read.
            ForbiddenMoveError: The order does not say what the record must say.
        """
        planner = self.planner(path, all_or_nothing=all_or_nothing, dry_run=dry_run, on_row=on_row)
        workspace = self._workspace
        with open_table(path, headings=MOVE_HEADINGS, least=1, sheet=sheet) as table:
            reader = MoveReader(table, workspace.register, workspace.issuer.catalogue)
            return planner.moves(reader, table, move, order, at=self._clock(), related=related)

    # -- a job's life -------------------------------------------------------------------------

    def approve(self, job_id: str, by: str) -> BulkJob:
        """Record the second person's approval.

        Raises:
            BulkError: It is the same person, or the job cannot be approved.
        """
        return self.ledger.approve(job_id, by, self._clock())

    def cancel(self, job_id: str, by: str) -> BulkJob:
        """Close a job: what is done stays, the rest is dropped with its personal data.

        Raises:
            BulkError: Nothing is left to cancel.
        """
        return self.ledger.cancel(job_id, by, self._clock())

    def engine(self) -> BulkEngine:
        """Return what carries jobs out unless it is said otherwise.

        On PostgreSQL it is the queue that several machines share, if Procrastinate is installed.
        """
        is_shared = self._workspace.engine.kind == "postgresql"
        return "procrastinate" if is_shared and find_spec("procrastinate") else "processes"

    def run(
        self,
        job_id: str,
        *,
        workers: int | None = None,
        engine: BulkEngine | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Progress:
        """Carry out what is left of a job; what was broken off goes on where it was.

        Args:
            job_id: The job.
            workers: Processes side by side; as many as there are processors if left out.
            engine: What carries it out; `engine` if left out.
            on_progress: Called now and then.

        Raises:
            BulkError: The job is unknown, unfinished, unapproved or cancelled, or a worker died.
            CustodyError: A key cannot be opened.
            StoreError: The database refuses (the disk is full); what was done is done.
        """
        job = self._runnable(job_id)
        if job.types:
            # A wrong passphrase is found here, and not by every worker.
            self._workspace.unlock_licence_key()
        count = (os.cpu_count() or 1) if workers is None else workers
        if (engine or self.engine()) == "procrastinate":
            from ecert.workspace.queue_crew import patiently, work_off

            ask, steps = patiently, work_off(self._workspace, job_id, count)
        else:
            ask, steps = _at_once, self._work(job_id, count)
        for progress in steps:
            if on_progress is not None:
                on_progress(progress)
        if ask(lambda: self.ledger.job(job_id)).state is not JobState.PLANNED:
            raise cancelled(job_id)
        return ask(lambda: self.ledger.progress(job_id))

    def _work(self, job_id: str, workers: int) -> Iterator[Progress]:
        shards = self.ledger.open_shards(job_id)
        workspace = self._workspace
        if (count := min(workers, len(shards))) <= 1:
            steps = work_here(workspace, job_id, shards)
        else:
            steps = work_together(workspace.path, workspace.passphrases, job_id, shards, count)
        return (self.ledger.progress(job_id) for _ in steps)

    def work_for_all(
        self,
        *,
        once: bool = False,
        concurrency: int = 1,
        on_fault: Callable[[EcertError], None] | None = None,
    ) -> None:
        """Carry out shards of whatever jobs other machines have put into the shared queue.

        Ends with the shard in hand when the process is interrupted or told to end.

        Args:
            once: End when the queue is empty.
            concurrency: Shards at a time; for more processors start more processes.
            on_fault: Told what went wrong, and will be tried again or not.

        Raises:
            StoreError: The database is none that machines share, or Procrastinate is absent.
            CustodyError: A key cannot be opened.
        """
        from ecert.workspace.queue_crew import serve

        serve(self._workspace, once=once, concurrency=concurrency, on_fault=on_fault)

    def _runnable(self, job_id: str) -> BulkJob:
        job = self.ledger.job(job_id)
        if job.state is JobState.CLOSED:
            raise cancelled(job_id)
        if job.state is not JobState.PLANNED:
            raise BulkError(
                f"任务现为“{job.state.zh}”，不能运行", f"the job is {job.state}", where=job_id,
                fix_zh="请重新计划（ecert bulk plan）", fix_en="Plan it again (ecert bulk plan)",
            )  # fmt: skip
        self._workspace.issuer.shard_worker(job, self.ledger)
        return job


def _at_once(ask: Callable[[], _T]) -> _T:
    return ask()


def cancelled(job_id: str) -> BulkError:
    """Return the error for a job that has been cancelled."""
    return BulkError(
        "任务已被取消", "the job has been cancelled", where=job_id,
        fix_zh="已办理的部分见 ecert bulk report；其余请重新计划",
        fix_en="See ecert bulk report for what was done; plan the rest again",
    )  # fmt: skip
