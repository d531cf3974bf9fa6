"""Texts in cells: several in one, and those that a reader of tables would take for something else.

In our own workbooks a text between ASCII quotation marks is taken as it stands, a mark inside
it written twice; that is how ``甲、乙`` stays one matter.  Elsewhere nothing is unwrapped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ecert.errors import FormatError
from ecert.interop.workbook.layout import ALL_WORDS
from ecert.sheets.values import damage_of

if TYPE_CHECKING:
    from collections.abc import Iterable

SEPARATOR: Final = "、"
_SEPARATORS: Final = re.compile(r"[、，,；;\n\r]")
_MARK: Final = '"'
_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)"')
ALL_WORD: Final = "全部"


def split(text: str, *, quoted: bool) -> list[str]:
    """Return the texts in one cell, which stand between 、，,；; or line breaks.

    Args:
        text: What stands in the cell.
        quoted: Whether quotation marks keep a text together.

    Raises:
        FormatError: A quotation mark is not closed.
    """
    if not quoted or _MARK not in text:
        return [part for one in _SEPARATORS.split(text) if (part := one.strip())]
    found: list[str] = []
    place = 0
    while (place := _skipped(text, place)) < len(text):
        match = _QUOTED.match(text, place)
        if match is not None:
            found.append(match[1].replace(_MARK * 2, _MARK))
            place = _after(text, match.end())
            continue
        if text[place] == _MARK:
            raise _open_mark()
        end = _SEPARATORS.search(text, place)
        stop = len(text) if end is None else end.start()
        found.append(text[place:stop].strip())
        place = stop + 1
    return [one for one in found if one]


def split_or_all(text: str, *, quoted: bool) -> list[str]:
    """Return the texts in one cell; ``*`` alone where it says 全部 or the like."""
    return ["*"] if text.strip() in ALL_WORDS else split(text, quoted=quoted)


def join(texts: Iterable[str]) -> str:
    """Return several texts as one cell, which `split` takes apart again."""
    return SEPARATOR.join(_wrapped(one) if _needs_marks(one) else one for one in texts)


def join_or_all(texts: tuple[str, ...]) -> str:
    """Return matters or issuers as one cell, 全部 for ``*``."""
    if texts == ("*",):
        return ALL_WORD
    return _wrapped(texts[0]) if len(texts) == 1 and texts[0] in ALL_WORDS else join(texts)


def plain(text: str, *, quoted: bool) -> str:
    """Return the one text in a cell.

    Raises:
        FormatError: A quotation mark is not closed.
    """
    if not quoted or not text.startswith(_MARK):
        return text
    match = _QUOTED.fullmatch(text)
    if match is None:
        raise _open_mark()
    return match[1].replace(_MARK * 2, _MARK)


def written(text: str | None) -> str | None:
    """Return a text as a cell holds it, which `plain` reads again; None stays blank."""
    if text is None:
        return None
    return _wrapped(text) if text.startswith(_MARK) or damage_of(text) is not None else text


def _needs_marks(text: str) -> bool:
    return (
        text.startswith(_MARK)
        or _SEPARATORS.search(text) is not None
        or damage_of(text) is not None
    )


def _wrapped(text: str) -> str:
    return f"{_MARK}{text.replace(_MARK, _MARK * 2)}{_MARK}"


def _after(text: str, place: int) -> int:
    """Return the place behind the separator that must follow a closed mark."""
    place = _skipped(text, place)
    if place < len(text) and _SEPARATORS.match(text, place) is None:
        raise _open_mark()
    return place + 1


def _skipped(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \u3000":
        place += 1
    return place


def _open_mark() -> FormatError:
    return FormatError(
        "英文双引号不成对",
        "quotation marks do not match",
        fix_zh='整项加英文双引号，其中的双引号写两个，如 "甲、乙"、丙',
        fix_en="Put the whole text between quotation marks, and double those inside it",
    )
