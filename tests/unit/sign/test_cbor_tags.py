"""No CBOR tag whatever reaches a format: some make the backend's own encoder crash."""

from __future__ import annotations

import itertools

import pytest

from ecert.errors import ParseError
from ecert.sign.strict import parse_cbor

CONTENTS = (b"\x00", b"\x60", b"\x40", b"\x80", b"\xa0", b"\x82\x01\x02", b"\xf6")


def head(tag: int) -> bytes:
    if tag < 24:
        return bytes([0xC0 | tag])
    if tag < 0x100:
        return bytes([0xD8, tag])
    if tag < 0x10000:
        return b"\xd9" + tag.to_bytes(2)
    return b"\xda" + tag.to_bytes(4)


def test_every_tag_of_two_bytes_and_some_longer_ones_is_refused() -> None:
    for tag in itertools.chain(range(0x10000), (0x10000, 1 << 31, (1 << 32) - 1)):
        for content in CONTENTS:
            with pytest.raises(ParseError):
                parse_cbor(head(tag) + content)


def test_a_value_that_holds_itself_is_refused() -> None:
    for data in (b"\xd8\x1c\x81\xd8\x1d\x00", b"\xd8\x1c\xa1\x01\xd8\x1d\x00"):
        with pytest.raises(ParseError):
            parse_cbor(data)


@pytest.mark.parametrize("data", [b"\xf9\x00\x00", b"\xfb" + bytes(8), b"\xf7", b"\xf8\x20"])
def test_floats_and_other_simple_values_are_refused(data: bytes) -> None:
    with pytest.raises(ParseError):
        parse_cbor(data)


def test_keys_that_python_takes_for_others_are_refused() -> None:
    for data in (b"\xa1\xf5\x00", b"\xa1\xf4\x00", b"\xa1\xf6\x00", b"\xa1\x41\x00\x00"):
        with pytest.raises(ParseError):
            parse_cbor(data)
