"""The template: text columns, drop-down lists, and once it is filled in, a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl

from ecert.interop.workbook.head import HeadGiven
from ecert.interop.workbook.template import write_template
from ecert.model.catalogue import builtin
from tests.unit.interop.workbook.office import CHONGQING, SICHUAN, places, read, told

if TYPE_CHECKING:
    from pathlib import Path

SHEETS = [
    "清单信息",
    "互认条目",
    "照面信息对照",
    "值表",
    "条件",
    "事项",
    "颁发机构",
    "证照类型定义",
    "填写样例",
    "填写说明",
]


def test_an_empty_template_lacks_what_it_asks_for(tmp_path: Path) -> None:
    path = tmp_path / "模板.xlsx"
    write_template(path, builtin())
    assert set(places(read(path, HeadGiven()))) >= {f"清单信息!B{row}" for row in (3, 4, 5, 14)}


def test_columns_are_text_and_offer_choices(tmp_path: Path) -> None:
    path = tmp_path / "模板.xlsx"
    write_template(path, builtin(), source=SICHUAN, target=CHONGQING)
    book = openpyxl.load_workbook(path)
    shown = [sheet.title for sheet in book if sheet.sheet_state == "visible"]
    assert shown == SHEETS
    for title in SHEETS[:8]:
        sheet = book[title]
        assert {sheet.column_dimensions[letter].number_format for letter in "AB"} == {"@"}
        assert sheet.freeze_panes == "A2"
    rules = {
        rule.formula1
        for title in ("互认条目", "照面信息对照", "条件")
        for rule in book[title].data_validations.dataValidation
        if rule.type == "list"
    }
    assert '"照录,更名,固定值,值表,日期,脱敏"' in rules
    assert '"YYYY-MM-DD,YYYYMMDD,YYYY年MM月DD日"' in rules
    assert any("机动车驾驶证" in rule for rule in rules)
    assert book["清单信息"]["B6"].value == "四川省（510000）"


def test_a_template_that_was_filled_in_is_a_list(tmp_path: Path) -> None:
    path = tmp_path / "模板.xlsx"
    write_template(path, builtin(), source=SICHUAN, target=CHONGQING)
    book = openpyxl.load_workbook(path)
    info, entries = book["清单信息"], book["互认条目"]
    for row, text in ((3, "清单"), (4, "a"), (5, "样例〔2026〕1号"), (11, "2030年1月1日")):
        assert info.cell(row, 2).value is None or info.cell(row, 2).value == ""
        info.cell(row, 2).value = text
    columns = {cell.value: place for place, cell in enumerate(entries[1], start=1)}
    filled = {
        "条目编号": "01",
        "颁发地区": "四川省",
        "认可地区": "重庆市",
        "证照名称": "社会保障卡",
        "方向": "双向",
        "适用事项": '图书借阅、"就医、购药"',
    }
    for heading, text in filled.items():
        entries.cell(2, columns[heading]).value = text
    book.save(path)
    reading = read(path, HeadGiven())
    assert told(reading) == []
    assert reading.document is not None
    assert [one.id for one in reading.document.entries] == ["01-510000-500000", "01-500000-510000"]
    assert reading.document.entries[0].matters == ("图书借阅", "就医、购药")
