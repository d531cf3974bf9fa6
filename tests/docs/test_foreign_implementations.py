"""The worked examples, opened by implementations that nobody here wrote."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from ecert.sign.keys import PublicKey
from tests.docs.fences import first_text, generated
from tests.interop.conftest import cwt_open, sdjwt_verify

if TYPE_CHECKING:
    from tests.interop.conftest import Oracle

__all__ = ["cwt_open", "sdjwt_verify"]

AT = 1_795_312_800


@pytest.fixture
def jwks() -> dict[str, dict[str, str]]:
    text = generated("formats/example.md", "example-keys")
    found = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert found is not None
    parsed: dict[str, dict[str, str]] = json.loads(found[1])
    return parsed


@pytest.mark.parametrize(
    ("document", "name", "key"),
    [
        ("formats/compact-credential.md", "compact-credential", "issuer"),
        ("formats/show-code.md", "show-code", "holder"),
    ],
)
def test_cwt_opens_what_ecert_signs_with_cose(
    cwt_open: Oracle, jwks: dict[str, dict[str, str]], document: str, name: str, key: str
) -> None:
    data = first_text(document, name)
    kid = PublicKey.from_jwk(jwks[key]).short_kid.hex()
    request: dict[str, Any] = {"cose": data, "jwk": _bare(jwks[key])}
    if key == "issuer":
        request["kid"] = kid
    answer = cwt_open(**request)
    assert answer["ok"], answer
    assert answer["payload"] in data
    assert answer["protected"] == ({"1": -7, "4": kid} if key == "issuer" else {"1": -7})
    changed = f"{data[:-2]}{int(data[-2:], 16) ^ 1:02x}"
    assert not cwt_open(**(request | {"cose": changed}))["ok"]


def _bare(jwk: dict[str, str]) -> dict[str, str]:
    return {name: jwk[name] for name in ("kty", "crv", "x", "y")}


def test_sd_jwt_js_accepts_the_credential_and_finds_its_status(
    sdjwt_verify: Oracle, jwks: dict[str, dict[str, str]]
) -> None:
    answer = sdjwt_verify(
        token=first_text("formats/credential.md", "sd-jwt"),
        jwk=jwks["issuer"],
        statusListToken=first_text("formats/status-list.md", "status-token"),
        statusJwk=jwks["status"],
        at=AT,
    )
    assert answer["ok"], answer
    assert answer["status"] == 0
    assert answer["payload"]["fields"]["准驾车型"] == "C1"
    assert answer["payload"]["holders"][0]["name"] == "张伟"


def test_pyjwt_opens_the_status_list_and_the_proof(jwks: dict[str, dict[str, str]]) -> None:
    for document, name, key in (
        ("formats/status-list.md", "status-token", "status"),
        ("formats/delivery.md", "proof", "holder"),
    ):
        claims = jwt.decode(
            first_text(document, name), jwt.PyJWK(jwks[key]), algorithms=["ES256"],
            options={"verify_exp": False, "verify_iat": False, "verify_aud": False},
        )  # fmt: skip
        assert claims["iat"] == AT
