"""Workbooks: .xlsx, .xls and .ods, and what Excel has done to their cells."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import openpyxl
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from ecert import limits
from ecert.errors import TableError
from ecert.sheets import workbook
from ecert.sheets.reading import open_table
from ecert.sheets.values import Damage
from tests.unit.sheets.handmade import (
    HEADINGS,
    heading_row,
    ods_heading,
    ods_row,
    ods_text,
    text_cell,
    write_ods,
    write_xlsx,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecert.sheets.table import Row

    Read = Callable[..., list[Row]]
    Refused = Callable[..., TableError]

ID = "510104199001010013"


def new_sheet() -> tuple[openpyxl.Workbook, Worksheet]:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    return book, sheet


def test_a_workbook_with_a_merged_title(tmp_path: Path, read: Read) -> None:
    book, sheet = new_sheet()
    sheet["B2"] = "某市证照清单"
    sheet.merge_cells("B2:D2")
    for place, text in enumerate(("姓\n名", "证号（必填）", "日期：")):
        sheet.cell(4, 2 + place, text)
    sheet.append([None, " 张伟\u3000", ID, date(2024, 1, 1)])
    book.save(tmp_path / "表.xlsx")
    with open_table(tmp_path / "表.xlsx", headings=HEADINGS) as table:
        assert table.header.row == 4
        assert table.header.headings == ("", "姓名", "证号（必填）", "日期：")
        assert table.where == "表.xlsx［Sheet］"
        (row,) = table.rows()
    assert [(cell.reference, cell.text) for cell in row.cells[1:]] == [
        ("B5", "张伟"),
        ("C5", ID),
        ("D5", "2024-01-01"),
    ]
    assert row.cell(3).raw == date(2024, 1, 1)


def test_a_long_number_stored_as_a_number_is_named(tmp_path: Path, read: Read) -> None:
    book, sheet = new_sheet()
    sheet.append(HEADINGS)
    sheet.append(["张伟", int(ID), None])
    sheet.append(["王芳", 123456789012345, None])
    book.save(tmp_path / "表.xlsx")
    bad, good = read(tmp_path / "表.xlsx")
    assert bad.cell(1).reference == "B2"
    assert bad.cell(1).damage is Damage.DIGITS_LOST
    assert good.cell(1).damage is None
    assert good.cell(1).text == "123456789012345"


def test_errors_and_formulas(tmp_path: Path, read: Read) -> None:
    rows = (
        heading_row()
        + '<row r="2"><c r="A2" t="e"><v>#N/A</v></c><c r="B2"><f>1+1</f></c></row>'
        + '<row r="3"><c r="A3" t="str"><f>A2</f><v>张</v></c>'
        + '<c r="B3"><f>1+1</f><v>2</v></c></row>'
        + '<row r="4"><c r="A4" t="str"><f>A2</f><v></v></c><c r="B4"><f>1</f><v/></c></row>'
        + '<row r="5"><c r="C5" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    )
    first, second, third, fourth = read(write_xlsx(tmp_path / "表.xlsx", rows))
    assert [cell.damage for cell in first.cells[:2]] == [Damage.ERROR_VALUE, Damage.NO_VALUE]
    assert first.cell(0).text == "#N/A"
    assert [cell.text for cell in second.cells[:2]] == ["张", "2"]
    assert [cell.damage for cell in second.cells] == [None, None, None]
    assert third.cell(0).text == ""
    assert third.cell(1).damage is Damage.NO_VALUE
    # Below the last row that the library gives, which takes it for blank.
    assert fourth.number == 5
    assert fourth.cell(2).text == "#DIV/0!"


def test_cells_without_references_are_counted(tmp_path: Path, read: Read) -> None:
    rows = heading_row().replace(' r="1"', "").replace(' r="A1"', "").replace(' r="B1"', "")
    rows = rows.replace(' r="C1"', "") + '<row><c t="e"><v>#REF!</v></c></row>'
    (row,) = read(write_xlsx(tmp_path / "表.xlsx", rows))
    assert row.number == 2
    assert row.cell(0).damage is Damage.ERROR_VALUE


def test_blank_cells_with_a_style_do_not_count(tmp_path: Path, read: Read) -> None:
    rows = heading_row() + f'<row r="2">{text_cell("A2", "张")}<c r="XFD2" s="0"/></row>'
    assert len(read(write_xlsx(tmp_path / "表.xlsx", rows))) == 1


def test_the_first_visible_sheet_with_a_heading_is_read(tmp_path: Path, read: Read) -> None:
    book, sheet = new_sheet()
    sheet.append(["说明", "请勿改动"])
    hidden = book.create_sheet("旧")
    hidden.append(HEADINGS)
    hidden.append(["旧", "1", None])
    hidden.sheet_state = "hidden"
    wanted = book.create_sheet("名单")
    wanted.append(HEADINGS)
    wanted.append(["张伟", "1", None])
    path = tmp_path / "表.xlsx"
    book.save(path)
    assert [row.cell(0).text for row in read(path)] == ["张伟"]
    assert [row.cell(0).text for row in read(path, sheet="旧")] == ["旧"]
    with pytest.raises(TableError, match="没有这个工作表") as caught:
        read(path, sheet="新")
    assert caught.value.fix_zh == "可用：Sheet、旧、名单"


def test_a_value_beside_the_table_is_named(tmp_path: Path, refused: Refused) -> None:
    rows = heading_row() + f'<row r="2">{text_cell("A2", "张")}{text_cell("E2", "注")}</row>'
    error = refused(write_xlsx(tmp_path / "表.xlsx", rows))
    assert error.where == "表.xlsx［表］ E2"


def test_no_heading_and_no_cells(tmp_path: Path, refused: Refused) -> None:
    assert refused(write_xlsx(tmp_path / "空.xlsx", "")).zh == "表格是空的"
    bare = write_xlsx(tmp_path / "无.xlsx", f'<row r="1">{text_cell("A1", "甲")}</row>')
    assert refused(bare).zh == "没有找到表头"


def test_an_old_workbook(tmp_path: Path, read: Read) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for place, text in enumerate(HEADINGS):
        sheet.write(2, place + 1, text)
    sheet.write(3, 1, "张伟")
    sheet.write(3, 2, ID)
    sheet.write(3, 3, date(2024, 1, 1), xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    sheet.write(4, 1, "王芳")
    sheet.write(4, 2, int(ID))
    sheet.row(5).set_cell_error(1, 0x2A)
    sheet.row(5).set_cell_boolean(2, True)
    sheet.write(6, 1, 7)
    path = tmp_path / "表.xls"
    book.save(str(path))
    first, second, third, fourth = read(path)
    assert [cell.text for cell in first.cells] == ["", "张伟", ID, "2024-01-01"]
    assert first.cell(1).reference == "B4"
    assert second.cell(2).damage is Damage.DIGITS_LOST
    assert third.cell(1).text == "#N/A"
    assert third.cell(2).raw is True
    assert fourth.cell(1).text == "7"


def test_a_large_old_workbook(tmp_path: Path, read: Read) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for place, text in enumerate(HEADINGS):
        sheet.write(0, place, text)
    # More than fits the first hundred and nine sectors of the table of sectors.
    for number in range(1, 30_000):
        sheet.write(number, 0, f"姓名{number}" * 8)
    path = tmp_path / "表.xls"
    book.save(str(path))
    rows = read(path)
    assert len(rows) == 29_999
    assert rows[-1].cell(0).text == "姓名29999" * 8


def test_an_open_document(tmp_path: Path, read: Read) -> None:
    day = (
        '<table:table-cell office:value-type="date" office:date-value="2024-01-01">'
        "<text:p>1月1日</text:p></table:table-cell>"
    )
    error = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string"'
        ' office:string-value="" calcext:value-type="error">'
        "<text:p>#DIV/0!</text:p></table:table-cell>"
    )
    unknown = '<table:table-cell table:formula="of:=1+1"/>'
    number = (
        '<table:table-cell office:value-type="float" office:value="510104199001010013">'
        "<text:p>5.1E+17</text:p></table:table-cell>"
    )
    rows = (
        ods_row('<table:table-cell table:number-columns-repeated="5"/>', times=2)
        + ods_heading()
        + ods_row(ods_text("张伟"), ods_text(ID), day)
        + ods_row(error, unknown)
        + ods_row(ods_text("王芳"), number, times=2)
        + ods_row('<table:table-cell table:number-columns-repeated="16384"/>', times=1_048_000)
    )
    first, second, third, fourth = read(write_ods(tmp_path / "表.ods", rows))
    assert [cell.text for cell in first.cells] == ["张伟", ID, "2024-01-01"]
    assert first.number == 4
    assert second.cell(0).text == "#DIV/0!"
    assert second.cell(1).damage is Damage.NO_VALUE
    assert [third.number, fourth.number] == [6, 7]
    assert fourth.cell(1).damage is Damage.DIGITS_LOST


def test_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "表.xlsx", heading_row())
    with open_table(path, headings=HEADINGS) as table:
        assert len(table.sha256) == 64
        assert list(table.rows()) == []


def test_the_largest_workbook(
    tmp_path: Path, read: Read, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_xlsx(tmp_path / "表.xlsx", heading_row())
    monkeypatch.setattr(workbook, "MAX_WORKBOOK_BYTES", path.stat().st_size)
    assert read(path) == []
    monkeypatch.setattr(workbook, "MAX_WORKBOOK_BYTES", path.stat().st_size - 1)
    assert "超过" in refused(path).zh


def test_the_longest_cell(tmp_path: Path, read: Read, refused: Refused) -> None:
    def rows(count: int) -> str:
        return heading_row() + f'<row r="2">{text_cell("B2", "张" * count)}</row>'

    path = tmp_path / "表.xlsx"
    assert len(read(write_xlsx(path, rows(limits.MAX_CELL_CHARS)))) == 1
    assert refused(write_xlsx(path, rows(limits.MAX_CELL_CHARS + 1))).where == "表.xlsx B2"


@pytest.mark.parametrize("name", ["无此文件.csv", "无此文件.xlsx"])
def test_a_file_that_is_not_there(tmp_path: Path, refused: Refused, name: str) -> None:
    assert "无法读取" in refused(tmp_path / name).zh


def test_a_file_of_another_kind(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "表.docx").write_bytes(b"x")
    assert refused(tmp_path / "表.docx").zh == "不支持这种文件"


@settings(max_examples=60)
@given(data=st.binary(max_size=400), kind=st.sampled_from([".xlsx", ".xls", ".ods"]))
def test_any_bytes_are_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, kind: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{kind}"
    path.write_bytes(data)
    with pytest.raises(TableError), open_table(path, headings=HEADINGS):
        pass


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A small workbook of each kind."""
    folder = tmp_path_factory.mktemp("sound")
    old = xlwt.Workbook()
    sheet = old.add_sheet("表")
    for place, text in enumerate(HEADINGS):
        sheet.write(0, place, text)
        sheet.write(1, place, place)
    old.save(str(folder / "a.xls"))
    return {
        ".xls": (folder / "a.xls").read_bytes(),
        ".xlsx": write_xlsx(folder / "a.xlsx", heading_row()).read_bytes(),
        ".ods": write_ods(folder / "a.ods", ods_heading()).read_bytes(),
    }


@settings(max_examples=150, deadline=None)
@given(data=st.data(), kind=st.sampled_from([".xlsx", ".xls", ".ods"]))
def test_damaged_workbooks_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory,
    sound: dict[str, bytes],
    data: st.DataObject,
    kind: str,
) -> None:
    whole = bytearray(sound[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del whole[data.draw(st.integers(0, len(whole))) :]
    path = tmp_path_factory.getbasetemp() / f"damaged{kind}"
    path.write_bytes(whole)
    try:
        with open_table(path, headings=HEADINGS) as table:
            list(table.lenient_rows())
    except TableError:
        pass
