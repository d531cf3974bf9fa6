"""An application is checked against its type as a whole: every fault is told, none is repaired."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from ecert.errors import FieldsError, FormatError
from ecert.limits import MAX_FIELDS, MAX_HOLDERS
from ecert.model.application import find_faults
from ecert.model.catalogue import LicenceType, Validity, builtin
from ecert.model.codes import make_uscc, resident_id_check_character
from ecert.model.holders import Holder, HolderClass

if TYPE_CHECKING:
    from collections.abc import Mapping

ZHANG = Holder("张伟", "510681199003071237")
SHOP_CODE = make_uscc("91", "511623", "MA6AAAAA")
SHOP = Holder.enterprise("邻水县某餐饮有限公司", SHOP_CODE)
DRIVING = builtin().require("机动车驾驶证")
ESTATE = builtin().require("不动产权证书")
BUSINESS = builtin().require("营业执照")
FROM = date(2026, 6, 1)
ESTATE_FIELDS = {
    "权利类型": "国有建设用地使用权/房屋所有权",
    "坐落": "四川省广安市邻水县某街1号",
    "不动产单元号": "511623001001GB00001F00010001",
}


def check(licence_type: LicenceType = DRIVING, **changes: Any) -> dict[str, str]:
    arguments: dict[str, Any] = {
        "fields": {"准驾车型": "C1"},
        "holders": [ZHANG],
        "number": ZHANG.number,
        "valid_from": FROM,
        "valid_until": date(2031, 6, 1),
    }
    return licence_type.check_fields(**(arguments | changes))


def check_estate(**changes: Any) -> dict[str, str]:
    arguments: dict[str, Any] = {
        "fields": ESTATE_FIELDS,
        "number": "川（2021）邻水县不动产权第0001234号",
        "valid_until": None,
    }
    return check(ESTATE, **(arguments | changes))


def faults(licence_type: LicenceType = DRIVING, **changes: Any) -> tuple[FormatError, ...]:
    with pytest.raises(FieldsError) as caught:
        (check_estate if licence_type is ESTATE else lambda **more: check(licence_type, **more))(
            **changes
        )
    assert caught.value.where == licence_type.name
    for fault in caught.value.faults:
        assert all((fault.where, fault.zh, fault.en))
    return caught.value.faults


def only_fault(licence_type: LicenceType = DRIVING, **changes: Any) -> FormatError:
    found = faults(licence_type, **changes)
    assert len(found) == 1, [str(fault) for fault in found]
    return found[0]


def field_fault(fields: Mapping[Any, object]) -> FormatError:
    return only_fault(fields=fields)


def person(order: int) -> Holder:
    body = f"51068119900307{order:03d}"
    return Holder("张伟", body + resident_id_check_character(body))


def with_validity(validity: Validity) -> LicenceType:
    return DRIVING.model_copy(update={"validity": validity})


# -- fields -----------------------------------------------------------------------------------


def test_values_come_back_canonical_and_in_the_order_of_the_type() -> None:
    values = check(fields={"初次领证日期": date(2015, 6, 1), "KZ_XB": "男", "准驾车型": "C1"})
    assert list(values.items()) == [
        ("准驾车型", "C1"),
        ("初次领证日期", "2015-06-01"),
        ("性别", "男"),
    ]


def test_all_faults_are_told_at_once_fields_first_in_the_order_of_the_type() -> None:
    found = faults(
        fields={"颜色": "红", "性别": "M", "准驾车型": "Ｃ1", "初次领证日期": "2015/06/01"},
        holders=[SHOP],
        number="12",
        valid_until=date(2026, 5, 31),
    )
    assert [fault.where for fault in found] == [
        "准驾车型",
        "初次领证日期",
        "性别",
        "颜色",
        "持证主体",
        "证号",
        "有效期截止日期",
    ]


def test_the_whole_message_holds_every_fault_in_both_languages() -> None:
    with pytest.raises(FieldsError) as caught:
        check(fields={"颜色": "红"})
    assert "准驾车型：缺少必填项" in caught.value.message("zh")
    assert "颜色" in caught.value.message("zh")
    assert "准驾车型: is required and missing" in caught.value.message("en")


def test_a_missing_field_is_named_with_its_short_name() -> None:
    fault = field_fault({})
    assert (fault.where, fault.zh) == ("准驾车型", "缺少必填项")
    assert "KZ_ZJCX" in fault.fix_zh


@pytest.mark.parametrize("key", ["准驾车形", "准驾车", "KZ_ZJXC"])
def test_an_unknown_field_is_answered_with_the_nearest_names(key: str) -> None:
    fault = field_fault({"准驾车型": "C1", key: "C1"})
    assert fault.where == key
    assert fault.zh == "“机动车驾驶证”没有这一照面信息"
    assert fault.fix_zh.startswith("是否为“")
    assert "准驾车型" in fault.fix_zh


def test_an_unknown_field_without_a_near_one_is_answered_with_all_names() -> None:
    fix = field_fault({"准驾车型": "C1", "xyz": "1"}).fix_zh
    assert fix == "可用：" + "、".join(spec.name for spec in DRIVING.fields)


def test_a_field_given_by_both_names_is_refused() -> None:
    fault = field_fault({"准驾车型": "C1", "KZ_ZJCX": "C1"})
    assert (fault.where, fault.zh) == ("准驾车型", "名称和短名各填了一次")


@pytest.mark.parametrize("key", [1, None, ("准驾车型",)])
def test_a_name_that_is_no_text_is_an_unknown_field(key: object) -> None:
    assert field_fault({"准驾车型": "C1", key: "1"}).zh.endswith("没有这一照面信息")


def test_a_flood_of_fields_is_one_fault() -> None:
    flood = {f"项{place}": "1" for place in range(MAX_FIELDS)} | {"准驾车型": "C1"}
    assert field_fault(flood).where == "照面信息"
    # One fewer is looked at, field by field.
    del flood["项0"]
    assert len(faults(fields=flood)) == MAX_FIELDS - 1


# -- holders ----------------------------------------------------------------------------------


def test_a_body_may_not_hold_a_person_s_licence() -> None:
    fault = only_fault(holders=[SHOP], number=SHOP_CODE)
    assert fault.where == "持证主体"
    assert fault.zh == "“机动车驾驶证”不发给法人和其他组织"
    assert fault.fix_zh.startswith("应为自然人")


def test_a_person_may_not_hold_a_body_s_licence() -> None:
    fields = {"类型": "有限责任公司", "法定代表人": "张伟", "成立日期": FROM, "住所": "某街1号"}
    assert (
        check(BUSINESS, fields=fields, holders=[SHOP], number=SHOP_CODE)["成立日期"] == "2026-06-01"
    )
    found = faults(BUSINESS, fields=fields, holders=[ZHANG], number=SHOP_CODE)
    assert [fault.where for fault in found] == ["持证主体", "统一社会信用代码"]


def test_a_type_may_take_one_kind_of_number_only() -> None:
    identity = builtin().require("居民身份证")
    fields = {"性别": "男", "民族": "汉", "出生日期": "1990-03-07", "住址": "某街1号"}
    check(identity, fields=fields)
    foreigner = Holder("Zhang Wei", "E12345678", "414")
    fault = only_fault(identity, fields=fields, holders=[foreigner], number="E12345678")
    assert fault.where == "持证主体代码类型"
    assert fault.fix_zh == "应为111（公民身份号码）"


@pytest.mark.parametrize("count", [0, 2])
def test_a_driving_licence_has_one_holder(count: int) -> None:
    fault = only_fault(holders=[person(order) for order in range(count)], number=person(0).number)
    assert (fault.where, fault.zh) == ("持证主体", f"应有1个，实际{count}个")


def test_a_title_may_have_many_holders_of_both_classes() -> None:
    crowd = [SHOP, *(person(order) for order in range(MAX_HOLDERS))]
    assert check_estate(holders=crowd[:MAX_HOLDERS]) == ESTATE_FIELDS
    assert (
        only_fault(ESTATE, holders=crowd).zh == f"应有1至{MAX_HOLDERS}个，实际{MAX_HOLDERS + 1}个"
    )


def test_one_holder_is_not_given_twice() -> None:
    assert only_fault(ESTATE, holders=[ZHANG, ZHANG]).zh == "同一持证主体填了两次"


def test_persons_and_bodies_stand_together_only_where_the_type_says_mixed() -> None:
    classes = (HolderClass.NATURAL_PERSON, HolderClass.LEGAL_PERSON)
    unmixed = ESTATE.model_copy(update={"holder_classes": classes})
    arguments: dict[str, Any] = {
        "fields": ESTATE_FIELDS,
        "number": "1",
        "valid_from": FROM,
        "valid_until": None,
    }
    unmixed.check_fields(holders=[ZHANG, person(1)], **arguments)
    with pytest.raises(FieldsError) as caught:
        unmixed.check_fields(holders=[ZHANG, SHOP], **arguments)
    assert caught.value.faults[0].zh == "自然人与法人不能共同持证"
    mixed = ESTATE.model_copy(update={"holder_classes": (HolderClass.MIXED,)})
    mixed.check_fields(holders=[ZHANG, SHOP], **arguments)


# -- number -----------------------------------------------------------------------------------


def test_the_number_of_a_driving_licence_is_the_holder_s() -> None:
    fault = only_fault(number=person(1).number)
    assert (fault.where, fault.zh) == ("证号", "应与持证主体代码相同")
    assert "1237" in fault.fix_zh
    assert ZHANG.number not in str(fault)


def test_a_malformed_number_says_what_is_malformed() -> None:
    fault = only_fault(number="51068119900307123１")
    assert fault.where == "证号"
    assert "U+FF11" in fault.zh


def test_a_foreigner_s_driving_licence_bears_the_number_of_the_passport() -> None:
    foreigner = Holder("Zhang Wei", "E12345678", "414")
    assert check(holders=[foreigner], number="E12345678") == {"准驾车型": "C1"}
    assert only_fault(holders=[foreigner], number=ZHANG.number).where == "证号"


def test_a_free_number_may_hold_words_and_brackets() -> None:
    assert check_estate(number="川（2021）邻水县不动产权第0001234号") == ESTATE_FIELDS


@pytest.mark.parametrize(
    ("number", "word"),
    [
        ("", "不能为空"),
        (" 1", "首尾有空格"),
        ("1\u200b2", "格式字符"),
        ("川（２021）", "第3个字符“２”(U+FF12)不是半角字符"),
        ("Ａ1", "第1个字符“Ａ”(U+FF21)不是半角字符"),
        ("1" * 201, "最多200个字符"),
        (1234, "应为文本"),
        (None, "应为文本"),
    ],
)
def test_a_free_number_is_clean(number: object, word: str) -> None:
    fault = only_fault(ESTATE, number=number)
    assert fault.where == "不动产权证号"
    assert word in fault.zh


# -- validity ---------------------------------------------------------------------------------


def test_an_open_licence_has_no_last_day() -> None:
    fault = only_fault(ESTATE, valid_until=date(2031, 6, 1))
    assert (fault.where, fault.fix_zh) == ("有效期截止日期", "请留空（长期）")


def test_a_fixed_licence_has_a_last_day() -> None:
    fault = only_fault(with_validity(Validity(rule="fixed", max_years=5)), valid_until=None)
    assert (fault.where, fault.zh) == ("有效期截止日期", "缺少必填项")


def test_either_is_possible_where_the_type_says_so() -> None:
    assert check(valid_until=None) == check(valid_until=FROM) == {"准驾车型": "C1"}


def test_the_last_day_is_not_before_the_first() -> None:
    assert only_fault(valid_until=date(2026, 5, 31)).zh == "早于有效期起始日期"


@pytest.mark.parametrize(
    ("first", "latest"),
    [
        (date(2026, 6, 1), date(2036, 6, 1)),
        (date(2024, 2, 29), date(2034, 3, 1)),
        (date(9989, 6, 1), date(9999, 6, 1)),
        (date(9990, 1, 1), date(9999, 12, 31)),
    ],
)
def test_the_longest_validity_is_a_bound(first: date, latest: date) -> None:
    assert check(valid_from=first, valid_until=latest) == {"准驾车型": "C1"}
    if latest < date.max:
        beyond = latest.replace(day=latest.day + 1)
        fault = only_fault(valid_from=first, valid_until=beyond)
        assert (fault.where, fault.zh) == ("有效期截止日期", "超过最长有效期10年")
        assert str(latest) in fault.fix_zh


@pytest.mark.parametrize("name", ["valid_from", "valid_until"])
@pytest.mark.parametrize("value", ["2026-06-01", datetime(2026, 6, 1, tzinfo=UTC)])
def test_days_are_dates_without_a_time(name: str, value: object) -> None:
    days: dict[str, Any] = {name: value}
    assert only_fault(**days).zh == "应为日期（不含时间）"


def test_what_could_not_be_read_is_left_out_and_the_rest_checked() -> None:
    values, faults = find_faults(DRIVING, {"准驾车型": "Z9"}, None, None, None)
    assert [fault.where for fault in faults] == ["准驾车型"]
    values, faults = find_faults(DRIVING, {"准驾车型": "C1"}, [ZHANG], ZHANG.number, (FROM, None))
    assert (values, faults) == ({"准驾车型": "C1"}, [])
    early = (FROM, date(2025, 1, 1))
    _, faults = find_faults(DRIVING, {}, (), "1", early)
    assert [fault.where for fault in faults] == ["准驾车型", "持证主体", "证号", "有效期截止日期"]


def test_a_number_that_the_holder_has_proven_is_not_his_of_another_kind() -> None:
    foreigner = Holder("约翰", ZHANG.number, "414")
    assert check(holders=[foreigner]) == {"准驾车型": "C1"}
