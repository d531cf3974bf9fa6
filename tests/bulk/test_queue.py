"""Several machines on one PostgreSQL: nothing lost, doubled or skipped, whoever dies."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from ecert.errors import BulkError, StoreError
from ecert.store import queue_schema
from ecert.store.engine import open_engine
from ecert.store.queue import BulkQueue
from ecert.store.queue_worker import QueueWorker
from ecert.store.upgrade import upgrade
from ecert.workspace import Workspace
from tests.bulk.office import (
    person,
    plan_people,
    require_clean,
    start,
    wait_until,
    workers_of,
)
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.issuers.bulk.job import Progress
    from tests.postgres import Cluster

ROWS = 3_000
_BECOME = text(
    "UPDATE procrastinate_jobs SET status = CAST(:state AS procrastinate_job_status)"
    " WHERE args ->> 'shard' = :shard"
)


@pytest.fixture(autouse=True)
def _larger_shards(monkeypatch: pytest.MonkeyPatch, _small_shards: None) -> None:
    monkeypatch.setattr("ecert.issuers.bulk.planning.SHARD_ROWS", 100)


def _tables(workspace: Workspace) -> list[tuple[str, int]]:
    with workspace.engine.read() as connection:
        asked = "SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1 ORDER BY 1"
        return [(status, count) for status, count in connection.exec_driver_sql(asked)]


def _require_all_once(office: Workspace, job: str, rows: int = ROWS) -> None:
    issued = list(office.bulk.ledger.issued(job))
    assert [number for _, _, number in issued] == [person(one) for one in range(rows)]
    assert len({licence_id for _, licence_id, _ in issued}) == rows
    assert len(list(office.bulk.ledger.results(job))) == rows
    require_clean(office)


@pytest.fixture
def machines() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Programs that are ended with the test, whatever becomes of it."""
    programs: list[subprocess.Popen[bytes]] = []
    yield programs
    for program in programs:
        program.kill()
        program.wait(60)


