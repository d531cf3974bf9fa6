"""Carries jobs out through the queue that several machines share: here, and wherever a worker runs.

The machine that runs a job puts its shards into the queue, takes shards itself, and waits until
all are done, whoever does them.
"""

from __future__ import annotations

import gc
import threading
import time
from functools import partial
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ecert.errors import BulkError, EcertError, StoreError
from ecert.issuers.bulk.job import JobState
from ecert.limits import BULK_STILLNESS
from ecert.workspace.crew import crew, died

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta
    from multiprocessing.connection import Connection
    from pathlib import Path

    from ecert.issuers.bulk.job import Progress
    from ecert.issuers.bulk.work import ShardWorker
    from ecert.store.queue import BulkQueue
    from ecert.workspace import Workspace
    from ecert.workspace.crew import Hand

_POLL_SECONDS: Final = 0.5
# A server that is restarted is back by then.
_PATIENCE_SECONDS: Final = 600.0

_T = TypeVar("_T")


def work_off(workspace: Workspace, job_id: str, workers: int) -> Iterator[Progress]:
    """Put a job into the queue, work in ``workers`` processes here, and tell how it goes.

    A server that is restarted meanwhile is waited for.

    Args:
        workspace: The workspace.
        job_id: The job.
        workers: Processes here; 0 leaves the work to other machines.

    Raises:
        BulkError: A shard has failed, all workers here have died, or for BULK_STILLNESS nothing
            has moved in the queue.
        StoreError: The database is none that machines share, or stays away.
    """
    from ecert.store.queue import BulkQueue
    from ecert.store.queue_worker import HEARTBEAT, STALLED

    ledger, queue = workspace.bulk.ledger, BulkQueue(workspace.engine)
    queue.defer(job_id, ledger.open_shards(job_id))
    count = min(workers, len(ledger.open_shards(job_id)))
    told = (workspace.path, workspace.passphrases, HEARTBEAT, STALLED)
    stillness = Stillness(job_id)
    with crew(_work, told, count) as hands:
        fault: EcertError | None = None
        while not patiently(partial(_is_over, workspace, job_id)):
            progress = patiently(partial(ledger.progress, job_id))
            yield progress
            stillness.require_movement((progress, patiently(queue.pulse)), time.monotonic())
            fault = _fault_of(hands) or fault
            if failed := patiently(partial(queue.failed, job_id)):
                raise fault or _failed(job_id, failed)
            if hands and not any(hand.process.is_alive() for hand in hands):
                raise fault or died(hands[0].process.exitcode)
    patiently(partial(_withdraw_if_closed, workspace, job_id, queue))


def serve(
    workspace: Workspace,
    *,
    once: bool,
    concurrency: int,
    on_fault: Callable[[EcertError], None] | None,
) -> None:
    """See `BulkDesk.work_for_all`."""
    from ecert.store.queue import BulkQueue
    from ecert.store.queue_worker import QueueWorker

    BulkQueue(workspace.engine)
    workspace.unlock_licence_key()
    carry_out = ShardsOfAll(workspace)
    QueueWorker(
        _url(workspace), carry_out, concurrency=concurrency, on_fault=on_fault
    ).run(once=once)  # fmt: skip


