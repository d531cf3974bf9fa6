"""Which characters codes and free text may hold, and errors that name the offending one.

A number that looks right and is not (full-width digits, a zero-width space) is refused with
the character and its place, never repaired: the text is signed as it was received.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecert.errors import FormatError

DIGITS: Final = frozenset("0123456789")
DIGITS_AND_CAPITALS: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
PRINTABLE_ASCII: Final = frozenset(chr(code) for code in range(0x20, 0x7F))

# Marks on one character: more than this hides neighbouring text; real scripts stay below.
MAX_COMBINING_RUN: Final = 8

# General categories that free text may not hold.  Unassigned (Cn) is absent on purpose:
# Python's tables are older than the newest ideographs, and those occur in names.
_UNWANTED_CATEGORIES: Final = {
    "Cc": ("控制字符", "a control character"),
    "Cf": ("不可见的格式字符", "an invisible format character"),
    "Co": ("自造字（私用区字符）", "a private-use character"),
    "Cs": ("残缺的字符（代理码）", "a surrogate"),
    "Zl": ("行分隔符", "a line separator"),
    "Zp": ("段分隔符", "a paragraph separator"),
}
# What nearly all text consists of: printable ASCII, ideographs, Chinese punctuation.  None of it
# is unwanted or a mark, so that whole texts are passed at once; all else is looked at singly.
_PLAIN: Final = re.compile("[ -~·—‘’“”…、。《》〇㐀-䶿一-鿿！（），：；？]*")
# Letters and marks that show nothing: the combining grapheme joiner, Hangul and Khmer fillers.
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")


def describe(character: str) -> str:
    """Return ``character`` as messages show it: itself where visible, and its code point."""
    number = f"U+{ord(character):04X}"
    if not character.isprintable() or character in _INVISIBLE or is_mark(character):
        return number
    return f"“{character}”({number})"


def is_plain(text: str) -> bool:
    """Tell whether ``text`` holds nothing but characters that need no closer look."""
    return _PLAIN.fullmatch(text) is not None


def is_mark(character: str) -> bool:
    """Tell whether ``character`` is drawn on the one before it (variation selectors too)."""
    return unicodedata.category(character).startswith("M")


def require_only(
    text: str,
    allowed: frozenset[str],
    error: type[FormatError],
    *,
    where: str,
    skipped: int = 0,
) -> None:
    """Require that every character of ``text`` is one of ``allowed``.

    Args:
        text: The text, or the rest of a text.
        allowed: The characters that may occur.
        error: What is raised.
        where: The place that the error names.
        skipped: How many characters stand before ``text``, for counting.

    Raises:
        FormatError: As ``error``, naming the first other character and its place.
    """
    if allowed.issuperset(text):
        return
    place, character = next(
        (place, character)
        for place, character in enumerate(text, start=skipped + 1)
        if character not in allowed
    )
    fix_zh, fix_en = _repair(character, allowed)
    raise error(
        f"第{place}位是{describe(character)}，不能使用",
        f"character {place} is {describe(character)}, which is not allowed",
        where=where,
        fix_zh=fix_zh,
        fix_en=fix_en,
    )


def require_visible(text: str, error: type[FormatError], *, where: str) -> None:
    """Require that ``text`` holds no control, invisible or private-use character.

    Rare ideographs of every plane and ideographic variation sequences are allowed.

    Raises:
        FormatError: As ``error``, naming the first such character and its place.
    """
    if is_plain(text):
        return
    marks = 0
    for place, character in enumerate(text, start=1):
        marks = marks + 1 if is_mark(character) else 0
        unwanted = _unwanted(character)
        if marks > MAX_COMBINING_RUN:
            unwanted = ("过多的组合符号", "one combining mark too many")
        if unwanted is not None:
            raise error(
                f"第{place}个字符{describe(character)}是{unwanted[0]}",
                f"character {place}, {describe(character)}, is {unwanted[1]}",
                where=where,
                fix_zh="请删去，或改用标准汉字（国家标准 GB 18030）",
                fix_en="Remove it, or use the standard character (GB 18030)",
            )


def _unwanted(character: str) -> tuple[str, str] | None:
    if character in _INVISIBLE:
        return "不可见的字符", "an invisible character"
    code = ord(character)
    # Noncharacters have category Cn like new ideographs, so they are named here.
    if code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
        return "无效的字符", "not a character"
    return _UNWANTED_CATEGORIES.get(unicodedata.category(character))


def _repair(character: str, allowed: frozenset[str]) -> tuple[str, str]:
    """Return what to type instead, in both languages."""
    is_full_width = "！" <= character <= "～"
    half_width = chr(ord(character) - 0xFEE0) if is_full_width else character
    wanted = half_width if half_width in allowed else half_width.upper()
    if wanted not in allowed or not half_width.isascii():
        return "请删去，或核对原件", "Remove it, or compare with the original"
    if is_full_width:
        return f"请改用半角“{wanted}”", f'Use the half-width "{wanted}"'
    return f"请改用大写“{wanted}”", f'Use the capital "{wanted}"'
