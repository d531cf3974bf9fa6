"""What the campaigns share: a planned job, the program that runs it, and what must be true."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from unittest import mock

from bulk_office import faults_of_register, faults_of_report, make_office, plan
from bulk_signatures import verify_signatures
from guangan import Stock, bad_rows, write_stock

from ecert.issuers.bulk import planning
from ecert.workspace import Workspace
from tests.conftest import ROOT
from tests.soak.running_program import issued

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecert.workspace.bulk import BulkEngine

# Without anything new for so long, a program hangs: a task whose worker died is put back after half
# a minute, and tried again seconds later.
PATIENCE_SECONDS: Final = 90
_POLL_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True)
class Campaign:
    """A job that is to be carried out whatever happens.

    Attributes:
        folder: The workspace.
        path: The file of applications; outside the workspace.
        job_id: The job.
        rows: Rows of the file.
        acknowledged: What was told to be done; outside the workspace.
        engine: What carries it out.
    """

    folder: Path
    path: Path
    job_id: str
    rows: int
    acknowledged: Path
    engine: BulkEngine = "processes"

    def start(self, *, workers: int) -> subprocess.Popen[bytes]:
        """Start the program, in a session of its own, and wait until it runs the job."""
        told = self.acknowledged.with_suffix(".err").open("ab")
        with told:
            program = subprocess.Popen(
                command_of(self, workers), cwd=ROOT, stdout=subprocess.PIPE, stderr=told,
                start_new_session=True, env={**os.environ, "PYTHONFAULTHANDLER": "1"},
            )  # fmt: skip
        assert program.stdout is not None
        program.stdout.readline()
        return program

    def finish(self, *, workers: int) -> None:
        """Resume the job and wait until it has come to its end."""
        with self.start(workers=workers) as program:
            self.wait_for_end(program)
            assert program.returncode == 0, self.errors()

    def wait_for_end(self, program: subprocess.Popen[bytes]) -> None:
        """Wait until the program has ended; it may take as long as it gets on."""
        while program.poll() is None:
            self.wait_for_more(program)

    def wait_for_more(self, program: subprocess.Popen[bytes]) -> None:
        """Wait until more is acknowledged than now, or the program has ended."""
        deadline, before = time.monotonic() + PATIENCE_SECONDS, self._size()
        while self._size() == before and program.poll() is None:
            assert time.monotonic() < deadline, f"it hangs\n{self._stacks(program)}"
            time.sleep(_POLL_SECONDS)

    def _stacks(self, program: subprocess.Popen[bytes]) -> str:
        """Return where each process of a program hangs; they end by it."""
        send(session_of(program), signal.SIGABRT)
        with suppress(subprocess.TimeoutExpired):
            program.wait(10)
        return self.errors()

    def _size(self) -> int:
        return self.acknowledged.stat().st_size if self.acknowledged.exists() else 0

    def errors(self) -> str:
        """Return what the programs complained of."""
        return self.acknowledged.with_suffix(".err").read_text()

    def lines(self) -> dict[int, tuple[str, str]]:
        """Return what was acknowledged: licence id and digest by row; the same row never twice.

        A killed program may have left half a line, which says nothing; it stands alone at the
        end of what that program wrote.
        """
        found: dict[int, tuple[str, str]] = {}
        if not self.acknowledged.exists():
            return found
        for line in self.acknowledged.read_text().splitlines(keepends=True):
            parts = line.split()
            if len(parts) != 3 or len(parts[2]) != 64 or not line.endswith("\n"):
                continue
            row, told = int(parts[0]), (parts[1], parts[2])
            assert found.setdefault(row, told) == told, f"row {row} was answered in two ways"
        return found

    def require_acknowledged(self) -> int:
        """Require that the register has all that was acknowledged, and return how many."""
        told = self.lines()
        recorded: dict[int, tuple[str, str]] = {}
        with Workspace.open(self.folder) as office:
            for _, licences in issued(office, self.job_id, set()):
                recorded |= licences
        lost = {row for row, line in told.items() if recorded.get(row) != line}
        assert not lost, f"{len(lost)} acknowledged licences lost or changed: {sorted(lost)[:5]}"
        return len(told)

    def require_sound(self) -> None:
        """Require a register that agrees with itself, whether or not the job has ended."""
        with Workspace.open(self.folder) as office:
            assert faults_of_register(office, whole=False) == []

    def require_complete(self, *, verified_every: int = 1) -> None:
        """Require that nothing was lost, doubled or skipped, and that every signature verifies."""
        self.require_acknowledged()
        with Workspace.open(self.folder) as office:
            progress = office.bulk.ledger.progress(self.job_id)
            job = office.bulk.ledger.job(self.job_id)
            assert progress.finished
            assert progress.done + progress.refused + job.bad == self.rows
            assert faults_of_report(office, self.job_id, self.path) == []
            assert faults_of_register(office) == []
        verified = verify_signatures(self.folder, every=verified_every, workers=2)
        assert verified.faults == ()
        assert verified.count == progress.done // verified_every


def command_of(campaign: Campaign, workers: int) -> list[str]:
    """Return the command that runs a job."""
    return [
        sys.executable, "-m", "tests.soak.running_program", str(campaign.folder),
        campaign.job_id, str(workers), campaign.engine, str(campaign.acknowledged),
    ]  # fmt: skip


def prepare(
    folder: Path, *, rows: int, shard_rows: int, seed: int, place: Path | None = None,
    database: str | None = None, engine: BulkEngine = "processes",
) -> Campaign:  # fmt: skip
    """Make an office, a file and a planned job.

    Args:
        folder: Where file and acknowledgements go.
        rows: Rows of the file.
        shard_rows: Licences of a shard.
        seed: What the file is drawn from.
        place: Where the workspace goes; inside ``folder`` by default.
        database: Address of an empty database; None for SQLite in the workspace.
        engine: What carries it out.
    """
    path = folder / "stock.csv"
    write_stock(path, Stock(rows, bad_rows(rows), seed))
    office_folder = place or folder / "office"
    with (
        make_office(office_folder, database=database, seed=seed) as office,
        mock.patch.object(planning, "SHARD_ROWS", shard_rows),
    ):
        job = plan(office, path).job
    return Campaign(office_folder, path, job.id, rows, folder / "acknowledged", engine)


def workers_of(program: subprocess.Popen[bytes]) -> list[int]:
    """Return the processes that work for a program."""
    found = []
    for file in Path(f"/proc/{program.pid}/task").glob("*/children"):
        for child in file.read_text().split():
            command = Path(f"/proc/{child}/cmdline")
            if command.exists() and b"spawn_main" in command.read_bytes():
                found.append(int(child))
    return found


def wait_for_workers(program: subprocess.Popen[bytes], count: int) -> None:
    """Wait until a program has so many workers, or has ended."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(workers_of(program)) < count and program.poll() is None:
        assert time.monotonic() < deadline, "the workers do not start"
        time.sleep(_POLL_SECONDS)


def send(processes: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to processes, of which some may have ended."""
    for process in processes:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            continue


def session_of(program: subprocess.Popen[bytes]) -> list[int]:
    """Return all processes of a program's session."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            session = int((folder / "stat").read_text().rpartition(")")[2].split()[3])
        except (OSError, IndexError):
            continue
        if session == program.pid:
            found.append(int(folder.name))
    return found


def end(program: subprocess.Popen[bytes]) -> None:
    """Kill a program and all that works for it, and wait until they are gone."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (left := session_of(program)) and time.monotonic() < deadline:
        send(left, signal.SIGKILL)
        program.poll()
        time.sleep(_POLL_SECONDS)
    program.wait(PATIENCE_SECONDS)
    if program.stdout is not None:
        program.stdout.close()
