"""Processes that carry out the shards of a bulk job side by side, on this machine.

Each has a pipe of its own to this process: when this process dies, however it dies, the pipe
closes and the worker ends with the shard in hand.  `concurrent.futures` would leave it waiting.
"""

from __future__ import annotations

import gc
import multiprocessing
from contextlib import suppress
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, NamedTuple

from ecert.errors import BulkError, EcertError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path

    from ecert.workspace import Workspace


class Outcome(NamedTuple):
    """What became of one shard: False if another had done it already."""

    shard: int
    is_new: bool


def work_here(workspace: Workspace, job_id: str, shards: Iterable[int]) -> Iterator[Outcome]:
    """Carry out shards in this process."""
    desk = workspace.bulk
    worker = workspace.issuer.shard_worker(desk.ledger.job(job_id), desk.ledger)
    for shard in shards:
        yield Outcome(shard, worker.carry_out(shard, desk.now()))


def work_together(
    folder: Path, passphrases: tuple[str, ...], job_id: str, shards: Iterable[int], workers: int
) -> Iterator[Outcome]:
    """Carry out shards in ``workers`` processes, and yield each as it is done.

    Raises:
        EcertError: What a worker raised; the others end with the shard in hand.
        BulkError: A worker died.
    """
    waiting = iter(shards)
    crew = [_Worker(folder, passphrases, job_id) for _ in range(workers)]
    try:
        busy = {worker.pipe: worker for worker in crew if worker.give(next(waiting, None))}
        while busy:
            for pipe in wait(list(busy)):
                worker = busy[pipe]  # type: ignore[index]  # only pipes were waited for
                yield worker.result()
                if not worker.give(next(waiting, None)):
                    del busy[worker.pipe]
    finally:
        for worker in crew:
            worker.dismiss()


class _Worker:
    def __init__(self, folder: Path, passphrases: tuple[str, ...], job_id: str) -> None:
        # Spawned, not forked: neither database connections nor tokens live through a fork.
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_work, args=(theirs, folder, passphrases, job_id), daemon=True
        )
        self._process.start()
        theirs.close()

    def give(self, shard: int | None) -> bool:
        """Give it a shard to do; False if there is none."""
        if shard is not None:
            with suppress(BrokenPipeError):  # it has died, which its result will tell
                self.pipe.send(shard)
        return shard is not None

    def result(self) -> Outcome:
        """Return what became of its shard."""
        try:
            told: Outcome | EcertError = self.pipe.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            raise _died(self._process.exitcode) from None
        if isinstance(told, EcertError):
            raise told
        return told

    def dismiss(self) -> None:
        """Let it end with the shard in hand."""
        self.pipe.close()
        self._process.join()


def _work(
    pipe: Connection[Any, Any], folder: Path, passphrases: tuple[str, ...], job_id: str
) -> None:
    from ecert.workspace import Workspace

    # Nothing that is made for a shard refers to itself, so there is nothing to collect before
    # it is done; looking for it all the same takes a fifth of the time.
    gc.disable()
    with suppress(EOFError, ConnectionError, KeyboardInterrupt):
        try:
            with Workspace.open(folder, known=passphrases) as workspace:
                desk = workspace.bulk
                worker = workspace.issuer.shard_worker(desk.ledger.job(job_id), desk.ledger)
                while True:
                    shard = pipe.recv()
                    pipe.send(Outcome(shard, worker.carry_out(shard, desk.now())))
                    gc.collect()
        except EcertError as error:
            pipe.send(error)


def _died(code: int | None) -> BulkError:
    return BulkError(
        f"一个工作进程中途结束（{code}）", f"a worker died ({code})", where="bulk",
        fix_zh="已完成的部分有效；请运行 ecert bulk resume 继续",
        fix_en="What was done is done; go on with ecert bulk resume",
    )  # fmt: skip
