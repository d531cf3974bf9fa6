"""Regions (行政区划, GB/T 2260): codes with the dates between which they were in force.

A licence outlives reforms: one issued in 2019 by a district that ended in 2025 stays
checkable.  The data (``regions.csv``) knows years only, so a period begins on 1 January and
ends on 31 December, and in a year of change the old and the new code are both in force.

Which region is below which is told by the digits alone and needs no data.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib import resources
from typing import Final, Literal, cast

from ecert.errors import RegionError
from ecert.model.characters import DIGITS, require_only

Level = Literal["province", "city", "county"]

# Not in GB/T 2260: stands for all regions where a scope is written down.
NATION: Final = "000000"
REGION_CHARS: Final = 6

_WHERE: Final = "行政区划代码"
# Codes that only group others: their names say nothing inside a full name.
GROUPS: Final = frozenset(
    {
        "市辖区",
        "县",
        "市",
        "省直辖行政单位",
        "省直辖县级行政单位",
        "自治区直辖县级行政单位",
    }
)
"""Names of codes that are no place of their own."""


@dataclass(frozen=True, slots=True)
class Region:
    """One region under one name.

    Attributes:
        code: Six digits.
        name: Its own name, without those above it.
        level: ``province``, ``city`` (prefecture level) or ``county``.
        valid_from: First day, to the year; None where unknown or before about 1980.
        valid_until: Last day, to the year; None while in force.
        successor: Code under which the whole place went on; None while in force, where it
            was divided, or where unknown (kept for Chongqing and Sichuan only).
    """

    code: str
    name: str
    level: Level
    valid_from: date | None
    valid_until: date | None
    successor: str | None

    def in_force(self, on: date) -> bool:
        """Tell whether the code meant this region on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on <= self.valid_until
        )


def parse_region(text: str) -> str:
    """Return ``text`` if it has the form of a region code: six ASCII digits.

    Raises:
        RegionError: It has not.  Whether the code exists is asked of `require`.
    """
    if len(text) != REGION_CHARS:
        raise RegionError(
            f"应为{REGION_CHARS}位数字，实际{len(text)}位",
            f"{REGION_CHARS} digits are needed, not {len(text)} characters",
            where=_WHERE,
        )
    require_only(text, DIGITS, RegionError, where=_WHERE)
    return text


def find(code: str, on: date | None = None) -> Region | None:
    """Return the region of ``code`` as it was on a day, or None.

    Without a day: its latest form, even if it has ended since.
    """
    known = _regions().get(code, ())
    if on is not None:
        known = tuple(region for region in known if region.in_force(on))
    return known[-1] if known else None


def require(code: str, on: date | None = None) -> Region:
    """Return the region of ``code`` as it was on a day; without a day, its latest form.

    Raises:
        RegionError: The code is malformed, unknown, or was not in force on that day.
    """
    region = find(parse_region(code), on)
    if region is not None:
        return region
    latest = find(code)
    if latest is None or on is None:
        raise RegionError(
            f"没有代码{code}",
            f"there is no code {code}",
            where=_WHERE,
            fix_zh="请核对行政区划代码（GB/T 2260）",
            fix_en="Compare with GB/T 2260",
        )
    fix_zh, fix_en = _successor_advice(latest, on)
    raise RegionError(
        f"{code}（{latest.name}）在{on.isoformat()}不是有效代码",
        f"{code} ({latest.name}) was not in force on {on.isoformat()}",
        where=_WHERE,
        fix_zh=fix_zh,
        fix_en=fix_en,
    )


@lru_cache(maxsize=4096)
def name_of(code: str, on: date | None = None) -> str:
    """Return the full name (四川省广安市邻水县); an unknown code is returned as it is."""
    region = find(code, on)
    if region is None:
        return "全国" if code == NATION else code
    # Those above are named as in the region's own last year, not as after a later reform.
    day = on or region.valid_until
    above = (find(ancestor, day) or find(ancestor) for ancestor in _ancestors(code))
    names = [upper.name for upper in above if upper is not None and upper.name not in GROUPS]
    return "".join((*names, region.name))


@lru_cache(maxsize=4096)
def province(code: str) -> str:
    """Return the code of the province that ``code`` is in: 511623 is in 510000.

    Raises:
        RegionError: ``code`` does not have its form.
    """
    return f"{parse_region(code)[:2]}0000"


@lru_cache(maxsize=4096)
def covers(region: str, other: str) -> bool:
    """Tell whether ``other`` is ``region`` or below it; 000000 covers all.

    Told by the digits: 510000 covers 511600 and 511623, 511600 covers 511623.

    Raises:
        RegionError: A code does not have its form.
    """
    return parse_region(other).startswith(significant(parse_region(region)))


def all_codes() -> tuple[str, ...]:
    """Return every code that is or was in force, in order."""
    return tuple(_regions())


def significant(code: str) -> str:
    """Return the digits with which every region begins that ``code`` covers."""
    if code == NATION:
        return ""
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


def _ancestors(code: str) -> list[str]:
    return [upper for upper in (f"{code[:2]}0000", f"{code[:4]}00") if upper != code]


def _successor_advice(region: Region, on: date) -> tuple[str, str]:
    if region.valid_until is None or on <= region.valid_until:
        return "请核对日期", "Compare the date"
    if region.successor in (None, region.code):
        return "请改用现行代码", "Use the code now in force"
    name = name_of(region.successor)
    return f"现为{region.successor}（{name}）", f"It is now {region.successor} ({name})"


@cache
def _regions() -> dict[str, tuple[Region, ...]]:
    """Read the package data once, when first asked; per code in order of time."""
    text = resources.files("ecert.model").joinpath("regions.csv").read_text(encoding="utf-8")
    regions: dict[str, tuple[Region, ...]] = {}
    for row in csv.DictReader(text.splitlines()):
        region = Region(
            code=row["code"],
            name=row["name"],
            level=cast("Level", row["level"]),
            valid_from=_day(row["from"]),
            valid_until=_day(row["to"]),
            successor=row["successor"] or None,
        )
        regions[region.code] = (*regions.get(region.code, ()), region)
    return regions


@cache
def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
