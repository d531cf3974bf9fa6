"""A definition of a licence type that contradicts itself is refused, with every fault."""

from __future__ import annotations

from typing import Any

import pytest

from ecert.errors import CatalogueError
from ecert.model.catalogue import (
    Authority,
    FieldSpec,
    LicenceType,
    ProfileField,
    ShowProfile,
    Validity,
)
from ecert.model.codes import make_uscc
from ecert.model.holders import HolderClass

AUTHORITY = Authority(code=make_uscc("11", "511600", "TEST0001".replace("S", "5")), name="某机关")
CODE = AUTHORITY.code + "001"
PLATE = FieldSpec(key=1, name="号牌", short="KZ_HP", kind="code")
COLOUR = FieldSpec(key=2, name="颜色", short="KZ_YS", kind="text")
MINIMAL = ShowProfile(
    name="minimal",
    number=1,
    holder_number="last4",
    holder_name="full",
    fields=(ProfileField(name="号牌"),),
)
HIDING = MINIMAL.model_copy(update={"fields": (ProfileField(name="号牌", mask="hidden"),)})


def define(**changes: Any) -> LicenceType:
    parts: dict[str, Any] = {
        "code": CODE,
        "code_status": "provisional",
        "code_source": "测试",
        "name": "某证",
        "version": 1,
        "defining_authority": AUTHORITY,
        "holder_classes": (HolderClass.NATURAL_PERSON,),
        "number_rule": "free",
        "number_label": "证号",
        "validity": Validity(rule="open"),
        "leading_field": "号牌",
        "fields": (PLATE, COLOUR),
        "profiles": (MINIMAL,),
    }
    return LicenceType(**(parts | changes))


def refusal(**changes: Any) -> CatalogueError:
    with pytest.raises(CatalogueError) as caught:
        define(**changes)
    assert caught.value.where == f"证照类型定义“{changes.get('name', '某证')}”"
    return caught.value


def full(number: int = 2, **changes: Any) -> ShowProfile:
    parts: dict[str, Any] = {
        "name": "full",
        "number": number,
        "holder_number": "full",
        "holder_name": "full",
        "fields": (ProfileField(name="号牌"), ProfileField(name="颜色")),
    }
    return ShowProfile(**(parts | changes))


def test_a_sound_definition_passes() -> None:
    assert define(profiles=(MINIMAL, full())).name == "某证"


def test_a_type_may_have_no_fields_and_no_leading_field() -> None:
    bare = MINIMAL.model_copy(update={"fields": ()})
    assert define(fields=(), leading_field=None, profiles=(bare,)).fields == ()


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"code": CODE[:17] + "0" + "001"}, "前18位不是统一社会信用代码"),
        ({"code": "11100000000013127D001"}, "与定义机构代码不同"),
        ({"aliases": ("某证",)}, "证照名称或别名重复：某证"),
        ({"aliases": ("别名", "别名")}, "证照名称或别名重复：别名"),
        ({"aliases": ("某\u200b证",)}, "格式字符"),
        ({"number_label": "证号 "}, "首尾有空格"),
        (
            {"fields": (PLATE, COLOUR.model_copy(update={"key": 1}))},
            "照面信息编号重复：1",
        ),
        (
            {"fields": (PLATE, COLOUR.model_copy(update={"name": "号牌"}))},
            "照面信息名称或短名重复：号牌",
        ),
        (
            {"fields": (PLATE, COLOUR.model_copy(update={"short": "KZ_HP"}))},
            "照面信息名称或短名重复：KZ_HP",
        ),
        (
            {"fields": (PLATE, COLOUR.model_copy(update={"name": "KZ_HP"}))},
            "照面信息名称或短名重复：KZ_HP",
        ),
        ({"leading_field": "车型"}, "主项“车型”不是照面信息"),
        ({"leading_field": "颜色"}, "minimal 缺少主项“颜色”"),
        ({"profiles": (HIDING,)}, "minimal 不能隐藏主项“"),
        ({"profiles": ()}, "缺少1号亮证范围 minimal"),
        (
            {"profiles": (MINIMAL.model_copy(update={"number": 3}),)},
            "缺少1号亮证范围 minimal",
        ),
        (
            {"profiles": (MINIMAL.model_copy(update={"holder_name": "masked"}),)},
            "应显示姓名全称和代码后四位",
        ),
        (
            {"profiles": (MINIMAL.model_copy(update={"holder_number": "full"}),)},
            "应显示姓名全称和代码后四位",
        ),
        ({"profiles": (MINIMAL, full(number=1))}, "亮证范围编号重复：1"),
        ({"profiles": (MINIMAL, full(), full(number=3))}, "亮证范围名称重复：full"),
        (
            {"profiles": (MINIMAL, full(fields=(ProfileField(name="车型"),)))},
            "“车型”不是照面信息",
        ),
        (
            {"profiles": (MINIMAL, full(fields=(ProfileField(name="号牌"),) * 2))},
            "的项重复：号牌",
        ),
        (
            {"profiles": (MINIMAL, full(fields=(ProfileField(name="号牌", mask="blur"),)))},
            "“blur”不存在",
        ),
        (
            {"profiles": (MINIMAL, full(fields=(ProfileField(name="号牌", mask="year"),)))},
            "不是日期",
        ),
        ({"fields": (PLATE.model_copy(update={"mask": "blur"}), COLOUR)}, "“blur”不存在"),
        ({"fields": (PLATE.model_copy(update={"joined": True}), COLOUR)}, "连写但没有值表"),
        ({"fields": (PLATE.model_copy(update={"values": ()}), COLOUR)}, "值表不适用"),
        (
            {"fields": (PLATE, COLOUR.model_copy(update={"kind": "date", "values": ("红",)}))},
            "值表不适用",
        ),
        (
            {"fields": (PLATE, COLOUR.model_copy(update={"values": ("红", "红")}))},
            "“颜色”的值重复：红",
        ),
        (
            {"fields": (PLATE, COLOUR.model_copy(update={"values": ("大红",), "max_chars": 1}))},
            "最多1个字符",
        ),
        ({"fields": (PLATE.model_copy(update={"values": ("Ａ",)}), COLOUR)}, "U+FF21"),
        (
            {"fields": (PLATE.model_copy(update={"values": ("C", "C1"), "joined": True}), COLOUR)},
            "不能互为开头",
        ),
        ({"holder_classes": (HolderClass.OTHER,) * 2}, "持证主体类型重复"),
        ({"holder_number_types": ("111", "777")}, "没有持证主体代码类型“777”"),
        ({"validity": Validity(rule="open", max_years=5)}, "不能有最长年限"),
    ],
)
def test_a_contradiction_is_refused(changes: dict[str, Any], word: str) -> None:
    fault = refusal(**changes)
    assert word in fault.zh
    assert fault.en


def test_values_that_stand_alone_may_begin_one_another() -> None:
    listed = PLATE.model_copy(update={"values": ("C", "C1")})
    assert define(fields=(listed, COLOUR)).field("号牌").values == ("C", "C1")


def test_every_contradiction_is_told() -> None:
    fault = refusal(code="11100000000013127D001", leading_field="车型", aliases=("某证",))
    assert fault.zh.count("；") == fault.en.count("; ") == 3
