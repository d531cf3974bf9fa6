"""When two names that people typed name the same person."""

from __future__ import annotations

import unicodedata
from typing import Final

# Letters and marks that show nothing: fillers and the selectors of a letter's variants.
_UNSEEN: Final = frozenset(
    map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0))
) | frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), *range(0x180B, 0x180E))))


def person_key(name: str) -> str:
    """Return the form in which the names of people are compared; empty if it names nobody.

    Spaces, case, full width, punctuation and what nobody can see make no second person:
    otherwise one could be both by typing the own name another way.  Letters of another script
    that look alike do.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(
        char for char in plain if unicodedata.category(char)[0] in "LMN" and char not in _UNSEEN
    )