class ShardsOfAll:
    """Carries out shards of whatever jobs come."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._workers: dict[str, ShardWorker] = {}

    def __call__(self, job_id: str, shard: int) -> bool:
        """Carry out a shard of a job; False if nothing was to do."""
        desk = self._workspace.bulk
        worker = self._workers.get(job_id)
        if worker is None:
            job = desk.ledger.job(job_id)
            if job.state is not JobState.PLANNED:
                return False
            worker = self._workspace.issuer.shard_worker(job, desk.ledger)
            # Few jobs run at a time, and each holds its types alone.
            self._workers[job_id] = worker
        done = worker.carry_out(shard, desk.now())
        gc.collect()
        return done


class Stillness:
    """Ends the wait for a queue in which nothing moves any more.

    Args:
        job_id: The job that is waited for.
    """

    def __init__(self, job_id: str) -> None:
        self._job_id = job_id
        self._last: tuple[object, float] | None = None

    def require_movement(self, pulse: object, now: float) -> None:
        """Compare what is seen now with what was seen before.

        Args:
            pulse: Whatever changes as long as somebody works.
            now: Seconds of a clock that never jumps.

        Raises:
            BulkError: It has been the same for longer than BULK_STILLNESS.
        """
        if self._last is None or self._last[0] != pulse:
            self._last = (pulse, now)
        elif now - self._last[1] > BULK_STILLNESS.total_seconds():
            raise _still(self._job_id)


def _work(
    pipe: Connection[Any, Any], folder: Path, passphrases: tuple[str, ...], heartbeat: timedelta,
    stalled: timedelta,
) -> None:  # fmt: skip
    from ecert.store.queue_worker import QueueWorker
    from ecert.workspace import Workspace

    gc.disable()  # as in `ecert.workspace.crew`

    def tell(error: EcertError) -> None:
        # What the database refuses is tried again; the rest is for the one who waits.
        if not isinstance(error, StoreError):
            pipe.send(error)

    with Workspace.open(folder, known=passphrases) as workspace:
        gc.freeze()
        worker = QueueWorker(
            _url(workspace), ShardsOfAll(workspace), on_fault=tell,
            heartbeat=heartbeat, stalled=stalled,
        )  # fmt: skip
        threading.Thread(target=_stop_at_end_of, args=(pipe, worker.stop), daemon=True).start()
        worker.run()


def _stop_at_end_of(pipe: Connection[Any, Any], stop: Callable[[], None]) -> None:
    wait([pipe])  # nothing is ever sent this way: it wakes when the other end is closed
    stop()


def _url(workspace: Workspace) -> str:
    return str(workspace.settings.database_in(workspace.path))


def _is_over(workspace: Workspace, job_id: str) -> bool:
    ledger = workspace.bulk.ledger
    if ledger.job(job_id).state is not JobState.PLANNED:
        return True
    return ledger.progress(job_id).finished


def _withdraw_if_closed(workspace: Workspace, job_id: str, queue: BulkQueue) -> None:
    if workspace.bulk.ledger.job(job_id).state is JobState.CLOSED:
        queue.withdraw(job_id)


def _fault_of(hands: list[Hand]) -> EcertError | None:
    """Wait a moment, and return what a worker has told meanwhile."""
    if not hands:
        time.sleep(_POLL_SECONDS)
        return None
    alive = {hand.pipe: hand for hand in hands if not hand.pipe.closed}
    for pipe in wait(list(alive), timeout=_POLL_SECONDS):
        hand = alive[pipe]  # type: ignore[index]  # only pipes were waited for
        try:
            told = hand.pipe.recv()
        except (EOFError, ConnectionError):
            # It has died; the others go on, and what it had in hand is put back.
            hand.process.join()
            hand.pipe.close()
        else:
            return told if isinstance(told, EcertError) else None
    return None


def patiently(ask: Callable[[], _T]) -> _T:
    """Return an answer of the database, and wait for it while the server is restarted."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return ask()
        except StoreError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_POLL_SECONDS)


def _failed(job_id: str, shards: tuple[int, ...]) -> BulkError:
    return BulkError(
        f"有{len(shards)}个分片在别的机器上没有办成",
        f"{len(shards)} shards have failed on another machine", where=job_id,
        fix_zh="请看那台机器上 ecert bulk worker 的输出，排除后运行 ecert bulk resume",
        fix_en="See what ecert bulk worker says there, mend it, then run ecert bulk resume",
    )  # fmt: skip


def _still(job_id: str) -> BulkError:
    minutes = int(BULK_STILLNESS.total_seconds() / 60)
    return BulkError(
        f"任务队列已有{minutes}分钟没有任何进展",
        f"nothing has moved in the queue for {minutes} minutes", where=job_id,
        fix_zh="已完成的部分有效；请检查各机器和数据库，再运行 ecert bulk resume 继续",
        fix_en="What was done is done; look at the machines and the database, then go on with "
        "ecert bulk resume",
    )  # fmt: skip
