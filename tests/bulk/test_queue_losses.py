"""A task whose end is lost on the way to the database, and a queue in which nothing moves."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ecert.errors import BulkError, StoreError
from ecert.limits import BULK_STILLNESS
from ecert.store.queue import BulkQueue
from ecert.store.queue_worker import QueueWorker
from ecert.workspace.queue_crew import Stillness
from tests.bulk.office import plan_people

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.workspace import Workspace

# The server ends the connection on which the end of a task is being written down, once: what a
# sequence has counted is not undone with the rest.
_LOSE_ONE = """
    CREATE SEQUENCE losses;
    CREATE FUNCTION lose_one() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF nextval('losses') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
        RETURN coalesce(NEW, OLD);
    END $$;
"""
_FINISHING = "BEFORE DELETE ON procrastinate_jobs FOR EACH ROW"
_PUTTING_BACK = """
    BEFORE UPDATE ON procrastinate_jobs FOR EACH ROW
    WHEN (OLD.status = 'doing' AND NEW.status = 'todo')
"""


@pytest.mark.parametrize("moment", [_FINISHING, _PUTTING_BACK], ids=["finished", "put-back"])
def test_a_task_whose_end_was_lost_is_taken_up_again(
    postgres_office: Workspace, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    monkeypatch.setattr("ecert.store.queue_worker._PAUSE_SECONDS", 0.1)
    monkeypatch.setattr("ecert.store.queue_worker._POLL_SECONDS", 0.1)
    queue = BulkQueue(postgres_office.engine)
    queue.defer("job", [1])
    with postgres_office.engine.write() as connection:
        connection.exec_driver_sql(_LOSE_ONE)
        connection.exec_driver_sql(f"CREATE TRIGGER lose_one {moment} EXECUTE FUNCTION lose_one()")
    tried: list[int] = []
    told: list[str] = []

    def carry_out(_: str, shard: int) -> None:
        tried.append(shard)
        if moment is _PUTTING_BACK and len(tried) == 1:
            raise StoreError("断", "the connection was lost")

    # It lives, and says so all the time: nobody would take it for dead.
    worker = QueueWorker(
        str(postgres_office.settings.database_in(postgres_office.path)), carry_out,
        on_fault=lambda error: told.append(error.en), heartbeat=timedelta(seconds=0.1),
    )  # fmt: skip
    at_work = threading.Thread(target=worker.run, kwargs={"once": True}, daemon=True)
    at_work.start()
    at_work.join(60)
    is_over = not at_work.is_alive()
    worker.stop()
    at_work.join(60)
    assert is_over, "it waits for ever"
    assert tried == [1, 1]
    assert "the queue of tasks cannot be reached (AdminShutdown); it is tried again" in told
    assert queue.failed("job") == ()


@pytest.mark.parametrize("is_refused", [False, True], ids=["finished", "put-back"])
def test_a_task_that_another_has_finished_meanwhile_is_no_loss(
    postgres_office: Workspace, monkeypatch: pytest.MonkeyPatch, *, is_refused: bool
) -> None:
    monkeypatch.setattr("ecert.store.queue_worker._PAUSE_SECONDS", 0.1)
    monkeypatch.setattr("ecert.store.queue_worker._POLL_SECONDS", 0.1)
    BulkQueue(postgres_office.engine).defer("job", [1, 2])
    tried: list[int] = []
    told: list[str] = []

    def carry_out(_: str, shard: int) -> None:
        tried.append(shard)
        if len(tried) == 1:
            # It has stalled: somebody else took the task up, and has ended it.
            with postgres_office.engine.write() as connection:
                connection.exec_driver_sql("DELETE FROM procrastinate_jobs WHERE status = 'doing'")
            if is_refused:
                raise StoreError("断", "the connection was lost")

    worker = QueueWorker(
        str(postgres_office.settings.database_in(postgres_office.path)), carry_out,
        on_fault=lambda error: told.append(error.en),
    )  # fmt: skip
    begun: list[int] = []
    monkeypatch.setattr(worker, "_remember", begun.append)
    at_work = threading.Thread(target=worker.run, kwargs={"once": True}, daemon=True)
    at_work.start()
    at_work.join(60)
    is_over = not at_work.is_alive()
    worker.stop()
    at_work.join(60)
    assert is_over, "it waits for ever"
    assert told == (["the connection was lost"] if is_refused else [])
    assert (tried, len(begun)) == ([1, 2], 1), "it has begun anew"


# -- nothing moves ----------------------------------------------------------------------------


def test_a_queue_that_stands_still_is_waited_for_so_long_and_no_longer() -> None:
    limit = BULK_STILLNESS.total_seconds()
    stillness = Stillness("job")
    stillness.require_movement((1, 1), 1.0)
    stillness.require_movement((1, 1), 1.0 + limit)
    stillness.require_movement((1, 2), 2.0 + limit)
    stillness.require_movement((1, 2), 2.0 + 2 * limit)
    with pytest.raises(BulkError, match="for 30 minutes") as caught:
        stillness.require_movement((1, 2), 3.0 + 2 * limit)
    assert caught.value.zh == "任务队列已有30分钟没有任何进展"
    assert "ecert bulk resume" in caught.value.fix_zh


def test_a_run_ends_when_nothing_moves_and_goes_on_later(
    postgres_office: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = plan_people(postgres_office, tmp_path, 20)
    with monkeypatch.context() as patched:
        patched.setattr("ecert.workspace.queue_crew.BULK_STILLNESS", timedelta())
        with pytest.raises(BulkError, match="nothing has moved"):
            postgres_office.bulk.run(job, workers=0)
    # What was put into the queue is still there for whoever comes.
    postgres_office.bulk.work_for_all(once=True)
    assert postgres_office.bulk.ledger.progress(job).finished


def test_whoever_takes_a_task_moves_the_queue(postgres_office: Workspace) -> None:
    queue = BulkQueue(postgres_office.engine)
    seen = [queue.pulse()]
    queue.defer("job", [1])
    seen.append(queue.pulse())

    def carry_out(_job: str, _shard: int) -> None:
        seen.append(queue.pulse())

    url = str(postgres_office.settings.database_in(postgres_office.path))
    QueueWorker(url, carry_out).run(once=True)
    assert len(seen) == 3
    assert seen == sorted(set(seen)), "something moved and does not show"
    assert queue.pulse() == seen[-1]
