"""Every rule of the linter: what it finds, where, and what it lets pass."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ecert import limits
from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.interop.conditions import Age, Equals, OneOf
from ecert.interop.entry import Withdrawal
from ecert.interop.lint import LintFinding, Rule, Severity, lint, require_clean
from ecert.interop.mapping import Constant, Copy, DateForm, Masking, Rename, ValueTable
from ecert.model.catalogue import Catalogue, builtin
from ecert.model.codes import make_uscc
from ecert.model.field_spec import FieldSpec
from tests.unit.interop.regions import (
    AT,
    CHONGQING,
    CHONGQING_TYPE,
    GUANGAN,
    GUIZHOU,
    ISSUED,
    ISSUER,
    NATIONAL,
    OTHER_ISSUER,
    OTHER_NATIONAL,
    SICHUAN,
    SICHUAN_TYPE,
    copy,
    defined,
    entry,
    recognition_list,
    side,
)

if TYPE_CHECKING:
    from ecert.interop.entry import Entry
    from ecert.interop.mapping import FieldMap
    from ecert.interop.recognition import RecognitionList
    from ecert.model.field_spec import FieldKind

MINIMAL_ONLY = "性别"  # what the identity card shows in the profile minimal
ALL_OF_IT = ("性别", "民族", "出生日期", "住址")


def typed(code: str, *fields: FieldSpec) -> Any:
    """A type with these fields, the first of which leads."""
    base = defined(code)
    profiles = tuple(
        profile.model_copy(update={"fields": (profile.fields[0].model_copy(
            update={"name": fields[0].name}),)})
        for profile in base.profiles
    )  # fmt: skip
    return defined(code, fields=fields, leading_field=fields[0].name, profiles=profiles)


def spec(name: str, key: int, kind: FieldKind = "text", **more: Any) -> FieldSpec:
    return FieldSpec(key=key, name=name, short=f"KZ_F{key}", kind=kind, **more)


OURS = typed(
    SICHUAN_TYPE,
    spec("类别", 1, values=("甲", "乙"), required=True),
    spec("级别", 2, values=("A", "B"), joined=True, kind="code"),
    spec("发证", 3, "date"),
    spec("数量", 4, "integer"),
    spec("面积", 5, "decimal"),
    spec("编码", 6, "code"),
    spec("说明", 7),
)
THEIRS = typed(
    CHONGQING_TYPE,
    spec("种类", 1, values=("一", "二"), required=True),
    spec("日子", 2, "date"),
    spec("个数", 3, "integer"),
    spec("附注", 4),
    spec("代号", 5, "code"),
    spec("大小", 6, "decimal"),
)
CATALOGUE = builtin().with_types([OURS, THEIRS])


def linted(
    *entries: Entry, previous: RecognitionList | None = None, **changes: Any
) -> list[LintFinding]:
    document = recognition_list(*entries, **changes)
    return list(lint(document, catalogue=CATALOGUE, previous=previous, at=AT))


def of(findings: list[LintFinding], rule: Rule) -> list[tuple[str, str]]:
    return [(one.entry, one.where) for one in findings if one.rule is rule]


def rules(findings: list[LintFinding]) -> set[Rule]:
    return {one.rule for one in findings}


def both(**changes: Any) -> tuple[Entry, Entry]:
    """An entry and its way back, so that nothing is one-way."""
    there = entry("1", **changes)
    back = entry("2", source=side(CHONGQING, there.target.type),
                 target=side(SICHUAN, there.source.type),
                 fields=changes.get("back"))  # fmt: skip
    return there, back


def local(*fields: FieldMap, **changes: Any) -> Entry:
    """An entry from our own type to theirs."""
    parts = {"source": side(SICHUAN, SICHUAN_TYPE), "target": side(CHONGQING, CHONGQING_TYPE)}
    return entry(**(parts | {"fields": (KIND, *fields)} | changes))


KIND = ValueTable(source="类别", target="种类", values={"甲": "一", "乙": "二"})


# -- the closed list --------------------------------------------------------------------------


def test_every_rule_has_a_number_of_its_own_and_words_in_both_languages() -> None:
    assert len({rule.number for rule in Rule}) == len(Rule)
    for rule in Rule:
        wording = rule.wording
        assert re.fullmatch(r"L[1-6][0-9]{2}", wording.number)
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.value)
        assert wording.en.isascii()
        assert wording.fix_en.isascii()
        assert any("\u4e00" <= character <= "\u9fff" for character in wording.zh)
        assert any("\u4e00" <= character <= "\u9fff" for character in wording.fix_zh)


def test_a_list_that_is_in_order_has_nothing_but_its_provisional_codes() -> None:
    findings = linted(*both())
    assert rules(findings) == {Rule.TYPE_PROVISIONAL}
    [one] = findings
    assert (one.severity, one.entry, one.attribute) == (Severity.WARNING, "1", "source")
    official = linted(
        entry("1", source=side(SICHUAN, OTHER_NATIONAL), target=side(CHONGQING, OTHER_NATIONAL)),
        entry("2", source=side(CHONGQING, OTHER_NATIONAL), target=side(SICHUAN, OTHER_NATIONAL)),
    )
    assert official == []


def test_errors_come_first_and_forbid_signing_while_warnings_pass() -> None:
    findings = linted(entry(required=("无此项",)))
    assert [one.is_error for one in findings] == sorted(
        (one.is_error for one in findings), reverse=True
    )
    require_clean([one for one in findings if not one.is_error])
    with pytest.raises(DocumentRefusedError) as refused:
        require_clean(findings)
    assert refused.value.fault is DocumentFault.CONTENT
    assert refused.value.where == "entries.1.required"
    assert "L303" in refused.value.zh
    assert "无此项" in refused.value.en


def test_a_refusal_names_ten_and_counts_the_others() -> None:
    findings = linted(*(entry(str(n), required=("无",), matters=(str(n),)) for n in range(13)))
    with pytest.raises(DocumentRefusedError, match=r"\(\+3\)"):
        require_clean(findings)


def test_a_finding_tells_itself_in_both_languages_and_in_json() -> None:
    [one] = [one for one in linted(entry(required=("性別",))) if one.is_error]
    assert one.message("zh").startswith("L303 entries.1.required：必备项不是")
    assert "是否为“性别”？" in one.message("zh")
    assert one.message("en").startswith("L303 entries.1.required: a required field")
    assert (one.to_dict()["code"], one.to_dict()["severity"]) == ("required-unknown", "error")


# -- the list as a whole ----------------------------------------------------------------------


def test_what_a_list_may_not_say_at_all_is_told_with_its_place() -> None:
    found = linted(entry("甲.1", matters=("*", "执法检查")))
    assert of(found, Rule.CONTENT) == [("甲.1", "entries.甲.1.matters")]
    twice = linted(entry("1"), entry("1"))
    assert of(twice, Rule.CONTENT) == [("", "entries.id")]


def test_what_its_parties_may_not_say_oversteps() -> None:
    found = linted(entry(source=side(GUIZHOU)))
    assert of(found, Rule.OVERSTEPS) == [("1", "entries.1.source.region")]
    with pytest.raises(DocumentRefusedError) as refused:
        require_clean(found)
    assert refused.value.fault is DocumentFault.OVERSTEPS


def test_a_direction_without_any_entry_is_told_once() -> None:
    found = linted(entry(), entry("2", matters=("执法检查",)))
    assert len(of(found, Rule.DIRECTION_EMPTY)) == 1
    assert "重庆市 → 四川省" in next(
        one.detail_zh for one in found if one.rule is Rule.DIRECTION_EMPTY
    )
    assert not of(linted(*both()), Rule.DIRECTION_EMPTY)
    assert rules(linted()) == set(), "a retired list has no gaps"


def test_a_party_out_of_reach_and_a_version_that_does_not_rise() -> None:
    found = linted(*both(), audience=(SICHUAN,))
    assert of(found, Rule.PARTY_NOT_ADDRESSED) == [("", "audience")]
    assert not of(linted(*both(), audience=("000000",)), Rule.PARTY_NOT_ADDRESSED)
    before = recognition_list(*both(), version=4)
    assert of(linted(*both(), version=4, previous=before), Rule.VERSION_NOT_NEXT)
    assert not of(linted(*both(), version=5, previous=before), Rule.VERSION_NOT_NEXT)


# -- codes ------------------------------------------------------------------------------------


def test_regions_that_never_were_and_regions_that_have_ended() -> None:
    assert of(linted(entry(source=side("519900"))), Rule.REGION_UNKNOWN) == [
        ("1", "entries.1.source.region")
    ]
    # 重庆 江津市 went on as 江津区 (500116).
    past = linted(entry(target=side("500381")))
    assert of(past, Rule.REGION_UNKNOWN) == [("1", "entries.1.target.region")]
    back = linted(entry(source=side("500381"), target=side(SICHUAN)))
    assert of(back, Rule.REGION_ENDED) == [("1", "entries.1.source.region")]
    assert not of(back, Rule.REGION_UNKNOWN)


def test_a_type_that_nobody_defines_and_one_that_the_list_carries() -> None:
    code = f"{make_uscc('11', SICHUAN, '00000077')}001"
    strange: dict[str, Any] = {
        "source": side(SICHUAN, code),
        "fields": (Constant(target="性别", value="男"),),
    }
    found = linted(entry(**strange))
    assert of(found, Rule.TYPE_UNKNOWN) == [("1", "entries.1.source.type")]
    carried = linted(entry(**strange), types=(defined(code),))
    assert not of(carried, Rule.TYPE_UNKNOWN)


def test_a_type_that_another_list_carries_stays_known() -> None:
    code = f"{make_uscc('11', SICHUAN, '00000077')}001"
    document = recognition_list(entry(source=side(SICHUAN, code), fields=copy("性别")), types=())
    held = builtin().with_carried([defined(code)])
    assert not of(list(lint(document, catalogue=held, at=AT)), Rule.TYPE_UNKNOWN)


@pytest.mark.parametrize(
    ("issuer", "rule"),
    [
        (ISSUER, None),
        (make_uscc("11", "511502", "00000003"), Rule.ISSUER_OUTSIDE),
        (make_uscc("11", "100000", "00000003"), Rule.ISSUER_OUTSIDE),
        (make_uscc("11", "500103", "00000003"), Rule.ISSUER_ELSEWHERE),
        ("115116003189451940", Rule.ISSUER_CODE),
    ],
)
def test_issuers_are_compared_with_the_issuing_region(issuer: str, rule: Rule | None) -> None:
    found = linted(entry(source=side(GUANGAN), issuers=(issuer,)))
    told = {Rule.ISSUER_OUTSIDE, Rule.ISSUER_ELSEWHERE, Rule.ISSUER_CODE} & rules(found)
    assert told == (set() if rule is None else {rule})


def test_matters_are_compared_only_if_there_is_a_catalogue_of_them() -> None:
    document = recognition_list(entry(matters=("执法检査", " 图书借阅"[1:])))
    known = ["执法检查", "图书借阅　"]
    assert not of(list(lint(document, catalogue=CATALOGUE, at=AT)), Rule.MATTER_UNKNOWN)
    [one] = [
        one
        for one in lint(document, catalogue=CATALOGUE, matters=known, at=AT)
        if one.rule is Rule.MATTER_UNKNOWN
    ]
    assert one.detail_zh == "“执法检査”，是否为“执法检查”？"


# -- fields -----------------------------------------------------------------------------------


def test_names_that_a_type_lacks() -> None:
    found = linted(local(Copy(source="说明"), Rename(source="说朋", target="附注")))
    assert of(found, Rule.TARGET_FIELD_UNKNOWN) == [("1", "entries.1.fields.说明")]
    assert of(found, Rule.SOURCE_FIELD_UNKNOWN) == [("1", "entries.1.fields.附注")]
    short = linted(local(Rename(source="KZ_F7", target="附注")))
    assert of(short, Rule.SOURCE_FIELD_UNKNOWN), "lists know no short names"


def test_a_field_that_the_target_must_have_is_given_by_something() -> None:
    given = Rename(source="说明", target="附注")
    found = linted(local(fields=(given,)))
    assert of(found, Rule.TARGET_FIELD_UNMAPPED) == [("1", "entries.1.fields.种类")]
    assert not of(linted(local(fields=(Constant(target="种类", value="一"),))),
                  Rule.TARGET_FIELD_UNMAPPED)  # fmt: skip
    assert not of(linted(entry()), Rule.TARGET_FIELD_UNMAPPED)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (DateForm(source="发证", target="日子", form="YYYY-MM-DD"), None),
        (DateForm(source="发证", target="附注", form="YYYY年MM月DD日"), None),
        (DateForm(source="发证", target="个数", form="YYYYMMDD"), None),
        (DateForm(source="发证", target="日子", form="YYYYMMDD"), Rule.KIND_WRONG),
        (DateForm(source="发证", target="大小", form="YYYYMMDD"), Rule.KIND_WRONG),
        (DateForm(source="数量", target="日子", form="YYYY-MM-DD"), Rule.KIND_WRONG),
        (DateForm(source="说明", target="日子", form="YYYY-MM-DD"), Rule.KIND_DOUBTFUL),
        (Masking(source="发证", target="附注", mask="year"), None),
        (Masking(source="发证", target="日子", mask="year"), Rule.KIND_DOUBTFUL),
        (Masking(source="说明", target="附注", mask="year"), Rule.KIND_DOUBTFUL),
        (Masking(source="面积", target="附注", mask="year"), Rule.KIND_WRONG),
        (Masking(source="发证", target="附注", mask="name"), Rule.KIND_WRONG),
        (Masking(source="数量", target="附注", mask="phone"), Rule.KIND_WRONG),
        (Masking(source="编码", target="附注", mask="name"), Rule.KIND_DOUBTFUL),
        (Masking(source="编码", target="代号", mask="last4"), None),
        (Masking(source="数量", target="个数", mask="none"), None),
        (Masking(source="数量", target="个数", mask="last4"), Rule.KIND_DOUBTFUL),
        (Rename(source="数量", target="大小"), None),
        (Rename(source="面积", target="个数"), Rule.KIND_DOUBTFUL),
        (Rename(source="说明", target="日子"), Rule.KIND_DOUBTFUL),
        (Rename(source="发证", target="个数"), Rule.KIND_WRONG),
        (Rename(source="发证", target="附注"), None),
        (ValueTable(source="发证", target="附注", values={"2026-01-01": "新"}, default="旧"),
         Rule.KIND_DOUBTFUL),
        (ValueTable(source="说明", target="附注", values={"有": "是"}, default="否"), None),
    ],
)  # fmt: skip
def test_operations_fit_the_kinds_of_their_fields(line: FieldMap, rule: Rule | None) -> None:
    found = linted(local(line))
    told = {Rule.KIND_WRONG, Rule.KIND_DOUBTFUL} & rules(found)
    assert told == (set() if rule is None else {rule})


def test_a_constant_or_a_table_gives_only_what_the_target_allows() -> None:
    found = linted(local(fields=(Constant(target="种类", value="三"),)))
    assert of(found, Rule.TARGET_VALUE) == [("1", "entries.1.fields.种类")]
    table = KIND.model_copy(update={"values": {"甲": "一", "乙": "四"}, "default": "五"})
    [one] = [one for one in linted(local(fields=(table,))) if one.rule is Rule.TARGET_VALUE]
    assert one.detail_zh == "“四”、“五”"
    assert not of(linted(local()), Rule.TARGET_VALUE)


def test_a_table_covers_what_the_source_can_say() -> None:
    short = KIND.model_copy(update={"values": {"甲": "一"}})
    [one] = [one for one in linted(local(fields=(short,))) if one.rule is Rule.TABLE_INCOMPLETE]
    assert (one.where, one.detail_zh, one.is_error) == ("entries.1.fields.种类", "“乙”", False)
    with_default = short.model_copy(update={"default": "二"})
    assert not of(linted(local(fields=(with_default,))), Rule.TABLE_INCOMPLETE)
    assert not {Rule.TABLE_INCOMPLETE, Rule.TABLE_OPEN} & rules(linted(local()))


def test_a_table_without_default_over_open_values_is_told() -> None:
    open_text = ValueTable(source="说明", target="附注", values={"有": "是"})
    joined = ValueTable(source="级别", target="附注", values={"A": "1", "B": "2"})
    for line in (open_text, joined):
        assert of(linted(local(line)), Rule.TABLE_OPEN) == [("1", "entries.1.fields.附注")]


def test_a_table_with_what_the_source_never_says() -> None:
    table = KIND.model_copy(update={"values": {"甲": "一", "乙": "二", "丙": "二"}})
    [one] = [one for one in linted(local(fields=(table,))) if one.rule is Rule.TABLE_VALUE_UNUSED]
    assert one.detail_zh == "“丙”"


def test_copied_values_that_the_target_does_not_know() -> None:
    found = linted(local(fields=(Rename(source="类别", target="种类"),)))
    assert of(found, Rule.VALUES_NOT_SHARED) == [("1", "entries.1.fields.种类")]
    open_text = linted(local(fields=(Rename(source="说明", target="种类"),)))
    assert of(open_text, Rule.VALUES_NOT_SHARED) == [("1", "entries.1.fields.种类")]
    same = linted(entry(fields=copy(*ALL_OF_IT)))
    assert not of(same, Rule.VALUES_NOT_SHARED)


# -- conditions -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Equals(field="性别", value="男"), set()),
        (Equals(field="性别", value="男性"), {Rule.CONDITION_VALUE}),
        (OneOf(field="性别", values=("男", "女")), set()),
        (Equals(field="民族", value="汉族"), {Rule.CONDITION_NOT_SHOWN}),
        (Age(field="出生日期", at_least=18), {Rule.CONDITION_NOT_SHOWN}),
        (Age(field="民族", at_least=18), {Rule.CONDITION_NOT_SHOWN, Rule.KIND_DOUBTFUL}),
        (Equals(field="星座", value="白羊"), {Rule.CONDITION_FIELD_UNKNOWN}),
    ],
)
def test_conditions_can_be_judged(condition: Any, expected: set[Rule]) -> None:
    found = linted(*both(conditions=(condition,)))
    assert rules(found) - {Rule.TYPE_PROVISIONAL} == expected
    assert {one.where for one in found if one.rule in expected} <= {"entries.1.conditions.0"}


def test_an_age_of_a_number_is_wrong() -> None:
    found = linted(local(conditions=(Age(field="数量", at_least=1),)))
    assert of(found, Rule.KIND_WRONG) == [("1", "entries.1.conditions.0")]


@pytest.mark.parametrize(
    ("conditions", "impossible"),
    [
        ((Equals(field="性别", value="男"), Equals(field="性别", value="女")), True),
        ((Equals(field="性别", value="男"), OneOf(field="性别", values=("男", "女"))), False),
        ((Age(field="出生日期", at_least=60), Age(field="出生日期", at_most=59)), True),
        ((Age(field="出生日期", at_least=60), Age(field="出生日期", at_most=60)), False),
        ((Age(field="出生日期", at_least=60),
          Age(field="出生日期", at_most=18, on=date(2000, 1, 1))), False),
    ],
)  # fmt: skip
def test_conditions_that_nothing_can_meet(conditions: Any, impossible: bool) -> None:
    found = linted(entry(conditions=conditions))
    assert bool(of(found, Rule.CONDITIONS_UNMEETABLE)) is impossible


def test_required_fields_that_a_usual_code_does_not_show() -> None:
    found = linted(entry(required=("住址", "性别")))
    [one] = [one for one in found if one.rule is Rule.REQUIRED_NOT_SHOWN]
    assert (one.where, one.detail_zh) == ("entries.1.required", "“住址”")
    mapped = linted(local(Rename(source="说明", target="附注"), required=("种类", "附注")))
    [one] = [one for one in mapped if one.rule is Rule.REQUIRED_NOT_SHOWN]
    assert one.detail_zh == "“说明”"


# -- entries beside each other ----------------------------------------------------------------


def pair(one: dict[str, Any], other: dict[str, Any]) -> list[LintFinding]:
    return linted(entry("1", **one), entry("2", **other))


NAMED = {"target": side(CHONGQING, NATIONAL, "重庆身份证")}
OTHER_TYPE = {
    "target": side(CHONGQING, OTHER_NATIONAL),
    "fields": (Constant(target="车辆号牌", value="无"), Constant(target="经营范围", value="无")),
}


@pytest.mark.parametrize(
    "answer", [NAMED, OTHER_TYPE, {"fields": copy("性别", "民族", "出生日期")}]
)
def test_two_entries_of_one_precedence_with_two_answers_contradict(answer: Any) -> None:
    found = pair({}, answer)
    [one] = [one for one in found if one.rule is Rule.CONTRADICTION]
    assert (one.entry, one.where, one.detail_zh) == ("1", "entries.1", "与2")
    assert one.is_error


def test_the_same_answer_twice_is_harmless_and_told() -> None:
    for answer in ({}, {"fields": copy(*reversed(ALL_OF_IT))}, {"required": ("性别",)},
                   {"target": side(CHONGQING, NATIONAL, "居民身份证")}):  # fmt: skip
        found = pair({}, answer)
        assert not of(found, Rule.CONTRADICTION)
        [one] = [one for one in found if one.rule is Rule.OVERLAP]
        assert one.detail_zh == "与2，结果相同"


def test_a_narrower_entry_speaks_first_and_is_told() -> None:
    found = pair(NAMED, {"source": side(GUANGAN)})
    [one] = [one for one in found if one.rule is Rule.OVERLAP]
    assert (one.entry, one.detail_zh) == ("2", "与1，颁发地区范围更小，本条优先")
    assert not of(found, Rule.CONTRADICTION)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"source": side("511500")}, {"source": side(GUANGAN)}),
        ({"target": side("500103")}, {"target": side("500105")}),
        ({"issuers": (ISSUER,)}, {"issuers": (OTHER_ISSUER,)}),
        ({"matters": ("执法检查",)}, {"matters": ("图书借阅",)}),
        ({"valid_until": date(2026, 12, 31)}, {"valid_from": date(2027, 1, 1)}),
        ({"withdrawn": Withdrawal(on=date(2027, 1, 1), basis="文")},
         {"valid_from": date(2027, 1, 1)}),
        ({"conditions": (Equals(field="性别", value="男"),)},
         {"conditions": (Equals(field="性别", value="女"),)}),
        ({"conditions": (Age(field="出生日期", at_most=17),)},
         {"conditions": (Age(field="出生日期", at_least=18),)}),
    ],
)  # fmt: skip
def test_entries_that_share_no_licence_neither_overlap_nor_contradict(one: Any, other: Any) -> None:
    target = other.get("target", side(CHONGQING))
    other = other | {"target": side(target.region, NATIONAL, "别名")}
    found = pair(one, other)
    assert not of(found, Rule.CONTRADICTION)
    assert not of(found, Rule.OVERLAP)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"issuers": (ISSUER, OTHER_ISSUER)}, {"issuers": (OTHER_ISSUER,)}),
        ({"matters": ("执法检查", "图书借阅")}, {"matters": ("图书借阅",)}),
        ({"matters": ("ＡＢ",)}, {"matters": ("AB",)}),
        ({"valid_until": date(2027, 1, 1)}, {"valid_from": date(2027, 1, 1)}),
        ({"conditions": (Equals(field="性别", value="男"),)}, {}),
        ({"conditions": (Age(field="出生日期", at_most=18),)},
         {"conditions": (Age(field="出生日期", at_least=18),)}),
    ],
)  # fmt: skip
def test_entries_that_share_one_licence_contradict(one: Any, other: Any) -> None:
    assert of(pair(one, other | NAMED), Rule.CONTRADICTION)


def test_recognition_one_way_is_told_for_each_entry() -> None:
    assert of(linted(entry()), Rule.ONE_WAY) == [("1", "entries.1")]
    assert not of(linted(*both()), Rule.ONE_WAY)
    narrower = entry("2", source=side("500103"), target=side(GUANGAN))
    assert not of(linted(entry(), narrower), Rule.ONE_WAY)
    gone = entry("2", source=side(CHONGQING), target=side(SICHUAN),
                 withdrawn=Withdrawal(on=date(2026, 2, 1), basis="文"))  # fmt: skip
    assert of(linted(entry(), gone), Rule.ONE_WAY) == [("1", "entries.1")]


# -- days -------------------------------------------------------------------------------------


def test_the_life_of_a_list() -> None:
    assert of(linted(*both(), expires=ISSUED), Rule.DATES_REVERSED) == [("", "expires")]
    most = ISSUED + limits.MAX_LIST_LIFE
    assert not of(linted(*both(), expires=most), Rule.LIFE_TOO_LONG)
    longer = most + timedelta(seconds=1)
    assert of(linted(*both(), expires=longer), Rule.LIFE_TOO_LONG) == [("", "expires")]
    assert of(linted(*both(), expires=AT), Rule.LIST_EXPIRED) == [("", "expires")]
    assert not of(linted(*both(), expires=AT + timedelta(seconds=1)), Rule.LIST_EXPIRED)
    soon = AT + limits.LIST_CLOCK_SKEW
    assert not of(linted(*both(), issued=soon), Rule.FROM_FUTURE)
    later = soon + timedelta(seconds=1)
    assert of(linted(*both(), issued=later), Rule.FROM_FUTURE) == [("", "issued")]


def test_entries_that_are_over_and_entries_that_never_begin() -> None:
    today = date(2026, 11, 22)
    assert not of(linted(entry(valid_until=today)), Rule.ENTRY_LAPSED)
    over = linted(entry(valid_until=today - timedelta(days=1)))
    assert of(over, Rule.ENTRY_LAPSED) == [("1", "entries.1.valid_until")]
    ends = date(2026, 12, 22)  # the day on which the list expires
    assert not of(linted(entry(valid_from=ends)), Rule.ENTRY_NEVER)
    late = linted(entry(valid_from=ends + timedelta(days=1)))
    assert of(late, Rule.ENTRY_NEVER) == [("1", "entries.1.valid_from")]
    first = date(2026, 1, 1)
    never = linted(entry(withdrawn=Withdrawal(on=first, basis="文")))
    assert of(never, Rule.ENTRY_NEVER) == [("1", "entries.1.valid_from")]
    history = linted(entry(withdrawn=Withdrawal(on=date(2026, 2, 1), basis="文")))
    assert not {Rule.ENTRY_LAPSED, Rule.ENTRY_NEVER} & rules(history)


DUE = date(2026, 12, 21)  # issued on 21 November, 30 days later


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, False),
        ({"note": "只改文字", "lead": "某厅"}, False),
        ({"matters": ("执法检查",)}, True),
        ({"matters": ("执法检查",), "valid_from": DUE}, False),
        ({"issuers": (ISSUER,)}, True),
        ({"valid_until": DUE - timedelta(days=1)}, False),
        ({"valid_until": DUE - timedelta(days=2)}, True),
        ({"withdrawn": Withdrawal(on=date(2026, 11, 23), basis="文")}, False),
    ],
)
def test_notice_is_as_long_as_agreed(changes: Any, told: bool) -> None:
    before = recognition_list(entry(), notice_days=30)
    found = linted(entry(**changes), version=2, notice_days=30, previous=before)
    assert bool(of(found, Rule.NOTICE_TOO_SHORT)) is told


def test_a_new_entry_waits_for_its_notice_and_a_first_version_does_not() -> None:
    before = recognition_list(notice_days=30)
    early: dict[str, Any] = {"version": 2, "previous": before}
    assert of(linted(entry(valid_from=DUE - timedelta(days=1)), **early), Rule.NOTICE_TOO_SHORT)
    assert not of(linted(entry(valid_from=DUE), **early), Rule.NOTICE_TOO_SHORT)
    assert not of(linted(entry(), notice_days=30), Rule.NOTICE_TOO_SHORT)
    # What was agreed before counts, not what the new version says.
    lax = recognition_list(notice_days=0)
    assert not of(linted(entry(), version=2, notice_days=30, previous=lax), Rule.NOTICE_TOO_SHORT)


def test_an_unknown_type_keeps_its_fields_from_being_judged_not_the_rest() -> None:
    found = list(lint(recognition_list(local()), catalogue=Catalogue(), at=AT))
    assert rules(found) == {Rule.TYPE_UNKNOWN, Rule.DIRECTION_EMPTY, Rule.ONE_WAY}
