"""An office's table: headings of many names, cells as people write them, faults by cell."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecert.errors import MatterError, TableError
from ecert.interop.matters.materials import MaterialReader, split_items
from ecert.interop.matters.matter import LicenceChoice, PaperChoice
from ecert.model.catalogue import builtin
from tests.unit.interop.matters.samples import (
    BUSINESS,
    DRIVING,
    GUANGAN,
    IDENTITY,
    need,
    read_table,
)

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.interop.matters.importing import CheckedMatter
    from ecert.interop.matters.matter import Matter, Need

HEADS = "事项编码,事项名称,所需证照,纸质材料,是否免提交,行政区划,部门,应用场景"


def one_row(tmp_path: Path, row: str, **options: Any) -> CheckedMatter:
    [checked] = read_table(tmp_path / "清单.csv", f"{HEADS}\n{row}\n", **options)
    return checked


def good(tmp_path: Path, row: str, **options: Any) -> Matter:
    checked = one_row(tmp_path, row, **options)
    assert checked.faults == ()
    assert checked.matter is not None
    return checked.matter


def faults(tmp_path: Path, row: str, **options: Any) -> list[tuple[str, str]]:
    checked = one_row(tmp_path, row, **options)
    assert checked.matter is None
    return [(fault.cell, fault.zh) for fault in checked.faults]


# -- columns ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heads",
    [
        "实施编码,业务名称,申请材料",
        "事项名称*,基本编码（必填）,材料名称：",
        "序号,matter_code,政务服务事项名称,所需 电子证照",
        "统计表\n事项代码,事项,提交材料",
    ],
)
def test_headings_are_known_by_many_names(tmp_path: Path, heads: str) -> None:
    *title, last = heads.split("\n")
    names = last.split(",")
    values = ["居民身份证" if "材料" in one or "证照" in one else "1" for one in names]
    text = "\n".join([*title, last, ",".join(values)]) + "\n"
    [checked] = read_table(tmp_path / "清单.csv", text)
    assert checked.matter is not None
    assert checked.matter.needs == (need(IDENTITY),)


def test_the_office_s_own_code_comes_before_the_national_one(tmp_path: Path) -> None:
    text = "基本编码,实施编码,事项名称,所需证照\nN1,L1,甲,无\nN2,,乙,无\n"
    first, second = read_table(tmp_path / "清单.csv", text)
    assert [one.matter and one.matter.code for one in (first, second)] == ["L1", "N2"]


@pytest.mark.parametrize(
    ("heads", "told"),
    [
        ("事项名称,部门,所需证照", "缺少列：事项编码"),
        ("事项编码,事项名称,部门", "缺少列：所需证照"),
        ("事项编码,事项名称,业务名称,所需证照", "两列都是事项名称"),
        ("姓名,证号", "没有找到表头"),
    ],
)
def test_columns_that_do_not_do_are_refused(tmp_path: Path, heads: str, told: str) -> None:
    with pytest.raises(TableError, match=told):
        read_table(tmp_path / "清单.csv", f"{heads}\n" + ",".join("1" * (heads.count(",") + 1)))


# -- rows -------------------------------------------------------------------------------------


def test_a_row_becomes_a_matter(tmp_path: Path) -> None:
    found = good(
        tmp_path,
        'A1,换证,居民身份证、驾驶证,"申请表；承诺书",否,511623000000,公安局,机动车业务、换证',
    )
    assert (found.code, found.name, found.region, found.department) == (
        "A1", "换证", "511623", "公安局",
    )  # fmt: skip
    assert found.aliases == ("机动车业务",)
    assert found.needs == (
        need(IDENTITY), need(DRIVING), need(PaperChoice("申请表")), need(PaperChoice("承诺书")),
    )  # fmt: skip


def test_what_is_blank_is_the_workspace_s_region(tmp_path: Path) -> None:
    assert good(tmp_path, "A1,换证,无,,,,,").region == GUANGAN


@pytest.mark.parametrize(
    ("row", "cell", "told"),
    [
        (",甲,无,,,,,", "A2", "没有填写"),
        ("A1,,无,,,,,", "B2", "没有填写"),
        ("A1,甲,,,,,,", "C2", "没有填写"),
        ("A1,甲,身分证,,,,,", "C2", "目录中没有证照类型“身分证”"),
        ("A1,甲,无,,,511699,,", "F2", "没有代码511699"),
        ("A1,甲,无,,,广安,,", "F2", "应为6位数字"),
        ("A1,甲,无,,,511623001000,,", "F2", "应为6位数字"),
        ("A1,甲,居民身份证,申请表,是,,,", "E2", "却列有只能交纸质的“申请表”"),
        ("A1,甲,居民身份证,,否,,,", "E2", "没有列出只能交纸质的材料"),
        ("A1,甲,居民身份证,,部分,,,", "E2", "应写“是”或“否”"),
        ("5.1E+17,甲,无,,,,,", "A2", "科学计数"),
        ("A1,甲\u200b,无,,,,,", "B2", "不可见"),
        ("A1,甲,居民身份证（须含：车牌）,,,,,", "C2", "没有照面信息“车牌”"),
        ("A1,甲,#N/A,,,,,", "C2", "错误值"),
    ],
)
def test_a_fault_is_told_by_its_cell(tmp_path: Path, row: str, cell: str, told: str) -> None:
    [(place, zh)] = faults(tmp_path, row)
    assert place == cell
    assert told in zh


def test_every_fault_of_a_row_is_told(tmp_path: Path) -> None:
    assert [cell for cell, _ in faults(tmp_path, ",,某证,,,99,,")] == ["A2", "B2", "F2", "C2"]


def test_a_code_stands_once(tmp_path: Path) -> None:
    text = f"{HEADS}\nA1,甲,无,,,,,\nA1,乙,无,,,,,\nA2,丙,无,,,,,\n"
    first, second, third = read_table(tmp_path / "清单.csv", text)
    assert first.matter is not None
    assert third.matter is not None
    assert [fault.message() for fault in second.faults] == [
        "A3 事项编码：事项编码与第2行相同。请核对；同一事项的各行应当相连"
    ]


@pytest.mark.parametrize(
    "later",
    [
        "A1,甲,营业执照,,,,,\n,,机动车驾驶证,,,,,\n",
        ",,营业执照,,,,公安局,\nA1,,机动车驾驶证,,,511600,,\n",
    ],
)
def test_each_material_may_have_a_row_of_its_own(tmp_path: Path, later: str) -> None:
    text = f"{HEADS}\nA1,甲,居民身份证,,是,511600,公安局,\n{later}A2,乙,无,,,,,\n"
    first, *more, last = read_table(tmp_path / "清单.csv", text)
    assert first.matter is not None
    assert first.matter.needs == (need(IDENTITY), need(BUSINESS), need(DRIVING))
    assert [(one.matter, one.faults) for one in more] == [(None, ()), (None, ())]
    assert last.matter is not None
    assert last.matter.code == "A2"


def test_what_is_said_of_paper_in_every_row_is_said_of_its_material(tmp_path: Path) -> None:
    good_rows = "A1,甲,居民身份证,,是,,,\n,,,申请表,否,,,\n"
    first, second = read_table(tmp_path / "甲.csv", f"{HEADS}\n{good_rows}")
    assert first.matter is not None
    assert not first.matter.paperless
    assert second.faults == ()
    bad_rows = "A1,甲,居民身份证,,否,,,\n,,,申请表,是,,,\n"
    first, second = read_table(tmp_path / "乙.csv", f"{HEADS}\n{bad_rows}")
    assert first.matter is None
    assert [fault.cell for fault in (*first.faults, *second.faults)] == ["E2", "E3"]


def test_a_row_that_adds_a_material_says_nothing_else_of_the_matter(tmp_path: Path) -> None:
    text = f"{HEADS}\nA1,甲,居民身份证,,,511600,公安局,\nA1,甲,营业执照,,,511623,民政局,\n"
    first, second = read_table(tmp_path / "清单.csv", text)
    assert (first.matter, first.faults) == (None, ())
    assert [(fault.cell, fault.zh[:7]) for fault in second.faults] == [
        ("F3", "与第2行不一致"), ("G3", "与第2行不一致"),
    ]  # fmt: skip


def test_a_bad_material_spoils_its_matter_and_no_other(tmp_path: Path) -> None:
    text = f"{HEADS}\nA1,甲,居民身份证,,,,,\n,,某证,,,,,\nA2,乙,无,,,,,\n"
    first, second, third = read_table(tmp_path / "清单.csv", text)
    assert (first.matter, first.faults) == (None, ())
    assert [fault.cell for fault in second.faults] == ["C3"]
    assert third.matter is not None


def test_rows_of_one_matter_stand_together(tmp_path: Path) -> None:
    text = f"{HEADS}\nA1,甲,居民身份证,,,,,\nA2,乙,无,,,,,\nA1,甲,营业执照,,,,,\n"
    *_, third = read_table(tmp_path / "清单.csv", text)
    assert [fault.cell for fault in third.faults] == ["A4"]


def test_a_row_that_does_not_fit_the_heading_is_told(tmp_path: Path) -> None:
    [(place, zh)] = faults(tmp_path, "A1,甲,无")
    assert (place, zh) == ("2", "只有3列，表头有8列")


def test_what_the_office_says_of_paper_may_agree(tmp_path: Path) -> None:
    assert good(tmp_path, "A1,甲,居民身份证,,是,,,").paperless
    assert not good(tmp_path, "A1,甲,居民身份证,申请表,否,,,").paperless


# -- materials --------------------------------------------------------------------------------


def read(text: str, **options: Any) -> tuple[Need, ...]:
    return MaterialReader(builtin(), **options).read(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("居民身份证", [need(IDENTITY)]),
        ("中华人民共和国居民身份证", [need(IDENTITY)]),
        ("居民身份证、营业执照", [need(IDENTITY), need(BUSINESS)]),
        ("居民身份证，营业执照,驾驶证", [need(IDENTITY), need(BUSINESS), need(DRIVING)]),
        ("居民身份证；营业执照;", [need(IDENTITY), need(BUSINESS)]),
        ("居民身份证\n营业执照", [need(IDENTITY), need(BUSINESS)]),
        ("居民身份证\r\n\r\n营业执照。", [need(IDENTITY), need(BUSINESS)]),
        ("1.居民身份证 2.营业执照", [need(IDENTITY), need(BUSINESS)]),
        ("1、居民身份证；2、营业执照", [need(IDENTITY), need(BUSINESS)]),
        ("（1）居民身份证（2）营业执照", None),  # nothing between them
        ("(1)居民身份证\n(2)营业执照", [need(IDENTITY), need(BUSINESS)]),
        ("①居民身份证 ②营业执照", [need(IDENTITY), need(BUSINESS)]),
        ("居民身份证或营业执照", [need(IDENTITY, BUSINESS)]),
        ("居民身份证 或者 营业执照", [need(IDENTITY, BUSINESS)]),
        ("居民身份证/营业执照", [need(IDENTITY, BUSINESS)]),
        ("居民身份证或居民身份证", [need(IDENTITY)]),
        ("居民身份证、身份证", [need(IDENTITY)]),
        ("身份证原件及复印件", [need(IDENTITY)]),
        ("身份证（原件、复印件）", [need(IDENTITY)]),
        ("营 业 执 照", [need(BUSINESS)]),
        ("申请表（纸质）", [need(PaperChoice("申请表"))]),
        ("户口簿（纸质）/身份证", [need(PaperChoice("户口簿"), IDENTITY)]),
        ("居民身份证或户口簿【纸质】", [need(IDENTITY, PaperChoice("户口簿"))]),
        ("营业执照（本地）", [need(LicenceChoice(BUSINESS, own_region=True))]),
        (
            "居民身份证（须含：住址、民族）",
            [need(LicenceChoice(IDENTITY, fields=("住址", "民族")))],
        ),
        (
            "居民身份证（须含KZ_ZZ）（本地颁发）",
            [need(LicenceChoice(IDENTITY, own_region=True, fields=("住址",)))],
        ),
        (IDENTITY, [need(IDENTITY)]),
        ("无", []),
        (" 无需提交 ", []),
        ("", []),
        ("、；", []),
    ],
)
def test_a_cell_is_read_as_people_write_it(text: str, found: list[Need] | None) -> None:
    if found is None:
        with pytest.raises(MatterError):
            read(text)
    else:
        assert list(read(text)) == found


def test_a_name_that_is_no_type_is_answered_with_ranked_ones() -> None:
    reader = MaterialReader(builtin())
    with pytest.raises(MatterError) as raised:
        reader.read("食品经营许可")
    assert raised.value.fix_zh.startswith("是否为“食品经营许可证”")
    assert raised.value.fix_zh.endswith("请写“食品经营许可（纸质）”")
    assert reader.suggestions("身份证明")[0] == "居民身份证"
    assert reader.suggestions("") == ()
    assert len(reader.suggestions("证")) <= 3


def test_what_is_no_type_may_be_taken_for_paper_and_is_counted() -> None:
    reader = MaterialReader(builtin(), others_are_paper=True)
    for _ in range(2):
        assert reader.read("居民身份证、健康证") == (need(IDENTITY), need(PaperChoice("健康证")))
    assert reader.taken_for_paper == {"健康证": 2}
    # A remark that only a licence can have is no paper.
    with pytest.raises(MatterError):
        reader.read("健康证（本地）")


def test_everything_in_the_column_of_paper_is_paper() -> None:
    reader = MaterialReader(builtin())
    assert reader.read("居民身份证、申请表", as_paper=True) == (
        need(PaperChoice("居民身份证")),
        need(PaperChoice("申请表")),
    )


_names = st.sampled_from(["居民身份证", "身份证", "营业执照", "机动车驾驶证", "申请表（纸质）"])


@given(st.lists(st.tuples(_names, st.sampled_from("、，,；;\n")), max_size=8))
def test_separators_are_all_alike(parts: list[tuple[str, str]]) -> None:
    messy = "".join(name + between for name, between in parts)
    clean = "、".join(name for name, _ in parts)
    assert read(messy) == read(clean)
    assert split_items(messy) == [name for name, _ in parts]


@given(
    st.text(
        alphabet="居民身份证营业执照或/、；（）()【】[]1.①无 \n须含本地纸质原件\r*", max_size=40
    )
)
def test_any_cell_is_read_or_refused(text: str) -> None:
    reader = MaterialReader(builtin(), others_are_paper=True)
    with contextlib.suppress(MatterError):  # any other error fails the test
        needs = reader.read(text)
        assert len(needs) == len(set(needs))
        assert reader.read(text) is needs