def _machine(folder: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start a worker that takes others for dead after three seconds."""
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.bulk.machine", str(folder), "3"],
            cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip


# -- the queue --------------------------------------------------------------------------------


def test_the_tables_are_made_once_and_kept(postgres_office: Workspace) -> None:
    BulkQueue(postgres_office.engine).defer("job", [1, 2])
    assert BulkQueue(postgres_office.engine).defer("job", [1, 2, 3]) == 1
    assert _tables(postgres_office) == [("todo", 3)]
    url = postgres_office.settings.database_in(postgres_office.path)
    assert upgrade(url)[0] == upgrade(url)[1]
    assert _tables(postgres_office) == [("todo", 3)]


def test_what_nobody_would_take_up_is_put_in_anew(postgres_office: Workspace) -> None:
    queue = BulkQueue(postgres_office.engine)
    states = ("todo", "doing", "failed", "cancelled", "aborted", "succeeded")
    assert queue.defer("job", range(6)) == 6
    with postgres_office.engine.write() as connection:
        for shard, state in enumerate(states):
            connection.execute(_BECOME, {"shard": str(shard), "state": state})
    assert queue.defer("job", range(6)) == 3
    assert _at_work(postgres_office) == {(shard, 1) for shard in range(6)}
    # And once more, beside what remains of the old ones, nothing is to do.
    assert queue.defer("job", range(6)) == 0
    assert _at_work(postgres_office) == {(shard, 1) for shard in range(6)}


def _at_work(workspace: Workspace) -> set[tuple[int, int]]:
    """Return each shard that is waiting or in hand, and how often."""
    with workspace.engine.read() as connection:
        asked = (
            "SELECT (args ->> 'shard')::int, count(*) FROM procrastinate_jobs"
            " WHERE status IN ('todo', 'doing') GROUP BY 1"
        )
        return {(shard, count) for shard, count in connection.exec_driver_sql(asked)}


def test_older_tables_are_brought_up_to_date(
    postgres_office: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    BulkQueue(postgres_office.engine)
    monkeypatch.setattr(queue_schema, "_migrations", lambda: ["99_new.sql"])
    monkeypatch.setattr(
        queue_schema, "_file", lambda *path: f"CREATE TABLE new_one (of text DEFAULT '{path[-1]}')"
    )
    for _ in range(2):
        BulkQueue(postgres_office.engine)
    with postgres_office.engine.read() as connection:
        found = connection.exec_driver_sql("SELECT to_regclass('new_one') IS NOT NULL")
        assert found.scalar_one()
    monkeypatch.undo()
    with pytest.raises(StoreError, match="a newer program made the queue"):
        BulkQueue(postgres_office.engine)


def test_another_programs_queue_is_left_alone(postgres_office: Workspace) -> None:
    with postgres_office.engine.write() as connection:
        connection.exec_driver_sql("CREATE TABLE procrastinate_jobs (id bigint)")
    with pytest.raises(StoreError, match="another program's queue"):
        BulkQueue(postgres_office.engine)


def test_sqlite_is_not_shared(sqlite_office: Workspace) -> None:
    with pytest.raises(StoreError, match="several machines need a PostgreSQL"):
        sqlite_office.bulk.work_for_all(once=True)
    assert sqlite_office.bulk.engine() == "processes"


def test_without_procrastinate_one_machine_works_alone(
    postgres_office: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert postgres_office.bulk.engine() == "procrastinate"
    monkeypatch.setattr("ecert.store.queue.find_spec", lambda _: None)
    monkeypatch.setattr("ecert.workspace.bulk.find_spec", lambda _: None)
    assert postgres_office.bulk.engine() == "processes"
    with pytest.raises(StoreError, match=r"ecert\[bulk\]"):
        BulkQueue(postgres_office.engine)


def test_a_task_that_is_refused_is_tried_again_and_one_that_fails_is_told(
    postgres_office: Workspace,
) -> None:
    queue = BulkQueue(postgres_office.engine)
    queue.defer("job", [1, 2, 3])
    queue.defer("other", [1])
    told: list[str] = []
    done: list[tuple[str, int]] = []

    def carry_out(job: str, shard: int) -> None:
        if shard == 2:
            raise BulkError("中", "broken")
        if shard == 3 and not told.count("full"):
            raise StoreError("满", "full")
        done.append((job, shard))

    url = str(postgres_office.settings.database_in(postgres_office.path))
    worker = QueueWorker(url, carry_out, on_fault=lambda error: told.append(error.en))
    worker.run(once=True)
    assert sorted(done) == [("job", 1), ("job", 3), ("other", 1)]
    assert sorted(told) == ["broken", "full"]
    assert queue.failed("job") == (2,)
    assert queue.failed("other") == ()
    # What is done leaves nothing behind; what has failed is tried again when it is asked for.
    assert _tables(postgres_office) == [("failed", 1)]
    assert queue.defer("job", [2]) == 0
    assert _tables(postgres_office) == [("todo", 1)]
    queue.withdraw("job")
    assert _tables(postgres_office) == []


# -- machines ---------------------------------------------------------------------------------


def test_two_machines_share_a_job(
    postgres_office: Workspace, tmp_path: Path, machines: list[subprocess.Popen[bytes]]
) -> None:
    job = plan_people(postgres_office, tmp_path, ROWS)
    BulkQueue(postgres_office.engine)
    machines += [_machine(postgres_office.path, tmp_path / f"{one}.log") for one in "ab"]
    logs = [tmp_path / "a.log", tmp_path / "b.log"]
    wait_until(lambda: all(log.read_text() for log in logs), "they do not start")
    done = postgres_office.bulk.run(job, workers=0)
    assert (done.done, done.finished) == (ROWS, True)
    _require_all_once(postgres_office, job)
    shares = [log.read_text().count("done") for log in logs]
    assert sum(shares) == ROWS // 100
    assert min(shares) > 0, "one did everything"
    for machine in machines:
        machine.terminate()
    assert [machine.wait(30) for machine in machines] == [0, 0]


def test_a_machine_that_dies_is_replaced_by_the_other(
    postgres_office: Workspace, tmp_path: Path, machines: list[subprocess.Popen[bytes]]
) -> None:
    job = plan_people(postgres_office, tmp_path, ROWS)
    queue = BulkQueue(postgres_office.engine)
    queue.defer(job, postgres_office.bulk.ledger.open_shards(job))
    machines += [_machine(postgres_office.path, tmp_path / f"{one}.log") for one in "ab"]
    wait_until(lambda: (tmp_path / "a.log").read_text().count("done") >= 2, "nothing is done")
    machines[0].kill()
    done = postgres_office.bulk.run(job, workers=0)
    assert done.finished
    _require_all_once(postgres_office, job)


def test_a_run_helps_itself_and_ends_its_workers(
    postgres_office: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecert.store.queue_worker.HEARTBEAT", timedelta(seconds=0.5))
    monkeypatch.setattr("ecert.store.queue_worker.STALLED", timedelta(seconds=3))
    monkeypatch.setattr("ecert.workspace.queue_crew._POLL_SECONDS", 0.05)
    job = plan_people(postgres_office, tmp_path, ROWS)
    workers: list[int] = []

    def kill_one(progress: Progress) -> None:
        # Of two that work here one may die: the other goes on.
        if progress.shards_done and not workers:
            workers.extend(workers_of(os.getpid()))
            os.kill(workers[0], signal.SIGKILL)

    done = postgres_office.bulk.run(job, workers=2, on_progress=kill_one)
    assert len(workers) == 2, "all was done before one could be killed"
    assert (done.done, done.finished) == (ROWS, True)
    assert workers_of(os.getpid()) == []
    _require_all_once(postgres_office, job)


def test_ctrl_c_ends_a_run_and_its_workers(postgres_office: Workspace, tmp_path: Path) -> None:
    job = plan_people(postgres_office, tmp_path, ROWS)
    program = start(
        "-C", postgres_office.path, "bulk", "run", job, "--workers", "2", log=tmp_path / "run.log"
    )
    ledger = postgres_office.bulk.ledger
    wait_until(lambda: ledger.progress(job).shards_done >= 2, "nothing is done")
    # However long this process waits for its turn now: nothing gets on meanwhile.
    os.killpg(program.pid, signal.SIGSTOP)
    os.killpg(program.pid, signal.SIGINT)
    os.killpg(program.pid, signal.SIGCONT)
    assert program.wait(60) == 130
    assert workers_of(program.pid) == []
    told = (tmp_path / "run.log").read_text()
    assert f"ecert bulk resume {job}" in told
    assert "Traceback" not in told
    assert ledger.progress(job).done < ROWS
    assert postgres_office.bulk.run(job, workers=1).finished
    _require_all_once(postgres_office, job)


def test_a_job_that_is_cancelled_meanwhile_stops(
    postgres_office: Workspace, tmp_path: Path, machines: list[subprocess.Popen[bytes]]
) -> None:
    job = plan_people(postgres_office, tmp_path, ROWS)
    cancelled: list[bool] = []

    def cancel(_: object) -> None:
        if not cancelled:
            cancelled.append(True)
            postgres_office.bulk.cancel(job, "乙")

    with pytest.raises(BulkError, match="任务已被取消"):
        postgres_office.bulk.run(job, workers=0, on_progress=cancel)
    assert _tables(postgres_office) == []
    require_clean(postgres_office)


def test_a_shard_that_cannot_be_done_is_told(
    postgres_office: Workspace, tmp_path: Path, machines: list[subprocess.Popen[bytes]]
) -> None:
    job = plan_people(postgres_office, tmp_path, 200)
    # A machine to which nobody has brought the keys.
    other = tmp_path / "other"
    shutil.copytree(postgres_office.path, other)
    for key in (other / "keys").glob("licence*"):
        key.unlink()
    machines.append(_machine(other, tmp_path / "a.log"))
    with pytest.raises(BulkError, match="在别的机器上没有办成"):
        postgres_office.bulk.run(job, workers=0)
    assert postgres_office.bulk.ledger.progress(job).done == 0
    machines[0].terminate()
    machines[0].wait(30)
    # Here the keys are.
    assert postgres_office.bulk.run(job, workers=1).done == 200
    assert _tables(postgres_office) == []


def test_the_server_goes_down_in_the_middle(own_cluster: Cluster, tmp_path: Path) -> None:
    url = own_cluster.url(own_cluster.new_database(empty=True))
    with Workspace.init(
        tmp_path / "office", region="511600", name="四川省广安市公安局", demo=True, database=url
    ) as office:
        job = plan_people(office, tmp_path, ROWS)
        program = start(
            "-C", office.path, "bulk", "run", job, "--workers", "2", log=tmp_path / "run.log"
        )
        wait_until(lambda: office.bulk.ledger.progress(job).shards_done >= 2, "nothing is done")
    own_cluster.stop("immediate")
    own_cluster.start()
    assert program.wait(240) == 0, (tmp_path / "run.log").read_text()
    assert f"已颁发 {ROWS:,} 份" in (tmp_path / "run.log").read_text()
    with Workspace.open(tmp_path / "office") as office:
        _require_all_once(office, job)
    with open_engine(url, make=False) as engine:
        assert BulkQueue(engine).failed(job) == ()


def test_what_counts_as_dead_is_longer_than_a_heartbeat() -> None:
    from ecert.store.queue_worker import HEARTBEAT, STALLED

    assert timedelta(seconds=1) < 2 * HEARTBEAT < STALLED
