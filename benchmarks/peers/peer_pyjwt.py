"""PyJWT: the licence as one JWT, and the holder's proof as another."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from typing import TYPE_CHECKING, Any

import jwt
from harness import Case, each, repeated
from jwt.algorithms import ECAlgorithm
from raw import raw_signing, raw_verifying, signed_jws
from serving import AUDIENCE, Licence, new_key, serve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

ISSUER, HOLDER = new_key(), new_key()


def issue(licence: Licence) -> Sequence[Case]:
    """Sign the licence with holder key and status claim."""
    claims = _claims(licence)
    message = _signed(claims).rpartition(".")[0].encode("ascii")
    return [
        raw_signing("1 raw signature", [message]),
        Case("JWT, nothing hidden", repeated(lambda: _signed(claims)), "1 raw signature"),
    ]


def verify(licence: Licence) -> Sequence[Case]:
    """Verify licence and holder's proof."""
    token = _signed(_claims(licence))
    first = _presentations(token, 1)[0]
    group = [signed_jws(ISSUER.public_key(), token), signed_jws(HOLDER.public_key(), first[0])]
    return [
        raw_verifying("2 raw verifications", [group]),
        Case(
            "JWT + proof JWT",
            each(lambda count: _presentations(token, count), lambda shown: _check(token, *shown)),
            "2 raw verifications",
        ),
    ]


def _claims(licence: Licence) -> dict[str, Any]:
    claims: dict[str, Any] = licence["claims"]
    return claims | {"cnf": {"jwk": _jwk(HOLDER.public_key())}}


def _jwk(key: EllipticCurvePublicKey) -> dict[str, Any]:
    jwk: dict[str, Any] = json.loads(ECAlgorithm.to_jwk(key))
    return jwk


def _signed(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, ISSUER, "ES256", headers={"kid": "issuer-key-1"})


def _presentations(token: str, count: int) -> list[tuple[str, str]]:
    digest = hashlib.sha256(token.encode("ascii")).hexdigest()
    nonces = [secrets.token_urlsafe(16) for _ in range(count)]
    claims = {"aud": AUDIENCE, "iat": int(time.time()), "hash": digest}
    return [(jwt.encode(claims | {"nonce": one}, HOLDER, "ES256"), one) for one in nonces]


def _check(token: str, proof: str, nonce: str) -> dict[str, Any]:
    claims = jwt.decode(
        token, ISSUER.public_key(), algorithms=["ES256"], options={"require": ["exp", "iss"]}
    )
    holder = jwt.PyJWK(claims["cnf"]["jwk"], "ES256")
    said = jwt.decode(proof, holder, algorithms=["ES256"], audience=AUDIENCE)
    digest = hashlib.sha256(token.encode("ascii")).hexdigest()
    if said["nonce"] != nonce or said["hash"] != digest:
        raise ValueError("the proof is another's")
    return claims


if __name__ == "__main__":
    serve("PyJWT", issue, verify)
