"""Keys in all their forms: what goes out comes back, and nothing else becomes a key."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.errors import CustodyError, ParseError, SignatureError
from ecert.reasons import Reason
from ecert.sign.es256 import N
from ecert.sign.keys import PrivateKey, PublicKey

KEY = PrivateKey.from_scalar("ES256", bytes(range(1, 33)))
PUBLIC = KEY.public
JWK = PUBLIC.jwk()
POINT = b"\x04" + b"".join(PUBLIC.point)
# A curve of WAP's (wtls7), which the backend does not know at all.
FOREIGN_PUBLIC_PEM = b"""-----BEGIN PUBLIC KEY-----
MD4wEAYHKoZIzj0CAQYFZysBBAcDKgAEGqVNNnil1HmU3GXZksDl/FEOYsAM8bnY
4NPSwZTNZB+SjGZc/VjF8A==
-----END PUBLIC KEY-----
"""
FOREIGN_PRIVATE_PEM = b"""-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHKMFYGCSqGSIb3DQEFDTBJMCgGCSqGSIb3DQEFDDAbBAjRY8zhFD0reQIBATAM
BggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQHk/4zsRaHDzm9I8D+4NerQRwbSyl
6L9SY1EPcDfWk6ebY5e2SVBPlEeOwIZHCCmhdRm2wx2jt7bOf/xhAwjV9zCI+/nW
og7i7fRdKD+P+xEeovLsyCEFQElANzPDcLNx2WWZMP53wptHHetqzAOTZz6SghXA
tCLzrXypaJSIpRECzQ==
-----END ENCRYPTED PRIVATE KEY-----
"""


def _refused(jwk: dict[str, Any]) -> ParseError:
    with pytest.raises(ParseError) as caught:
        PublicKey.from_jwk(jwk)
    return caught.value


# -- JWK --------------------------------------------------------------------------------------


def test_a_public_jwk_tells_its_algorithm_and_nothing_secret() -> None:
    assert JWK.keys() == {"kty", "crv", "alg", "x", "y"}
    assert (JWK["kty"], JWK["crv"], JWK["alg"]) == ("EC", "P-256", "ES256")


@settings(max_examples=50, deadline=None)
@given(st.integers(1, N - 1))
def test_a_key_survives_every_form(scalar: int) -> None:
    key = PrivateKey.from_scalar("ES256", scalar.to_bytes(32))
    public = key.public
    assert PrivateKey.from_jwk(key.jwk()).public == public
    for copy in (
        PublicKey.from_jwk(public.jwk()),
        PublicKey.from_point("ES256", b"\x04" + b"".join(public.point)),
        PublicKey.from_cose_key(public.cose_key()),
        PublicKey.from_pem(public.to_pem()),
    ):
        assert copy == public
        assert hash(copy) == hash(public)
        assert copy.jwk() == public.jwk()
        copy.verify(key.sign(b"x"), b"x")


def test_a_private_part_has_no_place_in_a_public_key() -> None:
    error = _refused(KEY.jwk())
    assert error.where == "jwk"
    assert "private" in error.en


@pytest.mark.parametrize(
    ("change", "where", "reason"),
    [
        ({"kty": "RSA"}, "jwk.kty", Reason.ALGORITHM),
        ({"kty": None}, "jwk.kty", Reason.ALGORITHM),
        ({"crv": "P-384"}, "", Reason.ALGORITHM),
        ({"crv": ["P-256"]}, "jwk.crv", Reason.MALFORMED),
        ({"alg": "ES384"}, "jwk.alg", Reason.ALGORITHM),
        ({"alg": "none"}, "jwk.alg", Reason.ALGORITHM),
        ({"alg": None}, "jwk.alg", Reason.ALGORITHM),
        ({"use": "enc"}, "jwk.use", Reason.MALFORMED),
        ({"use": ["sig"]}, "jwk.use", Reason.MALFORMED),
        ({"key_ops": ["encrypt"]}, "jwk.key_ops", Reason.MALFORMED),
        ({"key_ops": []}, "jwk.key_ops", Reason.MALFORMED),
        ({"key_ops": "verify"}, "jwk.key_ops", Reason.MALFORMED),
        ({"key_ops": [["verify"]]}, "jwk.key_ops", Reason.MALFORMED),
        ({"x": 7}, "jwk.x", Reason.MALFORMED),
        ({"y": None}, "jwk.y", Reason.MALFORMED),
        ({"x": JWK["x"] + "="}, "jwk.x", Reason.MALFORMED),
        ({"x": JWK["x"][:-1]}, "jwk.x", Reason.MALFORMED),
        ({"x": JWK["y"]}, "", Reason.MALFORMED),
        ({"kid": 42}, "jwk.kid", Reason.MALFORMED),
    ],
)
def test_a_jwk_that_is_not_for_our_signatures_is_refused(
    change: dict[str, Any], where: str, reason: Reason
) -> None:
    error = _refused(JWK | change)
    assert (error.where, error.reason) == (where, reason)


@pytest.mark.parametrize("missing", ["kty", "crv", "x", "y"])
def test_a_jwk_without_one_of_its_parts_is_refused(missing: str) -> None:
    error = _refused({name: value for name, value in JWK.items() if name != missing})
    assert error.where == f"jwk.{missing}"


def test_leave_to_verify_is_enough() -> None:
    for allowed in ({"use": "sig"}, {"key_ops": ["verify"]}, {"key_ops": ["sign", "verify"]}):
        assert PublicKey.from_jwk(JWK | allowed) == PUBLIC


def test_a_private_jwk_whose_halves_do_not_fit_is_refused() -> None:
    other = PrivateKey.generate()
    with pytest.raises(ParseError) as caught:
        PrivateKey.from_jwk(KEY.jwk() | {"d": other.jwk()["d"]})
    assert "does not belong" in caught.value.en
    with pytest.raises(ParseError) as caught:
        PrivateKey.from_jwk(JWK)
    assert caught.value.where == "jwk.d"


def test_generated_keys_differ() -> None:
    assert PrivateKey.generate().public != PrivateKey.generate().public
    with pytest.raises(ParseError):
        PrivateKey.generate("HS256")


# -- key ids ----------------------------------------------------------------------------------


def test_the_thumbprint_is_that_of_rfc_7638() -> None:
    # §3.2: the required members in alphabetical order, without white space.
    members = {name: JWK[name] for name in ("crv", "kty", "x", "y")}
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).digest()
    assert PUBLIC.thumbprint == digest
    assert PUBLIC.short_kid == digest[:8]
    assert PUBLIC.kid == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert not PUBLIC.has_given_kid


def test_a_given_id_is_kept_and_does_not_change_the_key() -> None:
    named = PublicKey.from_jwk(JWK | {"kid": "k1"})
    assert named.kid == named.jwk()["kid"] == "k1"
    assert named.has_given_kid
    assert named == PUBLIC
    assert len({named, PUBLIC}) == 1
    assert named.thumbprint == PUBLIC.thumbprint


def test_a_key_equals_no_other_thing() -> None:
    assert PrivateKey.generate().public != PUBLIC
    assert PUBLIC.kid != PUBLIC


def test_nothing_secret_is_printed() -> None:
    d = KEY.jwk()["d"]
    assert d not in repr(KEY)
    assert d not in str(KEY)
    assert PUBLIC.kid in repr(KEY)
    assert PUBLIC.kid in repr(PUBLIC)


# -- points and COSE keys ---------------------------------------------------------------------

ODD = POINT[-1] & 1


@pytest.mark.parametrize(
    "point",
    [
        b"", b"\0", bytes((2 + ODD,)) + POINT[1:33], bytes((6 + ODD,)) + POINT[1:],
        bytes((7 - ODD,)) + POINT[1:], b"\x05" + POINT[1:], POINT[1:], POINT[:-1], POINT + b"\0",
        b"\0" + POINT, b"\x04" + bytes(64),
    ],
)  # fmt: skip
def test_only_the_uncompressed_point_is_read(point: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        PublicKey.from_point("ES256", point)
    assert caught.value.reason is Reason.MALFORMED


def test_a_point_belongs_to_a_known_algorithm() -> None:
    with pytest.raises(ParseError) as caught:
        PublicKey.from_point("ES384", POINT)
    assert caught.value.reason is Reason.ALGORITHM


COSE = PUBLIC.cose_key()


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (None, Reason.MALFORMED),
        ([], Reason.MALFORMED),
        ({}, Reason.MALFORMED),
        (dict(reversed(COSE.items())), Reason.MALFORMED),
        (COSE | {2: b"kid"}, Reason.MALFORMED),
        (COSE | {-4: b"d"}, Reason.MALFORMED),
        (COSE | {1: 1}, Reason.MALFORMED),
        (COSE | {-1: True}, Reason.MALFORMED),
        (COSE | {-1: 2}, Reason.ALGORITHM),
        (COSE | {-2: "x"}, Reason.MALFORMED),
        (COSE | {-2: bytes(31)}, Reason.MALFORMED),
        (COSE | {-3: 1}, Reason.MALFORMED),
        (COSE | {-3: PUBLIC.point[1]}, Reason.MALFORMED),
    ],
)
def test_a_cose_key_has_one_shape(key: object, reason: Reason) -> None:
    with pytest.raises(ParseError) as caught:
        PublicKey.from_cose_key(key)
    assert caught.value.reason is reason


def test_the_other_parity_is_the_other_point() -> None:
    other = PublicKey.from_cose_key(COSE | {-3: not COSE[-3]})
    assert other != PUBLIC
    with pytest.raises(SignatureError):
        other.verify(KEY.sign(b"x"), b"x")


# -- PEM --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pem", "reason"),
    [
        (b"", Reason.MALFORMED),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", Reason.MALFORMED),
        (KEY.to_pem("correct horse"), Reason.MALFORMED),
        (FOREIGN_PUBLIC_PEM, Reason.ALGORITHM),
    ],
    ids=["empty", "nothing inside", "private", "unknown curve"],
)
def test_a_pem_that_is_no_public_key_of_ours_is_refused(pem: bytes, reason: Reason) -> None:
    with pytest.raises(ParseError) as caught:
        PublicKey.from_pem(pem)
    assert caught.value.reason is reason


@pytest.mark.parametrize("other", ["P-384", "brainpoolP256r1", "Ed25519"])
def test_a_pem_of_another_curve_is_refused(other: str) -> None:
    keys: dict[str, Any] = {
        "P-384": ec.generate_private_key(ec.SECP384R1()),
        "brainpoolP256r1": ec.generate_private_key(ec.BrainpoolP256R1()),
        "Ed25519": ed25519.Ed25519PrivateKey.generate(),
    }
    key = keys[other]
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(ParseError) as caught:
        PublicKey.from_pem(public)
    assert caught.value.reason is Reason.ALGORITHM
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"correct horse"),
    )  # fmt: skip
    with pytest.raises(CustodyError) as locked:
        PrivateKey.from_pem(private, "correct horse")
    assert "not supported" in locked.value.en


def test_a_private_key_is_kept_encrypted() -> None:
    pem = KEY.to_pem("correct horse 电池")
    assert pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert PrivateKey.from_pem(pem, "correct horse 电池").public == PUBLIC


@pytest.mark.parametrize("passphrase", ["wrong", "", "correct horse ", "\ud800"])
def test_a_wrong_passphrase_opens_nothing(passphrase: str) -> None:
    with pytest.raises(CustodyError) as caught:
        PrivateKey.from_pem(KEY.to_pem("correct horse"), passphrase)
    assert "wrong passphrase" in caught.value.en
    assert "口令" in caught.value.zh


def test_an_unencrypted_key_file_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )  # fmt: skip
    with pytest.raises(CustodyError) as caught:
        PrivateKey.from_pem(pem, "correct horse")
    assert "not encrypted" in caught.value.en


def test_a_key_on_a_curve_that_the_backend_does_not_know_is_a_refusal() -> None:
    with pytest.raises(CustodyError) as caught:
        PrivateKey.from_pem(FOREIGN_PRIVATE_PEM, "abc")
    assert "not supported" in caught.value.en
