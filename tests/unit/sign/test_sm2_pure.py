"""Verification in Python alone: the same answers as libcrypto, in every corner of the curve."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from ecert.errors import CustodyError, SignatureError
from ecert.sign import sm2, sm2_pure
from ecert.sign.keys import PrivateKey, PublicKey
from ecert.sign.sm2_curve import G, N, P
from ecert.sign.sm2_digest import DEFAULT_UID, message_digest
from ecert.sign.sm2_pure import UNTIL_TABLE, Table, Verifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.sign.sm2_evp import EVP


@pytest.fixture
def pure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose OpenSSL has no SM2."""
    monkeypatch.setattr(sm2, "_evp", lambda: None)


def fits(public: PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        public.verify(signature, message)
    except SignatureError:
        return False
    return True


def test_it_agrees_with_libcrypto_on_a_hundred_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = []
    for turn in range(100):
        key = PrivateKey.generate("SGD_SM3_SM2")
        message = secrets.token_bytes(turn * 3)
        signature = key.sign(message)
        bit = secrets.randbelow(512)
        flipped = (int.from_bytes(signature) ^ (1 << bit)).to_bytes(64)
        cases += [(key.public, signature, message), (key.public, flipped, message)]
        cases += [(key.public, signature, message + b"\0")]
    libcrypto = [fits(*case) for case in cases]
    assert libcrypto == [True, False, False] * 100
    monkeypatch.setattr(sm2, "_evp", lambda: None)
    assert [fits(*case) for case in cases] == libcrypto


def test_a_table_changes_nothing_but_the_time() -> None:
    key = PrivateKey.generate("SGD_SM3_SM2")
    x, y = key.public.point
    verifier = Verifier((int.from_bytes(x), int.from_bytes(y)))
    r = s = 0
    for turn in range(UNTIL_TABLE + 5):
        assert (verifier._table is None) == (turn <= UNTIL_TABLE)
        signature = key.sign(bytes((turn,)))
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        assert verifier.verify(message_digest(DEFAULT_UID, x, y, bytes((turn,))), r, s)
    assert not verifier.verify(message_digest(DEFAULT_UID, x, y, b"another"), r, s)


@pytest.mark.parametrize("scalar", [1, 2, 3, 15, 16, 17, 31, 32, 255, 256, 257, 1 << 255, N - 1])
def test_both_ways_of_multiplying_agree_at_the_edges(scalar: int, evp: EVP) -> None:
    once = sm2_pure._affine([sm2_pure._times(G, scalar)])
    assert once == sm2_pure._affine([Table(G).times(scalar)])
    if scalar < N - 1:
        expected = evp.point(evp.private(scalar.to_bytes(32)))
        assert once == [tuple(int.from_bytes(part) for part in expected)]


def test_nought_times_a_point_is_infinity() -> None:
    assert sm2_pure._times(G, 0) is None
    assert Table(G).times(0) is None


def test_addition_knows_its_exceptions() -> None:
    """A point with itself, with its opposite, with infinity; also where Z is not 1."""
    two = sm2_pure._double((*G, 1))
    assert two is not None
    opposite = (two[0], P - two[1], two[2])
    four = sm2_pure._affine([sm2_pure._double(two)])
    assert sm2_pure._affine([sm2_pure._add(two, two)]) == four
    assert sm2_pure._add(two, opposite) is None
    assert sm2_pure._add(None, two) == sm2_pure._add(two, None) == two
    assert sm2_pure._double(None) is None
    assert sm2_pure._add(None, None) is None


@pytest.mark.usefixtures("pure")
def test_without_libcrypto_a_key_verifies_and_does_not_sign() -> None:
    known = PublicKey.from_point("SGD_SM3_SM2", bytes.fromhex(
        "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
    ))  # fmt: skip
    signature = bytes.fromhex(
        "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
        "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
    )
    assert sm2.backend() == "pure Python, verify only"
    assert not sm2.can_sign()
    known.verify(signature, b"message digest")
    assert not fits(known, signature, b"message digesT")
    assert PublicKey.from_pem(known.to_pem()) == known
    attempts: list[Callable[[], object]] = [
        lambda: PrivateKey.generate("SGD_SM3_SM2"),
        lambda: PrivateKey.from_scalar("SGD_SM3_SM2", bytes(31) + b"\x07"),
    ]
    for attempt in attempts:
        with pytest.raises(CustodyError) as caught:
            attempt()
        assert "not sign" in caught.value.en
        assert "不能签名" in caught.value.zh
        assert caught.value.fix_zh
        assert caught.value.fix_en


def test_a_key_file_says_what_it_may_need(monkeypatch: pytest.MonkeyPatch) -> None:
    pem = PrivateKey.generate("SGD_SM3_SM2").to_pem("correct horse")
    monkeypatch.setattr(sm2, "_evp", lambda: None)
    with pytest.raises(CustodyError) as caught:
        PrivateKey.from_pem(pem, "correct horse")
    assert "SM2" in caught.value.fix_zh
    assert "SM2" in caught.value.fix_en


@pytest.fixture
def evp() -> EVP:
    return sm2._require_evp()
