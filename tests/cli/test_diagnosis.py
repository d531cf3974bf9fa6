"""``ecert inspect --diagnose``: names the deviation and the remedy, and calls nothing verified."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecert.sign import der, jws
from ecert.sign.keys import PrivateKey
from ecert.sign.strict import b64url, b64url_decode

if TYPE_CHECKING:
    from tests.cli.conftest import Runs


@pytest.fixture(params=["ES256", "SGD_SM3_SM2"])
def key(request: pytest.FixtureRequest, ecert: Runs) -> PrivateKey:
    """A key whose public half is in the folder, as ``key.jwk`` and ``key.pem``."""
    key = PrivateKey.generate(request.param)
    Path("key.jwk").write_text(json.dumps(key.public.jwk()))
    Path("key.pem").write_bytes(key.public.to_pem())
    return key


def _der(token: str) -> str:
    head, payload, signature = token.split(".")
    return f"{head}.{payload}.{b64url(der.signature(b64url_decode(signature)))}"


@pytest.mark.parametrize("file", ["key.jwk", "key.pem"])
def test_the_deviation_and_its_remedy_are_told(ecert: Runs, key: PrivateKey, file: str) -> None:
    token = _der(jws.sign({}, "{张伟}".encode(), key))
    Path("token.txt").write_text(f"{token}\n")
    ran = ecert("inspect", "token.txt", "--diagnose", "--key", file)
    assert ran.code == 0
    assert "未核验 / UNVERIFIED" in ran.out
    assert "签名是 ASN.1 DER 编码" in ran.out
    assert "请写成 r‖s 共 64 字节" in ran.out
    assert "仍按无效处理" in ran.out
    english = ecert("inspect", token, "--diagnose", "--key", file, "--lang", "en").out
    assert "the signature is ASN.1 DER" in english
    plain = ecert("inspect", token, "--diagnose", "--key", file, "--json").json
    assert [one["name"] for one in plain["deviations"]] == ["der"]
    assert (plain["verified"], plain["signature_right"]) == (False, False)
    assert "张伟" not in ran.out + english


def test_a_right_signature_is_called_right_and_still_not_verified(
    ecert: Runs, key: PrivateKey
) -> None:
    token = jws.sign({}, b"{}", key)
    plain = ecert("inspect", token, "--diagnose", "--key", "key.jwk", "--json").json
    assert (plain["verified"], plain["signature_right"]) == (False, True)
    assert plain["deviations"] == []
    assert "均未核验" in ecert("inspect", token, "--diagnose", "--key", "key.jwk").out


def test_another_keys_signature_is_explained_by_nothing(ecert: Runs, key: PrivateKey) -> None:
    token = jws.sign({}, b"{}", PrivateKey.generate(key.public.alg))
    ran = ecert("inspect", token, "--diagnose", "--key", "key.pem")
    assert "没有已知的写法偏差能解释" in ran.out


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (("a.b.c", "--diagnose"), "--key"),
        (("a.b.c", "--key", "key.jwk"), "--key"),
        (("a.b.c", "--diagnose", "--key", "key.jwk"), "ANYTHING"),
        (("not-a-token", "--diagnose", "--key", "key.jwk"), "ANYTHING"),
        (("a.b.c", "--diagnose", "--key", "no.jwk"), "no.jwk"),
        (("a.b.c", "--diagnose", "--key", "empty.jwk"), "empty.jwk"),
        (("a.b.c", "--diagnose", "--key", "private.jwk"), "private.jwk"),
        (("a.b.c", "--diagnose", "--key", "long.jwk"), "long.jwk"),
    ],
)
def test_wrong_use_is_a_usage_error_that_names_the_place(
    ecert: Runs, key: PrivateKey, arguments: tuple[str, ...], where: str
) -> None:
    Path("empty.jwk").write_bytes(b"")
    Path("private.jwk").write_text(json.dumps(key.jwk()))
    Path("long.jwk").write_bytes(b" " * 20_000)
    ran = ecert("inspect", *arguments, "--json")
    assert ran.code == 2
    assert ran.json["error"]["where"] == where
    assert key.jwk()["d"] not in ran.out + ran.err
