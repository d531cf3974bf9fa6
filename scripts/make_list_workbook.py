"""Write fixtures/川渝互认清单.xlsx: the sample list as an office would keep it in Excel.

Titles stand in merged rows, types by their names alone; nothing of it is of our own form.  The
file is left as it is while it still says what fixtures/川渝互认清单.json says.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side

from ecert.interop.mapping import ValueTable
from ecert.interop.recognition import RecognitionList
from ecert.interop.workbook.layout import OPERATIONS
from ecert.interop.workbook.reading import read_list
from ecert.interop.workbook.writing import map_cells
from ecert.model.calendar import SHANGHAI
from ecert.model.catalogue import builtin
from ecert.model.regions import name_of
from ecert.sheets.paper import lay_across

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from openpyxl.worksheet.worksheet import Worksheet

    from ecert.interop.recognition import Entry

FIXTURES: Final = Path(__file__).parent.parent / "fixtures"
NAME: Final = "川渝互认清单"
_HEADINGS: Final = (
    "序号", "编号", "证照名称", "颁发地区", "认可地区", "应用场景", "必备信息", "生效日期",
    "有效期至", "文件依据", "备注",
)  # fmt: skip
_WIDTHS: Final = (6, 8, 18, 12, 12, 30, 18, 16, 10, 40, 40)
_LINE: Final = Side(style="thin")
_BOX: Final = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)


def write_workbook(path: Path, document: RecognitionList) -> None:
    """Write ``document`` as an office would."""
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise RuntimeError("a new workbook has a sheet")
    sheet.title = "互认清单"
    sheet.append([document.title])
    sheet.append(
        [f"文号：{document.document_number}　　本表为样例，内容均为虚构，不得作为办理依据"]
    )
    sheet.append([])
    for row in (1, 2):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(_HEADINGS))
    sheet["A1"].font = Font(name="宋体", size=18, bold=True)
    sheet["A1"].alignment = Alignment(horizontal="center")
    rows = [_row(number, entry) for number, entry in enumerate(document.entries, start=1)]
    _table(sheet, _HEADINGS, rows, _WIDTHS)
    _write_parts(book, document)
    info = book.create_sheet("清单信息")
    _table(info, ("项目", "内容"), _head(document), (20, 50))
    book.save(path)


def _row(number: int, entry: Entry) -> tuple[object, ...]:
    start = entry.valid_from
    return (
        number,
        entry.id,
        entry.source.name,
        name_of(entry.source.region),
        name_of(entry.target.region),
        "全部" if entry.matters == ("*",) else "、".join(entry.matters),
        "、".join(entry.required) or None,
        f"{start.year}年{start.month}月{start.day}日",
        "长期",
        entry.basis,
        entry.note or None,
    )


def _write_parts(book: Workbook, document: RecognitionList) -> None:
    maps, values = list[tuple[object, ...]](), list[tuple[object, ...]]()
    for entry in document.entries:
        for field in entry.fields or ():
            cells = map_cells(field)
            keys = ("source", "target", "value", "default", "form", "mask")
            maps.append((entry.id, OPERATIONS[field.op], *(cells.get(key) for key in keys)))
            if isinstance(field, ValueTable):
                values += [(entry.id, field.target, *pair) for pair in field.values.items()]
    headings = (
        "编号",
        "操作",
        "颁发地信息项",
        "认可地信息项",
        "固定值",
        "其他值",
        "日期写法",
        "脱敏方式",
    )
    _table(book.create_sheet("照面信息对照"), headings, maps, (8, 10, 20, 20, 14, 14, 14, 14))
    of_values = ("编号", "认可地信息项", "颁发地取值", "认可地取值")
    _table(book.create_sheet("值表"), of_values, values, (8, 20, 30, 30))


def _head(document: RecognitionList) -> list[tuple[object, ...]]:
    return [
        ("清单名称", document.title),
        ("清单标识", document.list_id),
        ("文号", document.document_number),
        ("发布地区", name_of(document.owner)),
        ("缔约地区", "、".join(map(name_of, document.parties))),
        ("版本号", document.version),
        ("制作时间", document.issued.astimezone(SHANGHAI).replace(tzinfo=None)),
        ("失效时间", document.expires.astimezone(SHANGHAI).replace(tzinfo=None)),
        ("样例", "是"),
    ]


def _table(
    sheet: Worksheet,
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    widths: Sequence[int],
) -> None:
    lay_across(sheet)
    first = sheet.max_row + 1 if sheet["A1"].value else 1
    for row in (headings, *rows):
        sheet.append(list(row))
    for row in sheet.iter_rows(min_row=first):
        for cell in row:
            cell.border = _BOX
            cell.alignment = Alignment(vertical="center", wrap_text=True)
    for place, width in enumerate(widths):
        sheet.column_dimensions["ABCDEFGHIJK"[place]].width = width


def main() -> int:
    """Write the workbook if it does not say what the sample says."""
    document = RecognitionList.from_payload((FIXTURES / f"{NAME}.json").read_bytes())
    path = FIXTURES / f"{NAME}.xlsx"
    at = datetime(2026, 1, 1, tzinfo=UTC)
    if path.exists() and read_list(path, catalogue=builtin(), at=at).document == document:
        print(path.name, "unchanged")
        return 0
    write_workbook(path, document)
    reading = read_list(path, catalogue=builtin(), at=at)
    for fault in reading.faults:
        print(fault.message("en"), file=sys.stderr)
    print(path.name, "written")
    return 0 if reading.document == document else 1


if __name__ == "__main__":
    sys.exit(main())
