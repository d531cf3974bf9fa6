"""The office's calendar: licences live by days in Asia/Shanghai."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""A fixed offset: there has been no summer time since 1991, and no database is needed."""


def office_day(at: datetime) -> date:
    """Return the day that ``at`` falls on in Asia/Shanghai.

    Raises:
        ValueError: ``at`` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("a time without a zone: use an aware datetime")
    return at.astimezone(SHANGHAI).date()
