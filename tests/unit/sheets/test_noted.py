"""What a sheet's extent remembers beside its size: formulas, hidden rows and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest
import xlwt

from ecert import limits
from ecert.errors import TableError
from ecert.sheets import extent as extent_module
from ecert.sheets.book_writer import create_book
from ecert.sheets.extent import Extent
from ecert.sheets.page import PageLayout
from ecert.sheets.reading import open_table
from ecert.sheets.workbook import Workbook
from ecert.sheets.writing import Column
from tests.unit.sheets.handmade import (
    HEADINGS,
    heading_row,
    ods_row,
    ods_text,
    text_cell,
    write_ods,
    write_xlsx,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_formulas_and_hidden_cells_of_a_workbook(tmp_path: Path) -> None:
    rows = (
        '<row r="2" hidden="1"><c r="A2"><f>1+1</f><v>2</v></c></row>'
        '<row r="3" ht="0" customHeight="1">' + text_cell("A3", "甲") + "</row>"
        '<row r="4" hidden="1"><c r="A4" s="1"/></row>'
    )
    extent = Workbook(write_xlsx(tmp_path / "a.xlsx", heading_row() + rows)).extent("表")
    assert extent.formulas == {0: {1}}
    assert extent.hidden_rows == {1, 2}, "a blank row may be hidden"


def test_hidden_columns(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(HEADINGS))
    sheet.column_dimensions.group("B", "C", hidden=True)
    book.save(tmp_path / "a.xlsx")
    assert Workbook(tmp_path / "a.xlsx").extent("Sheet").hidden_columns == {1, 2}
    old = xlwt.Workbook()
    page = old.add_sheet("表")
    page.write(0, 0, "甲")
    page.col(2).hidden = True
    old.save(str(tmp_path / "a.xls"))
    assert Workbook(tmp_path / "a.xls").extent("表").hidden_columns == {2}
    column = '<table:table-column table:number-columns-repeated="{}"{}/>'
    hidden = ' table:visibility="collapse"'
    columns = column.format(2, "") + column.format(3, hidden) + column.format(1_000_000, hidden)
    write_ods(tmp_path / "a.ods", columns)
    noted = Workbook(tmp_path / "a.ods").extent("表").hidden_columns
    assert noted == set(range(2, limits.MAX_TABLE_COLUMNS))


def test_so_many_are_noted_and_no_more() -> None:
    extent = Extent("x")
    for row in range(limits.MAX_NOTED_CELLS + 1):
        extent.note_formula(row, 0)
        extent.note_hidden_row(row)
    assert len(extent.formulas[0]) == len(extent.hidden_rows) == limits.MAX_NOTED_CELLS
    extent.note_formula(limits.MAX_NOTED_CELLS, 1)
    assert extent.formulas[1] == {limits.MAX_NOTED_CELLS}, "each column has its own thousand"


def test_merged_cells_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extent_module, "MAX_MERGED_CELLS", 2)
    extent = Extent("x")
    for row in range(2):
        extent.note_merged(row, row, 0, 1)
    with pytest.raises(TableError, match="合并单元格超过2处"):
        extent.note_merged(2, 2, 0, 1)


def test_merged_cells_of_every_kind(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["B2"] = "甲"
    sheet.merge_cells("B2:C4")
    book.save(tmp_path / "a.xlsx")
    assert Workbook(tmp_path / "a.xlsx").extent("Sheet").merged == [(1, 3, 1, 2)]
    old = xlwt.Workbook()
    old.add_sheet("表").write_merge(1, 3, 1, 2, "甲")
    old.save(str(tmp_path / "a.xls"))
    assert Workbook(tmp_path / "a.xls").extent("表").merged == [(1, 3, 1, 2)]
    spans = ' table:number-rows-spanned="3" table:number-columns-spanned="2"'
    cell = ods_text("甲").replace("<table:table-cell", f"<table:table-cell{spans}")
    write_ods(tmp_path / "a.ods", ods_row(ods_text("")) + ods_row(ods_text(""), cell))
    assert Workbook(tmp_path / "a.ods").extent("表").merged == [(1, 3, 1, 2)]


def test_the_lines_above_a_heading_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("标题\n\n姓名,别的\n" + ",".join(HEADINGS) + "\n张,1,\n", "utf-8")
    with open_table(path, headings=HEADINGS, least=1) as table:
        assert table.above == ((1, ("标题",)), (3, ("姓名", "别的")))
        assert [row.number for row in table.rows()] == [5]
        assert table.extent is None


def test_a_book_has_several_sheets_or_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    long = tuple(f"选项{number:04}" for number in range(100))
    with create_book(path) as book:
        for title in ("一", "二"):
            book.sheet(title, [Column("甲", choices=long)]).write(["=1"])
        copied = book.copied("三", [Column("")])
        copied.skip_to(3)
        copied.write_marked(["丙"], {0: "错"})
        page = book.printed("四", PageLayout(("甲", "乙", "丙"), (10, 10, 10)))
        page.title("=1")
        page.headings()
        page.row(["a", "b", "c"])
        page.boxes(["左", "右"], lines=3)
        with pytest.raises(ValueError, match="3 texts"):
            page.row(["a"])
    written = openpyxl.load_workbook(path)
    visible = [one.title for one in written if one.sheet_state == "visible"]
    assert visible == ["一", "二", "三", "四"]
    rules = [written[title].data_validations.dataValidation[0].formula1 for title in "一二"]
    assert len(set(rules)) == 2, "each sheet's choices stand in a sheet of their own"
    for rule in rules:
        title, _, place = rule.partition("!")
        assert written[title][place.replace("$", "")][99][0].value == "选项0099"
    assert written["一"]["A2"].data_type == "s"
    assert written["三"]["A3"].comment.text == "错"
    assert written["四"]["A1"].data_type == "s"
    assert [str(one) for one in written["四"].merged_cells.ranges] == ["A1:C1", "A4:B4"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_book_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"old")

    def fail() -> None:
        with create_book(path) as book:
            book.sheet("一", [Column("甲")]).write(["x"])
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(TableError, match="xlsx"), create_book(tmp_path / "a.ods"):
        pass
