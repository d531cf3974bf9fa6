"""The holders in a row: one or several to a cell, each with a name and a number."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ecert.errors import FormatError
from ecert.model.codes import RESIDENT_ID_CHARS, is_birth_date
from ecert.model.holders import HOLDER_ID_TYPES, Holder, holder_faults
from ecert.sheets.values import text_of

if TYPE_CHECKING:
    from ecert.sheets.values import Raw

_BETWEEN: Final = re.compile(r"\s*[\^、;；\n]\s*")
# 、 stands in names of bodies too; the others do not.
_CERTAINLY_BETWEEN: Final = re.compile(r"[\^;；\n]")
_PERSON: Final = "111"
_BODY: Final = "001"
_OLD_RESIDENT_ID_CHARS: Final = 15
# What offices write for a kind of number; 10 and 40 are Beijing's.
_KINDS: Final = {
    **{code: code for code in HOLDER_ID_TYPES},
    **{kind.zh: kind.code for kind in HOLDER_ID_TYPES.values()},
    "10": _PERSON,
    "40": "999",
    "身份证": _PERSON,
    "居民身份证": _PERSON,
    "身份证号": _PERSON,
    "身份证号码": _PERSON,
    "公民身份证号码": _PERSON,
    "社会信用代码": _BODY,
    "信用代码": _BODY,
    "统一社会信用代码证": _BODY,
    "营业执照": _BODY,
    "普通护照": "414",
    "港澳居民来往内地通行证": "516",
    "台湾居民来往大陆通行证": "511",
}


class Part(StrEnum):
    """What of a holder is faulty."""

    NAME = "name"
    NUMBER = "number"
    KIND = "kind"


HolderFault = tuple[Part, FormatError]


def read_holders(
    names: str, numbers: str, kinds: str, only: str | None = None
) -> tuple[tuple[Holder, ...], list[HolderFault]]:
    """Return the holders in the cells of a row, and what is wrong with them.

    Args:
        names: The text of the cell with the name or names.
        numbers: That with the number or numbers.
        kinds: That with the kind of number (持证主体代码类型): code, name, or blank where it is
            to be told by the number itself.
        only: The kind that a number of 18 characters must be, because the licence type is for
            persons (``111``) or for bodies (``001``) alone.
    """
    if not _BETWEEN.search(names) and not _BETWEEN.search(numbers):
        holder, faults = _one(names, numbers, kinds, only)
        return (holder,) if holder is not None else (), faults
    each_number = _BETWEEN.split(numbers)
    each_name = _BETWEEN.split(names)
    if len(each_number) == 1 and not _CERTAINLY_BETWEEN.search(names):
        # The name of one body may hold 、; that of one person does not.
        holder, _ = _one(names, numbers, kinds, only)
        if holder is not None and holder.number_type == _BODY:
            return (holder,), []
    each_kind = _BETWEEN.split(kinds)
    if len(each_kind) == 1:
        each_kind *= len(each_name)
    if len(each_name) != len(each_number):
        return (), [(Part.NUMBER, _unequal(len(each_name), len(each_number)))]
    if len(each_kind) != len(each_name):
        return (), [(Part.KIND, _unequal(len(each_name), len(each_kind)))]
    holders, faults = list[Holder](), list[HolderFault]()
    for one in zip(each_name, each_number, each_kind, strict=True):
        holder, found = _one(*one, only)
        faults += found
        if holder is not None:
            holders.append(holder)
    return tuple(holders), faults


def read_kind(raw: Raw) -> str:
    """Return the text of the cell that says the kind of number; 1 stands for 001."""
    text = text_of(raw)
    if text.isascii() and text.isdecimal() and text not in _KINDS:
        return text.zfill(3)
    return text


def _one(
    name: str, number: str, kind: str, only: str | None
) -> tuple[Holder | None, list[HolderFault]]:
    if not name or not number:
        blank = [part for part, text in ((Part.NAME, name), (Part.NUMBER, number)) if not text]
        return None, [(part, _blank()) for part in blank]
    codes = _likely_kinds(number, only) if not kind else (_KINDS.get(kind, ""),)
    if not all(codes):
        return None, [(Part.KIND, _unknown_kind() if kind else _untold_kind())]
    for code in codes:
        try:
            return Holder(name, number, code), []
        except FormatError:
            continue
    # What is wrong with it as what it most likely is.
    found = holder_faults(name, number, codes[0])
    return None, [
        (Part.NAME if fault.where == "持证主体" else Part.NUMBER, fault) for fault in found
    ]


def _likely_kinds(number: str, only: str | None) -> tuple[str, ...]:
    """Return the kinds that a number may be, the likeliest first; their own checks decide."""
    if len(number) == _OLD_RESIDENT_ID_CHARS and only != _BODY:
        return (_PERSON,)
    if len(number) != RESIDENT_ID_CHARS:
        return ("",)
    if only is not None:
        return (only,)
    body = number[:-1]
    if not (body.isascii() and body.isdecimal()):
        return (_BODY,)
    # A USCC of digits alone is rare and hardly ever holds a date of birth, while one resident
    # id in thirty-one, right or mistyped, has the check character of a USCC.
    return (_PERSON,) if is_birth_date(number[6:14]) else (_PERSON, _BODY)


def _blank() -> FormatError:
    return FormatError(
        "缺少必填项", "is required and missing", fix_zh="请填写", fix_en="fill it in"
    )


def _unequal(names: int, others: int) -> FormatError:
    return FormatError(
        f"持证主体有{names}个，这里有{others}个",
        f"there are {names} holders, but {others} here",
        fix_zh="请逐一对应填写，用“^”分隔",
        fix_en='Give one for each holder, with "^" between them',
    )


def _unknown_kind() -> FormatError:
    return FormatError(
        "没有这种代码类型",
        "there is no such kind of number",
        fix_zh="自然人一般用111，法人和其他组织一般用001",
        fix_en="Usually 111 for a person, 001 for a body",
    )


def _untold_kind() -> FormatError:
    return FormatError(
        "不是18位，无法判断是哪种证件",
        "is not of 18 characters, so its kind cannot be told",
        fix_zh="请核对，或增加“持证主体代码类型”列（如414普通护照）",
        fix_en="Check it, or add a column with the kind of number, such as 414 for a passport",
    )
