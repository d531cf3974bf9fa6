"""Check an application (what is to be printed on a licence) against its licence type.

Every fault is collected, so that a clerk mends a form once and not field by field.
"""

from __future__ import annotations

import difflib
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from ecert.errors import FieldsError, FormatError
from ecert.limits import MAX_FIELDS, MAX_NAME_CHARS
from ecert.model.codes import parse_resident_id, parse_uscc
from ecert.model.field_values import canonical_value, foreign_digit_faults, text_faults
from ecert.model.holder_rules import licence_holder_faults
from ecert.quoting import shown_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ecert.model.holders import Holder
    from ecert.model.licence_type import LicenceType

_FIELDS: Final = "照面信息"
_VALID_FROM: Final = "有效期起始日期"
_VALID_UNTIL: Final = "有效期截止日期"


def check_application(
    licence_type: LicenceType,
    fields: Mapping[str, object],
    holders: Sequence[Holder],
    number: str,
    valid_from: date,
    valid_until: date | None,
) -> dict[str, str]:
    """Return the canonical values of ``fields`` in the type's order.

    Raises:
        FieldsError: Something does not fit ``licence_type``; every fault is listed.
    """
    values, faults = _field_values(licence_type, fields)
    faults += licence_holder_faults(licence_type, holders)
    faults += _number_faults(licence_type, number, holders)
    faults += _validity_faults(licence_type, valid_from, valid_until)
    if faults:
        raise FieldsError(faults, where=licence_type.name)
    return values


def find_faults(
    licence_type: LicenceType,
    fields: Mapping[str, object],
    holders: Sequence[Holder] | None,
    number: str | None,
    validity: tuple[date, date | None] | None,
) -> tuple[dict[str, str], list[FormatError]]:
    """Return what `check_application` returns, and all that it would complain of.

    None stands for what could not even be read, and is known to be wrong: nothing is said of it
    again, and the rest is checked all the same.

    Args:
        licence_type: The type.
        fields: Values by field name or short name.
        holders: The holders, the principal one first.
        number: The licence number.
        validity: First and last day.
    """
    values, faults = _field_values(licence_type, fields)
    if holders is not None:
        faults += licence_holder_faults(licence_type, holders)
    if number is not None:
        faults += _number_faults(licence_type, number, holders or ())
    if validity is not None:
        faults += _validity_faults(licence_type, *validity)
    return values, faults


def _field_values(
    licence_type: LicenceType, fields: Mapping[str, object]
) -> tuple[dict[str, str], list[FormatError]]:
    if len(fields) > MAX_FIELDS:
        most = (f"最多{MAX_FIELDS}项", f"at most {MAX_FIELDS} fields")
        return {}, [_fault(_FIELDS, *most, "请核对证照类型", "check the licence type")]
    given, strangers = _sort_in(licence_type, fields)
    values: dict[str, str] = {}
    faults: list[FormatError] = []
    for spec in licence_type.fields:
        if spec.name in given:
            values[spec.name], found = canonical_value(spec, given[spec.name])
            faults += found
        elif spec.required:
            faults.append(
                _fault(
                    spec.name,
                    "缺少必填项",
                    "is required and missing",
                    f"请填写（短名 {spec.short}）",
                    f"fill it in (short name {spec.short})",
                )
            )
    return values, faults + strangers


def _sort_in(
    licence_type: LicenceType, fields: Mapping[Any, object]
) -> tuple[dict[str, object], list[FormatError]]:
    """Return the given values by full field name, and a fault for each key that is no field."""
    given: dict[str, object] = {}
    faults: list[FormatError] = []
    for key, value in fields.items():
        spec = licence_type.get_field(key) if isinstance(key, str) else None
        if spec is None:
            faults.append(_unknown_field(licence_type, key))
        elif spec.name in given:
            twice = ("名称和短名各填了一次", "is given by its name and by its short name")
            faults.append(_fault(spec.name, *twice, "请只保留一个", "keep one of them"))
        else:
            given[spec.name] = value
    return given, faults


