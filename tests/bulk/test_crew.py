"""Processes at work on one machine: killed, interrupted, out of disk."""

from __future__ import annotations

import os
import pickle
import resource
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from ecert.errors import BulkError, EcertError, FieldsError, FormatError, ParseError, StoreError
from ecert.reasons import Reason
from tests.bulk.office import (
    is_running,
    person,
    plan_people,
    require_clean,
    start,
    wait_until,
    workers_of,
)

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.issuers.bulk.job import Progress
    from ecert.workspace import Workspace

ROWS = 3_000


@pytest.fixture(autouse=True)
def _larger_shards(monkeypatch: pytest.MonkeyPatch, _small_shards: None) -> None:
    monkeypatch.setattr("ecert.issuers.bulk.planning.SHARD_ROWS", 100)


def _require_all_once(office: Workspace, job: str, rows: int = ROWS) -> None:
    issued = list(office.bulk.ledger.issued(job))
    assert [number for _, _, number in issued] == [person(one) for one in range(rows)]
    assert len({licence_id for _, licence_id, _ in issued}) == rows
    assert len(list(office.bulk.ledger.results(job))) == rows
    require_clean(office)


def _started(office: Workspace, job: str, folder: Path) -> subprocess.Popen[bytes]:
    """Start a run with two workers, and stop it when both are in the middle of it.

    However long the test waits for its turn then: the job gets on by the shards in hand at most.
    """
    program = start(
        "-C", office.path, "bulk", "run", job, "--workers", "2", "--engine", "processes",
        log=folder / "run.log",
    )  # fmt: skip
    wait_until(lambda: office.bulk.ledger.progress(job).shards_done >= 2, "nothing is done")
    program.send_signal(signal.SIGSTOP)
    assert len(workers_of(program.pid)) == 2
    return program


def test_two_processes_do_all_of_it_once(office: Workspace, tmp_path: Path) -> None:
    job = plan_people(office, tmp_path, 1_000)
    seen: list[Progress] = []
    done = office.bulk.run(job, workers=2, engine="processes", on_progress=seen.append)
    assert (done.done, done.finished) == (1_000, True)
    assert len(seen) == 10
    _require_all_once(office, job, 1_000)


def test_a_worker_that_is_killed_is_told_and_the_job_goes_on_later(
    office: Workspace, tmp_path: Path
) -> None:
    job = plan_people(office, tmp_path, ROWS)
    program = _started(office, job, tmp_path)
    os.kill(workers_of(program.pid)[0], signal.SIGKILL)
    program.send_signal(signal.SIGCONT)
    assert program.wait(60) == 1
    told = (tmp_path / "run.log").read_text()
    assert "一个工作进程中途结束（-9）" in told
    assert "ecert bulk resume" in told
    before = office.bulk.ledger.progress(job)
    assert 0 < before.done < ROWS
    office.bulk.run(job, workers=1)
    _require_all_once(office, job)


def test_when_the_one_who_runs_it_is_killed_the_workers_end(
    sqlite_office: Workspace, tmp_path: Path
) -> None:
    job = plan_people(sqlite_office, tmp_path, ROWS)
    program = _started(sqlite_office, job, tmp_path)
    workers = workers_of(program.pid)
    program.kill()
    program.wait(60)
    wait_until(lambda: not any(map(is_running, workers)), "workers go on without their master")
    left = sqlite_office.bulk.ledger.progress(job)
    assert left.done < ROWS
    sqlite_office.bulk.run(job, workers=1)
    _require_all_once(sqlite_office, job)


def test_ctrl_c_leaves_no_process_behind_and_nothing_half_done(
    sqlite_office: Workspace, tmp_path: Path
) -> None:
    job = plan_people(sqlite_office, tmp_path, ROWS)
    program = _started(sqlite_office, job, tmp_path)
    workers = workers_of(program.pid)
    os.killpg(program.pid, signal.SIGINT)  # as a terminal does: to all of them
    program.send_signal(signal.SIGCONT)
    assert program.wait(60) == 130
    assert not any(map(is_running, workers))
    told = (tmp_path / "run.log").read_text()
    assert f"ecert bulk resume {job}" in told
    assert "Traceback" not in told
    left = sqlite_office.bulk.ledger.progress(job)
    assert left.done % 100 == 0
    assert left.done < ROWS
    sqlite_office.bulk.run(job, workers=1)
    _require_all_once(sqlite_office, job)


@contextmanager
def _files_of_at_most(size: int) -> Iterator[None]:
    """Let this process and those that it starts write no file beyond ``size``."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("workers", [1, 2])
def test_when_the_disk_takes_no_more_it_is_told_and_nothing_is_lost(
    sqlite_office: Workspace, tmp_path: Path, workers: int
) -> None:
    job = plan_people(sqlite_office, tmp_path, ROWS)
    sqlite_office.bulk.run(plan_people(sqlite_office, tmp_path, 200, first=ROWS), workers=1)
    log = sqlite_office.path / "ecert.db-wal"
    with (
        _files_of_at_most(log.stat().st_size + 1_500_000),
        pytest.raises(StoreError) as caught,
    ):
        sqlite_office.bulk.run(job, workers=workers)
    assert "磁盘" in caught.value.zh
    assert "disk" in caught.value.en
    assert "没有生效" in caught.value.fix_zh
    require_clean(sqlite_office)
    left = sqlite_office.bulk.ledger.progress(job)
    assert 0 < left.done < ROWS
    # There is space again.
    sqlite_office.bulk.run(job, workers=workers)
    _require_all_once(sqlite_office, job)


def test_what_a_worker_raises_is_raised_here(
    sqlite_office: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = plan_people(sqlite_office, tmp_path, 300)
    # The workers know no passphrase, but a demonstration's key needs one.
    monkeypatch.setattr(type(sqlite_office), "unlock_licence_key", lambda _: None)
    (sqlite_office.path / "ecert.toml").rename(sqlite_office.path / "away.toml")
    with pytest.raises(EcertError) as caught:
        sqlite_office.bulk.run(job, workers=2)
    assert "不是工作区" in caught.value.zh
    assert sqlite_office.bulk.ledger.progress(job).done == 0


ERRORS = [
    BulkError("中", "en", where="w", fix_zh="修", fix_en="mend"),
    FieldsError([FormatError("甲", "a"), FormatError("乙", "b")], where="w"),
    ParseError("does not parse", reason=Reason.TOO_LARGE, where="w"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda one: type(one).__name__)
def test_every_error_crosses_from_process_to_process(error: EcertError) -> None:
    told = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(told) is type(error)
    assert (told.zh, told.en, told.where) == (error.zh, error.en, error.where)
    assert (told.fix_zh, told.fix_en) == (error.fix_zh, error.fix_en)
    assert str(told) == str(error)
    assert getattr(told, "reason", None) == getattr(error, "reason", None)
    assert len(getattr(told, "faults", ())) == len(getattr(error, "faults", ()))
