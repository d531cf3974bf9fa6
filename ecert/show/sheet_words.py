"""The words of a printed copy's sheet: labels, rows, and what it is good for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ecert.show.printed import PrintedCopy

BEARER: Final = "本件不能证明持有人身份，核验时须查验身份证件原件。"
DEMO: Final = "演示样例　不得作为办理依据"
_NO_END: Final = "长期"
_UNSEEN: Final = "（未列示）"


def always(copy: PrintedCopy) -> Iterator[tuple[str, str]]:
    """What every copy tells, beside its code."""
    yield "颁发机构", copy.issuer_name
    yield "行政区划", copy.region_name
    if copy.number is not None:
        yield copy.number_label, copy.number
    until = _NO_END if copy.valid_until is None else _day(copy.valid_until)
    yield "证照有效期", f"{_day(copy.valid_from)} 至 {until}"
    yield "打印日期", _day(copy.printed_on)
    if copy.last_day is not None:
        yield "本件有效期至", _day(copy.last_day)
    if copy.purpose is not None:
        yield "本件仅限用于", copy.purpose


def rows(copy: PrintedCopy) -> Iterator[tuple[str, str]]:
    """Its holders and fields."""
    several = len(copy.holders) > 1
    for place, (name, number) in enumerate(copy.holders, start=1):
        shown = name or _UNSEEN
        if number:
            kind = "号码后四位" if len(number) <= 4 else "号码"
            shown = f"{shown}（{kind} {number}）"
        yield (f"持证主体 {place}" if several else "持证主体"), shown
    yield from copy.fields


def notes(copy: PrintedCopy) -> Iterator[str]:
    """What it is good for."""
    if copy.demo:
        yield "【样例】本件由公开的演示密钥签发，仅供演示，不得作为办理依据。"
    yield f"1. 本件为电子证照的打印件，供核验方阅读，真伪和当前状态以扫码核验结果为准。{BEARER}"
    yield (
        "2. 本件由颁发机构专为打印签发，可单独收回；证照被吊销、撤销、注销、暂扣或换发的，"
        "本件随之失效。"
    )
    yield f"3. 在{copy.region_name}所属省份以外是否认可、用于何种事项，以当地生效的互认清单为准。"
    if copy.purpose is not None:
        yield "4. 本件限定用途，用于其他事项无效。"


def own_words(copy: PrintedCopy) -> Iterator[str]:
    """The sheet's own words: labels and notes, without what is said of the licence."""
    empty = _blank(copy)
    yield from (DEMO, BEARER, _NO_END, _UNSEEN, "持证主体号码后四位签发件码尾第页，共（续）…、等")
    yield from ("电子证照打印件（限定用途）", "扫描此码核验真伪和当前状态", "仅限用于：　打印件至")
    yield "方框内为本机字体缺少的字的编码（），以电子证照所载为准。U+"
    yield from (label for label, _ in always(empty))
    yield from notes(empty)


def _blank(copy: PrintedCopy) -> PrintedCopy:
    return replace(
        copy, issuer_name="", region_name="", number_label="", number="", purpose="",
        last_day=copy.printed_on, demo=True,
    )  # fmt: skip


def said(copy: PrintedCopy) -> Iterator[str]:
    """Whatever is said of the licence."""
    yield from (copy.type_name, copy.issuer_name, copy.region_name, copy.number_label)
    yield from (copy.number or "", copy.purpose or "", copy.credential)
    for row in (*always(copy), *rows(copy)):
        yield from row


def tail(copy: PrintedCopy) -> str:
    """The last eight digits of its code, by which two sheets are told apart."""
    return f"{copy.code[-8:-4]} {copy.code[-4:]}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
