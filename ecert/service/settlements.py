"""What was settled of late: the answer to a request is told again for a minute, and made once.

A page whose connection broke asks again, perhaps while the first answer is still being made.
Other processes know only that it was settled: see `OnlineWindow.settle`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

from ecert.limits import MAX_KEPT_SETTLEMENTS, SETTLEMENT_KEPT

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from datetime import datetime

_T = TypeVar("_T")


class Settlement(Generic[_T]):
    """One answer, made or being made.

    Args:
        begun: Since when.
    """

    def __init__(self, begun: datetime) -> None:
        self.begun = begun
        self._over = threading.Event()
        self._answer: _T | None = None

    @property
    def is_over(self) -> bool:
        """Whether nobody is at it any more."""
        return self._over.is_set()

    def make(self, make: Callable[[], _T]) -> _T:
        """Make the answer; whoever waits goes on, whatever becomes of it."""
        try:
            self._answer = made = make()
        finally:
            self._over.set()
        return made

    def wait(self) -> _T | None:
        """Wait until it is over; returns the answer, None if it could not be made."""
        self._over.wait()
        return self._answer


class Settlements(Generic[_T]):
    """The answers of one process of a window; every method may be called from several threads.

    Args:
        most: How many are kept; the oldest make room.
    """

    def __init__(self, *, most: int = MAX_KEPT_SETTLEMENTS) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Settlement[_T]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Hashable, *, at: datetime) -> Settlement[_T] | None:
        """Return what was settled of late, or is being settled; forget what is older."""
        with self._lock:
            self._forget(at)
            return self._kept.get(key)

    def settle(self, key: Hashable, make: Callable[[], _T], *, at: datetime) -> _T:
        """Make the answer and keep it; what could not be made is not kept.

        Raises:
            EcertError: Whatever ``make`` raises.
        """
        mine: Settlement[_T] = Settlement(at)
        with self._lock:
            self._forget(at)
            found = self._kept.setdefault(key, mine)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        if found is not mine and (made := found.wait()) is not None:
            return made
        try:
            return mine.make(make)
        finally:
            if mine.wait() is None:
                with self._lock:
                    if self._kept.get(key) is mine:
                        del self._kept[key]

    def _forget(self, at: datetime) -> None:
        # What an answer holds is personal: it does not stay for longer than a page may ask again.
        for key, one in list(self._kept.items()):
            if one.is_over and abs(at - one.begun) > SETTLEMENT_KEPT:
                del self._kept[key]
