"""Regions, licence types and times as a sheet tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.model.calendar import SHANGHAI
from ecert.model.regions import name_of
from ecert.trust.document import EVERYONE

if TYPE_CHECKING:
    from datetime import datetime


def told_region(code: str) -> str:
    """Return a region's name with its code: 四川省（510000）."""
    if code == EVERYONE:
        return "全国"
    name = name_of(code)
    return code if name == code else f"{name}（{code}）"


def told_moment(at: datetime) -> str:
    """Return a time by the office's clock, to the minute."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
