"""Answers that are made while they are sent: a thread writes, the answer reads.

A database view belongs to one thread, and an answer is read by many in turn.
"""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Pieces that wait to be sent, and for how long a reader may not come for the next, in seconds.
_WAITING: Final = 64
_PATIENCE: Final = 60.0


class ReaderGoneSignal(BaseException):
    """Ends the work of an answer that nobody reads any more."""


class Pipe:
    """What work writes, piece by piece, for an answer to send; also a file to write to.

    Args:
        work: Is given the pipe, and writes.
    """

    def __init__(self, work: Callable[[Pipe], None]) -> None:
        self._work = work
        self._pieces: queue.Queue[bytes | None] = queue.Queue(_WAITING)
        self._gone = threading.Event()
        self._fault: BaseException | None = None

    def write(self, piece: bytes) -> int:
        """Hand over one piece, waiting while too many wait already.

        Raises:
            ReaderGoneSignal: Nobody reads any more.
        """
        if self._gone.is_set():
            raise ReaderGoneSignal
        try:
            self._pieces.put(piece, timeout=_PATIENCE)
        except queue.Full:
            raise ReaderGoneSignal from None
        return len(piece)

    def __iter__(self) -> Iterator[bytes]:
        """Begin the work and yield what it writes; what it raises breaks the answer off."""
        threading.Thread(target=self._run, name="ecert-pipe", daemon=True).start()
        try:
            while (piece := self._pieces.get()) is not None:
                yield piece
        finally:
            self._gone.set()
        if self._fault is not None:
            # The rest must not look as if it were the whole.
            raise self._fault

    def _run(self) -> None:
        try:
            self._work(self)
        except ReaderGoneSignal:
            return
        except BaseException as fault:  # noqa: BLE001 - it is raised where the answer is sent
            self._fault = fault
        self._pieces.put(None)
