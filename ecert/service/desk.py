"""The window's desk: one workspace behind many requests, its knowledge kept up to date."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ecert.errors import EcertError, MatterError
from ecert.model.regions import name_of
from ecert.service.counter import Counter
from ecert.service.entered import Entered
from ecert.store.knowledge import SQLKnowledgeStore
from ecert.workspace.ages import ages
from ecert.workspace.show_services import ShowServices

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ecert.clock import Clock
    from ecert.interop.matters.matter import Matter
    from ecert.service.plain_desk import PlainCheck
    from ecert.verify.knowledge import Knowledge
    from ecert.verify.verdict import Verdict
    from ecert.workspace import Workspace
    from ecert.workspace.checking import Check

# How often it looks whether another program has brought new lists into force.
_LOOK_SECONDS: Final = 2.0
# A list is called old when this much of its life is over.
_OLD_SHARE: Final = 0.5
_MATTERS: Final = 20


@dataclass(frozen=True, slots=True)
class KnownAge:
    """How old one list is, as a clerk is told.

    Attributes:
        slot: Which list.
        version: Which issue of it.
        issued: When it was made.
        expires: When it ends.
        state: ``fresh``, ``old`` or ``expired``.
    """

    slot: str
    version: int
    issued: datetime
    expires: datetime
    state: str


class Desk:
    """What the pages and the API ask; every method may be called from several threads.

    Args:
        workspace: The window's workspace.
        clock: The machine's time.
        pace: Seconds that only grow, for looking after new lists.
    """

    def __init__(
        self,
        workspace: Workspace,
        clock: Clock,
        *,
        pace: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workspace = workspace
        self._clock = clock
        self._pace = pace
        self._lock = threading.Lock()
        self._looked = pace()
        self.counter = Counter(workspace)
        self._matters = workspace.matters
        # An office's table is large: it is read before the first clerk types, not then.
        with suppress(MatterError):
            self._matters.catalogue.search("窗口")
        # To open a key takes longer than a check may; what is wrong with it, the check tells.
        with suppress(EcertError):
            self.counter.open_key(at=clock())
        self._store = SQLKnowledgeStore(workspace.engine)
        self._marks = dict(self._store.marks())

    def now(self) -> datetime:
        """Return the machine's time."""
        return self._clock()

    def check(
        self,
        scanned: str | bytes,
        entered: Entered,
        *,
        clerk: str | None,
        keep: bool = False,
    ) -> Check:
        """Judge what was scanned, with the newest lists: see `Counter.check`."""
        self._look()
        return self.counter.check(scanned, entered, clerk=clerk, keep=keep, at=self.now())

    def verify(
        self, scanned: str | bytes, *, clerk: str, matter: str | None, challenge: str | None
    ) -> Verdict:
        """Judge what was scanned, and tell the answer alone: see `check`."""
        return self.check(scanned, Entered(matter, challenge=challenge), clerk=clerk).verdict

    def case_copy(self, check: Check | PlainCheck) -> str:
        """Return the case copy (存卷件) of an accepted check: see `ReceiptDesk.case_copy`."""
        return self.counter.case_copy(check)

    def matters(self, text: str) -> tuple[Matter, ...]:
        """Return the matters that fit what a clerk has typed: words, code or pinyin initials.

        Raises:
            MatterError: The text is too long, or the file of matters is damaged.
        """
        return self._matters.catalogue.search(text, limit=_MATTERS)

    def scenes(self, text: str) -> list[str]:
        """Return matters and scenes that recognition lists name, and which hold ``text``."""
        return scenes_of(self._workspace.knowledge, text)

    def known(self) -> tuple[KnownAge, ...]:
        """Return the age of every list, those that end first before the others."""
        self._look()
        return ages_of(self._workspace.knowledge, self.now())

    def versions(self) -> dict[str, int]:
        """Return the version of every list in force, by slot."""
        self._look()
        return {slot: mark.version for slot, mark in self._workspace.knowledge.in_force.items()}

    def window(self) -> dict[str, Any]:
        """Return whose window this is."""
        settings = self._workspace.settings
        return {
            "name": settings.name,
            "region": settings.region,
            "region_name": name_of(settings.region),
            "demo": settings.demo,
            "number": self.counter.window,
            "receipts": settings.receipts,
            # Whether a holder can be asked: somewhere a show service is set.
            "asks": bool(ShowServices.read(self._workspace.path).services),
        }

    def is_ready(self) -> bool:
        """Tell whether the database answers.

        Raises:
            StoreError: It does not.
        """
        with self._workspace.engine.read():
            return True

    def _look(self) -> None:
        """Take over what another program, such as ``ecert sync``, has brought into force."""
        with self._lock:
            now = self._pace()
            if now - self._looked < _LOOK_SECONDS:
                return
            self._looked = now
            marks = dict(self._store.marks())
            if marks != self._marks:
                self._workspace.knowledge.reload()
                self._marks = marks


def scenes_of(knowledge: Knowledge, text: str) -> list[str]:
    """Return matters and scenes that recognition lists name, and which hold ``text``."""
    named = {
        matter
        for held in knowledge.recognition.lists
        for entry in held.document.entries
        for matter in entry.matters
        if matter != "*"
    }
    return sorted(one for one in named if text in one)[:_MATTERS]


def ages_of(knowledge: Knowledge, at: datetime) -> tuple[KnownAge, ...]:
    """Return the age of every list at ``at``, those that end first before the others."""
    found = [
        KnownAge(
            one.slot, one.version, one.issued, one.expires, _state(one.issued, one.expires, at)
        )
        for one in ages(knowledge)
    ]
    return tuple(sorted(found, key=lambda one: one.expires))


def _state(issued: datetime, expires: datetime, at: datetime) -> str:
    if at >= expires:
        return "expired"
    return "old" if at - issued > (expires - issued) * _OLD_SHARE else "fresh"
