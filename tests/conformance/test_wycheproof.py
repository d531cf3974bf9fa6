"""Wycheproof through the door: every answer equals the vector."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conformance.conftest import Ask


def _groups(vectors: Path, name: str) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = json.loads((vectors / name).read_text("utf-8"))["testGroups"]
    return groups


@pytest.mark.parametrize("half", ["public", "private"])
def test_every_jws_case_equals_its_vector(ask: Ask, vectors: Path, half: str) -> None:
    # The private half must be dropped, not refused: the key is the same.
    cases = [
        (group[half], case)
        for group in _groups(vectors, "wycheproof-jws-p256.json")
        for case in group["tests"]
    ]
    assert len(cases) == 41
    answers = {
        case["tcId"]: ask("jws_verify", token=case["jws"], keys=[key]) for key, case in cases
    }
    assert {tc: answer["result"] for tc, answer in answers.items()} == {
        case["tcId"]: case["result"] for _, case in cases
    }
    assert all("reason" in answer for answer in answers.values() if answer["result"] != "valid")


def test_the_payload_of_a_valid_jws_comes_back(ask: Ask, vectors: Path) -> None:
    group = _groups(vectors, "wycheproof-jws-p256.json")[0]
    answer = ask("jws_verify", token=group["tests"][0]["jws"], keys=[group["public"]])
    # "foo" is not JSON, so it comes back as the bytes that it is.
    assert answer["payload_b64"] == "Zm9v"
    assert answer["key"] == "kid-ec-sign"


def test_a_key_that_may_not_verify_is_not_used_even_for_a_good_signature(
    ask: Ask, vectors: Path
) -> None:
    group = _groups(vectors, "wycheproof-jws-p256.json")[0]
    token, key = group["tests"][0]["jws"], group["public"]
    for restriction in ({"use": "enc"}, {"key_ops": ["encrypt"]}, {"alg": "ES384"}):
        answer = ask("jws_verify", token=token, keys=[key | restriction])
        assert answer["result"] == "invalid", restriction


@pytest.mark.parametrize("form", ["jwk", "point"])
def test_every_ecdsa_case_equals_its_vector(ask: Ask, vectors: Path, form: str) -> None:
    cases = 0
    for group in _groups(vectors, "wycheproof-ecdsa-p256-p1363.json"):
        point = group["publicKey"]["uncompressed"]
        for case in group["tests"]:
            key = _jwk(point) if form == "jwk" else point
            answer = ask("ecdsa_verify", key=key, msg=case["msg"], sig=case["sig"])
            assert answer["result"] == case["result"], case["tcId"]
            assert ("reason" in answer) == (case["result"] == "invalid")
            cases += 1
    assert cases == 262


def _jwk(point: str, alg: str = "ES256") -> dict[str, str]:
    from ecert.sign.keys import PublicKey

    return PublicKey.from_point(alg, bytes.fromhex(point)).jwk()


def test_two_keys_under_one_id_are_not_trusted_at_all(ask: Ask, vectors: Path) -> None:
    # Wycheproof's jws_duplicate_kid, with keys that this library has.
    group = _groups(vectors, "wycheproof-jws-p256.json")[0]
    other = _jwk(
        "04"
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    )
    keys = [group["public"], other | {"kid": group["public"]["kid"]}]
    answer = ask("jws_verify", token=group["tests"][0]["jws"], keys=keys)
    assert (answer["result"], answer["reason"]) == ("invalid", "malformed")
    assert answer["detail"] == "two keys have one kid"


def _points(vectors: Path) -> Iterator[str]:
    for group in _groups(vectors, "wycheproof-ecdsa-p256-p1363.json"):
        yield group["publicKey"]["uncompressed"]


def test_a_point_in_another_encoding_is_refused(ask: Ask, vectors: Path) -> None:
    refused = 0
    for point in _points(vectors):
        x, y = point[2:66], point[66:]
        odd = int(y, 16) & 1
        for other in (f"0{2 + odd}{x}", f"0{6 + odd}{x}{y}", f"{point}00", point[:-2], "00", ""):
            answer = ask("ecdsa_verify", key=other, msg="", sig="00" * 64)
            assert (answer["result"], answer["reason"]) == ("invalid", "malformed"), other
            refused += 1
    assert refused >= 6 * 80


# -- SM2, in the same layout ------------------------------------------------------------------

SM2 = "sm2-sm3-p1363.json"


@pytest.mark.parametrize("form", ["jwk", "point"])
@pytest.mark.parametrize("uid", ["given", "default"])
def test_every_sm2_case_equals_its_vector(ask: Ask, vectors: Path, form: str, uid: str) -> None:
    cases = _groups(vectors, SM2)[0]["tests"]
    assert len(cases) == 106
    for case in cases:
        key = case["publicKey"]
        if form == "jwk" and case["flags"] != ["InvalidKey"]:
            key = _jwk(key, "SGD_SM3_SM2")
        parameters = {"key": key, "msg": case["msg"], "sig": case["sig"]}
        if uid == "given":
            parameters["uid"] = case["uid"]
        answer = ask("sm2_verify", **parameters)
        assert answer["result"] == case["result"], case["tcId"]
        if case["result"] == "invalid":
            bad_key = case["flags"] == ["InvalidKey"]
            assert answer["reason"] == ("malformed" if bad_key else "signature"), case["tcId"]


def test_a_user_id_counts_and_has_its_bound(ask: Ask, vectors: Path) -> None:
    case = _groups(vectors, SM2)[0]["tests"][0]
    given = {"key": case["publicKey"], "msg": case["msg"], "sig": case["sig"]}
    assert ask("sm2_verify", **given, uid=case["uid"])["result"] == "valid"
    for other in ("", "31", "00" * 8190):
        answer = ask("sm2_verify", **given, uid=other)
        assert (answer["result"], answer["reason"]) == ("invalid", "signature")
    answer = ask("sm2_verify", **given, uid="00" * 8191)
    assert (answer["result"], answer["reason"]) == ("invalid", "malformed")
    assert ask("sm2_verify", **given, uid="3").keys() == {"error"}


def test_a_key_of_the_other_suite_is_refused(ask: Ask, vectors: Path) -> None:
    sm2 = _jwk(_groups(vectors, SM2)[0]["tests"][0]["publicKey"], "SGD_SM3_SM2")
    p256 = _jwk(next(_points(vectors)))
    for op, key in (("sm2_verify", p256), ("ecdsa_verify", sm2)):
        answer = ask(op, key=key, msg="", sig="00" * 64)
        assert (answer["result"], answer["reason"]) == ("invalid", "algorithm")
