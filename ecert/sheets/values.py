"""What stands in a cell: raw values, their text, dates, and what Excel has ruined.

Nothing ruined is repaired: a number that Excel has rounded cannot be known any more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

# Excel keeps 15 digits of a number; what follows has become zeros.
EXCEL_DIGITS: Final = 15
_EXACT_BELOW: Final = 10**EXCEL_DIGITS
# How Excel writes a long number into a CSV: 5.11681E+17.  Codes such as 5E10 have no sign.
_SCIENTIFIC: Final = re.compile(r"[+-]?[0-9](?:\.[0-9]+)?[Ee]\+[0-9]{2,3}")
# As Excel and LibreOffice show errors, in CSV files too.
_ERROR: Final = re.compile(
    r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|BUSY!"
    r"|CONNECT!|UNKNOWN!|GETTING_DATA|####*)|Err:[0-9]{3}"
)
_DAY: Final = re.compile(
    r"([0-9]{4})(?:\s*年\s*([0-9]{1,2})\s*月\s*([0-9]{1,2})\s*日?"
    r"|([-./])([0-9]{1,2})\4([0-9]{1,2})|([0-9]{2})([0-9]{2}))"
    r"(?:[ T]0{1,2}:00(?::00(?:\.0+)?)?)?"
)
_SERIAL: Final = re.compile(r"[1-9][0-9]{4}")


class Damage(StrEnum):
    """How the content of a cell was lost before it came here."""

    DIGITS_LOST = "digits-lost"
    SCIENTIFIC = "scientific"
    ERROR_VALUE = "error-value"
    NO_VALUE = "no-value"

    @property
    def wording(self) -> DamageWording:
        """What it is and how to mend it, in both languages."""
        return _WORDINGS[self]


@dataclass(frozen=True, slots=True)
class DamageWording:
    """What is wrong with a cell and how to mend it."""

    zh: str
    en: str
    fix_zh: str
    fix_en: str


_AS_TEXT: Final = (
    "请把该列设为“文本”格式，再按原件重新录入",
    "Format the column as text, then enter it again from the original",
)
_WORDINGS: Final = {
    Damage.DIGITS_LOST: DamageWording(
        f"数字超过{EXCEL_DIGITS}位，Excel已将其后各位改为0，原值无法恢复",
        f"a number of more than {EXCEL_DIGITS} digits, of which Excel has lost the last",
        *_AS_TEXT,
    ),
    Damage.SCIENTIFIC: DamageWording(
        "已变成科学计数法，原值无法恢复",
        "Excel has turned it into scientific notation; the value is lost",
        *_AS_TEXT,
    ),
    Damage.ERROR_VALUE: DamageWording(
        "是公式的错误值",
        "is an error value of a formula",
        "请改正公式或直接填写",
        "Mend the formula",
    ),
    Damage.NO_VALUE: DamageWording(
        "公式没有计算结果",
        "a formula without its result",
        "请在Excel中打开并保存，或直接填写",
        "Open and save it in Excel, or enter the value",
    ),
}


@dataclass(frozen=True, slots=True)
class Damaged:
    """In place of a value: the cell holds an error, or a formula that was never calculated."""

    damage: Damage
    shown: str


NO_RESULT: Final = "#无结果"
"""Shown for a formula that was never calculated."""

Raw = str | int | float | bool | date | datetime | time | timedelta | Damaged | None
Values = tuple[Raw, ...]


def text_of(raw: Raw) -> str:
    """Return the text of a cell, without spaces (full-width ones too) and breaks at its ends."""
    if isinstance(raw, str):
        return raw.strip()
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < _EXACT_BELOW:
        return str(int(raw))
    if isinstance(raw, datetime):
        day = raw.date().isoformat()
        return day if raw.time() == time() else f"{day} {raw.time().isoformat('seconds')}"
    if isinstance(raw, Damaged):
        return raw.shown
    return raw.isoformat() if isinstance(raw, date | time) else str(raw)


def damage_of(raw: Raw) -> Damage | None:
    """Tell how the content of a cell was lost, or None."""
    if isinstance(raw, str):
        # Most cells are told apart from a ruined one by these two characters.
        if "+" in raw and _SCIENTIFIC.fullmatch(raw.strip()):
            return Damage.SCIENTIFIC
        if ("#" in raw or "Err:" in raw) and _ERROR.fullmatch(raw.strip()):
            return Damage.ERROR_VALUE
        return None
    if isinstance(raw, Damaged):
        return raw.damage
    if isinstance(raw, int | float) and abs(raw) >= _EXACT_BELOW:
        return Damage.DIGITS_LOST
    return None


def is_number(raw: Raw) -> bool:
    """Tell whether a cell holds a number: leading zeros, if there were any, are gone."""
    return isinstance(raw, int | float) and not isinstance(raw, bool)


def is_time(raw: Raw) -> bool:
    """Tell whether a cell holds a date or a time, which Excel also makes of text (1-2)."""
    return isinstance(raw, date | time | timedelta)


def is_date_serial(raw: Raw) -> bool:
    """Tell whether a cell looks like a date whose format was lost (45292 for 2024-01-01)."""
    return _SERIAL.fullmatch(text_of(raw)) is not None


def day_of(raw: Raw) -> date | None:
    """Return the day in a cell, or None if it holds none.

    Excel dates, ``2024年1月1日``, ``2024.1.1``, ``2024/1/1``, ``20240101`` and ``2024-01-01``;
    a time beside the day is taken only if it is midnight, as databases export days.
    """
    if isinstance(raw, datetime):
        return raw.date() if raw.time() == time() else None
    if isinstance(raw, date):
        return raw
    if raw is None or isinstance(raw, bool | time | timedelta | Damaged):
        return None
    if isinstance(raw, str) and len(raw) == 10 and raw[4] == raw[7] == "-":
        return _iso_day(raw)
    found = _DAY.fullmatch(text_of(raw))
    if found is None:
        return None
    year, month, day = (part for part in found.groups() if part and part not in "-./")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _iso_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def column_letters(column: int) -> str:
    """Return what Excel calls a column, counted from 0: ``A`` to ``Z``, ``AA``."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_reference(row: int, column: int) -> str:
    """Return what Excel calls a cell; rows are counted from 1, columns from 0."""
    return f"{column_letters(column)}{row}"
