"""When a delivery that failed is tried again."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from ecert import limits

if TYPE_CHECKING:
    from datetime import datetime, timedelta


def next_try(attempts: int, *, at: datetime) -> datetime:
    """Return the moment of the next attempt: each pause is twice the one before, and by chance.

    Args:
        attempts: How often it has been tried.
        at: The end of the last attempt.
    """
    pause = min(limits.WEBHOOK_FIRST_PAUSE * 2 ** min(attempts - 1, 20), limits.WEBHOOK_LAST_PAUSE)
    return at + _by_chance(pause)


def _by_chance(pause: timedelta) -> timedelta:
    # Between half of it and the whole: receivers do not get everything at the same moment.
    return pause * (0.5 + secrets.randbelow(1001) / 2000)
