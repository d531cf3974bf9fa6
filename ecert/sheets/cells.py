"""Read one cell for what it is meant to be; what cannot be read is a fault, never a guess."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ecert.errors import FormatError
from ecert.sheets.values import (
    EXCEL_DIGITS,
    damage_of,
    day_of,
    is_date_serial,
    is_number,
    is_time,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from ecert.sheets.values import Raw

NO_END: Final = frozenset(
    {"长期", "长期有效", "永久", "永久有效", "无固定期限", "无期限", "9999-12-31", "99991231"}
)
"""What offices and their databases write for a licence without a last day."""


def read_text(raw: Raw) -> str:
    """Return the text of a cell, empty if it is blank.

    Raises:
        FormatError: Its content was lost, or Excel has made a date of it.
    """
    if isinstance(raw, str):
        text = raw.strip()
        if ("+" in text or "#" in text or ":" in text) and damage_of(text) is not None:
            raise _lost(raw)
        return text
    if raw is None:
        return ""
    if damage_of(raw) is not None:
        raise _lost(raw)
    if is_time(raw):
        raise FormatError(
            "应为文本，但Excel已将其改成日期或时间",
            "text was meant, but Excel has made a date or time of it",
            fix_zh="请把该列设为“文本”格式，再按原件重新录入",
            fix_en="Format the column as text, then enter it again from the original",
        )
    return text_of(raw)


def read_identifier(raw: Raw) -> str:
    """Return a number that identifies something, which must have been stored as text.

    Raises:
        FormatError: Its content was lost, or may have been: a number has no leading zeros.
    """
    text = read_text(raw)
    if not isinstance(raw, str) and is_number(raw):
        raise FormatError(
            "按数字存储，开头的0可能已丢失",
            "it is stored as a number, and zeros at its beginning may be lost",
            fix_zh="请把该列设为“文本”格式，再按原件核对",
            fix_en="Format the column as text, then compare with the original",
        )
    return text


def read_quantity(raw: Raw) -> str:
    """Return a number that counts or measures something as text; 15 digits are exact.

    Raises:
        FormatError: Its content was lost, or Excel has made a date of it.
    """
    text = read_text(raw)
    if isinstance(raw, float) and not raw.is_integer():
        return f"{Decimal(format(raw, f'.{EXCEL_DIGITS}g')):f}"
    return text


def read_day(raw: Raw) -> date | None:
    """Return the day in a cell, None if it is blank.

    Raises:
        FormatError: It is not a day, or its content was lost.
    """
    day = day_of(raw)
    if day is not None:
        return day
    text = text_of(raw)
    if not text:
        return None
    if damage_of(raw) is not None:
        raise _lost(raw)
    if is_date_serial(raw):
        raise FormatError(
            "是Excel的日期序号，不是日期",
            "it is Excel's serial number of a date",
            fix_zh="请把单元格设为“日期”格式",
            fix_en="Format the cell as a date",
        )
    raise FormatError(
        "不是日期，或没有这一天",
        "is not a date, or there is no such day",
        fix_zh="请写成 2024-01-31 或 2024年1月31日，不带时间",
        fix_en="Write it as 2024-01-31, without a time",
    )


def is_no_end(raw: Raw) -> bool:
    """Tell whether a cell says that there is no last day (长期)."""
    return text_of(raw) in NO_END


def _lost(raw: Raw) -> FormatError:
    damage = damage_of(raw)
    if damage is None:
        raise ValueError("nothing is lost in this cell")
    wording = damage.wording
    return FormatError(wording.zh, wording.en, fix_zh=wording.fix_zh, fix_en=wording.fix_en)


READERS: Final[dict[str, Callable[[Raw], str | date | None]]] = {
    "text": read_text,
    "code": read_identifier,
    "date": read_day,
    "integer": read_quantity,
    "decimal": read_quantity,
}
"""How the cells of a field are read, by the field's kind."""
