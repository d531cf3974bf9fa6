"""What is kept for a moment opens with both secrets, unchanged, and in its own place only."""

from __future__ import annotations

import pytest

from ecert.errors import CustodyError
from ecert.sign.encryption import decrypt, derive_key, encrypt, tag_of

KEY = derive_key(b"s" * 32, b"code", "test")


def test_what_is_encrypted_is_decrypted_and_differs_each_time() -> None:
    one, other = (encrypt(KEY, b"content", b"about") for _ in range(2))
    assert one != other
    assert decrypt(KEY, one, b"about") == decrypt(KEY, other, b"about") == b"content"
    assert b"content" not in one


def test_every_changed_bit_is_noticed() -> None:
    data = encrypt(KEY, b"content", b"about")
    for place in range(len(data) * 8):
        changed = bytearray(data)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(CustodyError):
            decrypt(KEY, bytes(changed), b"about")


@pytest.mark.parametrize("data", [b"", b"x" * 11, b"x" * 12, b"x" * 27])
def test_what_is_cut_short_is_no_crash(data: bytes) -> None:
    with pytest.raises(CustodyError):
        decrypt(KEY, data, b"about")


def test_secret_service_key_purpose_and_place_all_count() -> None:
    keys = {
        KEY, derive_key(b"t" * 32, b"code", "test"), derive_key(b"s" * 32, b"other", "test"),
        derive_key(b"s" * 32, b"code", "else"),
    }  # fmt: skip
    assert len(keys) == 4
    tags = {tag_of(b"s" * 32, b"code", one) for one in ("test", "else")}
    assert len(tags | {KEY}) == 3
    with pytest.raises(CustodyError):
        decrypt(KEY, encrypt(KEY, b"content", b"about"), b"elsewhere")


def test_the_key_is_hkdf_of_rfc_5869() -> None:
    import hashlib
    import hmac

    pseudo_random = hmac.new(b"s" * 32, b"code", hashlib.sha256).digest()
    assert hmac.new(pseudo_random, b"test\x01", hashlib.sha256).digest() == KEY
