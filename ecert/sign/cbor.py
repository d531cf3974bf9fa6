"""Writes CBOR (RFC 8949) in its one shortest form, piece by piece.

For what is written for every licence, in a shape that is known beforehand: the library looks at
the kind of each value again and takes twice as long.  `ecert.sign.strict.parse_cbor` reads it.
"""

from __future__ import annotations

from typing import Final

_NUMBER, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP = 0x00, 0x20, 0x40, 0x60, 0x80, 0xA0

NULL: Final = b"\xf6"
TRUE: Final = b"\xf5"
FALSE: Final = b"\xf4"


def _head(kind: int, argument: int) -> bytes:
    if argument < 24:
        return bytes((kind | argument,))
    if argument < 1 << 8:
        return bytes((kind | 24, argument))
    if argument < 1 << 16:
        return bytes((kind | 25,)) + argument.to_bytes(2)
    if argument < 1 << 32:
        return bytes((kind | 26,)) + argument.to_bytes(4)
    return bytes((kind | 27,)) + argument.to_bytes(8)


# Nearly every number is small and nearly every string short: their heads are looked up.
_NUMBERS = tuple(_head(_NUMBER, value) for value in range(256))
_BYTES_HEADS = tuple(_head(_BYTES, size) for size in range(256))
_TEXT_HEADS = tuple(_head(_TEXT, size) for size in range(256))


def number(value: int) -> bytes:
    """Write an integer.

    Raises:
        OverflowError: It does not fit 64 bits and its sign.
    """
    if value < 0:
        return _head(_NEGATIVE, -1 - value)
    if value < 1 << 8:
        return _NUMBERS[value]
    # Day numbers, regions and indexes: head and number in one step.
    if value < 1 << 16:
        return (0x19_0000 | value).to_bytes(3)
    if value < 1 << 32:
        return (0x1A_0000_0000 | value).to_bytes(5)
    return _head(_NUMBER, value)


def data(content: bytes) -> bytes:
    """Write a byte string."""
    size = len(content)
    return (_BYTES_HEADS[size] if size < 256 else _head(_BYTES, size)) + content


def text(content: str) -> bytes:
    """Write a text string."""
    encoded = content.encode()
    size = len(encoded)
    return (_TEXT_HEADS[size] if size < 256 else _head(_TEXT, size)) + encoded


def array(size: int) -> bytes:
    """Write the head of an array; so many items follow it."""
    return _head(_ARRAY, size)


def pairs(size: int) -> bytes:
    """Write the head of a map; so many keys follow it, each before its value."""
    return _head(_MAP, size)
