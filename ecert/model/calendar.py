"""The office's calendar: licences live by days in Asia/Shanghai."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Final

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""A fixed offset: there has been no summer time since 1991, and no database is needed."""

_DAY_SECONDS: Final = 86_400


def office_day(at: datetime) -> date:
    """Return the day that ``at`` falls on in Asia/Shanghai.

    Raises:
        ValueError: ``at`` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("a time without a zone: use an aware datetime")
    return at.astimezone(SHANGHAI).date()


def end_of_day(day: date) -> int:
    """Return when a last day, which is inclusive, is over: seconds since 1970."""
    # The calendar has no day after its last one; seconds go on.
    return int(datetime.combine(day, time(), SHANGHAI).timestamp()) + _DAY_SECONDS
