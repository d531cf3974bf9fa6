"""Pinyin initials of a name: 驾驶证换发 is jszhf.  For finding, never for deciding.

GB 2312 orders its 3,755 common characters by pronunciation, so that 23 first characters tell the
initial of each; names of matters hold few others.  A character that is read in several ways fits
each of them, and one outside that set fits any letter.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

# The first character of each initial; no character begins with i, u or v.
_FIRST: Final = dict(
    zip("啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝", "abcdefghjklmnopqrstwxyz", strict=True)
)
_LEVEL_ONE: Final = (0xB0, 0xD7)
# Common characters with a second reading, with their initials: 重庆 and 重大, 银行 and 行政.
_SEVERAL: Final = {
    "重": "cz", "行": "hx", "长": "cz", "会": "hk", "调": "dt", "传": "cz", "藏": "cz", "曾": "cz",
    "单": "ds", "参": "cs", "还": "hx", "率": "ls", "石": "ds", "校": "jx", "解": "jx", "系": "jx",
    "降": "jx", "乐": "ly", "车": "cj", "合": "gh", "盛": "cs", "种": "cz", "朝": "cz", "提": "dt",
    "弹": "dt", "省": "sx", "奇": "jq", "圈": "jq", "区": "oq", "仇": "cq", "查": "cz", "厦": "sx",
    "便": "bp", "番": "fp", "扁": "bp", "期": "jq", "否": "fp", "卡": "kq", "秘": "bm", "粘": "nz",
    "折": "sz", "属": "sz", "尾": "wy", "叶": "xy", "遗": "wy", "殖": "sz", "幢": "cz", "畜": "cx",
    "宿": "sx", "说": "sy",
}  # fmt: skip
_ANY: Final = "?"
_FIRST_MARK: Final = 0xE000


class _Initials(dict[int, str | None]):
    """What `str.translate` makes of each character: a letter, a set's mark, `?`, or nothing."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        if character.isascii():
            made = character.lower() if character.isalpha() else None
        else:
            made = _ANY if character.isalpha() else None
        self[code] = made
        return made


@cache
def _tables() -> tuple[_Initials, dict[str, str]]:
    """Return the table of initials, and for each letter the marks that fit it."""
    table = _Initials()
    initial = "a"
    for high in range(_LEVEL_ONE[0], _LEVEL_ONE[1] + 1):
        for low in range(0xA1, 0xFF):
            try:
                character = bytes((high, low)).decode("gb2312")
            except UnicodeDecodeError:  # the last row is not full
                continue
            initial = _FIRST.get(character, initial)
            table[ord(character)] = initial
    fits = {letter: letter + _ANY for letter in "abcdefghijklmnopqrstuvwxyz"}
    marks: dict[str, str] = {}
    for character, letters in _SEVERAL.items():
        # Private-use characters, which no name may hold, stand for the sets.
        mark = marks.setdefault(letters, chr(_FIRST_MARK + len(marks)))
        table[ord(character)] = mark
    for letters, mark in marks.items():
        for letter in letters:
            fits[letter] += mark
    return table, fits


def initials(text: str) -> str:
    """Return the initials of ``text``, one a letter or ideograph; `pattern` asks them."""
    return text.translate(_tables()[0])


def pattern(letters: str) -> re.Pattern[str]:
    """Return what finds the initials ``letters`` in that which `initials` returns.

    Raises:
        ValueError: There is none, or one is not a letter a to z.
    """
    asked = letters.lower()
    if not (asked.isascii() and asked.isalpha()):
        raise ValueError("initials are letters a to z")
    fits = _tables()[1]
    return re.compile("".join(f"[{re.escape(fits[letter])}]" for letter in asked))
