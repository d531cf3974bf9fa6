"""The show log as its holder reads it: a code that was made anew every minute is one line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ecert import limits

if TYPE_CHECKING:
    from ecert.wallet.show_log import ShowLog, ShowRecord


@dataclass(frozen=True, slots=True)
class ShowGroup:
    """One showing: codes of the same, one soon after the other.

    Attributes:
        record: The last of them.
        first: When the first was made, in seconds since 1970.
        count: How many codes there were.
    """

    record: ShowRecord
    first: int
    count: int = 1

    @property
    def begun(self) -> datetime:
        """When the first code was made."""
        return datetime.fromtimestamp(self.first, UTC)

    @property
    def ended(self) -> datetime:
        """When the last code was made."""
        return self.record.at


def grouped(log: ShowLog) -> tuple[ShowGroup, ...]:
    """Return the showings, newest first."""
    groups: list[ShowGroup] = []
    for record in log.records:
        last = groups[-1] if groups else None
        if last is not None and _goes_on(last.record, record):
            groups[-1] = replace(last, record=record, count=last.count + 1)
        else:
            groups.append(ShowGroup(record, record.made))
    return tuple(reversed(groups))


def _goes_on(before: ShowRecord, after: ShowRecord) -> bool:
    gap = after.made - before.made
    return 0 <= gap <= limits.SHOW_LOG_GAP.total_seconds() and _what(before) == _what(after)


def _what(record: ShowRecord) -> tuple[object, ...]:
    return (
        record.licences, record.profile, record.challenge, record.to, record.matter, record.pin,
    )  # fmt: skip
