"""Correct a block of a QR code in which the doubtful code words are named beforehand.

Reed-Solomon over the field of 256 with 285 (ISO/IEC 18004:2015, 7.5 and annex A).  Wrong words
whose places are unknown cost two check words each, doubtful ones that are named cost one.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Check words that stay unused, so that what was not written is never made of noise: one block
# in 65,000 of noise passes, and after that the code's own check digits.
_SPARE = 2


@cache
def _tables() -> tuple[tuple[int, ...], tuple[int, ...]]:
    from qrcode.base import EXP_TABLE, LOG_TABLE

    powers = tuple(EXP_TABLE[:255])
    return powers + powers, tuple(LOG_TABLE)


def _product(one: int, other: int) -> int:
    powers, logs = _tables()
    return powers[logs[one] + logs[other]] if one and other else 0


def _quotient(one: int, other: int) -> int:
    powers, logs = _tables()
    return powers[logs[one] - logs[other] + 255] if one else 0


def _times(one: Sequence[int], other: Sequence[int]) -> list[int]:
    """Multiply two polynomials, lowest power first."""
    result = [0] * (len(one) + len(other) - 1)
    for at, own in enumerate(one):
        if own:
            for further, value in enumerate(other):
                result[at + further] ^= _product(own, value)
    return result


def _value(polynomial: Sequence[int], log: int) -> int:
    """Return what the polynomial, lowest power first, is at the generator to the ``log``."""
    powers, logs = _tables()
    total, log = 0, log % 255
    for at, own in enumerate(polynomial):
        if own:
            total ^= powers[(logs[own] + at * log) % 255]
    return total


def corrected(words: Sequence[int], checks: int, doubtful: Sequence[int] = ()) -> list[int] | None:
    """Return the block as it was written, or None if that cannot be told.

    Args:
        words: Code words, data first.
        checks: How many at the end are check words.
        doubtful: Places of words that are not believed.
    """
    powers, _ = _tables()
    low = list(reversed(words))
    syndromes = [_value(low, at) for at in range(checks)]
    if not any(syndromes):
        return list(words)
    named = [1]
    for place in doubtful:
        named = _times(named, (1, powers[len(words) - 1 - place]))
    wrong = _wrong(_times(syndromes, named)[len(doubtful) : checks])
    unknown = len(wrong) - 1
    # Without doubtful ones half the check words are margin enough.
    spare = _SPARE if doubtful else 0
    if 2 * unknown + len(doubtful) > checks - spare:
        return None
    return _mended(low, syndromes, _times(wrong, named))


def _wrong(syndromes: Sequence[int]) -> list[int]:
    """Return the polynomial whose roots tell the wrong places (Berlekamp and Massey)."""
    now, before, length, gap, last = [1], [1], 0, 1, 1
    for at, own in enumerate(syndromes):
        off = own
        for further in range(1, min(length, len(now) - 1) + 1):
            off ^= _product(now[further], syndromes[at - further])
        if not off:
            gap += 1
            continue
        share = _quotient(off, last)
        shifted = [0] * gap + [_product(share, value) for value in before]
        size = max(len(now), len(shifted))
        new = [
            (now[i] if i < len(now) else 0) ^ (shifted[i] if i < len(shifted) else 0)
            for i in range(size)
        ]
        if 2 * length <= at:
            before, last, length, gap = now, off, at + 1 - length, 1
        else:
            gap += 1
        now = new
    while not now[-1]:
        now.pop()
    return now


def _mended(low: list[int], syndromes: Sequence[int], wrong: Sequence[int]) -> list[int] | None:
    """Return the words, first one first, put right at the roots of ``wrong`` (Forney)."""
    powers, _ = _tables()
    places = [place for place in range(len(low)) if not _value(wrong, -place)]
    if len(places) != len(wrong) - 1:
        return None
    amounts = _times(syndromes, wrong)[: len(syndromes)]
    slope = [value if at % 2 == 0 else 0 for at, value in enumerate(wrong[1:])]
    for place in places:
        steep = _value(slope, -place)
        if not steep:
            return None
        amount = _quotient(_value(amounts, -place), steep)
        low[place] ^= _product(powers[place], amount)
    if any(_value(low, at) for at in range(len(syndromes))):
        return None
    return low[::-1]
