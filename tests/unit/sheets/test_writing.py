"""Tables that are written: text stays text, files appear whole or not at all."""

from __future__ import annotations

import codecs
import csv
import io
import os
import stat
import tempfile
from datetime import date
from typing import TYPE_CHECKING

import openpyxl
import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecert import limits
from ecert.errors import TableError
from ecert.sheets import workbook_writer
from ecert.sheets.reading import open_table
from ecert.sheets.writing import Column, create_table

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = [
    Column("姓名"),
    Column("证号", width=22),
    Column("日期", "date"),
    Column("数量", "number"),
]
ID = "510104199001010013"
ROW = ("张伟", ID, date(2024, 1, 1), 3)
# What a spreadsheet would take for a formula (CWE-1236), full-width forms among them.
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠a",
    "'=1",
    '=HYPERLINK("http://x","y")',
    "=cmd|' /C calc'!A0",
    "'''=1",
]


def write(path: Path, *rows: tuple[object, ...], columns: list[Column] | None = None) -> Path:
    with create_table(path, columns or COLUMNS) as table:
        for row in rows:
            table.write(row)  # type: ignore[arg-type]
    return path


def read(path: Path) -> list[list[object]]:
    with open_table(path, headings=("姓名", "证号"), least=1) as table:
        return [[cell.raw for cell in row.cells] for row in table.rows()]


def test_a_workbook_keeps_identifiers_as_text(tmp_path: Path) -> None:
    path = write(tmp_path / "表.xlsx", ROW)
    assert read(path) == [["张伟", ID, date(2024, 1, 1), 3]]
    sheet = openpyxl.load_workbook(path)["数据"]
    assert sheet["B2"].data_type == "s"
    assert sheet["B2"].number_format == "@"
    # Blank cells below too, so that what is typed into them stays text.
    assert sheet.column_dimensions["B"].number_format == "@"
    assert sheet.column_dimensions["B"].width == 22
    assert sheet["C2"].number_format == "yyyy-mm-dd"
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert sheet["A1"].fill.fgColor.rgb == "00D9E2F3"


def test_a_csv_file_opens_in_excel(tmp_path: Path) -> None:
    path = write(tmp_path / "表.csv", ROW, ("李,四", None, None, None))
    data = path.read_bytes()
    assert data.startswith(codecs.BOM_UTF8)
    assert data.decode("utf-8-sig") == (
        f'姓名,证号,日期,数量\r\n张伟,{ID},2024-01-01,3\r\n"李,四",,,\r\n'
    )


def test_json_lines_leave_blank_cells_out(tmp_path: Path) -> None:
    path = write(tmp_path / "表.jsonl", ROW, ("李四", None, None, None))
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    assert lines[0] == {"姓名": "张伟", "证号": ID, "日期": "2024-01-01", "数量": 3}
    assert lines[1] == {"姓名": "李四"}


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("kind", [".xlsx", ".csv"])
def test_text_never_becomes_a_formula(tmp_path: Path, kind: str, text: str) -> None:
    path = write(tmp_path / f"表{kind}", (text, text, None, None))
    assert read(path)[0][:2] == [text, text]
    if kind == ".xlsx":
        cell = openpyxl.load_workbook(path)["数据"]["A2"]
        assert cell.data_type != "f"
    else:
        row = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))[1]
        assert row[0].startswith("'")


def _can_be_held(text: str) -> bool:
    return "\ufffe" not in text and "\uffff" not in text


