"""The values of fields: one text form for each kind, and what is wrong with the others.

Messages name the field, the character and its place, but never quote the value: it may be
personal data, put into the wrong column.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ecert.errors import FormatError
from ecert.limits import MAX_SAFE_INTEGER
from ecert.model.characters import (
    PRINTABLE_ASCII,
    describe,
    is_mark,
    is_plain,
    require_only,
    require_visible,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.model.field_spec import FieldSpec

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INTEGER: Final = re.compile(r"0|[1-9][0-9]*")
_DECIMAL: Final = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
MAX_NUMBER_DIGITS: Final = len(str(MAX_SAFE_INTEGER))
_CODE_ASCII: Final = PRINTABLE_ASCII - {" "}
# Codes may begin with a province's character (渝A12345): ideographs, but no other script.
_IDEOGRAPH: Final = re.compile("[〇\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003fffd]")
# Values named in a message; a longer list is cut.
_SHOWN_VALUES: Final = 20

# The text (empty where there is none) and what is wrong with it.
Checked = tuple[str, list[FormatError]]


def canonical_value(spec: FieldSpec, value: object) -> Checked:
    """Return the one text form of ``value`` and every fault that it has."""
    return _KINDS[spec.kind](spec, value)


def text_faults(text: str, where: str, max_chars: int) -> list[FormatError]:
    """Return what is wrong with a line of free text: length, invisible characters, ends."""
    if not text:
        return [
            _fault(where, "不能为空", "must not be empty", "没有内容时不要填写此项", "leave it out")
        ]
    if len(text) <= max_chars and is_plain(text) and text == text.strip():
        return []
    faults = _length_faults(text, where, max_chars)
    try:
        require_visible(text, FormatError, where=where)
    except FormatError as fault:
        faults.append(fault)
    if text != text.strip():
        faults.append(
            _fault(where, "首尾有空格", "there are spaces at its ends", "请删去", "remove them")
        )
    if is_mark(text[0]):
        faults.append(
            _fault(
                where,
                "不能以组合符号开头",
                "must not begin with a combining mark",
                "请删去",
                "remove it",
            )
        )
    return faults


def code_faults(text: str, where: str, max_chars: int) -> list[FormatError]:
    """Return what is wrong with a code: only half-width characters and ideographs, no space."""
    if not text:
        return text_faults(text, where, max_chars)
    if len(text) <= max_chars and _CODE_ASCII.issuperset(text):
        return []
    faults = _length_faults(text, where, max_chars)
    try:
        require_only(text, _CODE_ASCII.union(_IDEOGRAPH.findall(text)), FormatError, where=where)
    except FormatError as fault:
        faults.append(fault)
    return faults


def foreign_digit_faults(text: str, where: str) -> list[FormatError]:
    """Return a fault that names the first digit or letter of another width or script, if any.

    Python's `int` and `str.isdigit` would take such digits for numbers.
    """
    if text.isascii():
        return []
    for place, character in enumerate(text, start=1):
        if character.isascii():
            continue
        plain = unicodedata.normalize("NFKC", character)
        if unicodedata.digit(character, None) is not None or (plain.isascii() and plain.isalnum()):
            half_width = plain if plain.isascii() else str(unicodedata.digit(character))
            return [
                _fault(
                    where,
                    f"第{place}个字符{describe(character)}不是半角字符",
                    f"character {place}, {describe(character)}, is not half-width",
                    f"请改用半角“{half_width}”",
                    f'use the half-width "{half_width}"',
                )
            ]
    return []


def _text(spec: FieldSpec, value: object) -> Checked:
    if not isinstance(value, str):
        return "", [_kind_fault(spec, "文本", "text")]
    faults = text_faults(value, spec.name, spec.max_chars)
    return value, faults or _choice_faults(spec, value)


def _code(spec: FieldSpec, value: object) -> Checked:
    if not isinstance(value, str):
        return "", [_kind_fault(spec, "文本", "text")]
    faults = code_faults(value, spec.name, spec.max_chars)
    return value, faults or _choice_faults(spec, value)


def _date(spec: FieldSpec, value: object) -> Checked:
    # A datetime is a date to Python, but which day it is depends on a time zone.
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat(), []
    if not isinstance(value, str):
        return "", [_kind_fault(spec, "日期（不含时间）", "a date without a time")]
    if faults := foreign_digit_faults(value, spec.name):
        return "", faults
    if not _DATE.fullmatch(value):
        return "", [
            _fault(
                spec.name,
                "日期格式不对",
                "is not in the form of a date",
                "请写成 YYYY-MM-DD，如 2024-01-31",
                "write it as YYYY-MM-DD, for example 2024-01-31",
            )
        ]
    try:
        return date.fromisoformat(value).isoformat(), []
    except ValueError:
        fix = ("请核对年、月、日", "check year, month and day")
        return "", [_fault(spec.name, "没有这一天", "there is no such day", *fix)]


def _integer(spec: FieldSpec, value: object) -> Checked:
    # bool is an int in Python, and True would become 1.
    if isinstance(value, bool) or not isinstance(value, int | str):
        return "", [_kind_fault(spec, "整数", "an integer")]
    # Compared before it is written out: Python refuses to print integers without bound.
    if isinstance(value, int) and abs(value) > MAX_SAFE_INTEGER:
        return "", [_too_large(spec)]
    return _number(spec, str(value), _INTEGER, "整数", "an integer")


def _decimal(spec: FieldSpec, value: object) -> Checked:
    # A float is not what was printed: 0.1 + 0.2.
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return "", [
            _kind_fault(spec, "数字（文本、整数或 Decimal）", "a number (text, int or Decimal)")
        ]
    if isinstance(value, Decimal):
        # Writing out 1E+999999 or 1E-999999 would make a million digits.
        if value.is_finite() and not -spec.max_chars <= value.adjusted() <= MAX_NUMBER_DIGITS:
            return "", [_too_large(spec)]
        value = f"{value:f}"
    elif isinstance(value, int) and abs(value) > MAX_SAFE_INTEGER:
        return "", [_too_large(spec)]
    return _number(spec, str(value), _DECIMAL, "数字", "a number")


def _number(spec: FieldSpec, text: str, form: re.Pattern[str], zh: str, en: str) -> Checked:
    if faults := foreign_digit_faults(text, spec.name):
        return "", faults
    if not form.fullmatch(text):
        return "", [
            _fault(
                spec.name,
                f"应为{zh}，不能有正负号、空格、千分号或多余的0",
                f"must be {en} without sign, space, thousands mark or needless zero",
                "请只写数字，如 120",
                "write digits only, for example 120",
            )
        ]
    whole = text.partition(".")[0]
    if len(whole) > MAX_NUMBER_DIGITS or int(whole) > MAX_SAFE_INTEGER:
        return "", [_too_large(spec)]
    return text, _length_faults(text, spec.name, spec.max_chars)


def _choice_faults(spec: FieldSpec, text: str) -> list[FormatError]:
    if spec.values is None or text in spec.values or (spec.joined and _is_joined(spec, text)):
        return []
    near = next((value for value in spec.values if value.casefold() == text.casefold()), None)
    shown = "、".join(spec.values[:_SHOWN_VALUES]) + (
        "…" if len(spec.values) > _SHOWN_VALUES else ""
    )
    fix_zh = f"是否应为“{near}”？" if near else ""
    fix_en = f'is it "{near}"? ' if near else ""
    joined_zh = "，可连写（不重复）" if spec.joined else ""
    joined_en = ", or several of them joined, none twice" if spec.joined else ""
    return [
        _fault(
            spec.name,
            "不是允许的值",
            "is not an allowed value",
            f"{fix_zh}可填：{shown}{joined_zh}",
            f"{fix_en}allowed: {shown}{joined_en}",
        )
    ]


def _is_joined(spec: FieldSpec, text: str) -> bool:
    """Tell whether ``text`` is several values, none twice; no value begins another."""
    values, rest = set(spec.values or ()), text
    while rest:
        head = next((value for value in values if rest.startswith(value)), None)
        if head is None:
            return False
        values.remove(head)
        rest = rest[len(head) :]
    return True


def _length_faults(text: str, where: str, max_chars: int) -> list[FormatError]:
    if len(text) <= max_chars:
        return []
    return [
        _fault(
            where,
            f"最多{max_chars}个字符，实际{len(text)}个",
            f"at most {max_chars} characters, not {len(text)}",
            "请缩短",
            "shorten it",
        )
    ]


def _too_large(spec: FieldSpec) -> FormatError:
    return _fault(
        spec.name,
        "数值过大",
        "is too large",
        f"最大 {MAX_SAFE_INTEGER}",
        f"at most {MAX_SAFE_INTEGER}",
    )


def _kind_fault(spec: FieldSpec, zh: str, en: str) -> FormatError:
    return _fault(
        spec.name,
        f"应为{zh}",
        f"must be {en}",
        "请改正类型；没有内容时不要填写此项",
        "mend its type, or leave it out",
    )


def _fault(where: str, zh: str, en: str, fix_zh: str, fix_en: str) -> FormatError:
    return FormatError(zh, en, where=where, fix_zh=fix_zh, fix_en=fix_en)


_KINDS: Final[dict[str, Callable[[FieldSpec, object], Checked]]] = {
    "text": _text,
    "code": _code,
    "date": _date,
    "integer": _integer,
    "decimal": _decimal,
}
