"""What became of the licences that were taken in: one outcome for each, and their sum."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MAX_TOLD: Final = 100
"""More conflicts and refusals are counted, but kept one by one only for whoever listens."""


class Taking(StrEnum):
    """What became of one licence."""

    RECORDED = "recorded"
    MOVED = "moved"
    """It was here, and its source now tells another state."""
    SKIPPED = "skipped"
    """It is here with the same content."""
    UNCHANGED = "unchanged"
    """Its source has not changed it since the cursor; it was not looked at."""
    CONFLICT = "conflict"
    """What is here says otherwise, and was left as it is."""
    REFUSED = "refused"
    """It does not fit its type, or cannot be read."""

    @property
    def zh(self) -> str:
        """The office's word for it."""
        return _ZH[self]


_ZH: Final = {
    Taking.RECORDED: "已归集",
    Taking.MOVED: "状态已更新",
    Taking.SKIPPED: "已在库中",
    Taking.UNCHANGED: "未变动",
    Taking.CONFLICT: "与库中不一致",
    Taking.REFUSED: "不符合要求",
}
_FAILED: Final = frozenset({Taking.CONFLICT, Taking.REFUSED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one licence of a source.

    Attributes:
        taking: What became of it.
        row: Where it stands in its source.
        licence_id: Its licence id, if it is in the register.
        zh: Why, in Chinese, if it failed.
        en: Why, in English.
    """

    taking: Taking
    row: int | None = None
    licence_id: str = ""
    zh: str = ""
    en: str = ""

    @property
    def failed(self) -> bool:
        """Whether a person must look at it."""
        return self.taking in _FAILED


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a batch.

    Attributes:
        counts: How many licences came to each end.
        failures: The first conflicts and refusals, at most `MAX_TOLD`.
        cursor: What to give as ``since`` next time: everything that its source changed before is
            done with.  None if the source tells no times.
    """

    counts: Mapping[Taking, int] = field(hash=False)
    failures: tuple[Outcome, ...]
    cursor: datetime | None

    @property
    def clean(self) -> bool:
        """Whether nothing failed."""
        return not self.failures


class Tally:
    """Adds up outcomes."""

    def __init__(self) -> None:
        self.counts: Counter[Taking] = Counter()
        self._failures: list[Outcome] = []
        self._newest: datetime | None = None
        self._oldest_failed: datetime | None = None
        self._timeless_failed = False

    def add(self, outcome: Outcome, changed_at: datetime | None) -> None:
        """Count one."""
        self.counts[outcome.taking] += 1
        if outcome.failed and len(self._failures) < MAX_TOLD:
            self._failures.append(outcome)
        if changed_at is None:
            self._timeless_failed = self._timeless_failed or outcome.failed
            return
        if self._newest is None or changed_at > self._newest:
            self._newest = changed_at
        if outcome.failed and (self._oldest_failed is None or changed_at < self._oldest_failed):
            self._oldest_failed = changed_at

    def report(self, since: datetime | None) -> ImportReport:
        """Return the sum.

        What failed must be read again next time: the cursor stays at the oldest of it, and where
        it was if a row that failed could not even tell its time.
        """
        cursor = since if self._timeless_failed else (self._oldest_failed or self._newest or since)
        return ImportReport(
            {taking: self.counts[taking] for taking in Taking}, tuple(self._failures), cursor
        )
