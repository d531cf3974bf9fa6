"""One measured bulk job: make a file, plan it, run it, and look at what it left."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from bulk_memory import MemoryWatch
from bulk_office import plan
from bulk_raw import raw_rate
from guangan import Stock, write_stock

from ecert.issuers.kept import read_kept

if TYPE_CHECKING:
    from pathlib import Path

    from guangan import Written

    from ecert.workspace import Workspace
    from ecert.workspace.bulk import BulkEngine


@dataclass(frozen=True, slots=True)
class JobFigures:
    """What was measured.

    Attributes:
        job_id: The job.
        written: What its file holds.
        plan_seconds: How long planning took.
        run_seconds: How long issuing and signing took.
        issued: Licences issued.
        refused: Rows refused, when planned or when their turn came.
        raw: Bare signatures a second of the same cores, before and after.
        plan_bytes: The most memory of the process that planned.
        run_bytes: The most memory of the largest process of the run.
    """

    job_id: str
    written: Written
    plan_seconds: float
    run_seconds: float
    issued: int
    refused: int
    raw: tuple[float, float]
    plan_bytes: int
    run_bytes: int

    @property
    def rate(self) -> float:
        """Licences a second of the run."""
        return self.issued / self.run_seconds

    @property
    def raw_rate(self) -> float:
        """Bare signatures a second of the same cores: the mean of before and after."""
        return sum(self.raw) / 2

    @property
    def ratio(self) -> float:
        """The share of the raw signing rate."""
        return self.rate / self.raw_rate


def measure_job(
    workspace: Workspace,
    path: Path,
    stock: Stock,
    *,
    workers: int,
    size: int,
    encoding: str = "utf-8",
    raw_seconds: float = 3.0,
    engine: BulkEngine = "processes",
) -> JobFigures:
    """Write a file of stock, plan it and run it.

    Args:
        workspace: Who issues.
        path: Where the file is made; it stays there.
        stock: What it holds.
        workers: Processes side by side.
        size: Bytes of each message of the raw signatures.
        encoding: The file's.
        raw_seconds: How long the raw rate is measured, before and after.
        engine: What carries the job out.
    """
    written = write_stock(path, stock, encoding=encoding)
    with MemoryWatch() as planning:
        begin = perf_counter()
        job = plan(workspace, path).job
        plan_seconds = perf_counter() - begin
    before = raw_rate(workers, size, seconds=raw_seconds)
    with MemoryWatch() as running:
        begin = perf_counter()
        progress = workspace.bulk.run(job.id, workers=workers, engine=engine)
        run_seconds = perf_counter() - begin
    after = raw_rate(workers, size, seconds=raw_seconds)
    return JobFigures(
        job.id, written, plan_seconds, run_seconds, progress.done, job.bad + progress.refused,
        (before, after), planning.largest, running.largest,
    )  # fmt: skip


def signed_bytes(workspace: Workspace) -> int:
    """Return the mean length of what is signed in the file credentials of a register."""
    asked = "SELECT artefacts FROM credential ORDER BY seq LIMIT 1000"
    with workspace.engine.read() as connection, closing(connection.exec_driver_sql(asked)) as found:
        sizes = [_signed_bytes(row[0]) for row in found]
    return sum(sizes) // len(sizes)


def _signed_bytes(artefacts: Any) -> int:
    token = read_kept(bytes(artefacts)).sd_jwt.partition("~")[0]
    return len(token.rpartition(".")[0])