def _unknown_field(licence_type: LicenceType, key: object) -> FormatError:
    names = [spec.name for spec in licence_type.fields]
    shorts = [spec.short for spec in licence_type.fields]
    near = difflib.get_close_matches(str(key)[:MAX_NAME_CHARS], names + shorts, n=3, cutoff=0.4)
    listed = "、".join(names)
    fix_zh = f"是否为“{'”或“'.join(near)}”？" if near else ""
    fix_en = f"perhaps {' or '.join(near)}? " if near else ""
    return _fault(
        shown_name(key),
        f"“{licence_type.name}”没有这一照面信息",
        f'"{licence_type.name}" has no such field',
        f"{fix_zh}可用：{listed}",
        f"{fix_en}there are: {listed}",
    )


def _number_faults(
    licence_type: LicenceType, number: object, holders: Sequence[Holder]
) -> list[FormatError]:
    label = licence_type.number_label
    if not isinstance(number, str):
        kind = ("应为文本", "must be text")
        return [_fault(label, *kind, "请按原样填写", "give it as it is printed")]
    holder = holders[0] if holders else None
    if licence_type.number_rule == "resident-id":
        return _own_number_faults(label, number, holder, "111", parse_resident_id)
    if licence_type.number_rule == "uscc":
        return _own_number_faults(label, number, holder, "001", parse_uscc)
    return text_faults(number, label, MAX_NAME_CHARS) + foreign_digit_faults(number, label)


def _own_number_faults(
    label: str,
    number: str,
    holder: Holder | None,
    number_type: str,
    parse: Callable[[str], str],
) -> list[FormatError]:
    """Check a licence number that is the holder's own number.

    A foreigner's driving licence bears the number of his passport, so the form of the number
    is that of the holder's document.
    """
    if holder is not None and number == holder.number and holder.number_type == number_type:
        return []  # A holder has proven it.
    if holder is None or holder.number_type == number_type:
        try:
            parse(number)
        except FormatError as fault:
            fault.where = label
            return [fault]
    if holder is not None and number != holder.number:
        return [
            _fault(
                label,
                "应与持证主体代码相同",
                "must be the holder's own number",
                f"请填写尾号{holder.last_four}的代码，或改正持证主体代码",
                f"use the number ending in {holder.last_four}, or mend the holder's",
            )
        ]
    return []


def _validity_faults(
    licence_type: LicenceType, valid_from: date, valid_until: date | None
) -> list[FormatError]:
    if not _is_day(valid_from) or not (valid_until is None or _is_day(valid_until)):
        kind = ("应为日期（不含时间）", "must be a date without a time")
        return [_fault("有效期", *kind, "请改正类型", "mend its type")]
    if valid_until is None:
        if licence_type.validity.rule != "fixed":
            return []
        missing = ("缺少必填项", "is required and missing")
        fix = ("该证照不能填写“长期”", "this licence is never without a last day")
        return [_fault(_VALID_UNTIL, *missing, *fix)]
    if licence_type.validity.rule == "open":
        extra = ("该证照长期有效，没有截止日期", "this licence has no last day of validity")
        return [_fault(_VALID_UNTIL, *extra, "请留空（长期）", "leave it out")]
    if valid_until < valid_from:
        early = (f"早于{_VALID_FROM}", "is before the first day of validity")
        return [_fault(_VALID_UNTIL, *early, "请核对", "check both dates")]
    years = licence_type.validity.max_years
    if years is not None and valid_until > _years_after(valid_from, years):
        return [
            _fault(
                _VALID_UNTIL,
                f"超过最长有效期{years}年",
                f"is more than {years} years after the first day",
                f"最晚为 {_years_after(valid_from, years)}",
                f"the latest is {_years_after(valid_from, years)}",
            )
        ]
    return []


def _is_day(value: object) -> bool:
    # A datetime is a date to Python, but does not compare with one.
    return isinstance(value, date) and not isinstance(value, datetime)


def _years_after(day: date, years: int) -> date:
    if day.year + years > date.max.year:
        return date.max
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)


def _fault(where: str, zh: str, en: str, fix_zh: str, fix_en: str) -> FormatError:
    return FormatError(zh, en, where=where, fix_zh=fix_zh, fix_en=fix_en)
