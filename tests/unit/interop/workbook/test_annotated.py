"""The annotated copy: every cell where it stood, the faulty ones red and explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest

from ecert.errors import TableError
from ecert.interop.workbook.annotated import write_annotated
from tests.unit.interop.workbook.office import HEADINGS, ROW, read, write

if TYPE_CHECKING:
    from pathlib import Path


def test_red_cells_with_comments_and_a_list_of_faults(tmp_path: Path) -> None:
    path, copy = tmp_path / "a.xlsx", tmp_path / "a_已标注.xlsx"
    write(
        path, ("=1+1x", *ROW[1:]), (*ROW[:3], ""), above=("互认清单",),
        more={"清单信息": [("项目", "内容"), ("样例", "也许")]},
    )  # fmt: skip
    book = openpyxl.load_workbook(path)
    book["Sheet1"]["A3"].value, book["Sheet1"]["A3"].data_type = "=没有的证", "s"
    book.save(path)
    reading = read(path)
    write_annotated(copy, path, reading.faults, more=2)
    marked = openpyxl.load_workbook(copy)
    assert marked.sheetnames == ["错误清单", "Sheet1", "清单信息"]
    sheet = marked["Sheet1"]
    assert sheet["A1"].value == "互认清单"
    assert sheet["A3"].value == "=没有的证"
    assert sheet["A3"].data_type == "s", "a name never becomes a formula"
    assert "目录中没有证照类型" in sheet["A3"].comment.text
    assert "the catalogue has no licence type" in sheet["A3"].comment.text
    assert sheet["A3"].fill.fgColor.rgb == "00FFC7CE"
    assert sheet["D4"].comment.text.startswith("D4 应用场景：没有填写")
    assert sheet["B3"].comment is None
    assert marked["清单信息"]["B2"].comment is not None
    told = [[str(cell.value) for cell in row] for row in marked["错误清单"].iter_rows(min_row=2)]
    assert ["Sheet1", "A3"] in [row[:2] for row in told]
    assert told[-1][3].startswith("另有2处")


def test_a_copy_is_not_taken_for_the_mended_list(tmp_path: Path) -> None:
    path, copy = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    write(path, (*ROW[:3], ""))
    write_annotated(copy, path, read(path).faults)
    with pytest.raises(TableError, match="标注过的副本"):
        read(copy)
    book = openpyxl.load_workbook(copy)
    del book["错误清单"]
    book["Sheet1"]["D2"] = "执法检查"
    book.save(copy)
    assert read(copy).document is not None


def test_text_files_are_annotated_too(tmp_path: Path) -> None:
    path, copy = tmp_path / "a.csv", tmp_path / "b.xlsx"
    path.write_text("标题\n" + ",".join(HEADINGS) + "\n" + ",".join((*ROW[:3], "")), "gb18030")
    write_annotated(copy, path, read(path).faults)
    sheet = openpyxl.load_workbook(copy)["数据"]
    assert sheet["A1"].value == "标题"
    assert sheet["A2"].value == "证照名称"
    assert sheet["D3"].comment is not None
