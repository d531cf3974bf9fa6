"""SM2 with SM3 as a suite: the standard's example, outside vectors, ranges, user ids."""

from __future__ import annotations

import json
import re
import secrets
from typing import TYPE_CHECKING

import pytest

from ecert.errors import ParseError, SignatureError
from ecert.reasons import Reason
from ecert.sign import sm2, sm2_pure, suites
from ecert.sign.keys import PrivateKey, PublicKey
from ecert.sign.sm2_curve import G, N
from ecert.sign.sm2_digest import DEFAULT_UID, MAX_UID_BYTES, message_digest

if TYPE_CHECKING:
    from pathlib import Path

ALG = "SGD_SM3_SM2"
# GB/T 32918.5-2017 A.2
D = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
POINT = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
MESSAGE = b"message digest"
SIGNATURE = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
KNOWN = PublicKey.from_point(ALG, POINT)


@pytest.fixture(params=["libcrypto", "pure"])
def either_backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run with libcrypto, then with Python alone."""
    if request.param == "pure":
        monkeypatch.setattr(sm2, "_evp", lambda: None)
    return str(request.param)


def refused(signature: bytes, key: PublicKey = KNOWN, message: bytes = MESSAGE) -> str:
    with pytest.raises(SignatureError) as caught:
        key.verify(signature, message)
    assert caught.value.reason is Reason.SIGNATURE
    return caught.value.en


# -- signatures -------------------------------------------------------------------------------


@pytest.mark.usefixtures("either_backend")
def test_the_example_of_the_standard() -> None:
    PublicKey.from_point(ALG, POINT).verify(SIGNATURE, MESSAGE)
    refused(SIGNATURE, message=MESSAGE + b"\0")


@pytest.mark.usefixtures("either_backend")
def test_every_outside_vector_has_its_answer(vectors: Path) -> None:
    """Nothing but ParseError and SignatureError ever comes of a bad input."""
    suite = json.loads((vectors / "sm2-sm3-p1363.json").read_text("utf-8"))
    cases = [case for group in suite["testGroups"] for case in group["tests"]]
    assert len(cases) == suite["numberOfTests"] == 106
    wrong = []
    for case in cases:
        inputs = (bytes.fromhex(case[name]) for name in ("publicKey", "uid", "msg", "sig"))
        result, refusal = _judge(*inputs)
        if result != case["result"]:
            wrong.append((case["tcId"], case["comment"]))
        # A bad key is told apart from a bad signature.
        assert (refusal is ParseError) == (case["flags"] == ["InvalidKey"]), case["comment"]
    assert wrong == []


def _judge(
    key: bytes, uid: bytes, message: bytes, signature: bytes
) -> tuple[str, type[Exception] | None]:
    try:
        sm2.verify_with_uid(key, uid, message, signature)
    except (ParseError, SignatureError) as error:
        return "invalid", type(error)
    return "valid", None


R, S = SIGNATURE[:32], SIGNATURE[32:]


@pytest.mark.usefixtures("either_backend")
@pytest.mark.parametrize(
    ("signature", "why"),
    [
        (b"", "64 bytes"),
        (SIGNATURE[:-1], "64 bytes"),
        (SIGNATURE + b"\0", "64 bytes"),
        (b"\0" + SIGNATURE, "64 bytes"),
        (SIGNATURE * 2, "64 bytes"),
        (bytes.fromhex("3046022100") + R + bytes.fromhex("022100") + S, "64 bytes"),  # DER
        (bytes(32) + S, "out of range"),
        (R + bytes(32), "out of range"),
        (N.to_bytes(32) + S, "out of range"),
        (R + N.to_bytes(32), "out of range"),
        (b"\xff" * 64, "out of range"),
        (R + (N - int.from_bytes(R)).to_bytes(32), "multiple of n"),
        ((1).to_bytes(32) + (N - 1).to_bytes(32), "multiple of n"),
        ((N - 1).to_bytes(32) + (N - 1).to_bytes(32), "does not fit"),
        ((1).to_bytes(32) * 2, "does not fit"),
        (S + R, "does not fit"),
        # Not malleable as ECDSA is: the other s does not fit.
        (R + (N - int.from_bytes(S)).to_bytes(32), "does not fit"),
    ],
)
def test_a_signature_out_of_form_or_range_is_refused(signature: bytes, why: str) -> None:
    assert why in refused(signature)


def test_ranges_are_checked_before_any_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable() -> None:
        raise AssertionError("the backend was asked")

    monkeypatch.setattr(sm2, "_evp", unreachable)
    for signature in (b"", bytes(64), b"\xff" * 64, R + (N - int.from_bytes(R)).to_bytes(32)):
        refused(signature)


@pytest.mark.usefixtures("either_backend")
def test_a_signature_whose_sum_of_points_is_infinity_is_refused() -> None:
    """s·G + t·P = 0 has no x.  Only the key's owner can make one, and must gain nothing."""
    d = int.from_bytes(D)
    r = secrets.randbelow(N - 1) + 1
    s = -r * d * pow(1 + d, -1, N) % N
    total = sm2_pure._add(sm2_pure._times(G, s), sm2_pure._times(G, (r + s) * d % N))
    assert total is None
    assert "does not fit" in refused(r.to_bytes(32) + s.to_bytes(32))


