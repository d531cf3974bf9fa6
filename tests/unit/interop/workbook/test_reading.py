"""Lists as offices really send them: each is read right, or refused with the cell named."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import xlwt

from ecert import limits
from ecert.errors import TableError
from ecert.interop.decision import ListInForce
from ecert.interop.mapping import Constant, Masking, ValueTable
from ecert.interop.recognition import RecognitionList
from ecert.interop.workbook import faults, sheet_row, source
from ecert.interop.workbook.choices import TypeChoice, TypeChoices
from ecert.interop.workbook.head import HeadGiven
from ecert.interop.workbook.rows import SheetRows
from tests.conftest import ROOT
from tests.unit.interop.workbook.office import (
    AT,
    CHONGQING,
    DRIVING,
    GIVEN,
    GUIZHOU,
    HEADINGS,
    ROW,
    SICHUAN,
    places,
    read,
    told,
    write,
)
from tests.unit.sheets.handmade import ods_row, ods_text, write_ods, xlsx_parts, zipped

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ecert.interop.workbook.reading import ListReading


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a workbook may be made."""
    return tmp_path / "互认清单.xlsx"


def pairs(reading: ListReading) -> list[tuple[str, str]]:
    assert told(reading) == []
    assert reading.document is not None
    return [(one.source.region, one.target.region) for one in reading.document.entries]


def notes(reading: ListReading) -> str:
    return "\n".join(note.zh for note in reading.notes)


# -- the office's own form --------------------------------------------------------------------


def test_the_sample_as_an_office_keeps_it_is_the_sample() -> None:
    reading = read(ROOT / "fixtures" / "川渝互认清单.xlsx", HeadGiven())
    sample = (ROOT / "fixtures" / "川渝互认清单.json").read_bytes()
    assert told(reading) == []
    assert reading.document == RecognitionList.from_payload(sample)


def test_titles_in_merged_rows_stand_above_the_heading(path: Path) -> None:
    write(path, ROW, above=("川渝电子证照 互认清单", "川办发〔2026〕12号　填报单位：某厅", ""))
    given = replace(GIVEN, title=None, document_number=None)
    reading = read(path, given)
    assert told(reading) == []
    assert reading.document is not None
    assert reading.document.title == "川渝电子证照互认清单"
    assert reading.document.document_number == "川办发〔2026〕12号"
    assert "清单名称取自表格上方" in notes(reading)
    assert "依据按“川办发〔2026〕12号”" in notes(reading)


def test_many_names_of_the_columns_are_known(path: Path) -> None:
    write(
        path,
        (1, "机动车驾驶证", "四川", "重庆", "执法检查；图书借阅", "公安厅", "某文件",
         "2024.1.1", "注"),
        headings=("序号", "证 件 名 称", "持证地", "使用地\n（必填）", "应用场景（可多选）",
                  "责任单位", "政策依据", "生效日期", "说明"),
    )  # fmt: skip
    reading = read(path)
    assert told(reading) == []
    assert reading.document is not None
    entry = reading.document.entries[0]
    assert (entry.source.type, entry.source.name) == (DRIVING, "机动车驾驶证")
    assert entry.target.name == "机动车驾驶证"
    assert entry.matters == ("执法检查", "图书借阅")
    assert (entry.lead, entry.basis, entry.note) == ("公安厅", "某文件", "注")
    assert entry.valid_from == date(2024, 1, 1)
    assert entry.fields is None
    assert entry.required == ()
    assert entry.issuers == ("*",)
    assert reading.columns[0] == "A 序号 → 不使用"
    assert "B 证件名称 → 证照名称" in reading.columns


def test_full_width_spaces_are_nobody_s(path: Path) -> None:
    write(path, ("　机动车　驾驶证　", "　四川省", "重庆市　", "　执法检查　、　图书借阅　"))
    reading = read(path)
    assert pairs(reading) == [(SICHUAN, CHONGQING)]
    assert reading.document is not None
    assert reading.document.entries[0].matters == ("执法检查", "图书借阅")


