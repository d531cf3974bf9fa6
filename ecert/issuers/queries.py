"""Questions to a register, and the pages of its answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from ecert.issuers.records import require_aware

if TYPE_CHECKING:
    from datetime import date, datetime

    from ecert.model.licence import Licence, LicenceState

MAX_PAGE_ROWS = 1_000


class Wanted(TypedDict, total=False):
    """What narrows a `Query`, but for the day."""

    number: str
    holder_number: str
    type_code: str
    state: LicenceState
    region: str
    changed_from: datetime
    changed_before: datetime
    issued_from: date
    issued_until: date
    after_entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which licences are wanted; what is None does not narrow.

    Attributes:
        on: The day on which `state` is judged, because expiry is a matter of the day.
        number: The number printed on the licence (证照编号).
        holder_number: The number of one of its holders (持证主体代码).
        type_code: Licence type code (证照类型代码).
        state: How the licence stands on the day ``on``.
        region: The issuer's region, six digits.
        changed_from: Recorded or changed at this time or later: what is new since then.
        changed_before: Recorded or changed earlier than this.
        issued_from: Day of issue, this one or later.
        issued_until: Day of issue, this one or earlier.
        after_entry: Recorded or changed by an entry of the audit trail after this one.  Times
            may be given in any order; entries are in the order of recording, so nothing that
            was recorded since is missed.

    Raises:
        ValueError: A time has no zone.
    """

    on: date
    number: str | None = None
    holder_number: str | None = None
    type_code: str | None = None
    state: LicenceState | None = None
    region: str | None = None
    changed_from: datetime | None = None
    changed_before: datetime | None = None
    issued_from: date | None = None
    issued_until: date | None = None
    after_entry: int | None = None

    def __post_init__(self) -> None:
        for moment in (self.changed_from, self.changed_before):
            if moment is not None:
                require_aware(moment)


@dataclass(frozen=True, slots=True)
class Row:
    """A licence where it stands in the register.

    Attributes:
        number: Its row, from 1 in the order of recording; never given twice.
        licence: The licence.
        changed_at: When it was recorded or last changed.
    """

    number: int
    licence: Licence
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of an answer, in order.

    Attributes:
        rows: The rows.
        next_after: What to ask for next as ``after``; None if these are the last.
    """

    rows: tuple[Row, ...]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many licences of one type, region and state there are."""

    type_code: str
    region: str
    state: LicenceState
    count: int


def require_limit(limit: int) -> None:
    """Require a page of sensible size.

    Raises:
        ValueError: It is out of range.
    """
    if not 1 <= limit <= MAX_PAGE_ROWS:
        raise ValueError(f"a page has 1 to {MAX_PAGE_ROWS} rows")
