"""Masks (脱敏): how a value is shown in part.  A closed set, named in licence types and lists.

Masking happens when something is signed, not when it is drawn: what is masked is not there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ecert.model.characters import is_mark

if TYPE_CHECKING:
    from collections.abc import Callable

_HIDDEN: Final = "***"
_DATE: Final = re.compile(r"([0-9]{4})(-[0-9]{2}-[0-9]{2}|[0-9]{4})?")


def apply(mask: str, value: str) -> str:
    """Return what ``mask`` leaves of ``value``.

    Raises:
        ValueError: There is no such mask, or ``year`` was asked of something not a date.
    """
    masking = _MASKING.get(mask)
    if masking is None:
        raise ValueError(f"no mask {mask!r}; there are {', '.join(MASKS)}")
    return masking(value)


def _last4(value: str) -> str:
    return value[-4:]


def _name(value: str) -> str:
    """Keep the first character, and of three or more the last: 张*, 张*三."""
    characters = _clusters(value)
    if len(characters) < 2:
        return "*" * len(characters)
    if len(characters) == 2:
        return f"{characters[0]}*"
    return f"{characters[0]}{'*' * (len(characters) - 2)}{characters[-1]}"


def _clusters(value: str) -> list[str]:
    """Split into characters, each with the marks and variation selectors that follow it."""
    characters: list[str] = []
    for character in value:
        if characters and is_mark(character):
            characters[-1] += character
        else:
            characters.append(character)
    return characters


def _phone(value: str) -> str:
    """Keep 3 and 4 of a mobile number (138****1234), the last 4 of a shorter one."""
    if len(value) < 8:
        return "*" * len(value)
    front = value[:3] if len(value) >= 11 else ""
    return f"{front}{'*' * (len(value) - len(front) - 4)}{value[-4:]}"


def _year(value: str) -> str:
    match = _DATE.fullmatch(value)
    if match is None:
        raise ValueError("the mask 'year' is for dates only")
    return match[1]


_MASKING: Final[dict[str, Callable[[str], str]]] = {
    "none": lambda value: value,
    "last4": _last4,
    "name": _name,
    "phone": _phone,
    "year": _year,
    # The length, too, would say something.
    "hidden": lambda _: _HIDDEN,
}
# The names of all masks.
MASKS: Final[tuple[str, ...]] = tuple(_MASKING)
