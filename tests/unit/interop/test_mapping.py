"""Each operation of the field comparison, and what mapping never does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ecert.interop.mapping import (
    Constant,
    Copy,
    DateForm,
    FieldMap,
    Masking,
    Rename,
    ValueTable,
    apply,
)
from ecert.reasons import Reason
from tests.unit.interop.regions import CHONGQING, CHONGQING_TYPE, entry, side

if TYPE_CHECKING:
    from datetime import date

ANY_MAP: TypeAdapter[Any] = TypeAdapter(FieldMap)
# Letters that can be seen: Unicode has fillers among its letters.
FILLERS = "\u115f\u1160\u3164\uffa0"
NAMES = st.text(st.characters(categories=["L"], exclude_characters=FILLERS), min_size=1, max_size=8)
SHOWN = st.dictionaries(NAMES, st.text(min_size=1, max_size=12), max_size=8)


def mapped(*fields: Any, required: tuple[str, ...] = (), **shown: str) -> Any:
    target = side(CHONGQING, CHONGQING_TYPE)
    return apply(entry(target=target, fields=fields, required=required), shown)


def test_copy_keeps_name_and_value() -> None:
    assert mapped(Copy(source="准驾车型"), 准驾车型="C1").fields == {"准驾车型": "C1"}


def test_rename_keeps_the_value_under_another_name() -> None:
    result = mapped(Rename(source="备注", target="附记"), 备注="无")
    assert result.fields == {"附记": "无"}


def test_constant_is_there_whatever_is_shown() -> None:
    assert mapped(Constant(target="类别", value="汽车")).fields == {"类别": "汽车"}


def test_table_gives_the_counterpart() -> None:
    table = ValueTable(source="颜色", target="号牌颜色", values={"蓝": "蓝色"})
    assert mapped(table, 颜色="蓝").fields == {"号牌颜色": "蓝色"}


def test_table_without_the_value_and_without_default_is_unmapped_under_the_name_shown() -> None:
    table = ValueTable(source="颜色", target="号牌颜色", values={"蓝": "蓝色"})
    result = mapped(table, 颜色="紫")
    assert (result.fields, result.unmapped) == ({}, ("颜色",))
    assert result.reasons == (Reason.VALUE_UNMAPPED,)


def test_table_default_stands_for_every_other_value() -> None:
    table = ValueTable(source="颜色", target="颜色", values={"蓝": "蓝色"}, default="其他")
    result = mapped(table, 颜色="紫")
    assert (result.fields, result.unmapped) == ({"颜色": "其他"}, ())


@pytest.mark.parametrize("written", ["2024-02-09", "20240209", "2024年02月09日", "2024年2月9日"])
@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("YYYY-MM-DD", "2024-02-09"),
        ("YYYYMMDD", "20240209"),
        ("YYYY年MM月DD日", "2024年02月09日"),
    ],
)
def test_a_date_is_written_in_the_form_asked_for(written: str, form: Any, expected: str) -> None:
    result = mapped(DateForm(source="日期", target="日期", form=form), 日期=written)
    assert result.fields == {"日期": expected}


@pytest.mark.parametrize(
    "written", ["2024-02-30", "２０２４-02-09", "2024", "2024-2-9", "2024-02-09 ", "长期"]
)
def test_what_is_no_date_is_unmapped(written: str) -> None:
    result = mapped(DateForm(source="日期", target="日期", form="YYYYMMDD"), 日期=written)
    assert (result.fields, result.unmapped) == ({}, ("日期",))


@given(st.dates())
@settings(max_examples=100, deadline=None)
def test_date_forms_lead_back_to_the_same_day(day: date) -> None:
    for form in ("YYYYMMDD", "YYYY年MM月DD日"):
        there = DateForm.model_validate({"source": "a", "target": "a", "form": form})
        back = DateForm(source="a", target="a", form="YYYY-MM-DD")
        assert back.convert(there.convert(day.isoformat()) or "") == day.isoformat()


def test_mask_leaves_what_the_mask_leaves() -> None:
    result = mapped(Masking(source="卡号", target="卡号", mask="last4"), 卡号="6222021234567890")
    assert result.fields == {"卡号": "7890"}


def test_a_mask_that_does_not_fit_the_value_is_unmapped() -> None:
    result = mapped(Masking(source="出生日期", target="出生年", mask="year"), 出生日期="不详")
    assert (result.fields, result.unmapped) == ({}, ("出生日期",))


def test_a_field_that_is_not_shown_matters_only_where_it_is_required() -> None:
    fields = (Copy(source="甲"), Rename(source="乙", target="丙"))
    assert mapped(*fields, 甲="1").reasons == ()
    result = mapped(*fields, required=("丙",), 甲="1")
    assert (result.missing, result.reasons) == (("丙",), (Reason.FIELD_MISSING,))


def test_an_empty_value_does_not_satisfy_a_requirement() -> None:
    assert mapped(Copy(source="甲"), required=("甲",), 甲="").missing == ("甲",)
    assert apply(entry(required=("甲",)), {"甲": ""}).missing == ("甲",)


def test_a_required_value_without_counterpart_is_told_once_as_unmapped() -> None:
    table = ValueTable(source="颜色", target="号牌颜色", values={"蓝": "蓝色"})
    result = mapped(table, required=("号牌颜色",), 颜色="紫")
    assert (result.missing, result.unmapped) == ((), ("颜色",))


def test_missing_and_unmapped_are_both_told() -> None:
    table = ValueTable(source="颜色", target="号牌颜色", values={"蓝": "蓝色"})
    result = mapped(table, Copy(source="甲"), required=("甲",), 颜色="紫")
    assert result.reasons == (Reason.FIELD_MISSING, Reason.VALUE_UNMAPPED)


def test_a_field_without_a_line_is_left_out() -> None:
    assert mapped(Copy(source="甲"), 甲="1", 银行卡号="6222").fields == {"甲": "1"}


@given(SHOWN)
@settings(max_examples=100, deadline=None)
def test_identity_mapping_is_identity(shown: dict[str, str]) -> None:
    result = apply(entry(), shown)
    assert (result.fields, result.missing, result.unmapped) == (shown, (), ())


MAPS = st.one_of(
    st.builds(Copy, source=NAMES),
    st.builds(Rename, source=NAMES, target=NAMES),
    st.builds(Constant, target=NAMES, value=NAMES),
    st.builds(
        ValueTable,
        source=NAMES,
        target=NAMES,
        values=st.dictionaries(NAMES, NAMES, min_size=1, max_size=3),
        default=st.none() | NAMES,
    ),
    st.builds(DateForm, source=NAMES, target=NAMES, form=st.just("YYYYMMDD")),
    st.builds(Masking, source=NAMES, target=NAMES, mask=st.sampled_from(["last4", "year"])),
)


@given(st.lists(MAPS, max_size=8, unique_by=lambda field: field.target), SHOWN)
@settings(max_examples=200, deadline=None)
def test_apply_never_invents_a_field(fields: list[Any], shown: dict[str, str]) -> None:
    by_target = {field.target: field for field in fields}
    result = apply(entry(target=side(CHONGQING, CHONGQING_TYPE), fields=tuple(fields)), shown)
    for name, value in result.fields.items():
        field = by_target[name]
        if isinstance(field, Constant):
            assert value == field.value
        else:
            assert value == field.convert(shown[field.source])
    assert set(result.unmapped) <= shown.keys()


def test_apply_leaves_what_it_was_given_alone() -> None:
    shown = {"甲": "1"}
    dict(apply(entry(), shown).fields)["甲"] = "2"
    assert apply(entry(), shown).fields is not shown
    assert shown == {"甲": "1"}


@pytest.mark.parametrize(
    "field",
    [
        {"op": "run", "source": "甲"},
        {"source": "甲"},
        {"op": "copy", "source": "甲", "target": "乙"},
        {"op": "copy", "source": ""},
        {"op": "copy", "source": " 甲"},
        {"op": "copy", "source": "甲\u200b"},
        {"op": "constant", "target": "甲", "value": "\u202e乙"},
        {"op": "table", "source": "甲", "target": "乙", "values": {}},
        {"op": "table", "source": "甲", "target": "乙", "values": {"1": 1}},
        {"op": "date", "source": "甲", "target": "乙", "form": "DD.MM.YYYY"},
        {"op": "mask", "source": "甲", "target": "乙", "mask": "first4"},
    ],
    ids=lambda field: str(field.get("op", "none")),
)
def test_what_is_no_operation_is_refused(field: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ANY_MAP.validate_python(field)