@pytest.mark.parametrize("kind", [".xlsx", ".csv"])
@settings(max_examples=80, deadline=None)
@given(text=st.text(max_size=40).filter(lambda text: text.strip() and _can_be_held(text)))
@example(text="_x0041_ \x0b_x000D_\r")
@example(text='"a"\n,;\t')
@example(text='="0012"')
@example(text="#N/A")
@example(text="5.1E+17")
@example(text="a\x00b")
def test_any_text_comes_back(
    tmp_path_factory: pytest.TempPathFactory, kind: str, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"表{kind}"
    columns = [Column("姓名"), Column("证号")]
    write(path, (text, "1"), columns=columns)
    (row,) = read(path)
    assert row == [text, "1"]


@pytest.mark.parametrize(("kind", "told"), [(".xlsx", "\ufffd"), (".csv", "?"), (".jsonl", "?")])
def test_half_a_character_is_replaced(tmp_path: Path, kind: str, told: str) -> None:
    path = write(tmp_path / f"表{kind}", ("a\ud800", "1", None, None))
    if kind == ".jsonl":
        assert orjson.loads(path.read_bytes())["姓名"] == f"a{told}"
    else:
        assert read(path)[0][0] == f"a{told}"


def test_drop_downs_and_hints(tmp_path: Path) -> None:
    many = tuple(f"第{number}种证照类型" for number in range(40))
    columns = [
        Column("姓名", hint="按身份证填写"),
        Column("性别", choices=("男", "女")),
        Column("类型", choices=many),
        Column("说明", choices=("a,b", "c")),
    ]
    path = write(tmp_path / "表.xlsx", ("张", "男", many[0], None), columns=columns)
    book = openpyxl.load_workbook(path)
    rules = {str(rule.sqref): rule for rule in book["数据"].data_validations.dataValidation}
    assert rules["A2:A1048576"].prompt == "按身份证填写"
    assert rules["B2:B1048576"].formula1 == '"男,女"'
    assert rules["C2:C1048576"].formula1 == "选项!$A$1:$A$40"
    assert rules["D2:D1048576"].formula1 == "选项!$B$1:$B$2"
    assert book["选项"].sheet_state == "hidden"
    assert [cell.value for cell in book["选项"]["A"]] == list(many)
    assert book["选项"]["B1"].value == "a,b"


@pytest.mark.parametrize("title", ["一/二:三*[四]?", "'引'", "很长" * 40, ""])
def test_a_title_that_excel_would_refuse(tmp_path: Path, title: str) -> None:
    with create_table(tmp_path / "表.xlsx", COLUMNS, sheet=title) as table:
        table.write(ROW)
    assert len(openpyxl.load_workbook(tmp_path / "表.xlsx").sheetnames[0]) <= 31


@pytest.mark.parametrize("kind", [".xlsx", ".csv", ".jsonl"])
def test_an_error_leaves_what_was_there(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    path = tmp_path / f"表{kind}"
    path.write_bytes(b"before")

    def interrupted() -> None:
        with create_table(path, COLUMNS) as table:
            table.write(ROW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert path.read_bytes() == b"before"
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == [path.name]
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("kind", [".xlsx", ".csv"])
def test_nothing_is_there_until_all_is(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"表{kind}"
    with create_table(path, COLUMNS) as table:
        table.write(ROW)
        assert not path.exists()
    assert path.exists()
    # It holds personal data.
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_disk_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(TableError, match="无法写入"):
        write(tmp_path / "表.csv", ROW)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="无法写入") as caught:
        write(tmp_path / "无" / "表.csv", ROW)
    assert caught.value.where == "表.csv"


def test_another_kind_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        write(tmp_path / "表.xls", ROW)
    assert caught.value.fix_zh == "请使用.xlsx、.csv或.jsonl"


@pytest.mark.parametrize("kind", [".xlsx", ".csv", ".jsonl"])
def test_a_row_must_fit_its_columns(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ValueError, match="4 values are needed, not 1"):
        write(tmp_path / f"表{kind}", ("张",))


def test_the_longest_cell(tmp_path: Path) -> None:
    longest = "张" * limits.MAX_CELL_CHARS
    path = write(tmp_path / "表.xlsx", (longest, "1", None, None))
    assert read(path)[0][0] == longest
    with pytest.raises(TableError, match="单元格最多"):
        write(tmp_path / "表.xlsx", (longest + "张", "1", None, None))


def test_the_most_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_writer, "MAX_TABLE_ROWS", 3)
    assert len(read(write(tmp_path / "表.xlsx", ROW, ROW))) == 2
    with pytest.raises(TableError, match="最多3行"):
        write(tmp_path / "表.xlsx", ROW, ROW, ROW)
