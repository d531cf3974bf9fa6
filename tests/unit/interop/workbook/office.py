"""Workbooks as offices write them, made by the test that needs them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import openpyxl

from ecert.interop.workbook.head import HeadGiven
from ecert.interop.workbook.reading import read_list
from ecert.model.catalogue import builtin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ecert.interop.workbook.reading import ListReading

AT: Final = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
DRIVING: Final = "111000009999999986001"
SICHUAN, CHONGQING, GUIZHOU = "510000", "500000", "520000"
HEADINGS: Final = ("证照名称", "颁发地区", "认可地区", "应用场景")
ROW: Final = ("机动车驾驶证", "四川省", "重庆市", "执法检查")
# What an office says beside its table.
GIVEN: Final = HeadGiven(
    title="川渝互认清单",
    list_id="chuan-yu",
    document_number="样例〔2026〕1号",
    owner=SICHUAN,
    expires=AT + timedelta(days=365),
)


def write(
    path: Path,
    *rows: Sequence[object],
    headings: Sequence[str] = HEADINGS,
    above: Sequence[str] = (),
    sheet: str = "Sheet1",
    more: Mapping[str, Sequence[Sequence[object]]] | None = None,
) -> openpyxl.Workbook:
    """Write a workbook with titles above its heading, and return it to be changed and saved."""
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = sheet
    for number, text in enumerate(above, start=1):
        first.append([text])
        first.merge_cells(
            start_row=number, end_row=number, start_column=1, end_column=len(headings)
        )
    for row in (headings, *rows):
        first.append(list(row))
    for title, content in (more or {}).items():
        other = book.create_sheet(title)
        for row in content:
            other.append(list(row))
    book.save(path)
    return book


def read(path: Path, given: HeadGiven = GIVEN, **options: Any) -> ListReading:
    """Read a list with the built-in catalogue."""
    return read_list(path, catalogue=builtin(), at=AT, given=given, **options)


def told(reading: ListReading) -> list[str]:
    """Return the faults, and require that each is told in both languages."""
    for fault in reading.faults:
        assert fault.fault.zh
        assert fault.fault.en
        assert fault.message("en")
    if reading.faults:
        assert reading.document is None
    return [fault.message() for fault in reading.faults]


def places(reading: ListReading) -> list[str]:
    """Return the sheets and cells of the faults."""
    told(reading)
    return [fault.place for fault in reading.faults]
