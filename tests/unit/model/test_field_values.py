"""Each kind of field has one text form; all else is refused, with the place and the mending."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.errors import FieldsError, FormatError
from ecert.limits import MAX_SAFE_INTEGER
from ecert.model.field_spec import FieldKind, FieldSpec

if TYPE_CHECKING:
    from pathlib import Path

KINDS: tuple[FieldKind, ...] = ("text", "code", "date", "integer", "decimal")


# How many of the naughty strings are values of a kind: at least, at most.
KEPT = {
    "text": (450, 500),
    "code": (150, 300),
    "date": (0, 0),
    "integer": (1, 20),
    "decimal": (1, 20),
}


def field(kind: FieldKind, **more: Any) -> FieldSpec:
    return FieldSpec(key=1, name="某项", short="KZ_MX", kind=kind, **more)


def faults(spec: FieldSpec, value: object) -> tuple[FormatError, ...]:
    with pytest.raises(FieldsError) as caught:
        spec.canonical(value)
    assert caught.value.where == "某项"
    assert caught.value.faults
    for fault in caught.value.faults:
        assert fault.where == "某项"
        assert all((fault.zh, fault.en, fault.fix_zh, fault.fix_en))
    return caught.value.faults


def only_fault(spec: FieldSpec, value: object) -> FormatError:
    found = faults(spec, value)
    assert len(found) == 1
    return found[0]


def is_kept(spec: FieldSpec, text: str) -> bool:
    """Tell whether ``text`` is kept unchanged, having proved that else it is told why."""
    try:
        kept = spec.canonical(text)
    except FieldsError:
        faults(spec, text)
        return False
    assert kept == text
    return True


@pytest.mark.parametrize("kind", KINDS)
def test_every_naughty_string_is_kept_unchanged_or_refused_with_a_reason(
    kind: FieldKind, vectors: Path
) -> None:
    strings = json.loads((vectors / "naughty-strings.json").read_text("utf-8"))
    kept = [text for text in strings if is_kept(field(kind), text)]
    assert len(strings) > 500
    # Most are ugly but honest text; no one is a date, and few are numbers.
    least, most = KEPT[kind]
    assert least <= len(kept) <= most


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(KINDS), text=st.text(max_size=30))
def test_any_text_is_kept_unchanged_or_refused(kind: FieldKind, text: str) -> None:
    is_kept(field(kind), text)


@pytest.mark.parametrize(
    "text",
    [
        "张伟",
        "阿卜杜拉·买买提",
        "𠮷田",
        "葛\U000e0100",
        "３号楼（东）",
        "a b",
        "‘’“”——",
        "བོད",
        "ئۇيغۇر",
        "<script>alert(1)</script>",
        "=1+1",
        "1'; DROP TABLE licences--",
    ],
)
def test_honest_text_is_kept(text: str) -> None:
    assert field("text").canonical(text) == text


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("一\u202e二", "格式字符"),
        ("一\u200b二", "格式字符"),
        ("一\n二", "控制字符"),
        ("一\x00二", "控制字符"),
        ("一\ue000二", "私用区"),
        ("一\ud800二", "代理码"),
        ("一\u2028二", "行分隔符"),
        ("一\ufffe二", "无效"),
        ("一" + "\u0301" * 40, "组合符号"),
    ],
)
def test_invisible_characters_are_named_with_their_place(text: str, word: str) -> None:
    fault = only_fault(field("text"), text)
    assert word in fault.zh
    assert "第2个字符" in fault.zh or "组合符号" in fault.zh


def test_every_fault_of_one_value_is_told() -> None:
    found = faults(field("text", max_chars=3), " 一\u200b二三")
    assert [fault.zh.partition("，")[0] for fault in found] == [
        "最多3个字符",
        "第3个字符U+200B是不可见的格式字符",
        "首尾有空格",
    ]


@pytest.mark.parametrize("kind", ["text", "code"])
def test_length_is_bounded(kind: FieldKind) -> None:
    spec = field(kind, max_chars=4)
    assert spec.canonical("川川川川") == "川川川川"
    assert only_fault(spec, "川川川川川").zh == "最多4个字符，实际5个"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [None, True, 1.5, b"1", ["1"], {"1": 1}])
def test_other_kinds_are_refused(kind: FieldKind, value: object) -> None:
    assert only_fault(field(kind), value).zh.startswith("应为")


@pytest.mark.parametrize("kind", KINDS)
def test_the_empty_text_is_no_value(kind: FieldKind) -> None:
    only_fault(field(kind), "")


@pytest.mark.parametrize("text", ["C1", "渝A12345", "510681-000123", "〇1", "𠮷1"])
def test_a_code_is_half_width_and_ideographs(text: str) -> None:
    assert field("code").canonical(text) == text


@pytest.mark.parametrize(
    ("text", "zh", "fix"),
    [
        ("C１", "第2位是“１”(U+FF11)，不能使用", "请改用半角“1”"),
        ("Ｃ1", "第1位是“Ｃ”(U+FF23)，不能使用", "请改用半角“C”"),
        ("C 1", "第2位是“ ”(U+0020)，不能使用", ""),
        ("С1", "第1位是“С”(U+0421)，不能使用", ""),
        ("C\u200b1", "第2位是U+200B，不能使用", ""),
    ],
)
def test_a_code_names_the_character_its_place_and_the_mending(text: str, zh: str, fix: str) -> None:
    fault = only_fault(field("code"), text)
    assert fault.zh == zh
    assert fix in fault.fix_zh


CLASSES = ("A1", "A2", "B2", "C1", "C6", "D", "E")


def test_only_listed_values_pass() -> None:
    spec = field("code", values=CLASSES)
    assert spec.canonical("A2") == "A2"
    assert "可填：A1、A2" in only_fault(spec, "A2D").fix_zh


def test_a_value_in_the_wrong_case_is_recognised_in_the_message_only() -> None:
    assert only_fault(field("code", values=CLASSES), "c1").fix_zh.startswith("是否应为“C1”？")


@pytest.mark.parametrize("text", ["C1", "A2D", "C1E", "A1A2D", "B2DE", "C1C6"])
def test_joined_values_pass(text: str) -> None:
    assert field("code", values=CLASSES, joined=True).canonical(text) == text


@pytest.mark.parametrize("text", ["C9", "A", "1", "C1C1", "C1D1", "DC", "C1,D", "A2DX"])
def test_joined_values_are_whole_known_and_not_repeated(text: str) -> None:
    spec = field("code", values=CLASSES, joined=True)
    fault = only_fault(spec, text)
    assert fault.zh == "不是允许的值"
    assert "可连写" in fault.fix_zh


def test_a_long_list_of_values_is_cut_in_the_message() -> None:
    spec = field("text", values=tuple(f"值{place}" for place in range(30)))
    fix = only_fault(spec, "无").fix_zh
    assert fix.endswith("值19…")


def test_a_date_has_one_form() -> None:
    assert field("date").canonical(date(2024, 2, 29)) == "2024-02-29"
    assert field("date").canonical("2024-02-29") == "2024-02-29"


@pytest.mark.parametrize(
    ("value", "zh"),
    [
        ("20240229", "日期格式不对"),
        ("2024-2-29", "日期格式不对"),
        ("2024/02/29", "日期格式不对"),
        ("2024年2月29日", "日期格式不对"),
        ("2024-02-29 ", "日期格式不对"),
        ("2024-02-29T00:00", "日期格式不对"),
        ("2023-02-29", "没有这一天"),
        ("0000-01-01", "没有这一天"),
        ("2024-0２-29", "第7个字符“２”(U+FF12)不是半角字符"),
        ("2024-0٢-29", "第7个字符“٢”(U+0662)不是半角字符"),
        (datetime(2024, 2, 29, tzinfo=UTC), "应为日期（不含时间）"),
        (20240229, "应为日期（不含时间）"),
    ],
)
def test_other_forms_of_a_date_are_refused(value: object, zh: str) -> None:
    assert only_fault(field("date"), value).zh == zh


@settings(max_examples=200, deadline=None)
@given(st.dates())
def test_every_day_goes_through(day: date) -> None:
    text = field("date").canonical(day)
    assert date.fromisoformat(text) == day
    assert field("date").canonical(text) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (120, "120"), ("120", "120"), (MAX_SAFE_INTEGER, str(2**53 - 1))]
)
def test_an_integer_is_a_number_or_its_digits(value: object, text: str) -> None:
    assert field("integer").canonical(value) == text
    assert field("decimal").canonical(value) == text


def test_true_is_not_one() -> None:
    assert only_fault(field("integer"), value=True).zh == "应为整数"
    assert "Decimal" in only_fault(field("decimal"), value=True).zh


@pytest.mark.parametrize(
    "value", [-1, "-1", "+1", "007", "1_000", "1,000", " 1", "1.0", "1e3", "0x1"]
)
def test_an_integer_has_no_sign_mark_or_needless_zero(value: object) -> None:
    assert only_fault(field("integer"), value).zh.startswith("应为整数")


@pytest.mark.parametrize(
    "value",
    [MAX_SAFE_INTEGER + 1, str(MAX_SAFE_INTEGER + 1), 10**5000, "9" * 9999],
    ids=["int", "text", "huge int", "huge text"],
)
@pytest.mark.parametrize("kind", ["integer", "decimal"])
def test_a_number_beyond_the_exact_range_is_refused(kind: FieldKind, value: object) -> None:
    assert only_fault(field(kind), value).zh == "数值过大"


@pytest.mark.parametrize(("value", "digit"), [("１20", "1"), ("1٢0", "2"), ("1²0", "2")])
@pytest.mark.parametrize("kind", ["integer", "decimal"])
def test_digits_of_another_width_or_script_are_named(
    kind: FieldKind, value: str, digit: str
) -> None:
    fault = only_fault(field(kind), value)
    assert "不是半角字符" in fault.zh
    assert fault.fix_zh == f"请改用半角“{digit}”"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (100, "100"),
        ("100.50", "100.50"),
        (Decimal("100.50"), "100.50"),
        (Decimal("1E+2"), "100"),
        (Decimal("0.0001"), "0.0001"),
    ],
)
def test_a_decimal_keeps_its_places(value: object, text: str) -> None:
    assert field("decimal").canonical(value) == text


@pytest.mark.parametrize(
    "value",
    [Decimal("NaN"), Decimal("Infinity"), Decimal(-1), "1.", ".5", "1,5", "01.5", "1e2", "NaN"],
)
def test_what_is_no_plain_decimal_is_refused(value: object) -> None:
    assert only_fault(field("decimal"), value).zh.startswith("应为数字")


@pytest.mark.parametrize("value", [Decimal("1E+999999"), Decimal("1E-999999")])
def test_a_decimal_of_a_million_digits_is_not_written_out(value: Decimal) -> None:
    assert only_fault(field("decimal"), value).zh == "数值过大"


def test_no_message_quotes_the_value() -> None:
    secret = "510681199003071237"
    for spec in (
        field("date"),
        field("integer", max_chars=5),
        field("text", max_chars=5),
        field("code", values=("A", "B")),
    ):
        for fault in faults(spec, secret):
            assert secret not in str(fault)
            assert secret[:6] not in str(fault)
