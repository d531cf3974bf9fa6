"""Processes that carry out the shards of a bulk job side by side, on this machine.

Each has a pipe of its own to this process: when this process dies, however it dies, the pipe
closes and the worker ends with the shard in hand.  `concurrent.futures` would leave it waiting.
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
import threading
from contextlib import contextmanager, suppress
from itertools import pairwise
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, NamedTuple

from ecert.errors import BulkError, EcertError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
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
    for shard, ahead in pairwise((*shards, None)):
        if shard is not None:
            yield Outcome(shard, worker.carry_out(shard, desk.now(), ahead))


def work_together(
    folder: Path, passphrases: tuple[str, ...], job_id: str, shards: Iterable[int], workers: int
) -> Iterator[Outcome]:
    """Carry out shards in ``workers`` processes, and yield each as it is done.

    Raises:
        EcertError: What a worker raised; the others end with the shard in hand.
        BulkError: A worker died.
    """
    waiting = iter(shards)
    with crew(_work, (folder, passphrases, job_id), workers) as hands:
        for hand in hands * 2:  # the shard in hand, and the one that comes next
            hand.give(next(waiting, None))
        busy = {hand.pipe: hand for hand in hands if hand.owes}
        while busy:
            for pipe in wait(list(busy)):
                hand = busy[pipe]  # type: ignore[index]  # only pipes were waited for
                yield hand.result()
                hand.give(next(waiting, None))
                if not hand.owes:
                    del busy[hand.pipe]


class Hand:
    """One process of a crew.

    Attributes:
        pipe: What it is told and tells through.
        owes: How many shards it was given and has not answered for.
    """

    def __init__(self, target: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        # Spawned, not forked: neither database connections nor tokens live through a fork.
        context = multiprocessing.get_context("spawn")
        self.owes = 0
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=target, args=(theirs, *arguments), daemon=True)
        self.process.start()
        theirs.close()

    def give(self, shard: int | None) -> None:
        """Give it a shard to do after those that it has, or tell it that there is none."""
        self.owes += shard is not None
        with suppress(ConnectionError):  # it has died, which its result will tell
            self.pipe.send(shard)

    def result(self) -> Outcome:
        """Return what became of its shard.

        Raises:
            EcertError: What it raised.
            BulkError: It has died.
        """
        try:
            told: Outcome | EcertError = self.pipe.recv()
        except (EOFError, ConnectionError):
            self.process.join()
            raise died(self.process.exitcode) from None
        if isinstance(told, EcertError):
            raise told
        self.owes -= 1
        return told


@contextmanager
def crew(
    target: Callable[..., None], arguments: tuple[Any, ...], workers: int
) -> Iterator[list[Hand]]:
    """Give processes that run ``target``; at the end each finishes the shard in hand and ends."""
    hands: list[Hand] = []
    try:
        with _deaf_to_interrupts():
            for _ in range(workers):
                hands.append(Hand(target, arguments))  # noqa: PERF401 - one may fail to start
        yield hands
    finally:
        # All at once, so that they finish side by side.
        for hand in hands:
            hand.pipe.close()
        for hand in hands:
            hand.process.join()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let processes that start here leave Ctrl-C, which reaches all, to this one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _work(
    pipe: Connection[Any, Any], folder: Path, passphrases: tuple[str, ...], job_id: str
) -> None:
    from ecert.workspace import Workspace

    # Nothing that is made for a shard refers to itself, so there is nothing to collect before
    # it is done; looking for it all the same takes a fifth of the time.
    gc.disable()
    with suppress(EOFError, ConnectionError):
        try:
            with Workspace.open(folder, known=passphrases) as workspace:
                desk = workspace.bulk
                worker = workspace.issuer.shard_worker(desk.ledger.job(job_id), desk.ledger)
                # What is here now stays, and need not be looked through after every shard.
                gc.freeze()
                shard: int | None = pipe.recv()
                while shard is not None:
                    ahead: int | None = pipe.recv()
                    pipe.send(Outcome(shard, worker.carry_out(shard, desk.now(), ahead)))
                    gc.collect()
                    shard = ahead
        except EcertError as error:
            pipe.send(error)


def died(code: int | None) -> BulkError:
    """Return the error for a worker that ended by itself."""
    return BulkError(
        f"一个工作进程中途结束（{code}）", f"a worker died ({code})", where="bulk",
        fix_zh="已完成的部分有效；请运行 ecert bulk resume 继续",
        fix_en="What was done is done; go on with ecert bulk resume",
    )  # fmt: skip
