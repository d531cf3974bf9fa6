"""How much one holder may ask within a minute: of one process, in its memory."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

from ecert import limits

if TYPE_CHECKING:
    from datetime import datetime, timedelta


class HolderRates:
    """Counts by holder and act; the holders heard of least lately are forgotten first.

    The tries of a PIN are counted in the wallet itself, for good; this only keeps one holder
    from taking the machine's time from the others.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: OrderedDict[tuple[bytes, str], deque[datetime]] = OrderedDict()

    def take(self, handle: bytes, act: str, most: int, at: datetime) -> timedelta | None:
        """Count one act; return how long to wait, without counting it, if there were too many.

        Args:
            handle: Whose.
            act: What is counted apart from other things.
            most: Within `limits.HOLDER_RATE_WINDOW`.
            at: The time.
        """
        with self._lock:
            times = self._times.setdefault((handle, act), deque())
            self._times.move_to_end((handle, act))
            if len(self._times) > limits.MAX_HOLDERS_RATED:
                self._times.popitem(last=False)
            while times and not times[0] <= at < times[0] + limits.HOLDER_RATE_WINDOW:
                times.popleft()
            if len(times) >= most:
                return times[0] + limits.HOLDER_RATE_WINDOW - at
            times.append(at)
            return None
