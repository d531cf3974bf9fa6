"""In which order a status list gives its indexes away: drawn with the list, and kept with it.

Taken one after another in this order, indexes need no looking for what is free, and none is given
twice.  Without the order, which leaves the register in no document, one index tells nothing of
another.  The order is a Feistel network over as many bits as the list has, with twelve rounds of
tables drawn from the list's key; what falls beyond the list goes through it again (ADR 36).
"""

from __future__ import annotations

import hashlib
import secrets
import struct
from functools import lru_cache
from typing import Final, NamedTuple

_KEY_BYTES: Final = 32
# Two rounds each.
_PAIRS: Final = 6
_LEAST_BITS: Final = 2
_LISTS_KEPT: Final = 64
_DOMAIN: Final = b"ecert status list order 1"


class _Network(NamedTuple):
    low: int
    """Bits of the right half."""
    mask: int
    pairs: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    """Tables that change the left half by the right, and the right by the left."""


def new_order() -> bytes:
    """Draw the order of a list that is begun."""
    return secrets.token_bytes(_KEY_BYTES)


def indexes(order: bytes, size: int, first: int, count: int) -> list[int]:
    """Return ``count`` indexes of a list of ``size`` slots, from place ``first`` of its order."""
    low, mask, pairs = _network(order, size)
    given = []
    for place in range(first, first + count):
        index = size
        value = place
        while index >= size:
            left, right = value >> low, value & mask
            for by_right, by_left in pairs:
                left ^= by_right[right]
                right ^= by_left[left]
            index = value = left << low | right
        given.append(index)
    return given


def place_of(order: bytes, size: int, index: int) -> int:
    """Return the place of ``index``, below ``size``, in the order: what `indexes` undoes."""
    low, mask, pairs = _network(order, size)
    place = size
    value = index
    while place >= size:
        left, right = value >> low, value & mask
        for by_right, by_left in reversed(pairs):
            right ^= by_left[left]
            left ^= by_right[right]
        place = value = left << low | right
    return place


@lru_cache(_LISTS_KEPT)
def _network(order: bytes, size: int) -> _Network:
    bits = max(_LEAST_BITS, (size - 1).bit_length())
    low = bits // 2
    high = bits - low
    entries = (1 << low) + (1 << high)
    stream = hashlib.shake_256(b"%s %d " % (_DOMAIN, size) + order)
    drawn = struct.unpack(f">{_PAIRS * entries}I", stream.digest(4 * _PAIRS * entries))
    pairs = []
    for start in range(0, len(drawn), entries):
        middle, end = start + (1 << low), start + entries
        by_right = tuple(value & ((1 << high) - 1) for value in drawn[start:middle])
        by_left = tuple(value & ((1 << low) - 1) for value in drawn[middle:end])
        pairs.append((by_right, by_left))
    return _Network(low, (1 << low) - 1, tuple(pairs))
