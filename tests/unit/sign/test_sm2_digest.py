"""SM3 and Z_A: the standard's own numbers, an oracle's, and the same without OpenSSL."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.errors import ParseError
from ecert.reasons import Reason
from ecert.sign import sm2_digest
from ecert.sign.sm2_digest import DEFAULT_UID, MAX_UID_BYTES, plain_sm3, sm3

if TYPE_CHECKING:
    from collections.abc import Iterator

X = bytes.fromhex("09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020")
Y = bytes.fromhex("ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13")


@pytest.fixture
def without_openssl_sm3(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(name: str, *_: object) -> None:
        raise ValueError(f"unsupported hash type {name}")

    monkeypatch.setattr(hashlib, "new", refuse)
    sm2_digest._implementation.cache_clear()
    yield
    sm2_digest._implementation.cache_clear()


# GB/T 32905-2016 annex A
EXAMPLES = [
    (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
]


@pytest.mark.parametrize(("data", "digest"), EXAMPLES)
def test_the_examples_of_the_standard(data: bytes, digest: str) -> None:
    assert sm3(data).hex() == digest
    assert plain_sm3(data).hex() == digest


@pytest.mark.parametrize("length", range(200))
def test_our_own_sm3_is_openssls_around_every_block_boundary(length: int) -> None:
    data = hashlib.shake_128(length.to_bytes(2)).digest(length)
    assert plain_sm3(data) == sm3(data) == hashlib.new("sm3", data).digest()


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=2000))
def test_our_own_sm3_is_openssls_on_anything(data: bytes) -> None:
    assert plain_sm3(data) == hashlib.new("sm3", data).digest()


def test_the_intermediate_values_of_the_standard() -> None:
    """GB/T 32918.5-2017 A.2."""
    z = sm2_digest.identity_digest(DEFAULT_UID, X, Y)
    assert z.hex() == "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3"
    e = sm2_digest.message_digest(DEFAULT_UID, X, Y, b"message digest")
    assert e == 0xF0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640


def test_without_openssl_the_numbers_are_the_same(without_openssl_sm3: None) -> None:
    assert sm2_digest._implementation() is plain_sm3
    z = sm2_digest.identity_digest(DEFAULT_UID, X, Y)
    assert z.hex() == "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3"


def test_every_input_of_z_changes_it() -> None:
    """Among them the boundary between user id and curve, which the length in front fixes."""
    inputs = [
        (DEFAULT_UID, X, Y),
        (DEFAULT_UID[:-1], X, Y),
        (b"", X, Y),
        (DEFAULT_UID, Y, X),
        (DEFAULT_UID, X, X),
        (DEFAULT_UID + sm2_digest._CURVE[:1], X, Y),
    ]
    assert len({sm2_digest.identity_digest(*parts) for parts in inputs}) == len(inputs)


def test_a_user_id_at_its_bound_and_one_byte_beyond() -> None:
    sm2_digest.require_uid(bytes(MAX_UID_BYTES))
    assert len(sm2_digest.identity_digest(bytes(MAX_UID_BYTES), X, Y)) == 32
    with pytest.raises(ParseError) as caught:
        sm2_digest.require_uid(bytes(MAX_UID_BYTES + 1))
    assert (caught.value.reason, caught.value.where) == (Reason.MALFORMED, "uid")
