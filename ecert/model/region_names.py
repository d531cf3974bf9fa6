"""Regions by what offices call them: 四川省, 四川, 川渝, 四川省广安市, 510000, 四川省（510000）.

A name that several regions have is never guessed: all of them are told.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

from ecert.errors import RegionError
from ecert.model.regions import GROUPS, NATION, all_codes, covers, find, name_of
from ecert.quoting import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable

_WHERE: Final = "行政区划"
_CODE: Final = re.compile(r"(?<![0-9])([0-9]{6})(?![0-9])")
# What a short name leaves out; longest first.
_ENDINGS: Final = (
    "维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "自治州", "自治县",
    "地区", "省", "市", "盟", "区", "县", "旗",
)  # fmt: skip
# A shorter name than this would be no name (市中区 without 区 is one, 城区 is not).
_LEAST: Final = 2
# One character each: 京 for 110000.
_PROVINCES: Final = {
    11: "京", 12: "津", 13: "冀", 14: "晋", 15: "蒙", 21: "辽", 22: "吉", 23: "黑", 31: "沪",
    32: "苏", 33: "浙", 34: "皖", 35: "闽", 36: "赣", 37: "鲁", 41: "豫", 42: "鄂", 43: "湘",
    44: "粤", 45: "桂", 46: "琼", 50: "渝", 51: "川蜀", 52: "贵黔", 53: "云滇", 54: "藏",
    61: "陕秦", 62: "甘陇", 63: "青", 64: "宁", 65: "新", 71: "台", 81: "港", 82: "澳",
}  # fmt: skip
_ABBREVIATIONS: Final = {one: str(code) for code, names in _PROVINCES.items() for one in names}
_SHOWN: Final = 6


def regions_named(
    text: str, *, within: Iterable[str] = (), suggesting: bool = True
) -> tuple[str, ...]:
    """Return the codes of the regions that ``text`` means: one, or several for 川渝 and 京津冀.

    Args:
        text: A name, a code, or both.
        within: Of several regions of one name, the one that lies in one of these is meant.
        suggesting: Whether names like an unknown one are looked for, which takes a moment.

    Raises:
        RegionError: No region, or several, have that name; or name and code are of two regions.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    if (code := _CODE.search(plain)) is not None:
        return (_with_code(code[1], plain.replace(code[1], "", 1).strip("()[]{}:,-"), text),)
    found = _names().get(plain, ())
    inside = tuple(one for one in found if any(covers(upper, one) for upper in within))
    found = inside if len(inside) == 1 else found
    if len(found) == 1:
        return found
    if found:
        told = "、".join(f"{name_of(one)}（{one}）" for one in found[:_SHOWN])
        raise RegionError(
            f"“{shown_name(text)}”有{len(found)}个地区同名",
            f'{len(found)} regions are called "{shown_name(text)}"',
            where=_WHERE,
            fix_zh=f"请写上级地区或代码，如：{told}",
            fix_en=f"Write the region above it, or the code: {', '.join(found[:_SHOWN])}",
        )
    if plain and all(character in _ABBREVIATIONS for character in plain):
        return tuple(dict.fromkeys(f"{_ABBREVIATIONS[one]}0000" for one in plain))
    raise _unknown(plain if suggesting else "", text)


def _with_code(code: str, name: str, text: str) -> str:
    if name and name not in {name_of(code), "全国"} and code not in _names().get(name, ()):
        raise RegionError(
            f"“{shown_name(text)}”的名称与代码不一致",
            f'name and code of "{shown_name(text)}" are of two regions',
            where=_WHERE,
            fix_zh=f"{code}是{name_of(code)}，请核对" if name_of(code) != code else "请核对代码",
            fix_en="Check which of them is wrong",
        )
    return code


def _unknown(plain: str, text: str) -> RegionError:
    near = difflib.get_close_matches(plain[:40], list(_names()), n=3, cutoff=0.6) if plain else []
    return RegionError(
        f"没有地区叫“{shown_name(text)}”",
        f'no region is called "{shown_name(text)}"',
        where=_WHERE,
        fix_zh=f"是否为“{'”或“'.join(near)}”？" if near else "请写全称或行政区划代码",
        fix_en=f"perhaps {' or '.join(near)}?" if near else "Write its full name or its code",
    )


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Return the codes in force by every name of theirs; full names before short ones."""
    full: dict[str, list[str]] = {"全国": [NATION]}
    short: dict[str, list[str]] = {}
    for code in all_codes():
        region = find(code)
        if region is None or region.valid_until is not None or region.name in GROUPS:
            continue
        whole = name_of(code)
        for name in {region.name, whole}:
            full.setdefault(name, []).append(code)
        for name in {_shortened(region.name), _shortened(whole)} - {region.name, whole}:
            short.setdefault(name, []).append(code)
    # 北京 is the city's short name and nobody's full one; what is a full name stays it.  Of
    # short names the province's comes first: 吉林 is the province, 吉林市 the city.
    for name, codes in short.items():
        if name not in full:
            provinces = [code for code in codes if code.endswith("0000")]
            full[name] = provinces or codes
    return {name: tuple(codes) for name, codes in full.items()}


def _shortened(name: str) -> str:
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= _LEAST:
            return name.removesuffix(ending)
    return name
