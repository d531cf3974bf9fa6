"""Workbooks that people read and print."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest

from ecert.errors import TableError
from ecert.sheets.report import create_report
from ecert.sheets.writing import Column

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = (Column("条目", width=10), Column("份数", "number"), Column("说明", width=10, wraps=True))


def test_rows_have_colours_and_texts_never_become_formulas(tmp_path: Path) -> None:
    path = tmp_path / "报表.xlsx"
    with create_report(path, COLUMNS, sheet="差异") as report:
        report.write_coloured(("=1+1", 3, "长" * 40), "red")
        report.write_coloured(("2", None, "短"))
    sheet = openpyxl.load_workbook(path)["差异"]
    first, second = sheet["A2"], sheet["A3"]
    assert (first.value, first.data_type, sheet["B2"].value) == ("=1+1", "s", 3)
    assert first.fill.fgColor.rgb[-6:] == "F8CBAD"
    assert second.fill.fill_type is None
    assert sheet["C2"].alignment.wrap_text is True
    assert sheet.row_dimensions[2].height > sheet.row_dimensions[3].height
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    footer = sheet.oddFooter
    assert footer is not None
    assert footer.right.text == "第 &P 页，共 &N 页"


def test_only_workbooks_are_reports_and_an_error_leaves_no_file(tmp_path: Path) -> None:
    with (
        pytest.raises(TableError, match="xlsx"),
        create_report(tmp_path / "报表.csv", COLUMNS, sheet="差异"),
    ):
        pass
    with pytest.raises(ValueError, match="3 values"), create_report(
        tmp_path / "报表.xlsx", COLUMNS, sheet="差异"
    ) as report:  # fmt: skip
        report.write_coloured(("1",))
    assert list(tmp_path.iterdir()) == []
