"""The digest that SM2 signs: SM3 (GB/T 32905-2016) over Z_A and the message (GB/T 32918.2 §5.5).

SM3 comes from `hashlib` where the OpenSSL behind it has it, otherwise from here.
"""

from __future__ import annotations

import hashlib
import struct
from functools import cache
from typing import TYPE_CHECKING

from ecert.errors import ParseError
from ecert.sign.sm2_curve import A, B, G

if TYPE_CHECKING:
    from collections.abc import Callable

# GM/T 0009-2012: the user id where no other was agreed.  It is always stated, because libraries
# disagree about what happens without one (OpenSSL before 4.0 takes the empty id).
DEFAULT_UID = b"1234567812345678"
# Its length in bits travels in two bytes, and OpenSSL takes no longer one.
MAX_UID_BYTES = 8190

_CURVE = b"".join(number.to_bytes(32) for number in (A, B, *G))


def require_uid(uid: bytes) -> None:
    """Check the length of a user id.

    Raises:
        ParseError: It is longer than `MAX_UID_BYTES`.
    """
    if len(uid) > MAX_UID_BYTES:
        raise ParseError(f"an SM2 user id has at most {MAX_UID_BYTES} bytes", where="uid")


def identity_digest(uid: bytes, x: bytes, y: bytes) -> bytes:
    """Return Z_A: the digest of user id, curve and public key (GB/T 32918.2-2016 §5.5)."""
    return sm3((8 * len(uid)).to_bytes(2) + uid + _CURVE + x + y)


def message_digest(uid: bytes, x: bytes, y: bytes, message: bytes) -> int:
    """Return e, the number that is signed (GB/T 32918.2-2016 §6.1, A1 and A2)."""
    return int.from_bytes(sm3(identity_digest(uid, x, y) + message))


def sm3(data: bytes) -> bytes:
    """Return the SM3 digest of ``data``, 32 bytes."""
    return _implementation()(data)


@cache
def _implementation() -> Callable[[bytes], bytes]:
    try:
        hashlib.new("sm3", b"")
    except ValueError:
        return plain_sm3
    return lambda data: hashlib.new("sm3", data).digest()


# -- without OpenSSL --------------------------------------------------------------------------

_START = (
    0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E
)  # fmt: skip
_MASK = 0xFFFFFFFF


def _rotate(word: int, by: int) -> int:
    return ((word << by) | (word >> (32 - by))) & _MASK


# T_j rotated left by j mod 32 (GB/T 32905-2016 §4.2 and §5.3.3)
_ROUND = tuple(_rotate(0x79CC4519 if j < 16 else 0x7A879D8A, j % 32) for j in range(64))


def plain_sm3(data: bytes) -> bytes:
    """Return the SM3 digest of ``data``, in Python alone (GB/T 32905-2016 §5)."""
    padded = data + b"\x80" + bytes(-(len(data) + 9) % 64) + (8 * len(data)).to_bytes(8)
    state: tuple[int, ...] = _START
    for start in range(0, len(padded), 64):
        state = _compress(state, padded[start : start + 64])
    return struct.pack(">8I", *state)


def _compress(state: tuple[int, ...], block: bytes) -> tuple[int, ...]:
    words = _expand(block)
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        turned = _rotate(a, 12)
        first = _rotate((turned + e + _ROUND[j]) & _MASK, 7)
        if j < 16:
            choice, majority = e ^ f ^ g, a ^ b ^ c
        else:
            choice, majority = (e & f) | (~e & g), (a & b) | (a & c) | (b & c)
        left = (majority + d + (first ^ turned) + (words[j] ^ words[j + 4])) & _MASK
        right = (choice + h + first + words[j]) & _MASK
        a, b, c, d = left, a, _rotate(b, 9), c
        e, f, g, h = right ^ _rotate(right, 9) ^ _rotate(right, 17), e, _rotate(f, 19), g
    return tuple(x ^ y for x, y in zip(state, (a, b, c, d, e, f, g, h), strict=True))


def _expand(block: bytes) -> list[int]:
    words = list(struct.unpack(">16I", block))
    for j in range(16, 68):
        x = words[j - 16] ^ words[j - 9] ^ _rotate(words[j - 3], 15)
        mixed = x ^ _rotate(x, 15) ^ _rotate(x, 23)
        words.append(mixed ^ _rotate(words[j - 13], 7) ^ words[j - 6])
    return words
