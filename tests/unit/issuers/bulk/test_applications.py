"""Rows of a list: checked applications, or every fault with its cell."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.errors import CatalogueError, FieldsError
from ecert.issuers.bulk.applications import open_applications
from ecert.model.catalogue import builtin
from ecert.model.holders import Holder
from tests.unit.issuers.bulk.lists import (
    AT,
    DRIVING,
    SHOP,
    ZHANG,
    check,
    meanings,
    person,
    told,
    write_list,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecert.issuers.bulk.applications import CheckedRow

    One = Callable[..., CheckedRow]

ESTATE = {
    "证照类型": "不动产权证书",
    "证照编号": "川（2021）邻水县不动产权第0001234号",
    "权利人": "张伟",
    "权利人证件号": ZHANG,
    "有效期至": "长期",
    "权利类型": "国有建设用地使用权/房屋所有权",
    "坐落": "四川省广安市邻水县某街1号",
    "不动产单元号": "511623001001GB00001F00010001",
}


@pytest.fixture
def one(tmp_path: Path) -> One:
    """Return what becomes of one row, with changes."""

    def one(row: dict[str, str] = DRIVING, **changes: str) -> CheckedRow:
        (checked,) = check(tmp_path / "名单.csv", row | changes)
        return checked

    return one


def test_a_good_row_is_an_application(one: One) -> None:
    row = one(初次领证日期="2010年5月1日", 性别=" 男\u3000", 档案编号="511600012345")
    assert told(row) == []
    application = row.application
    assert application is not None
    assert application.type_name == "机动车驾驶证"
    assert application.number == ZHANG
    assert application.holders == (Holder("张伟", ZHANG),)
    assert application.valid_from == date(2026, 6, 1)
    assert application.valid_until == date(2031, 6, 1)
    assert application.issued_on is None
    assert application.fields == {
        "准驾车型": "C1",
        "初次领证日期": "2010-05-01",
        "性别": "男",
        "档案编号": "511600012345",
    }
    assert row.number == 2
    assert row.licence_type is builtin().require("机动车驾驶证")
    assert row.stock is None


def test_every_fault_of_a_row_is_told_with_its_cell(one: One) -> None:
    row = one(
        证号="5.11681E+17", 姓名="", 身份证号="510681199003071238", 有效期至="2025-06-01",
        准驾车型="Z9", 初次领证日期="去年", 性别="1-2", 读者类型="成人",
    )  # fmt: skip
    assert meanings(told(row)) == [
        ("C2", "缺少必填项"),
        ("B2", "已变成科学计数法，原值无法恢复"),
        ("H2", "不是日期，或没有这一天"),
        ("J2", "“机动车驾驶证”没有这一照面信息"),
        ("G2", "不是允许的值"),
        ("I2", "最多1个字符，实际3个"),
        ("F2", "早于有效期起始日期"),
    ]
    assert row.licence_type is not None


def test_name_and_number_of_a_holder_are_both_told(one: One) -> None:
    row = one(姓名="张\u200b伟", 身份证号="510681199003071238")
    assert [(cell, what) for cell, what, _ in told(row)][:2] == [("C2", "姓名"), ("D2", "身份证号")]
    assert "不可见" in row.faults[0].zh
    assert row.faults[1].zh == "校验码不符"
    # The licence's number, which is to be the same, is right by itself.
    assert len(row.faults) == 2


def test_a_number_that_is_wrong_twice_is_told_twice(one: One) -> None:
    row = one(证号="510681199003071238", 身份证号="510681199003071238")
    assert meanings(told(row)) == [("D2", "校验码不符"), ("B2", "校验码不符")]


def test_no_fault_shows_more_than_four_characters_of_a_number(one: One) -> None:
    row = one(
        证号=person(2), 性别=ZHANG, 准驾车型=ZHANG, 初次领证日期=ZHANG, 证照类型="机动车驾驶证"
    )
    assert len(row.faults) == 4
    for fault in row.faults:
        for text in (fault.message("zh"), fault.message("en")):
            assert ZHANG[:-4] not in text
            assert person(2)[:-4] not in text


@pytest.mark.parametrize("text", ["长期", "长期有效", "永久", "9999-12-31", " 长期 "])
def test_no_last_day_however_it_is_written(one: One, text: str) -> None:
    application = one(有效期至=text).application
    assert application is not None
    assert application.valid_until is None


def test_a_blank_last_day_says_nothing(one: One) -> None:
    row = one(有效期至="")
    assert told(row) == [("F2", "有效期至", "缺少必填项")]
    assert "长期" in row.faults[0].fix_zh


def test_a_type_without_last_day_may_leave_it_blank(one: One) -> None:
    open_types = [kind for kind in builtin() if kind.validity.rule == "open"]
    for kind in open_types:
        row = one({**DRIVING, "证照类型": kind.name, "有效期至": ""})
        assert "F2" not in [cell for cell, _, _ in told(row)]


def test_without_first_day_it_is_the_day_of_issue(one: One) -> None:
    row = {key: text for key, text in DRIVING.items() if key != "有效期起"}
    assert one(row, 有效期至="2026-11-22").application is not None
    assert meanings(told(one(row, 有效期至="2026-11-21"))) == [("E2", "早于有效期起始日期")]
    stock = one(row, 有效期至="2020-01-01", 发证日期="2014/1/1")
    assert stock.application is not None
    assert stock.application.issued_on == date(2014, 1, 1)
    assert stock.application.valid_from is None
    # If even that cannot be read, nothing is said of the order of days.
    assert meanings(told(one(row, 有效期至="2020-01-01", 发证日期="?"))) == [
        ("G2", "不是日期，或没有这一天")
    ]


def test_an_unknown_type_is_told_with_the_nearest(one: One) -> None:
    row = one(证照类型="机动车驾使证")
    assert told(row) == [("A2", "证照类型", "目录中没有证照类型“机动车驾使证”（共11种）")]
    assert "机动车驾驶证" in row.faults[0].fix_zh
    assert row.licence_type is None
    assert told(one(证照类型="")) == [("A2", "证照类型", "缺少必填项")]


def test_type_and_code_must_agree(one: One) -> None:
    code = builtin().require("机动车驾驶证").code
    assert one(证照类型代码=code).application is not None
    assert one(证照类型代码=code, 证照类型="").application is not None
    other = one(证照类型代码=builtin().require("营业执照").code)
    assert meanings(told(other)) == [("A2", "证照类型与证照类型代码不一致")]
    assert told(one(证照类型代码="1E+17"))[0][0] == "H2"


def test_the_type_may_be_given_for_the_whole_file(tmp_path: Path) -> None:
    row = {key: text for key, text in DRIVING.items() if key not in {"证照类型", "证号"}}
    (checked,) = check(tmp_path / "名单.csv", row, type_name="驾驶证")
    assert checked.application is not None
    # The number is the holder's own, so one column is enough.
    assert checked.application.number == ZHANG
    with pytest.raises(CatalogueError):
        check(tmp_path / "名单.csv", row, type_name="无此证")


def test_types_may_stand_side_by_side(tmp_path: Path) -> None:
    body = {**DRIVING, "证照类型": "营业执照", "证号": SHOP, "姓名": "某店", "身份证号": SHOP}
    first, second, third = check(tmp_path / "名单.csv", DRIVING, body, DRIVING)
    assert first.application is not None
    assert third.application is not None
    assert second.licence_type is builtin().require("营业执照")
    # Its own required fields have no column, and the field of the other type has a value.
    assert ("G3", "“营业执照”没有这一照面信息") in meanings(told(second))
    assert None in [fault.column for fault in second.faults]


def test_a_missing_column_is_a_fault_of_each_row(one: One) -> None:
    row = {key: text for key, text in DRIVING.items() if key != "准驾车型"}
    (fault,) = one(row).faults
    assert fault.column is None
    assert fault.cell == "2"
    assert fault.message("zh") == "第2行 准驾车型：缺少必填项。请填写（短名 KZ_ZJCX）"
    assert fault.message("en").startswith("row 2 准驾车型: is required and missing")
    (fault,) = one({key: text for key, text in ESTATE.items() if key != "证照编号"}).faults
    assert fault.message("zh") == "第2行 证照编号：缺少必填项。请填写"


@pytest.mark.parametrize("between", ["^", "、", ";", "；", "\n", " ^ "])
def test_several_holders_in_one_cell(one: One, between: str) -> None:
    names, numbers = between.join(["张伟", "王芳"]), between.join([ZHANG, person(2)])
    application = one(ESTATE, 权利人=names, 权利人证件号=numbers).application
    assert application is not None
    assert application.holders == (Holder("张伟", ZHANG), Holder("王芳", person(2)))


def test_as_many_numbers_as_holders(one: One) -> None:
    row = one(ESTATE, 权利人="张伟、王芳", 权利人证件号=ZHANG)
    assert meanings(told(row)) == [("D2", "持证主体有2个，这里有1个")]
    row = one(
        ESTATE,
        权利人="张伟^王芳",
        权利人证件号=f"{ZHANG}^{person(2)}",
        持证主体代码类型="111^111^111",
    )
    assert meanings(told(row)) == [("I2", "持证主体有2个，这里有3个")]


def test_a_faulty_second_holder_is_told(one: One) -> None:
    row = one(ESTATE, 权利人="张伟^王芳", 权利人证件号=f"{ZHANG}^510681199003071238")
    assert meanings(told(row)) == [("D2", "校验码不符")]
    row = one(ESTATE, 权利人="张伟^张伟", 权利人证件号=f"{ZHANG}^{ZHANG}")
    assert meanings(told(row)) == [("C2", "同一持证主体填了两次")]


def test_a_row_that_does_not_fit_is_told_and_the_next_read(tmp_path: Path) -> None:
    path = write_list(tmp_path / "名单.csv", DRIVING)
    text = path.read_text("utf-8-sig")
    good = text.splitlines()[1]
    path.write_text(f"{text}机动车驾驶证,1\n\n{good}\n", "utf-8")
    with open_applications(path, builtin(), at=AT) as reader:
        first, second, third = reader
    assert first.application is not None
    assert [fault.message("zh") for fault in second.faults] == [
        "第3行 整行：只有2列，表头有7列。请核对：单元格内的逗号、换行和引号是否完整"
    ]
    assert third.application is not None
    assert third.number == 5


def test_what_excel_has_done_to_the_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("表")
    sheet.append([*DRIVING, "出生日期", "住址", "档案编号"])
    good = [*DRIVING.values()]
    sheet.append([*good[:4], date(2026, 6, 1), date(2031, 6, 1), "C1", 19900307, None, None])
    sheet.append([*good[:3], int(ZHANG), *good[4:], 45292, date(2026, 1, 2), 511600012345])
    book.save(tmp_path / "表.xlsx")
    with open_applications(tmp_path / "表.xlsx", builtin(), at=AT) as reader:
        first, second = reader
    assert first.application is not None
    assert first.application.fields["出生日期"] == "1990-03-07"
    assert meanings(told(second)) == [
        ("D3", "数字超过15位，Excel已将其后各位改为0，原值无法恢复"),
        ("H3", "是Excel的日期序号，不是日期"),
        ("I3", "应为文本，但Excel已将其改成日期或时间"),
        ("J3", "按数字存储，开头的0可能已丢失"),
    ]


def test_quantities_may_be_numbers(tmp_path: Path) -> None:
    card = builtin().require("图书馆借书证")
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("表")
    sheet.append(["读者证号", "姓名", "身份证号", "有效期至", "读者类型", "可借册数", "押金（元）"])
    sheet.append(["A1", "张伟", ZHANG, "长期", "成人", 5, 0.1 + 0.2])
    book.save(tmp_path / "表.xlsx")
    with open_applications(tmp_path / "表.xlsx", builtin(), at=AT, type_name=card.name) as reader:
        (row,) = reader
    assert row.application is not None
    assert row.application.fields["可借册数"] == "5"
    assert row.application.fields["押金（元）"] == "0.3"


def test_an_application_passes_the_types_own_check(one: One) -> None:
    for row in (DRIVING, ESTATE):
        checked = one(row)
        application, kind = checked.application, checked.licence_type
        assert application is not None
        assert kind is not None
        values = kind.check_fields(
            application.fields, application.holders, application.number,
            application.valid_from or AT.date(), application.valid_until,
        )  # fmt: skip
        assert values == application.fields


@settings(max_examples=150, deadline=None)
@given(
    texts=st.fixed_dictionaries(
        {}, optional={heading: st.text(max_size=25) for heading in [*DRIVING, "性别", "住址"]}
    )
)
def test_a_bad_row_never_raises_and_a_good_one_is_good(
    tmp_path_factory: pytest.TempPathFactory, texts: dict[str, str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    clean = {heading: text.encode("utf-8", "replace").decode() for heading, text in texts.items()}
    for checked in check(path, DRIVING | clean):
        kind, application = checked.licence_type, checked.application
        if application is None:
            assert checked.faults
            continue
        assert kind is not None
        try:
            kind.check_fields(
                application.fields, application.holders, application.number,
                application.valid_from or AT.date(), application.valid_until,
            )  # fmt: skip
        except FieldsError as error:
            pytest.fail(str(error))
