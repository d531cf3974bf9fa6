"""Narrowed, widened, withdrawn: what each attribute's change is called, and that it is true."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from ecert.interop.change import compare
from ecert.interop.conditions import Age, Equals, OneOf
from ecert.interop.difference import DifferenceKind, EntryDifference
from ecert.interop.direction import Direction, attribute_changes
from ecert.interop.entry import Withdrawal
from ecert.interop.mapping import Copy, Rename, ValueTable
from ecert.interop.told import ATTRIBUTES
from tests.unit.interop.generated import QUESTIONS, SHOWN, Asked, entries, lists
from tests.unit.interop.regions import (
    CHONGQING,
    GUANGAN,
    GUIZHOU,
    ISSUER,
    NATIONAL,
    OTHER_ISSUER,
    OTHER_NATIONAL,
    SICHUAN,
    YUZHONG,
    copy,
    defined,
    entry,
    recognition_list,
    side,
)

if TYPE_CHECKING:
    from ecert.interop.recognition import RecognitionList

SAME, NARROWED, WIDENED, OTHER = Direction


def table(**values: str) -> tuple[ValueTable]:
    return (ValueTable(source="性别", target="性别", values=values),)


# One row of each attribute: before, now, and what that means; the way back is derived.
ROWS: list[tuple[dict[str, Any], dict[str, Any], Direction]] = [
    ({}, {"source": side(GUANGAN)}, NARROWED),
    ({"source": side("511500")}, {"source": side(GUANGAN)}, OTHER),
    ({}, {"source": side(SICHUAN, OTHER_NATIONAL)}, OTHER),
    ({}, {"source": side(SICHUAN, NATIONAL, "证")}, SAME),
    ({}, {"target": side(YUZHONG)}, NARROWED),
    ({}, {"target": side(CHONGQING, NATIONAL, "证")}, SAME),
    ({}, {"issuers": (ISSUER,)}, NARROWED),
    ({"issuers": (ISSUER, OTHER_ISSUER)}, {"issuers": (ISSUER,)}, NARROWED),
    ({"issuers": (OTHER_ISSUER,)}, {"issuers": (ISSUER,)}, OTHER),
    ({"issuers": (ISSUER, OTHER_ISSUER)}, {"issuers": (OTHER_ISSUER, ISSUER)}, SAME),
    ({}, {"matters": ("执法检查",)}, NARROWED),
    ({"matters": ("执法检查",)}, {"matters": ("图书借阅",)}, OTHER),
    ({"matters": ("ＡＢ",)}, {"matters": ("AB",)}, SAME),
    ({}, {"required": ("性别",)}, NARROWED),
    ({"required": ("性别",)}, {"required": ("民族",)}, OTHER),
    ({}, {"conditions": (Equals(field="性别", value="男"),)}, NARROWED),
    ({"conditions": (OneOf(field="性别", values=("男", "女")),)},
     {"conditions": (Equals(field="性别", value="男"),)}, NARROWED),
    ({"conditions": (Equals(field="性别", value="男"),)},
     {"conditions": (OneOf(field="性别", values=("男",)),)}, SAME),
    ({"conditions": (Equals(field="性别", value="男"),)},
     {"conditions": (Equals(field="性别", value="女"),)}, OTHER),
    ({"conditions": (Age(field="出生日期", at_least=18),)},
     {"conditions": (Age(field="出生日期", at_least=60),)}, NARROWED),
    ({"conditions": (Age(field="出生日期", at_least=18),)},
     {"conditions": (Age(field="出生日期", at_least=18, at_most=60),)}, NARROWED),
    ({"conditions": (Age(field="出生日期", at_most=60),)},
     {"conditions": (Age(field="出生日期", at_least=0, at_most=60),)}, SAME),
    ({"conditions": (Age(field="出生日期", at_least=18),)},
     {"conditions": (Age(field="出生日期", at_least=18, on=date(2026, 1, 1)),)}, OTHER),
    ({"conditions": (Age(field="出生日期", at_least=18),)},
     {"conditions": (Equals(field="出生日期", value="2000-01-01"),)}, OTHER),
    ({}, {"fields": copy("性别")}, OTHER),
    ({"fields": copy("性别", "民族")}, {"fields": copy("民族", "性别")}, SAME),
    ({"fields": copy("性别", "民族")}, {"fields": copy("性别")}, OTHER),
    ({"fields": copy("性别")}, {"fields": (Rename(source="民族", target="性别"),)}, OTHER),
    ({"fields": table(男="男", 女="女")}, {"fields": table(男="男")}, NARROWED),
    ({"fields": table(男="男")}, {"fields": table(男="女")}, OTHER),
    ({}, {"valid_from": date(2026, 2, 1)}, NARROWED),
    ({}, {"valid_until": date(2027, 2, 1)}, NARROWED),
    ({}, {"withdrawn": Withdrawal(on=date(2027, 1, 1), basis="文")}, NARROWED),
    ({"withdrawn": Withdrawal(on=date(2027, 1, 1), basis="文")},
     {"withdrawn": Withdrawal(on=date(2027, 1, 1), basis="另文", note="注")}, SAME),
    ({"withdrawn": Withdrawal(on=date(2027, 1, 1), basis="文")},
     {"withdrawn": Withdrawal(on=date(2026, 12, 1), basis="文")}, NARROWED),
    ({}, {"lead": "某厅"}, SAME),
    ({}, {"basis": "另文"}, SAME),
    ({}, {"note": "注"}, SAME),
]  # fmt: skip
BACK = {SAME: SAME, NARROWED: WIDENED, WIDENED: NARROWED, OTHER: OTHER}


@pytest.mark.parametrize(("before", "now", "direction"), ROWS)
def test_each_attribute_and_the_way_back(
    before: dict[str, Any], now: dict[str, Any], direction: Direction
) -> None:
    old, new = entry(**before), entry(**now)
    [one] = attribute_changes(old, new)
    assert one.direction is direction
    [back] = attribute_changes(new, old)
    assert back.direction is BACK[direction]


def test_every_attribute_is_judged_and_has_a_name() -> None:
    judged = {one.attribute for before, now, _ in ROWS
              for one in attribute_changes(entry(**before), entry(**now))}  # fmt: skip
    judged.add("target.type")
    assert judged == set(ATTRIBUTES)
    [moved] = attribute_changes(entry(), entry(target=side(CHONGQING, OTHER_NATIONAL)))
    assert (moved.attribute, moved.direction) == ("target.type", OTHER)


def test_what_has_become_of_an_entry() -> None:
    gone: dict[str, Any] = {"withdrawn": Withdrawal(on=date(2027, 1, 1), basis="文")}
    kinds = {
        DifferenceKind.ADDED: (None, entry()),
        DifferenceKind.REMOVED: (entry(), None),
        DifferenceKind.WITHDRAWN: (entry(), entry(**gone, matters=("执法检查",))),
        DifferenceKind.WIDENED: (entry(**gone), entry()),
        DifferenceKind.NARROWED: (entry(), entry(issuers=(ISSUER,), required=("性别",))),
        DifferenceKind.CHANGED: (entry(required=("性别",)), entry(issuers=(ISSUER,))),
        DifferenceKind.REWORDED: (entry(), entry(note="注")),
    }
    assert set(kinds) == set(DifferenceKind)
    for kind, (old, new) in kinds.items():
        assert EntryDifference.of(old, new).kind is kind
    ended_and_widened = EntryDifference.of(entry(required=("性别",)), entry(**gone))
    assert ended_and_widened.kind is DifferenceKind.CHANGED


def test_sentences_are_for_directors() -> None:
    drop = EntryDifference.of(
        entry("川-03", source=side(SICHUAN, NATIONAL, "身份证")),
        entry("川-03", source=side(SICHUAN, NATIONAL, "身份证"), matters=("机动车业务", "执法检查"),
              conditions=(Equals(field="性别", value="男"),)),
    )  # fmt: skip
    assert drop.sentence("zh") == (
        "川-03 身份证 → 居民身份证：事项由“全部”收窄为“机动车业务、执法检查”；"
        "条件由“无”收窄为“性别为‘男’”"
    )
    assert drop.sentence("en") == (
        '川-03 身份证 → 居民身份证: matters narrowed from "all" to "机动车业务, 执法检查"; '
        'conditions narrowed from "none" to "性别: 男"'
    )
    gone = entry(withdrawn=Withdrawal(on=date(2027, 1, 1), basis="川函〔2026〕9号", note="停用"))
    assert EntryDifference.of(entry(), gone).sentence("zh") == (
        "1 居民身份证：撤回，依川函〔2026〕9号；停用，自2027-01-01起不再认可"
    )
    assert EntryDifference.of(gone, entry()).sentence("zh").startswith("1 居民身份证：取消撤回")
    assert EntryDifference.of(None, entry()).sentence("zh") == (
        "1 居民身份证：新增（四川省 → 重庆市，事项：全部）"
    )


def test_a_field_comparison_tells_only_the_lines_that_differ() -> None:
    old = entry(fields=(Copy(source="民族"), *table(男="男", 女="女")))
    new = entry(fields=(Copy(source="民族"), *table(男="男")))
    assert EntryDifference.of(old, new).sentence("zh") == (
        "1 居民身份证：照面信息对照由“性别（男→男，女→女）”收窄为“性别（男→男）”"
    )


def test_parties_and_carried_types_count_for_the_whole() -> None:
    three = recognition_list(entry(), parties=(SICHUAN, CHONGQING, GUIZHOU))
    two = recognition_list(entry(), version=2)
    assert compare(three, two).direction is NARROWED
    assert compare(two, three).direction is WIDENED
    carrying = recognition_list(entry(), types=(defined(f"{ISSUER}001"),))
    assert compare(two, carrying).direction is WIDENED
    assert compare(carrying, two).direction is NARROWED
    redefined = recognition_list(entry(), types=(defined(f"{ISSUER}001", name="另名"),))
    assert compare(carrying, redefined).direction is OTHER
    assert compare(two, two).direction is SAME


@st.composite
def versions(draw: st.DrawFn) -> tuple[RecognitionList, RecognitionList]:
    """A list, and another version of which some attributes come from other entries."""
    old = draw(lists(3))
    new = []
    for one in old.entries:
        other = draw(entries(one.id))
        names = draw(st.lists(st.sampled_from(["issuers", "matters", "required", "conditions",
                                               "valid_from", "valid_until", "withdrawn", "target",
                                               "note", "source"]), max_size=2))  # fmt: skip
        changes = {name: getattr(other, name) for name in names}
        if "target" in changes and one.target.type != other.target.type:
            changes["fields"] = other.fields
            changes["required"] = ()
        if draw(st.integers(0, 5)):
            new.append(one.model_copy(update=changes))
    if draw(st.integers(0, 3)) == 0:
        new.append(draw(entries("new")))
    return old, old.model_copy(update={"entries": tuple(new), "version": 2})


@settings(max_examples=150, deadline=None,
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])  # fmt: skip
@given(versions())
def test_the_direction_is_true_for_every_question(
    drawn: tuple[RecognitionList, RecognitionList],
) -> None:
    old, new = drawn
    direction = compare(old, new).direction
    event(direction.value)
    assume(direction is not OTHER)
    before, now = Asked(old), Asked(new)
    for question in QUESTIONS:
        listed = before.decide(question).recognised, now.decide(question).recognised
        accepted = [
            (bool(before.accepting(question, shown)), bool(now.accepting(question, shown)))
            for shown in (SHOWN if any(listed) else ())
        ]
        for was, is_now in (listed, *accepted):
            assert is_now or not was or direction is NARROWED
            assert was or not is_now or direction is WIDENED
        if direction is SAME:
            assert before.decide(question).reason == now.decide(question).reason
