"""The sheet that the parties sign on paper: what is told, and how it is laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from ecert.errors import DocumentRefusedError
from ecert.interop.conditions import Age
from ecert.interop.decision import ListInForce
from ecert.interop.draft import DraftSource, digest_of
from ecert.interop.mapping import Constant, Copy, DateForm, Masking, Rename, ValueTable
from ecert.interop.workbook.approval import write_approval
from ecert.model.catalogue import builtin
from tests.unit.interop.regions import (
    AT,
    CHONGQING,
    CHONGQING_TYPE,
    defined,
    entry,
    recognition_list,
    side,
)

if TYPE_CHECKING:
    from pathlib import Path


MAPS = (
    Copy(source="性别"),
    Rename(source="甲", target="乙"),
    Constant(target="种类", value="=1"),
    ValueTable(source="丙", target="丙", values={"男": "1"}, default="9"),
    DateForm(source="日", target="期", form="YYYYMMDD"),
    Masking(source="号", target="号", mask="last4"),
)
OLD = recognition_list(entry("一", matters=("执法检查",)), entry("二"), entry("三"))
NEW = recognition_list(
    entry("一", matters=("执法检查", "图书借阅"), lead="某厅", note="=HYPERLINK(1)"),
    entry("二"),
    entry(
        "四",
        target=side(CHONGQING, CHONGQING_TYPE),
        fields=MAPS,
        required=("乙",),
        conditions=(Age(field="出生日期", at_least=60),),
    ),
    version=2,
    sample=True,
    notice_days=30,
    types=(defined(CHONGQING_TYPE),),
)


def sheet_of(path: Path) -> Any:
    return openpyxl.load_workbook(path)["会签对照表"]


def texts_of(sheet: Any) -> str:
    return "\n".join(str(cell.value or "") for row in sheet.iter_rows() for cell in row)


def test_old_and_new_stand_beside_one_another(tmp_path: Path) -> None:
    path, digest = tmp_path / "会签.xlsx", digest_of(NEW)
    source = DraftSource(
        draft=digest,
        file="清单.xlsx",
        sha256="ab" * 32,
        sheet="互认清单",
        rows=3,
        made=AT,
        notes=("依据按文号",),
    )
    held = ListInForce(OLD, digest_of(OLD))
    change = write_approval(path, NEW, digest=digest, catalogue=builtin(), held=held, source=source)
    assert (len(change.added), len(change.removed), len(change.changed)) == (1, 1, 1)
    sheet = sheet_of(path)
    text = texts_of(sheet)
    for expected in (
        digest,
        "ab" * 32,
        digest_of(OLD),
        "样例〔2026〕1号",
        "第2版",
        "【样例】",
        "30天",
        "依据按文号",
        "执法检查、图书借阅\n【原】执法检查",
        "新增1条，删除1条，修改1条，不变1条",
        "某厅\n【原】（无）",
        "照录：性别",
        "甲→乙",
        "种类：固定为“=1”",
        "丙：值表（男→1，其他→9）",
        "日→期：日期写成 20260101",
        "号：脱敏（末四位）",
        "必备：乙",
        "满60周岁",
        "△ 上一版摘要与现行版本不符",
        "附带证照类型定义",
        "四川省（510000）\n\n经办人",
        "重庆市（500000）\n\n经办人",
    ):
        assert expected in text
    states = {row[0].value: row[1].value for row in sheet.iter_rows()}
    assert [states[one] for one in "一二四三"] == ["修改", "不变", "新增", "删除"]
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds


def test_it_is_made_for_a4_across(tmp_path: Path) -> None:
    path = tmp_path / "会签.xlsx"
    write_approval(path, NEW, digest=digest_of(NEW), catalogue=builtin())
    sheet = sheet_of(path)
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    heading = next(row[0].row for row in sheet.iter_rows() if row[0].value == "编号")
    assert sheet.print_title_rows == f"${heading}:${heading}"
    assert sheet.cell(heading + 1, 1).border.left.style == "thin"
    assert digest_of(NEW)[:16] in sheet.oddFooter.left.text
    assert "没有现行版本" in texts_of(sheet)
    assert "来源文件：没有记录" in texts_of(sheet)


def test_every_party_has_a_box(tmp_path: Path) -> None:
    parties = tuple(f"{number}0000" for number in (51, 50, 52, 53, 54))
    document = recognition_list(entry("一"), parties=parties)
    write_approval(tmp_path / "a.xlsx", document, digest=digest_of(document), catalogue=builtin())
    text = texts_of(sheet_of(tmp_path / "a.xlsx"))
    assert text.count("经办人") == 5


def test_a_list_that_contradicts_itself_is_not_approved(tmp_path: Path) -> None:
    document = recognition_list(entry("1"), entry("1"))
    with pytest.raises(DocumentRefusedError):
        write_approval(tmp_path / "a.xlsx", document, digest="", catalogue=builtin())
    assert list(tmp_path.iterdir()) == []
