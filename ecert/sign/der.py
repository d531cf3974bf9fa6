"""Signatures in DER, as other software writes them; ecert itself writes r‖s."""

from __future__ import annotations

from ecert.errors import SignatureError

_SEQUENCE, _INTEGER = 0x30, 0x02


def parse_signature(data: bytes) -> bytes:
    """Return r‖s of 64 bytes from ``SEQUENCE { INTEGER r, INTEGER s }`` (RFC 3279 §2.2.3).

    Raises:
        SignatureError: Anything but the one DER form of two positive numbers below 2^256.
    """
    # 2 x (2 + 33) bytes at most, so every length stands in one byte.
    if len(data) < 2 or data[0] != _SEQUENCE or data[1] != len(data) - 2:
        raise SignatureError("not a signature in DER")
    r, rest = _integer(data[2:])
    s, rest = _integer(rest)
    if rest:
        raise SignatureError("bytes follow the signature")
    return r + s


def _integer(data: bytes) -> tuple[bytes, bytes]:
    if len(data) < 2 or data[0] != _INTEGER or not 1 <= data[1] <= min(33, len(data) - 2):
        raise SignatureError("not a signature in DER")
    body, rest = data[2 : 2 + data[1]], data[2 + data[1] :]
    value = int.from_bytes(body, signed=True)
    if value <= 0 or len(body) != value.bit_length() // 8 + 1 or value.bit_length() > 256:
        raise SignatureError("a number in the signature is not in DER")
    return value.to_bytes(32), rest


def signature(raw: bytes) -> bytes:
    """Return r‖s of 64 bytes as DER."""
    body = b"".join(_encoded(int.from_bytes(half)) for half in (raw[:32], raw[32:]))
    return bytes([_SEQUENCE, len(body)]) + body


def _encoded(value: int) -> bytes:
    body = value.to_bytes(value.bit_length() // 8 + 1)
    return bytes([_INTEGER, len(body)]) + body
