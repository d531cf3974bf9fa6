"""The oracles themselves: each accepts what was made by hand and notices one change.

Nothing of ecert is used here, so a failure means that an oracle is not to be relied on.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from typing import TYPE_CHECKING, Any

import cbor2
import jwt
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

if TYPE_CHECKING:
    from tests.interop.conftest import Oracle

AT = 1_795_300_000
VCT = "urn:example:type:1"
LIST_URI = "https://status.example/1"
METADATA = json.dumps({"vct": VCT, "name": "机动车驾驶证"}, ensure_ascii=False)


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _jwk(key: ec.EllipticCurvePrivateKey, *, private: bool = False) -> dict[str, str]:
    numbers = key.private_numbers()
    parts = {"x": numbers.public_numbers.x, "y": numbers.public_numbers.y}
    if private:
        parts["d"] = numbers.private_value
    coordinates = {name: _b64(value.to_bytes(32, "big")) for name, value in parts.items()}
    return {"kty": "EC", "crv": "P-256", **coordinates}


def _sri(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@pytest.fixture
def issuer() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def holder() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def status_list(issuer: ec.EllipticCurvePrivateKey) -> str:
    """Four bits each, least significant first: index 1 has 2, index 2 has 12, the rest 0."""
    lst = _b64(zlib.compress(bytes([0x20, 0x0C])))
    claims = {
        "sub": LIST_URI,
        "iat": AT - 60,
        "exp": AT + 3600,
        "status_list": {"bits": 4, "lst": lst},
    }
    return jwt.encode(claims, issuer, algorithm="ES256", headers={"typ": "statuslist+jwt"})


@pytest.fixture
def credential(
    issuer: ec.EllipticCurvePrivateKey, holder: ec.EllipticCurvePrivateKey
) -> dict[str, str]:
    """SD-JWT VCs with one disclosure, by status index."""
    disclosure = _b64(json.dumps(["c2FsdA", "准驾车型", "C1"], ensure_ascii=False).encode())
    digest = _b64(hashlib.sha256(disclosure.encode()).digest())
    tokens = {}
    for index in range(4):
        claims = {
            "iss": "https://issuer.example",
            "vct": VCT,
            "vct#integrity": _sri(METADATA),
            "iat": AT - 60,
            "_sd": [digest],
            "_sd_alg": "sha-256",
            "cnf": {"jwk": _jwk(holder)},
            "status": {"status_list": {"idx": index, "uri": LIST_URI}},
        }
        head = jwt.encode(claims, issuer, algorithm="ES256", headers={"typ": "dc+sd-jwt"})
        tokens[str(index)] = f"{head}~{disclosure}~"
    return tokens


def _key_binding(token: str, holder: ec.EllipticCurvePrivateKey) -> str:
    claims = {
        "iat": AT,
        "aud": "urn:ecert:region:500000",
        "nonce": "n-1",
        "sd_hash": _b64(hashlib.sha256(token.encode()).digest()),
    }
    return token + jwt.encode(claims, holder, algorithm="ES256", headers={"typ": "kb+jwt"})


def test_a_sound_credential_is_accepted_with_everything_checked(
    sdjwt_verify: Oracle,
    issuer: ec.EllipticCurvePrivateKey,
    holder: ec.EllipticCurvePrivateKey,
    credential: dict[str, str],
    status_list: str,
) -> None:
    answer = sdjwt_verify(
        token=_key_binding(credential["0"], holder),
        jwk=_jwk(issuer),
        statusListToken=status_list,
        vctMetadata=METADATA,
        at=AT,
        kb={"nonce": "n-1", "aud": "urn:ecert:region:500000"},
    )
    assert answer["ok"], answer
    assert answer["payload"]["准驾车型"] == "C1"
    assert answer["status"] == 0
    assert answer["typeMetadata"]["name"] == "机动车驾驶证"
    assert answer["kb"]["payload"]["nonce"] == "n-1"


@pytest.mark.parametrize(("index", "error"), [("1", "status is 2"), ("2", "status is 12")])
def test_a_status_other_than_zero_is_refused(
    sdjwt_verify: Oracle,
    issuer: ec.EllipticCurvePrivateKey,
    credential: dict[str, str],
    status_list: str,
    index: str,
    error: str,
) -> None:
    answer = sdjwt_verify(
        token=credential[index], jwk=_jwk(issuer), statusListToken=status_list, at=AT
    )
    assert answer == {"ok": False, "error": error}


def _flip(text: str, position: int) -> str:
    return text[:position] + ("A" if text[position] != "A" else "B") + text[position + 1 :]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"jwk": "other"}, "Verify Error: Invalid JWT Signature"),
        ({"token": "flipped"}, "Verify Error: Invalid JWT Signature"),
        ({"statusListToken": None}, "no status list at hand"),
        ({"statusJwk": "other"}, "Status List JWT verification failed"),
        ({"vctMetadata": METADATA + " "}, "vct#integrity"),
        ({"at": AT + 3601}, "Status List JWT verification failed: Verify Error: JWT is expired"),
        ({"at": AT - 61}, "JWT is not yet valid"),
        ({"kb": {"nonce": "n-2"}}, "Invalid Nonce"),
        ({"kb": {"nonce": "n-1", "aud": "urn:ecert:region:510000"}}, "the key binding is for"),
    ],
)
def test_one_change_is_noticed(
    sdjwt_verify: Oracle,
    issuer: ec.EllipticCurvePrivateKey,
    holder: ec.EllipticCurvePrivateKey,
    credential: dict[str, str],
    status_list: str,
    change: dict[str, Any],
    error: str,
) -> None:
    token = _key_binding(credential["0"], holder)
    request: dict[str, Any] = {
        "token": token,
        "jwk": _jwk(issuer),
        "statusListToken": status_list,
        "vctMetadata": METADATA,
        "at": AT,
        "kb": {"nonce": "n-1"},
    }
    # The tenth character of the signature: its last one has bits that say nothing.
    changed = {
        "other": _jwk(holder),
        "flipped": _flip(token, token.rindex(".", 0, token.index("~")) + 10),
    }
    for name, value in change.items():
        request[name] = changed.get(value, value) if isinstance(value, str) else value
    answer = sdjwt_verify(**{name: value for name, value in request.items() if value is not None})
    assert not answer["ok"]
    assert error in answer["error"]


def test_what_one_script_issues_the_other_accepts(
    sdjwt_issue: Oracle,
    sdjwt_verify: Oracle,
    issuer: ec.EllipticCurvePrivateKey,
    holder: ec.EllipticCurvePrivateKey,
) -> None:
    made = sdjwt_issue(
        claims={"iss": "https://issuer.example", "vct": VCT, "姓名": "张伟", "准驾车型": "C1"},
        disclosureFrame={"_sd": ["姓名", "准驾车型"], "_sd_decoy": 2},
        header={"kid": "k1"},
        jwk=_jwk(issuer, private=True),
        holderJwk=_jwk(holder, private=True),
        reveal={"准驾车型": True},
        kb={"iat": AT, "aud": "urn:ecert:region:500000", "nonce": "n-1"},
    )
    assert made["ok"], made
    assert made["token"].count("~") == 3
    answer = sdjwt_verify(token=made["presentation"], jwk=_jwk(issuer), at=AT, kb={"nonce": "n-1"})
    assert answer["ok"], answer
    assert answer["header"] == {"typ": "dc+sd-jwt", "kid": "k1", "alg": "ES256"}
    assert answer["payload"]["准驾车型"] == "C1"
    assert "姓名" not in answer["payload"]
    assert answer["payload"]["cnf"]["jwk"] == _jwk(holder)


KID = b"kid-0001"


def _sign1(key: ec.EllipticCurvePrivateKey, payload: bytes, aad: bytes = b"") -> bytes:
    protected = cbor2.dumps({1: -7, 4: KID})
    to_sign = cbor2.dumps(["Signature1", protected, aad, payload])
    r, s = decode_dss_signature(key.sign(to_sign, ec.ECDSA(hashes.SHA256())))
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]))


def test_cwt_opens_a_sign1_and_notices_one_changed_bit(
    cwt_open: Oracle, issuer: ec.EllipticCurvePrivateKey
) -> None:
    payload = cbor2.dumps({1: "张伟"})
    cose = _sign1(issuer, payload)
    answer = cwt_open(cose=cose.hex(), jwk=_jwk(issuer), kid=KID.hex())
    assert answer == {
        "ok": True,
        "payload": payload.hex(),
        "protected": {"1": -7, "4": KID.hex()},
        "unprotected": {},
    }
    changed = cose.replace(payload, cbor2.dumps({1: "张五"}))
    refused = cwt_open(cose=changed.hex(), jwk=_jwk(issuer), kid=KID.hex())
    assert refused["ok"] is False
    assert refused["error"].startswith("VerifyError")


def test_cwt_covers_the_external_data(cwt_open: Oracle, issuer: ec.EllipticCurvePrivateKey) -> None:
    cose = _sign1(issuer, b"payload", aad=b"context")
    request = {"cose": cose.hex(), "jwk": _jwk(issuer), "kid": KID.hex()}
    assert cwt_open(**request, external_aad=b"context".hex())["ok"]
    refused = cwt_open(**request)
    assert refused["ok"] is False
    assert refused["error"].startswith("VerifyError")