@pytest.mark.parametrize("between", ["、", "，", ",", "；", ";", "\n"])
def test_several_regions_in_one_cell_are_an_entry_each(path: Path, between: str) -> None:
    write(path, ("机动车驾驶证", f"四川省{between}贵州", "重庆", "执法检查"))
    assert pairs(read(path)) == [(SICHUAN, CHONGQING), (GUIZHOU, CHONGQING)]


@pytest.mark.parametrize("word", ["双向", "互认", "相互"])
def test_both_ways_is_an_entry_each_way(path: Path, word: str) -> None:
    write(path, (*ROW, word), headings=(*HEADINGS, "互认方向"))
    assert pairs(read(path)) == [(SICHUAN, CHONGQING), (CHONGQING, SICHUAN)]


def test_regions_that_recognise_one_another(path: Path) -> None:
    headings = ("证照名称", "互认地区", "应用场景")
    write(path, ("机动车驾驶证", "川渝", "全部"), headings=headings)
    reading = read(path)
    assert pairs(reading) == [(SICHUAN, CHONGQING), (CHONGQING, SICHUAN)]
    assert reading.document is not None
    assert reading.document.entries[0].matters == ("*",)
    write(path, ("机动车驾驶证", "四川省", "全部"), headings=headings)
    assert places(read(path)) == ["Sheet1!B2"]


def test_where_it_is_issued_and_where_it_is_recognised(path: Path) -> None:
    headings = ("证照名称", "颁发地区", "互认地区", "应用场景")
    write(path, ("机动车驾驶证", "四川省", "重庆市", "执法检查"), headings=headings)
    assert pairs(read(path)) == [(SICHUAN, CHONGQING)]
    write(path, ("机动车驾驶证", "川渝", "川渝", "执法检查"), headings=headings)
    assert pairs(read(path)) == [(SICHUAN, CHONGQING), (CHONGQING, SICHUAN)]
    write(path, ("机动车驾驶证", "四川省", "四川省", "执法检查"), headings=headings)
    assert places(read(path)) == ["Sheet1!C2"]


def test_a_direction_that_is_none_is_told(path: Path) -> None:
    write(path, (*ROW, "来回"), headings=(*HEADINGS, "方向"))
    assert places(read(path)) == ["Sheet1!E2"]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2024年1月1日", date(2024, 1, 1)),
        ("2024.1.1", date(2024, 1, 1)),
        ("2024-01-01", date(2024, 1, 1)),
        ("20240101", date(2024, 1, 1)),
        (datetime(2024, 1, 1), date(2024, 1, 1)),  # noqa: DTZ001 - as Excel stores it
        (None, date(2026, 11, 22)),
    ],
)
def test_dates_in_every_form(path: Path, cell: object, day: date) -> None:
    write(path, (*ROW, cell, "长期"), headings=(*HEADINGS, "生效日期", "有效期至"))
    reading = read(path)
    assert told(reading) == []
    assert reading.document is not None
    entry = reading.document.entries[0]
    assert (entry.valid_from, entry.valid_until) == (day, None)


def test_a_date_that_is_none_is_named(path: Path) -> None:
    write(path, (*ROW, "2024年2月30日"), headings=(*HEADINGS, "生效日期"))
    (fault,) = told(read(path))
    assert fault.startswith("［Sheet1］E2 生效日期：不是日期，或没有这一天。请写成 2024-01-31")


def test_gb18030_text(tmp_path: Path) -> None:
    path = tmp_path / "清单.csv"
    text = "互认清单,,,\n证照名称,颁发地区,认可地区,应用场景\n机动车驾驶证,四川,重庆,执法检查\n"
    path.write_bytes(text.encode("gb18030"))
    assert pairs(read(path)) == [(SICHUAN, CHONGQING)]
    path.write_bytes(text.replace("执法检查", "").encode("gb18030"))
    assert told(read(path)) == ["D3 应用场景：没有填写。请补上"]


