"""What stands in a cell: text, days, and what Excel has ruined."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecert.sheets.values import (
    Damage,
    Damaged,
    cell_reference,
    column_letters,
    damage_of,
    day_of,
    is_date_serial,
    is_number,
    is_time,
    text_of,
)

if TYPE_CHECKING:
    from ecert.sheets.values import Raw

NEW_YEAR = date(2024, 1, 1)


@pytest.mark.parametrize(
    "raw",
    [
        NEW_YEAR,
        datetime(2024, 1, 1),  # noqa: DTZ001 - Excel knows no zones
        "2024-01-01",
        "2024-1-1",
        "2024年1月1日",
        "2024 年 01 月 01 日",
        "2024年1月1",
        "2024.1.1",
        "2024/1/1",
        "20240101",
        20240101,
        20240101.0,
        "\u30002024-01-01\n",
        "2024-01-01 00:00:00",
        "2024/1/1 0:00",
    ],
)
def test_a_day_is_read_however_offices_write_it(raw: Raw) -> None:
    assert day_of(raw) == NEW_YEAR


@pytest.mark.parametrize(
    "raw",
    [
        "",
        None,
        "24-1-1",
        "2024-02-30",
        "2024-13-01",
        "2024.1-1",
        "2024-W01-1",
        "２０２４-01-01",
        "2024-01-01 08:30:00",
        datetime(2024, 1, 1, 8, 30),  # noqa: DTZ001
        45292,
        True,
        time(0, 0),
        timedelta(days=1),
        "长期",
        Damaged(Damage.ERROR_VALUE, "#N/A"),
    ],
)
def test_what_is_no_day_is_none(raw: Raw) -> None:
    assert day_of(raw) is None


@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from(["-", ".", "/"]))
def test_every_day_comes_back_from_its_text(day: date, between: str) -> None:
    assert day_of(f"{day.year}{between}{day.month}{between}{day.day}") == day
    assert day_of(f"{day.year}年{day.month}月{day.day}日") == day
    assert day_of(f"{day:%Y%m%d}") == day


@pytest.mark.parametrize(
    ("raw", "damage"),
    [
        ("5.11681E+17", Damage.SCIENTIFIC),
        (" 5E+17 ", Damage.SCIENTIFIC),
        ("5.10104199001010e+017", Damage.SCIENTIFIC),
        (5.11681e17, Damage.DIGITS_LOST),
        (510104199001010013, Damage.DIGITS_LOST),
        (10**15, Damage.DIGITS_LOST),
        ("#N/A", Damage.ERROR_VALUE),
        ("#REF!", Damage.ERROR_VALUE),
        ("#DIV/0!", Damage.ERROR_VALUE),
        ("#NAME?", Damage.ERROR_VALUE),
        ("########", Damage.ERROR_VALUE),
        ("Err:502", Damage.ERROR_VALUE),
        (Damaged(Damage.NO_VALUE, "#无结果"), Damage.NO_VALUE),
    ],
)
def test_what_excel_has_ruined_is_recognised(raw: Raw, damage: Damage) -> None:
    assert damage_of(raw) is damage


@pytest.mark.parametrize(
    "raw",
    ["5E10", "A+B", "#1号楼", "510104199001010013", 10**15 - 1, 0.5, True, None, NEW_YEAR, "C+1"],
)
def test_what_is_whole_is_left_alone(raw: Raw) -> None:
    assert damage_of(raw) is None


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\u3000 张伟\r\n", "张伟"),
        ("\u00a0A\u3000B\u00a0", "A\u3000B"),
        (12.0, "12"),
        (12, "12"),
        (0.5, "0.5"),
        (True, "TRUE"),
        (False, "FALSE"),
        (None, ""),
        (NEW_YEAR, "2024-01-01"),
        (datetime(2024, 1, 1), "2024-01-01"),  # noqa: DTZ001
        (datetime(2024, 1, 1, 8, 30), "2024-01-01 08:30:00"),  # noqa: DTZ001
        (time(8, 30), "08:30:00"),
        (timedelta(hours=30), "1 day, 6:00:00"),
        (Damaged(Damage.ERROR_VALUE, "#N/A"), "#N/A"),
    ],
)
def test_the_text_of_a_cell(raw: Raw, text: str) -> None:
    assert text_of(raw) == text


def test_kinds_of_cells_are_told_apart() -> None:
    assert is_number(1)
    assert is_number(1.5)
    assert not is_number(True)
    assert not is_number("1")
    assert is_time(NEW_YEAR)
    assert is_time(time(1, 2))
    assert not is_time("1-2")
    assert is_date_serial(45292.0)
    assert is_date_serial("45292")
    assert not is_date_serial("2024-01-01")


@pytest.mark.parametrize("damage", Damage)
def test_every_damage_says_what_and_how_to_mend_it(damage: Damage) -> None:
    wording = damage.wording
    assert all((wording.zh, wording.en, wording.fix_zh, wording.fix_en))
    assert wording.en.isascii()


@pytest.mark.parametrize(
    ("column", "letters"),
    [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")],
)
def test_columns_are_called_as_excel_calls_them(column: int, letters: str) -> None:
    assert column_letters(column) == letters
    assert cell_reference(7, column) == f"{letters}7"
