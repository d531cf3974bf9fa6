"""Signatures in DER, as backends and other software write them; ecert itself writes r‖s."""

from __future__ import annotations

from ecert.errors import SignatureError

_SEQUENCE, _INTEGER = 0x30, 0x02


def parse_signature(data: bytes) -> bytes:
    """Return r‖s of 64 bytes from ``SEQUENCE { INTEGER r, INTEGER s }`` (RFC 3279 §2.2.3).

    Raises:
        SignatureError: Anything but the one DER form of two positive numbers below 2^256.
    """
    # By the bytes alone, because what this process signs comes through here too, and making
    # numbers of r and s would take twice as long.
    size = len(data)
    # 2 x (2 + 33) bytes at most, so every length stands in one byte.
    if not 8 <= size <= 72 or data[0] != _SEQUENCE or data[1] != size - 2 or data[2] != _INTEGER:
        raise SignatureError("not a signature in DER")
    end = 4 + data[3]
    if end > size - 3 or data[end] != _INTEGER:
        raise SignatureError("not a signature in DER")
    if data[end + 1] != size - end - 2:
        raise SignatureError("a number is cut short, or bytes follow the signature")
    return _number(data[4:end]) + _number(data[end + 2 :])


def _number(body: bytes) -> bytes:
    """Return the content of an INTEGER as 32 bytes."""
    # A first byte of nought stands only before one that would look negative without it.
    first = body[0] if body else 0
    if first == 0:
        if len(body) < 2 or body[1] < 0x80:
            raise SignatureError("a number in the signature is not in DER")
        body = body[1:]
    if first > 0x7F or len(body) > 32:
        raise SignatureError("a number in the signature is not in DER")
    return body.rjust(32, b"\0")


def signature(raw: bytes) -> bytes:
    """Return r‖s of 64 bytes as DER."""
    r, s = raw[:32], raw[32:]
    # All but one in 128 have no byte of nought in front: only their first bits differ in form.
    if r[0] and s[0]:
        return _FULL_FORMS[r[0] > 0x7F, s[0] > 0x7F] % (r, s)
    body = _integer(r) + _integer(s)
    return bytes((_SEQUENCE, len(body))) + body


def _integer(half: bytes) -> bytes:
    value = int.from_bytes(half)
    body = value.to_bytes(value.bit_length() // 8 + 1)
    return bytes((_INTEGER, len(body))) + body


def _full_form(*high: bool) -> bytes:
    """Return the form of two numbers of 32 bytes, by whether the first bit of each is set."""
    # A number whose first bit is set takes a byte of nought in front, or it would be negative.
    numbers = [bytes((_INTEGER, 32 + one)) + bytes(one) + b"%b" for one in high]
    return bytes((_SEQUENCE, 68 + sum(high))) + b"".join(numbers)


_FULL_FORMS = {(r, s): _full_form(r, s) for r in (False, True) for s in (False, True)}
