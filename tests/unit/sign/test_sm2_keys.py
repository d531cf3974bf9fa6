"""SM2 keys in all their forms: JWK, point, COSE_Key, PEM; and what is not one."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from ecert.errors import CustodyError, ParseError, SignatureError
from ecert.reasons import Reason
from ecert.sign import sm2, sm2_curve
from ecert.sign.keys import PrivateKey, PublicKey
from ecert.sign.sm2_curve import N

if TYPE_CHECKING:
    from collections.abc import Callable

ALG = "SGD_SM3_SM2"
# GB/T 32918.5-2017 A.2
D = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
KEY = PrivateKey.from_scalar(ALG, D)
KNOWN = KEY.public
POINT = b"\x04" + b"".join(KNOWN.point)
MESSAGE = b"message digest"

# By these scalars x begins with the bytes (and, where it matters to others, the digits) at which
# libraries have stripped too much; the last two have a short y, and the largest scalar.
SCALARS = {
    "x=04…": 11, "x=0404…": 307, "x=40…": 65, "x=44…": 138, "x=00…": 327, "y=00…": 107, "n-2": N - 2
}  # fmt: skip
scalars = pytest.mark.parametrize("scalar", SCALARS.values(), ids=SCALARS.keys())


@scalars
def test_a_key_survives_every_form(scalar: int) -> None:
    key = PrivateKey.from_scalar(ALG, scalar.to_bytes(32))
    public = key.public
    x, y = public.point
    copies = [
        PublicKey.from_jwk(public.jwk()),
        PublicKey.from_cose_key(public.cose_key()),
        PublicKey.from_point(ALG, b"\x04" + x + y),
        PublicKey.from_pem(public.to_pem()),
        PrivateKey.from_jwk(key.jwk()).public,
        PrivateKey.from_pem(key.to_pem("correct horse"), "correct horse").public,
    ]
    signature = key.sign(MESSAGE)
    for copy in copies:
        assert copy == public
        assert (copy.alg, copy.point) == (ALG, (x, y))
        copy.verify(signature, MESSAGE)
    assert PrivateKey.from_pem(key.to_pem("correct horse"), "correct horse").jwk() == key.jwk()


def test_the_scalars_above_have_the_points_they_are_there_for() -> None:
    starts = {
        name: PrivateKey.from_scalar(ALG, scalar.to_bytes(32)).public.point
        for name, scalar in SCALARS.items()
    }
    for name, (x, y) in starts.items():
        if "=" in name:
            coordinate = x if name.startswith("x") else y
            assert coordinate.hex().startswith(name[2:-1])


def test_a_jwk_is_that_of_gm_t_0125() -> None:
    jwk = KNOWN.jwk()
    assert jwk == {
        "kty": "EC",
        "crv": "SM2-P-256",
        "alg": ALG,
        "x": "CfnfMR5UIaFQ3X0WHkvFxnIXn60YM_wHa7CP81bzUCA",
        "y": "zOpJDOJndaUtxupxjMGqYArtBfvzXghKZjL2By2prRM",
    }


@pytest.mark.parametrize("form", [b"\x02", b"\x03", b"\x06", b"\x07", b"\x00", b"\x05"])
def test_only_an_uncompressed_point_is_taken(form: bytes) -> None:
    for point in (form + POINT[1:], form + POINT[1:33]):
        with pytest.raises(ParseError):
            PublicKey.from_point(ALG, point)


def test_a_cose_key_is_compressed_and_one_way_only() -> None:
    key = KNOWN.cose_key()
    assert key == {1: 2, -1: -65601, -2: POINT[1:33], -3: True}
    other = PublicKey.from_cose_key(key | {-3: False})
    assert other != KNOWN
    with pytest.raises(SignatureError):
        other.verify(KEY.sign(MESSAGE), MESSAGE)
    for wrong in ({-2: b"\xff" * 32}, {-2: POINT[1:32]}, {-1: -65602}, {-1: 2}, {-1: 65601}):
        with pytest.raises(ParseError):
            PublicKey.from_cose_key(key | wrong)


def test_a_key_of_one_curve_is_none_of_the_other() -> None:
    """The same forms and lengths: what tells them apart is the equation."""
    es256, sm2_key = PrivateKey.generate("ES256"), PrivateKey.generate(ALG)
    for mine, theirs in ((es256, sm2_key), (sm2_key, es256)):
        jwk = mine.public.jwk() | {"crv": theirs.public.jwk()["crv"], "alg": theirs.public.alg}
        with pytest.raises(ParseError, match="not on"):
            PublicKey.from_jwk(jwk)
        with pytest.raises(ParseError, match="not on"):
            PublicKey.from_point(theirs.public.alg, b"\x04" + b"".join(mine.public.point))
        with pytest.raises(ParseError) as caught:
            PublicKey.from_jwk(mine.public.jwk() | {"alg": theirs.public.alg})
        assert caught.value.reason is Reason.ALGORITHM


@pytest.mark.parametrize("change", [{"d": "AA"}, {"d": "A" * 43}, {"x": "A" * 43}])
def test_a_private_jwk_that_does_not_fit_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(ParseError):
        PrivateKey.from_jwk(PrivateKey.from_scalar(ALG, D).jwk() | change)


def test_a_private_jwk_with_anothers_public_half_is_refused() -> None:
    mine, theirs = PrivateKey.generate(ALG), PrivateKey.generate(ALG)
    with pytest.raises(ParseError) as caught:
        PrivateKey.from_jwk(theirs.jwk() | {"d": mine.jwk()["d"]})
    assert caught.value.where == "jwk"


# -- PEM --------------------------------------------------------------------------------------


def test_a_public_pem_may_stand_among_other_text() -> None:
    text = b"key of the office\r\n" + KNOWN.to_pem().replace(b"\n", b"\r\n") + b"\r\nend\r\n"
    assert PublicKey.from_pem(text) == KNOWN


@pytest.mark.parametrize(
    "damage",
    [
        lambda pem: pem.replace(b"BEGIN PUBLIC", b"BEGIN PRIVATE"),
        lambda pem: pem.replace(b"\n-----END", b"!\n-----END"),
        lambda pem: pem.replace(b"==", b"="),
        lambda pem: pem[:-40],
        lambda pem: pem[:0],
    ],
)
def test_a_damaged_public_pem_is_refused(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ParseError):
        PublicKey.from_pem(damage(KNOWN.to_pem()))


def test_a_private_pem_opens_with_its_passphrase_only() -> None:
    key = PrivateKey.generate(ALG)
    pem = key.to_pem("口令 correct\0horse")
    assert b"ENCRYPTED PRIVATE KEY" in pem
    assert pem != key.to_pem("口令 correct\0horse"), "salt and IV are fresh"
    assert PrivateKey.from_pem(pem, "口令 correct\0horse").public == key.public
    # A passphrase is not cut at a NUL, nor stripped.
    for wrong in ("口令 correct", "口令 correct\0", "口令 correct\0horse ", "", "\ud800"):
        with pytest.raises(CustodyError) as caught:
            PrivateKey.from_pem(pem, wrong)
        assert "wrong passphrase" in caught.value.en
    with pytest.raises(ValueError, match="empty"):
        key.to_pem("")


def test_every_damaged_byte_of_a_private_pem_is_refused_or_harmless() -> None:
    """PKCS#8 has no tag against alteration; but no other key may come out of it."""
    key = PrivateKey.generate(ALG)
    lines = key.to_pem("correct horse").decode("ascii").splitlines()
    der = base64.b64decode("".join(lines[1:-1]))
    for position in range(0, len(der), 9):
        damaged = bytearray(der)
        damaged[position] ^= 1 << position % 8
        text = base64.b64encode(damaged).decode("ascii")
        pem = "\n".join([lines[0], text, lines[-1]]).encode("ascii")
        try:
            opened = PrivateKey.from_pem(pem, "correct horse")
        except CustodyError:
            continue
        assert opened.public == key.public


