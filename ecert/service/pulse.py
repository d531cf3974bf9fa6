"""What one process leaves behind for the hall: tallies of its checks, and its sign of life.

Nothing of it delays or fails a check: counting adds to a number in memory, and a thread of its
own writes.  A process that is killed loses what it has counted since it last wrote.
"""

from __future__ import annotations

import logging
import secrets
import socket
import threading
from collections import Counter
from typing import TYPE_CHECKING, Final

from ecert.errors import EcertError
from ecert.limits import MAX_NAME_CHARS, MAX_PENDING_TALLIES
from ecert.model.calendar import SHANGHAI
from ecert.store.hall import TallyKey, WindowSign
from ecert.workspace.receipts import SOFTWARE

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.clock import Clock
    from ecert.service.desk import Desk
    from ecert.verify.verdict import Verdict
    from ecert.workspace import Workspace

# How often tallies are written, and after how many of these a sign of life.
_SECONDS: Final = 5.0
_SIGN_EVERY: Final = 6
_LOG: Final = logging.getLogger("ecert.service")


class Pulse:
    """Counts the checks of one process, and tells that it lives.

    Args:
        workspace: The window's workspace.
        desk: Its desk, which knows the lists in force.
        clock: The machine's time.
    """

    def __init__(self, workspace: Workspace, desk: Desk, clock: Clock) -> None:
        self._hall = workspace.hall.store
        self._desk = desk
        self._clock = clock
        self._window = workspace.receipts.window
        self._id = secrets.token_hex(16)
        self._started = clock()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._pending: Counter[TallyKey] = Counter()
        self._lost = 0
        self._ages: tuple[dict[str, int], datetime | None] = ({}, None)
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def count(self, token: str, verdict: Verdict) -> None:
        """Count one check; nothing is written, and nothing can go wrong."""
        at = verdict.at.astimezone(SHANGHAI)
        key = TallyKey(
            at.date(), at.hour, self._window, token, verdict.outcome.value, verdict.reason.value
        )
        with self._lock:
            if key in self._pending or len(self._pending) < MAX_PENDING_TALLIES:
                self._pending[key] += 1
            else:
                self._lost += 1

    def flush(self) -> bool:
        """Write what was counted; False if the database refuses, and it is kept for later."""
        with self._writing:
            with self._lock:
                taken, self._pending = self._pending, Counter()
                lost, self._lost = self._lost, 0
            if lost:
                _LOG.error("checks were not counted", extra={"facts": {"checks": lost}})
            if not taken:
                return True
            try:
                self._hall.add(taken, at=self._clock())
            except EcertError as error:
                _LOG.warning("tallies wait: %s", error.en)
                with self._lock:
                    self._pending.update(taken)
                return False
            return True

    def sign(self, *, ended: bool = False) -> bool:
        """Leave a sign of life; False if the database refuses."""
        at = self._clock()
        try:
            lists, expires = self._known()
            self._hall.sign(
                WindowSign(
                    id=self._id, window=self._window, machine=socket.gethostname()[:MAX_NAME_CHARS],
                    software=SOFTWARE, started=self._started, seen=at, lists=lists,
                    ended=at if ended else None, synced=self._hall.newest_list(), expires=expires,
                )
            )  # fmt: skip
        except EcertError as error:
            _LOG.warning("no sign of life was kept: %s", error.en)
            return False
        return True

    def start(self) -> None:
        """Begin to write, in a thread of its own."""
        self._thread = threading.Thread(target=self._run, name="ecert-pulse", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write a last time, and say that this process has ended in good order."""
        self._end.set()
        if self._thread is not None:
            self._thread.join()
        self.flush()
        self.sign(ended=True)

    def _run(self) -> None:
        turn = 0
        while True:
            self.flush()
            if turn % _SIGN_EVERY == 0:
                self.sign()
            turn += 1
            if self._end.wait(_SECONDS):
                return

    def _known(self) -> tuple[dict[str, int], datetime | None]:
        lists = self._desk.versions()
        # Reading every list for its dates costs; they change with the versions alone.
        if lists != self._ages[0]:
            self._ages = lists, min((one.expires for one in self._desk.known()), default=None)
        return self._ages
