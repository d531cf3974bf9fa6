"""What the columns of a list are taken for, and what is said of those that are not known."""

from __future__ import annotations

import pytest

from ecert.errors import TableError
from ecert.issuers.bulk.columns import ColumnMapping, headings_for, map_columns
from ecert.issuers.bulk.headings import Meaning, known_headings
from ecert.model.catalogue import builtin
from ecert.model.metadata import METADATA
from ecert.sheets.table import Header, normal_heading

DRIVING = builtin().require("机动车驾驶证")
HOLDERS = ("姓名", "身份证号")


def mapped(*headings: str, type_name: str | None = None) -> ColumnMapping:
    given = builtin().require(type_name) if type_name else None
    header = Header(1, headings)
    return map_columns(header, builtin(), licence_type=given, where="名单.csv")


def refused(*headings: str, type_name: str | None = None) -> TableError:
    with pytest.raises(TableError) as caught:
        mapped(*headings, type_name=type_name)
    assert caught.value.where == "名单.csv"
    return caught.value


@pytest.mark.parametrize(
    ("heading", "meaning"),
    [
        ("证照类型", Meaning.TYPE),
        ("证照名称", Meaning.TYPE),
        ("证件名称", Meaning.TYPE),
        ("ZZMC", Meaning.TYPE),
        ("证照类型代码", Meaning.TYPE_CODE),
        ("zzlxdm", Meaning.TYPE_CODE),
        ("证照编号", Meaning.NUMBER),
        ("证号", Meaning.NUMBER),
        ("ZZBH", Meaning.NUMBER),
        ("读者证号", Meaning.NUMBER),
        ("持证主体", Meaning.HOLDER),
        ("持证人", Meaning.HOLDER),
        ("姓 名 *", Meaning.HOLDER),
        ("名称（必填）", Meaning.HOLDER),
        ("CZZT", Meaning.HOLDER),
        ("持证主体代码", Meaning.HOLDER_NUMBER),
        ("证件号码", Meaning.HOLDER_NUMBER),
        ("公民身份号码", Meaning.HOLDER_NUMBER),
        ("统一社会信用代码", Meaning.HOLDER_NUMBER),
        ("CZZTDM", Meaning.HOLDER_NUMBER),
        ("持证主体代码类型", Meaning.HOLDER_NUMBER_TYPE),
        ("CZZTDMLX", Meaning.HOLDER_NUMBER_TYPE),
        ("CZZTDMLXDM", Meaning.HOLDER_NUMBER_TYPE_CODE),
        ("有效期起始日期", Meaning.VALID_FROM),
        ("有效期起", Meaning.VALID_FROM),
        ("ZZYXQQSRQ", Meaning.VALID_FROM),
        ("ZZYXQQSSJ", Meaning.VALID_FROM),
        ("有效期截止日期", Meaning.VALID_UNTIL),
        ("有效期至", Meaning.VALID_UNTIL),
        ("有效期至（长期填“长期”）", Meaning.VALID_UNTIL),
        ("ZZYXQJZRQ", Meaning.VALID_UNTIL),
        ("ZZYXQJZSJ", Meaning.VALID_UNTIL),
        ("发证日期", Meaning.ISSUED_ON),
        ("ZZBFRQ", Meaning.ISSUED_ON),
        ("certificate_number", Meaning.NUMBER),
        ("证照标识", Meaning.LICENCE_ID),
        ("证照状态", Meaning.STATE),
        ("状态", Meaning.STATE),
        ("版本", Meaning.VERSION),
        ("FZJGMC", Meaning.ISSUER),
        ("FZJGZZJGDM", Meaning.ISSUER_CODE),
        ("行号", Meaning.IGNORED),
        ("原因", Meaning.IGNORED),
    ],
)
def test_offices_call_one_thing_by_many_names(heading: str, meaning: Meaning) -> None:
    needed = {
        Meaning.TYPE: "证照类型",
        Meaning.HOLDER: "姓名",
        Meaning.HOLDER_NUMBER: "身份证号",
    }
    others = [name for one, name in needed.items() if one is not meaning]
    columns = mapped(heading, *others).columns
    assert columns[0].meaning is meaning
    assert columns[0].is_known


def test_no_heading_has_two_meanings() -> None:
    seen: dict[str, Meaning] = {}
    for meaning in Meaning:
        for name in (name for name, one in known_headings().items() if one is meaning):
            assert seen.setdefault(name, meaning) is meaning
    elements = {element.short for element in METADATA}
    assert {"ZZBH", "CZZT", "CZZTDM"} <= elements


def test_no_field_of_a_builtin_type_is_shadowed_by_a_common_heading() -> None:
    names = {
        normal_heading(name) for one in builtin() for spec in one.fields for name in [spec.name]
    }
    assert names & set(known_headings()) == set()


def test_fields_are_known_by_name_and_short_name() -> None:
    mapping = mapped("证照类型", *HOLDERS, "准驾车型", "kz_csrq", "押金 (元)")
    assert mapping.fields == {"准驾车型": 3, "出生日期": 4, "押金（元）": 5}


def test_the_mapping_is_shown_with_what_is_not_known() -> None:
    mapping = mapped("证照类型", *HOLDERS, "准架车型", "备考", "行号")
    assert mapping.lines("zh") == [
        "A 证照类型 → 证照类型",
        "B 姓名 → 持证主体",
        "C 身份证号 → 持证主体代码",
        "D 准架车型 → 不认识，不使用，是否为“准驾车型”？",
        "E 备考 → 不认识，不使用",
        "F 行号 → 不使用",
    ]
    assert mapping.lines("en")[3:] == [
        "D 准架车型 → not known, not used; perhaps 准驾车型?",
        "E 备考 → not known, not used",
        "F 行号 → not used",
    ]
    assert mapped("证照类型", *HOLDERS, "准驾车型").lines("en")[3] == "D 准驾车型 → field 准驾车型"
    assert [one.heading for one in mapping.unknown] == ["准架车型", "备考"]


def test_a_missing_column_is_named() -> None:
    assert refused("证照类型", "姓名").zh == "缺少列：持证主体代码"
    assert refused(*HOLDERS).zh == "缺少列：证照类型"
    error = refused("证照类型", "姓名", "身份证号马马虎虎")
    assert "不认识的列：身份证号马马虎虎" in error.fix_zh


def test_with_one_type_its_own_columns_are_required() -> None:
    error = refused(*HOLDERS, type_name="机动车驾驶证")
    assert error.zh == "缺少列：有效期截止日期、准驾车型"
    assert mapped(*HOLDERS, "有效期至", "KZ_ZJCX", type_name="驾驶证").fields == {"准驾车型": 3}
    error = refused(*HOLDERS, "有效期至", "读者类型", type_name="图书馆借书证")
    assert error.zh == "缺少列：证照编号"


def test_one_thing_twice_is_refused() -> None:
    error = refused("证照类型", "姓名", "持证人", "身份证号")
    assert error.zh == "“姓名”和“持证人”两列都是持证主体"
    assert error.en == "columns B and C are one thing"
    assert "准驾车型" in refused("证照类型", *HOLDERS, "准驾车型", "KZ_ZJCX").zh


def test_headings_looked_for_begin_with_the_common_ones() -> None:
    headings = headings_for([DRIVING])
    assert headings[:3] == ["证照类型", "证照类型代码", "证照编号"]
    assert {"准驾车型", "KZ_ZJCX", "证号"} <= set(headings)
    assert "读者类型" not in headings