def test_old_workbooks(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("清单")
    for number, row in enumerate((HEADINGS, ROW)):
        for column, text in enumerate(row):
            sheet.write(number, column, text)
    book.save(str(tmp_path / "a.xls"))
    assert pairs(read(tmp_path / "a.xls")) == [(SICHUAN, CHONGQING)]


def test_open_document_workbooks(tmp_path: Path) -> None:
    rows = [ods_row(*(ods_text(text) for text in row)) for row in (HEADINGS, ROW)]
    write_ods(tmp_path / "a.ods", "".join(rows))
    assert pairs(read(tmp_path / "a.ods")) == [(SICHUAN, CHONGQING)]


# -- names of types ---------------------------------------------------------------------------


def test_an_alias_is_as_good_as_the_name(path: Path) -> None:
    write(path, ("驾驶证", *ROW[1:]))
    reading = read(path)
    assert told(reading) == []
    assert reading.document is not None
    assert reading.document.entries[0].source.name == "驾驶证"
    assert reading.document.entries[0].source.type == DRIVING


def test_an_unknown_name_is_told_with_the_nearest(path: Path) -> None:
    write(path, ("驾照", *ROW[1:]), ("机动车行驶证", *ROW[1:]))
    first, second = told(read(path))
    assert first.startswith("［Sheet1］A2 证照名称：目录中没有证照类型“驾照”")
    assert f"机动车驾驶证（{DRIVING}）" in second
    assert f"--choose 机动车行驶证={DRIVING}" in second


def test_what_was_chosen_once_is_remembered(path: Path) -> None:
    write(path, ("机动车驾照 ", *ROW[1:]))
    choice = TypeChoice(name="机动车驾照", type=DRIVING, by="王", at=AT)
    reading = read(path, choices=TypeChoices(choices=(choice,)))
    assert told(reading) == []
    assert reading.document is not None
    assert reading.document.entries[0].source.name == "机动车驾照"
    assert "按已选定的类型：机动车驾驶证" in notes(reading)


def test_two_types_need_their_fields_compared(path: Path) -> None:
    headings = (*HEADINGS, "对应证照名称", "编号")
    rows = [(*ROW, "图书馆借书证", "一")]
    write(path, *rows, headings=headings)
    assert places(read(path)) == ["Sheet1!E2"]
    maps = [
        ("条目编号", "操作", "颁发地信息项", "认可地信息项", "固定值", "脱敏方式"),
        ("一", "脱敏", "准驾车型", "车型", None, "末四位"),
        ("一", "固定值", None, "种类", "驾驶", None),
        ("一", "值表", "性别", "性别代码", None, None),
    ]
    values = [("条目编号", "认可地信息项", "颁发地取值", "认可地取值"), ("一", "性别代码", "男", 1)]
    write(path, *rows, headings=headings, more={"照面信息对照": maps, "值表": values})
    reading = read(path)
    assert told(reading) == []
    assert reading.document is not None
    assert reading.document.entries[0].fields == (
        Masking(source="准驾车型", target="车型", mask="last4"),
        Constant(target="种类", value="驾驶"),
        ValueTable(source="性别", target="性别代码", values={"男": "1"}),
    )


def test_sheets_beside_the_entries_are_held_to_them(path: Path) -> None:
    more: dict[str, Sequence[Sequence[object]]] = {
        "照面信息对照": [
            ("条目编号", "操作", "颁发地信息项", "认可地信息项", "固定值"),
            ("二", "照录", "性别", None, None),
            ("一", "改名", "性别", "性", None),
            ("一", "照录", "性别", None, "男"),
            ("一", "值表", "性别", "性", None),
        ],
        "条件": [
            ("条目编号", "条件序号", "条件类型", "照面信息", "取值", "最小周岁"),
            ("一", 1, "年龄", "出生日期", None, 1000),
            ("一", 2, "等于", "性别", None, None),
        ],
    }
    write(path, (*ROW, "一"), headings=(*HEADINGS, "编号"), more=more)
    assert places(read(path)) == [
        "照面信息对照!B3", "照面信息对照!E4", "照面信息对照!D5", "条件!F2", "条件!E3",
        "照面信息对照!A2",
    ]  # fmt: skip


def test_sheets_beside_a_faulty_entry_are_not_faulty_for_it(path: Path) -> None:
    more = {"事项": [("条目编号", "适用事项"), ("一", "图书借阅")]}
    write(path, ("没有的证", *ROW[1:], "一"), headings=(*HEADINGS, "编号"), more=more)
    assert places(read(path)) == ["Sheet1!A2"]


# -- what may not be there --------------------------------------------------------------------


def test_ruined_numbers_are_named(path: Path) -> None:
    headings = (*HEADINGS, "证照类型代码", "颁发机构代码")
    write(
        path,
        (*ROW, 111000009999999986001, None),
        (*ROW, None, 115100000000000000),
        (*ROW, "1.11E+20", None),
        (*ROW, 11100, None),
        headings=headings,
    )
    assert places(read(path)) == ["Sheet1!E2", "Sheet1!F3", "Sheet1!E4", "Sheet1!E5"]
    assert "Excel已将其后各位改为0" in told(read(path))[0]


def test_formulas_are_refused_where_they_count(path: Path) -> None:
    book = write(path, (1, *ROW, "x"), headings=("序号", *HEADINGS, "没见过的列"))
    sheet = book["Sheet1"]
    sheet["A2"], sheet["E2"], sheet["F2"] = "=ROW()-1", '="执法"&"检查"', "=1+1"
    book.save(path)
    reading = read(path)
    assert "Sheet1!E2" in places(reading)
    assert not {"Sheet1!A2", "Sheet1!F2"} & set(places(reading))
    assert "是公式" in "".join(told(reading))
    assert "F列“没见过的列”不认识，不使用" in notes(reading)


def test_hidden_rows_are_neither_in_nor_out(path: Path) -> None:
    book = write(path, ROW, ROW, ROW)
    book["Sheet1"].row_dimensions[3].hidden = True
    book["Sheet1"].row_dimensions[20].hidden = True
    book.save(path)
    assert [one for one in told(read(path)) if "隐藏" in one] == [
        "［Sheet1］第3行 整行：这一行被隐藏或被筛选掉。请取消隐藏和筛选；不要的行请删去"
    ]


def test_hidden_columns_and_sheets(path: Path) -> None:
    book = write(path, ROW, more={"旧稿": [HEADINGS, ROW]})
    book["旧稿"].sheet_state = "hidden"
    book.save(path)
    reading = read(path)
    assert told(reading) == []
    assert "隐藏的工作表“旧稿”没有读取" in notes(reading)
    book["Sheet1"].column_dimensions["D"].hidden = True
    book.save(path)
    assert places(read(path)) == ["Sheet1!D1"]


def test_hidden_rows_of_old_and_open_workbooks(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("清单")
    for number, row in enumerate((HEADINGS, ROW)):
        for column, text in enumerate(row):
            sheet.write(number, column, text)
    sheet.row(1).hidden = True
    sheet.write(1, 4, xlwt.Formula("1+1"))
    book.save(str(tmp_path / "a.xls"))
    assert places(read(tmp_path / "a.xls"))[0] == "清单!2"
    hidden = ods_row(*(ods_text(text) for text in ROW)).replace(
        "<table:table-row", '<table:table-row table:visibility="filter"', 1
    )
    write_ods(tmp_path / "a.ods", ods_row(*(ods_text(text) for text in HEADINGS)) + hidden)
    assert places(read(tmp_path / "a.ods")) == ["表!2"]


def test_names_that_look_like_formulas_are_data(path: Path) -> None:
    names = ['=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)"]
    book = write(path, *((*ROW[:3], "甲") for _ in names))
    for number, name in enumerate(names, start=2):
        book["Sheet1"].cell(number, 4).value = name
        book["Sheet1"].cell(number, 4).data_type = "s"
    book.save(path)
    reading = read(path)
    assert [one for one in told(reading) if "公式" in one] == []


def test_one_entry_twice_is_told_and_an_id_helps(path: Path) -> None:
    write(path, ROW, (*ROW[:3], "图书借阅"))
    assert "重复" in "".join(told(read(path)))
    write(path, (*ROW, "1"), (*ROW[:3], "图书借阅", "2"), headings=(*HEADINGS, "编号"))
    reading = read(path)
    assert told(reading) == []
    assert reading.document is not None
    assert [one.id for one in reading.document.entries] == ["1", "2"]


def test_everything_that_is_wrong_is_told_at_once(path: Path) -> None:
    write(
        path,
        ("没有的证", "没有的省", "重庆", ""),
        ("机动车驾驶证", "广安", "", "执法检查"),
        ("机动车驾驶证", "重庆", "重庆", "甲\x0b乙".replace("\x0b", "\u200b")),
    )
    given = replace(GIVEN, list_id="不行", document_number=None)
    found = places(read(path, given))
    assert found == [
        "Sheet1!B2",
        "Sheet1!A2",
        "Sheet1!D2",
        "Sheet1!B3",
        "Sheet1!C3",
        "Sheet1!C4",
        "",
    ]


def test_what_a_list_may_not_say_is_told_at_its_row(path: Path) -> None:
    write(path, (*ROW, "2020-01-01"), headings=(*HEADINGS, "截止日期"))
    assert places(read(path)) == ["Sheet1!E2"]
    write(path, ROW, ("机动车驾驶证", "贵州", "重庆", "执法检查"))
    given = replace(GIVEN, parties=(SICHUAN, CHONGQING))
    assert "520000不在任何缔约地区之内" in "".join(told(read(path, given)))


def test_a_wrong_head_is_told_in_its_cell(path: Path) -> None:
    info = [("项目", "内容"), ("清单标识", "大写ABC"), ("发布地区", "四川盛"), ("样例", "也许"),
            ("没有的项", "x"), ("失效时间", "以后"), ("版本号", "一")]  # fmt: skip
    write(path, ROW, more={"清单信息": info})
    found = places(read(path, HeadGiven(title="a", document_number="b")))
    assert {f"清单信息!B{row}" for row in (3, 4, 6, 7)} <= set(found)
    assert "清单信息!A5" in found


def test_two_sheets_that_look_like_a_list_are_not_chosen_between(path: Path) -> None:
    write(path, ROW, more={"二": [HEADINGS, ROW]})
    with pytest.raises(TableError, match="有2个工作表像互认清单"):
        read(path)
    assert pairs(read(path, sheet="二")) == [(SICHUAN, CHONGQING)]
    write(path, ROW, more={"三": [("甲", "乙"), (1, 2)]})
    reading = read(path)
    assert pairs(reading) == [(SICHUAN, CHONGQING)]
    assert "工作表“三”没有读取" in notes(reading)


def test_no_entries_is_no_list_unless_it_says_so(path: Path) -> None:
    write(path)
    assert "没有一个条目" in "".join(told(read(path, replace(GIVEN, parties=("510000", "500000")))))
    reading = read(path, replace(GIVEN, parties=("510000", "500000"), retired=True))
    assert told(reading) == []
    assert reading.document is not None
    assert reading.document.entries == ()


def test_two_columns_of_one_thing(path: Path) -> None:
    write(path, (*ROW, "x"), headings=(*HEADINGS, "适用事项"))
    with pytest.raises(TableError, match="两列都是适用事项"):
        read(path)


# -- versions ---------------------------------------------------------------------------------


def _in_force(reading: ListReading) -> ListInForce:
    assert reading.document is not None
    return ListInForce(reading.document, "ab" * 32)


def test_a_next_version_keeps_ids_and_names_its_predecessor(path: Path) -> None:
    write(path, (*ROW, "甲一"), headings=(*HEADINGS, "编号"))
    held = _in_force(read(path))
    write(path, ROW, ("律师执业证", *ROW[1:]))
    reading = read(path, in_force=[held])
    assert told(reading) == []
    document = reading.document
    assert document is not None
    assert (document.version, document.previous) == (2, "ab" * 32)
    assert [one.id for one in document.entries] == [
        "甲一",
        f"{SICHUAN}-{CHONGQING}-{DRIVING[:-3]}002",
    ]
    assert "接续现行第1版" in notes(reading)


def test_an_old_version_number_is_told_and_next_mends_it(path: Path) -> None:
    write(path, ROW)
    held = _in_force(read(path))
    write(path, ROW, more={"清单信息": [("项目", "内容"), ("版本号", 1)]})
    assert "改版请加 --next" in notes(read(path, in_force=[held]))
    reading = read(path, replace(GIVEN, is_next=True), in_force=[held])
    assert reading.document is not None
    assert reading.document.version == 2


# -- hostile and large files ------------------------------------------------------------------


def test_a_zip_bomb_is_refused(path: Path) -> None:
    parts = xlsx_parts("")
    parts["xl/media/zeros.bin"] = b"\0" * (limits.MAX_WORKBOOK_INFLATED_BYTES // 8 + 1)
    data = zipped(parts)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo("xl/media/zeros.bin").file_size
    # The stated size of one part is what a directory can say without holding it.
    stated = data.replace(
        size.to_bytes(4, "little"), limits.MAX_WORKBOOK_INFLATED_BYTES.to_bytes(4, "little")
    )
    path.write_bytes(stated)
    with pytest.raises(TableError, match="解压后超过"):
        read(path)


def test_macros_are_refused(path: Path) -> None:
    path.write_bytes(zipped(xlsx_parts("") | {"xl/vbaProject.bin": b"x"}))
    with pytest.raises(TableError, match="宏"):
        read(path)


@pytest.mark.parametrize("kind", [".xlsx", ".csv"])
def test_rows_up_to_the_limit_are_read_and_one_more_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(limits, "MAX_LIST_ROWS", 30)
    monkeypatch.setattr(source, "MAX_LIST_ROWS", 30)
    path = tmp_path / f"a{kind}"
    for rows in (30, 31, 60):
        table = [(*HEADINGS, "编号"), *((*ROW, f"n{number}") for number in range(rows))]
        if kind == ".csv":
            path.write_text("\n".join(map(",".join, table)), "utf-8")
        else:
            write(path, *table[1:], headings=table[0])
        if rows == 30:
            assert told(read(path)) == []
            continue
        with pytest.raises(TableError, match="超过30行"):
            read(path)


def test_rows_of_other_sheets_are_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("条目编号", "适用事项"), *(("1", f"事项{number}") for number in range(3))]
    write(path, (*ROW, "1"), headings=(*HEADINGS, "编号"), more={"事项": rows})
    reading = read(path)
    assert told(reading) == []
    assert reading.document is not None
    assert len(reading.document.entries[0].matters) == 4
    monkeypatch.setitem(SheetRows.__init__.__kwdefaults__ or {}, "most", 2)
    with pytest.raises(TableError, match="超过2行"):
        read(path)


def test_entries_are_bounded_however_few_rows_they_stand_in(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    headings = ("证照名称", "互认地区", "应用场景")
    rows = [("机动车驾驶证", "川、渝、贵", "甲"), ("律师执业证", "川、渝、贵", "甲")]
    write(path, *rows, headings=headings)
    monkeypatch.setattr(limits, "MAX_LIST_ROWS", 12)
    assert len(pairs(read(path))) == 12
    monkeypatch.setattr(limits, "MAX_LIST_ROWS", 11)
    with pytest.raises(TableError, match="超过11条"):
        read(path)
    monkeypatch.setattr(limits, "MAX_LIST_ROWS", 8)
    assert "地区组合过多" in told(read(path))[0]
    monkeypatch.undo()
    monkeypatch.setattr(limits, "MAX_ENVELOPE_BYTES", 1 << 10)
    with pytest.raises(TableError, match="内容超过"):
        read(path)


def test_texts_in_a_cell_are_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_row, "MAX_CELL_TEXTS", 3)
    write(path, (*ROW[:3], "甲、乙、丙"))
    assert told(read(path)) == []
    write(path, (*ROW[:3], "甲、乙、丙、丁"))
    assert told(read(path))[0].startswith("［Sheet1］D2 应用场景：一格超过3项")


def test_merged_cells_below_the_heading_are_named(path: Path) -> None:
    book = write(path, (*ROW, "某厅"), (*ROW, None), headings=(*HEADINGS, "牵头部门"))
    book["Sheet1"].merge_cells("E2:E3")
    book.save(path)
    assert "Sheet1!E2" in places(read(path))
    assert "是合并单元格" in "".join(told(read(path)))


def test_a_formula_after_a_thousand_running_numbers_is_found(path: Path) -> None:
    most = limits.MAX_NOTED_CELLS
    rows = [("=ROW()-1", *ROW, f"n{number}") for number in range(most + 2)]
    book = write(path, *rows, headings=("序号", *HEADINGS, "编号"))
    book["Sheet1"].cell(most + 3, 5).value = '="执法"&"检查"'
    book.save(path)
    assert f"Sheet1!E{most + 3}" in places(read(path))


def test_a_name_and_a_code_of_two_types(path: Path) -> None:
    write(path, ("社会保障卡", *ROW[1:], DRIVING), headings=(*HEADINGS, "证照类型代码"))
    assert places(read(path)) == ["Sheet1!E2"]


def test_a_name_that_is_no_type_is_what_it_is_called_there(path: Path) -> None:
    write(path, (*ROW, "驾照"), headings=(*HEADINGS, "对应证照名称"))
    reading = read(path)
    assert told(reading) == []
    assert reading.document is not None
    assert reading.document.entries[0].target.name == "驾照"
    assert reading.document.entries[0].target.type == DRIVING
    assert "按认可地对“机动车驾驶证”的叫法" in notes(reading)


def test_more_faults_than_are_kept_are_counted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "MAX_LIST_FAULTS", 3)
    write(path, *((*ROW[:3], "") for _ in range(5)))
    reading = read(path)
    assert (len(reading.faults), reading.more) == (3, 2)


def test_a_list_that_no_envelope_holds_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, ROW)
    reading = read(path)
    assert reading.document is not None
    size = len(reading.document.to_payload())
    monkeypatch.setattr(limits, "MAX_ENVELOPE_BYTES", int(size / 0.74) - 2)
    assert "签名后将超过上限" in "".join(told(read(path)))


PROGRAM = r"""
import re, sys
from datetime import timedelta
from pathlib import Path
from ecert.errors import TableError
from tests.unit.interop.workbook.office import AT, GIVEN, read
try:
    reading = read(Path(sys.argv[1]))
    print("read", reading.rows, len(reading.faults))
except TableError as error:
    print("refused", error.zh)
# Not ru_maxrss, in which the process that started this one is still counted.
status = Path("/proc/self/status").read_text()
print(int(re.search(r"VmHWM:\s+([0-9]+)", status)[1]) // 1024)
"""


@pytest.mark.parametrize(
    ("rows", "said"), [(20_000, "read 20000"), (50_000, "refused 超过20,000行")]
)
def test_large_workbooks_stay_within_300_mib(path: Path, rows: int, said: str) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("清单")
    sheet.append([*HEADINGS, "编号", "牵头部门", "文件依据"])
    for number in range(rows):
        sheet.append([*ROW, f"{number:06}", "某厅", f"样例〔2026〕{number}号"])
    book.save(path)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    outcome, mebibytes = done.stdout.splitlines()
    assert outcome.startswith(said)
    assert int(mebibytes) < 300


def test_the_file_is_known_by_its_hash(path: Path) -> None:
    import hashlib

    write(path, ROW)
    reading = read(path, replace(GIVEN, expires=AT + timedelta(days=1)))
    assert reading.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (reading.name, reading.sheet, reading.rows) == ("互认清单.xlsx", "Sheet1", 1)
