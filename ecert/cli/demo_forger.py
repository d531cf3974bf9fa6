"""What a forger can do to a code without anybody's key: the check digits always fit."""

from __future__ import annotations

import zlib
from typing import Final

from ecert.show import digits
from ecert.show.code import ShowCode
from ecert.show.digits import CodeKind
from ecert.sign import cose
from ecert.sign.strict import parse_cbor

# Where a show code keeps its time and its credentials (`ecert.show.offline`).
_MADE: Final = 1
_CREDENTIALS: Final = 5


def altered(code: ShowCode, old: bytes, new: bytes) -> ShowCode:
    """Return the code with other bytes inside."""
    raw = _unpacked(code).replace(old, new, 1)
    return ShowCode(digits.encode(CodeKind.SELF_CONTAINED, raw))


def time_of(code: ShowCode) -> bytes:
    """Return the bytes that say when a code was made: key 1 and a whole number of 4 bytes."""
    payload = parse_cbor(cose.parse_sign1(_unpacked(code)).payload)
    return b"\x01\x1a" + int(payload[_MADE]).to_bytes(4)


def cut_open(code: ShowCode) -> ShowCode:
    """Return the first licence of a code, without its holder's proof, as if it were printed."""
    payload = parse_cbor(cose.parse_sign1(_unpacked(code)).payload)
    return ShowCode(digits.encode(CodeKind.PAPER, payload[_CREDENTIALS][0]))


def _unpacked(code: ShowCode) -> bytes:
    data = digits.decode(code.text)[1]
    # A code is compressed where that makes it smaller.
    return zlib.decompress(data) if data.startswith(b"\x78") else data
