"""SM2 against GmSSL (gmssl-pyx), which shares no line with OpenSSL's; both ways, on many keys."""

from __future__ import annotations

import secrets

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from ecert.errors import SignatureError
from ecert.sign import sm2
from ecert.sign.keys import PrivateKey, PublicKey
from ecert.sign.sm2_digest import plain_sm3

gmssl_pyx = pytest.importorskip("gmssl_pyx", reason="gmssl-pyx has no wheel for this processor")

ALG = "SGD_SM3_SM2"
# Scalars whose x begins with the bytes 04, 04 04, 40, 44 and 00, and one with a y of that kind:
# there libraries have taken the beginning of a number for the mark of a point, or stripped it.
STRIPPED = (11, 307, 65, 138, 327, 659, 107)


def raw(der: bytes) -> bytes:
    r, s = decode_dss_signature(der)
    return r.to_bytes(32) + s.to_bytes(32)


def der(signature: bytes) -> bytes:
    return encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))


def agrees_with_gmssl(key: PrivateKey, d: bytes, message: bytes) -> None:
    x, y = key.public.point
    signature = key.sign(message)
    assert gmssl_pyx.sm2_verify(x + y, message, der(signature))
    assert not gmssl_pyx.sm2_verify(x + y, message + b"\0", der(signature))
    theirs = raw(gmssl_pyx.sm2_sign(d, x + y, message))
    key.public.verify(theirs, message)
    with pytest.raises(SignatureError):
        key.public.verify(theirs, message + b"\0")


@pytest.mark.parametrize("part", range(10))
def test_a_hundred_keys_and_messages_agree_with_gmssl_both_ways(part: int) -> None:
    for turn in range(100):
        message = secrets.token_bytes(secrets.randbelow(300))
        if turn % 2:
            point, d = gmssl_pyx.sm2_key_generate()
            key = PrivateKey.from_scalar(ALG, d)
            assert b"".join(key.public.point) == point
        else:
            key = PrivateKey.generate(ALG)
            d = key._suite.scalar(key._handle)
        agrees_with_gmssl(key, d, message)


@pytest.mark.parametrize("scalar", STRIPPED)
def test_keys_that_look_like_their_mark_agree_with_gmssl_both_ways(scalar: int) -> None:
    d = scalar.to_bytes(32)
    for length in range(10):
        agrees_with_gmssl(PrivateKey.from_scalar(ALG, d), d, bytes(length))


@pytest.mark.parametrize("uid", [b"1", b"ALICE123@YAHOO.COM", b"u" * 63, b"u" * 64])
def test_user_ids_agree_with_gmssl(uid: bytes) -> None:
    point, d = gmssl_pyx.sm2_key_generate()
    theirs = raw(gmssl_pyx.sm2_sign(d, point, b"message", signer_id=uid))
    sm2.verify_with_uid(b"\x04" + point, uid, b"message", theirs)
    with pytest.raises(SignatureError):
        sm2.verify_with_uid(b"\x04" + point, uid + b"0", b"message", theirs)
    with pytest.raises(SignatureError):
        PublicKey.from_point(ALG, b"\x04" + point).verify(theirs, b"message")


def test_a_signature_without_z_is_refused() -> None:
    """Some programs sign SM3 of the message alone: then the key is not bound."""
    point, d = gmssl_pyx.sm2_key_generate()
    theirs = raw(gmssl_pyx.sm2_sign(d, point, b"message", signer_id=None))
    with pytest.raises(SignatureError):
        PublicKey.from_point(ALG, b"\x04" + point).verify(theirs, b"message")


@pytest.mark.parametrize("length", [0, 1, 55, 56, 63, 64, 65, 1000])
def test_sm3_agrees_with_gmssl(length: int) -> None:
    data = secrets.token_bytes(length)
    assert plain_sm3(data) == gmssl_pyx.sm3_hash(data)
