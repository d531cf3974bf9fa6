"""Memory of show codes already accepted, so that each is accepted once."""

from __future__ import annotations

import heapq
import threading
from typing import TYPE_CHECKING, Protocol

from ecert import limits

if TYPE_CHECKING:
    from datetime import datetime


class ReplayMemory(Protocol):
    """Remembers code ids until they could not be accepted anyway."""

    def claim(self, key: bytes, *, until: datetime, at: datetime) -> bool:
        """Remember ``key``; False if it is remembered already.  Atomic.

        Kept until `limits.REPLAY_MARGIN` after ``until``, when it could not be accepted anyway.
        Whatever keeps it from being remembered is raised: such a code is not accepted.
        """
        ...


class MemoryReplay:
    """Replay memory of one process; lost with it, so a long-running window keeps it in a store."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[bytes, datetime] = {}
        self._queue: list[tuple[datetime, bytes]] = []

    def claim(self, key: bytes, *, until: datetime, at: datetime) -> bool:
        """See `ReplayMemory.claim`."""
        with self._lock:
            while self._queue and self._queue[0][0] < at - limits.REPLAY_MARGIN:
                del self._until[heapq.heappop(self._queue)[1]]
            if key in self._until:
                return False
            self._until[key] = until
            heapq.heappush(self._queue, (until, key))
            return True
