"""The annotated copy: refused rows, red cells, comments, and the way back in."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import openpyxl
import pytest

from ecert.sheets import rejects
from ecert.sheets.reading import open_table
from ecert.sheets.rejects import Remark, annotated_path, create_rejects

if TYPE_CHECKING:
    from pathlib import Path

NAME = Remark(0, "A2 姓名：首尾有空格。请删去", "A2: spaces. Remove them")
WHOLE = Remark(None, "整行有误", "the whole row is wrong")


def annotate(tmp_path: Path, remarks: list[Remark], source: Path | None = None) -> Path:
    path = source or tmp_path / "名单.csv"
    if source is None:
        path.write_text("姓名,证号,日期\n张伟,5.1E+17,2024-01-01\n=王,2,\n", "utf-8")
    with open_table(path, headings=("姓名", "证号")) as table:
        copy = annotated_path(path)
        with create_rejects(copy, table.header) as writer:
            for row in table.rows():
                writer.write(row, remarks)
    return copy


def test_only_bad_rows_are_copied_with_their_faults(tmp_path: Path) -> None:
    path = annotate(tmp_path, [NAME, WHOLE])
    assert path.name == "名单_已标注.xlsx"
    sheet = openpyxl.load_workbook(path)["已标注"]
    rows = [[cell.value for cell in row] for row in sheet]
    assert rows[0] == ["姓名", "证号", "日期", "行号", "原因"]
    assert rows[1] == ["张伟", "5.1E+17", "2024-01-01", 2, f"{NAME.zh}\n{WHOLE.zh}"]
    assert rows[2][0] == "=王"
    assert sheet["A3"].data_type == "s"
    assert sheet["E2"].alignment.wrap_text
    assert sheet.row_dimensions[2].height == 30
    assert sheet["A2"].fill.fgColor.rgb == "00FFC7CE"
    assert sheet["B2"].fill.fgColor.rgb != "00FFC7CE"
    comment = sheet["A2"].comment
    assert comment is not None
    assert comment.text.splitlines() == [NAME.zh, NAME.en]


def test_two_faults_of_one_cell_stand_in_one_comment(tmp_path: Path) -> None:
    other = Remark(0, "二", "two")
    sheet = openpyxl.load_workbook(annotate(tmp_path, [NAME, other]))["已标注"]
    comment = sheet["A2"].comment
    assert comment is not None
    assert comment.text.splitlines() == [NAME.zh, NAME.en, "二", "two"]


def test_a_mended_copy_can_be_handed_in_and_marked_again(tmp_path: Path) -> None:
    first = annotate(tmp_path, [WHOLE])
    second = annotate(tmp_path, [NAME], source=first)
    sheet = openpyxl.load_workbook(second)["已标注"]
    assert [cell.value for cell in sheet[1]] == ["姓名", "证号", "日期", "行号", "原因"]
    assert sheet["D2"].value == 2
    assert sheet["E2"].value == NAME.zh


def test_values_are_copied_as_they_stood(tmp_path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("表")
    for row in (
        ["姓名", "证号", "日期"],
        ["张", 12, date(2024, 1, 1)],
        ["王", 1.5, True],
        ["李", "#N/A"],
    ):
        sheet.append(row)
    book.save(tmp_path / "表.xlsx")
    copy = openpyxl.load_workbook(annotate(tmp_path, [NAME], source=tmp_path / "表.xlsx"))["已标注"]
    assert copy["B2"].value == 12
    assert copy["C2"].value.date() == date(2024, 1, 1)
    assert copy["B3"].value == 1.5
    assert copy["C3"].value == "TRUE"
    assert copy["B4"].value == "#N/A"
    assert copy["B4"].data_type == "s"


def test_past_a_number_of_comments_the_column_tells_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejects, "_MAX_COMMENTS", 1)
    sheet = openpyxl.load_workbook(annotate(tmp_path, [NAME]))["已标注"]
    assert sheet["A2"].comment is not None
    assert sheet["A3"].comment is None
    assert sheet["A3"].fill.fgColor.rgb == "00FFC7CE"
    assert sheet["E3"].value == NAME.zh


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "名单.csv").write_text("姓名,证号\n张,1\n", "utf-8")
    with (
        open_table(tmp_path / "名单.csv", headings=("姓名", "证号")) as table,
        pytest.raises(ZeroDivisionError),
        create_rejects(tmp_path / "x.xlsx", table.header),
    ):
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["名单.csv"]