def test_a_file_whose_halves_do_not_fit_is_refused() -> None:
    other = PrivateKey.generate(ALG).public.point
    plain = sm2_curve.pkcs8(D, *other)
    der = sm2._require_evp().encrypt(plain, b"correct horse")
    with pytest.raises(CustodyError) as caught:
        PrivateKey.from_pem(sm2._armour("ENCRYPTED PRIVATE KEY", der), "correct horse")
    assert "does not belong" in caught.value.en


def test_a_pem_block_is_what_its_label_says() -> None:
    suite = sm2.SM2()
    public, private = KNOWN.to_pem(), KEY.to_pem("correct horse")
    assert suite.read_public_pem(public) is not None
    assert suite.read_private_pem(private, b"correct horse") is not None
    for label in (b"PRIVATE KEY", b"EC PRIVATE KEY", b"CERTIFICATE"):
        assert suite.read_public_pem(public.replace(b"PUBLIC KEY", label)) is None
        renamed = private.replace(b"ENCRYPTED PRIVATE KEY", label)
        assert suite.read_private_pem(renamed, b"correct horse") is None


def test_nothing_secret_is_printed() -> None:
    key = PrivateKey.from_scalar(ALG, D)
    secret = key.jwk()
    for text in (repr(key), str(key), repr(key._handle), repr(key.public)):
        assert D.hex() not in text
        assert secret["d"] not in text