@pytest.mark.usefixtures("either_backend")
def test_an_ecdsa_signature_on_the_same_curve_is_refused() -> None:
    """ECDSA's equation over the same digest: the same curve, key and length, another algorithm."""
    e = message_digest(DEFAULT_UID, POINT[1:33], POINT[33:], MESSAGE)
    k = secrets.randbelow(N - 1) + 1
    ((x, _),) = sm2_pure._affine([sm2_pure._times(G, k)])
    r = x % N
    s = pow(k, -1, N) * (e + r * int.from_bytes(D)) % N
    assert "does not fit" in refused(r.to_bytes(32) + s.to_bytes(32))


def test_one_message_signed_two_hundred_times_has_two_hundred_nonces() -> None:
    key = PrivateKey.from_scalar(ALG, D)
    signatures = {key.sign(MESSAGE) for _ in range(200)}
    assert len({signature[:32] for signature in signatures}) == 200
    for signature in signatures:
        KNOWN.verify(signature, MESSAGE)


@pytest.mark.parametrize("size", [0, 1, 55, 56, 64, 1000, 100_000])
def test_a_message_of_any_length_is_signed_and_bound(size: int) -> None:
    key, message = PrivateKey.from_scalar(ALG, D), bytes(size)
    signature = key.sign(message)
    KNOWN.verify(signature, message)
    refused(signature, message=message + b"\0")


# -- user ids ---------------------------------------------------------------------------------


@pytest.mark.parametrize("uid", [b"", b"ALICE123@YAHOO.COM", bytes(16), b"x" * MAX_UID_BYTES])
def test_a_signature_under_another_user_id_does_not_verify_here(uid: bytes) -> None:
    evp = sm2._require_evp()
    signature = evp.sign(evp.private(D), uid, MESSAGE)
    sm2.verify_with_uid(POINT, uid, MESSAGE, signature)
    refused(signature)
    with pytest.raises(SignatureError):
        sm2.verify_with_uid(POINT, uid, MESSAGE, SIGNATURE)


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 63, 64, MAX_UID_BYTES])
def test_both_backends_mean_the_same_by_a_user_id(
    length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    evp, uid = sm2._require_evp(), b"u" * length
    signature = evp.sign(evp.private(D), uid, MESSAGE)
    monkeypatch.setattr(sm2, "_evp", lambda: None)
    sm2.verify_with_uid(POINT, uid, MESSAGE, signature)


@pytest.mark.parametrize(
    ("point", "uid", "where"),
    [
        (POINT, bytes(MAX_UID_BYTES + 1), "uid"),
        (b"", DEFAULT_UID, ""),
        (POINT + b"\0", DEFAULT_UID, ""),
        (b"\x06" + POINT[1:], DEFAULT_UID, ""),
        (b"\x03" + POINT[1:33], DEFAULT_UID, ""),
        (b"\x00", DEFAULT_UID, ""),
        (POINT[:-1] + b"\0", DEFAULT_UID, ""),
    ],
)
def test_a_bad_key_or_user_id_is_a_parse_error(point: bytes, uid: bytes, where: str) -> None:
    with pytest.raises(ParseError) as caught:
        sm2.verify_with_uid(point, uid, MESSAGE, SIGNATURE)
    assert (caught.value.reason, caught.value.where) == (Reason.MALFORMED, where)


# -- the suite among the others ---------------------------------------------------------------


def test_its_names_and_numbers() -> None:
    suite = suites.by_alg(ALG)
    assert (suite.cose_alg, suite.crv, suite.cose_crv) == (-65601, "SM2-P-256", -65601)
    assert suite.cose_alg < -65536, "IANA leaves these for private use"
    assert suite.cose_crv < -65536
    assert sm2.can_sign()
    assert re.fullmatch(r"libcrypto OpenSSL \d+\.\d+\.\d+\S*", sm2.backend())


@pytest.mark.parametrize("alias", ["SM2", "SM2SM3", "sm2", "SM2-SM3", "SGD_SM2", "sgd_sm3_sm2"])
def test_no_alias_is_taken(alias: str) -> None:
    for attempt in (
        lambda: suites.by_alg(alias),
        lambda: PrivateKey.generate(alias),
        lambda: PublicKey.from_point(alias, POINT),
        lambda: PublicKey.from_jwk(KNOWN.jwk() | {"alg": alias}),
        lambda: PublicKey.from_jwk({**KNOWN.jwk(), "crv": alias}),
    ):
        with pytest.raises(ParseError) as caught:
            attempt()
        assert caught.value.reason is Reason.ALGORITHM
