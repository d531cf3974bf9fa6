"""cwt: the licence as a CWT in COSE_Sign1, and the holder's proof as another.

It runs in ``.venv-cwt``, because it needs an older cbor2 than ecert.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import TYPE_CHECKING, Any

import cbor2
import cwt
from harness import Case, each, repeated
from raw import raw_signing, raw_verifying, signed
from serving import AUDIENCE, Licence, new_key, serve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from raw import Signed

# Claims of RFC 8392, RFC 8747 and the Token Status List draft; the last two are private.
_ISS, _AUD, _EXP, _NBF, _IAT, _CNF, _NONCE, _STATUS, _HASH, _OTHERS = (
    1, 3, 4, 5, 6, 8, 10, 65535, -65537, -65538
)  # fmt: skip
_REGISTERED = {"iss": _ISS, "exp": _EXP, "nbf": _NBF, "iat": _IAT, "status": _STATUS}
_COSE_KEY = 1
# COSE_Key labels (RFC 9052 §7, RFC 9053 §7)
_KTY, _KID, _ALG, _CRV, _X, _Y, _D = 1, 2, 3, -1, -2, -3, -4
_EC2, _ES256, _P256 = 2, -7, 1

ISSUER, HOLDER = new_key(), new_key()


def issue(licence: Licence) -> Sequence[Case]:
    """Sign the licence with holder key and status claim."""
    claims = _claims(licence)
    key = _signing_key(ISSUER, b"issuer-key-1")
    message = _parts(ISSUER, cwt.encode(dict(claims), key)).message
    return [
        raw_signing("1 raw signature", [message]),
        Case(
            "CWT, nothing hidden",
            repeated(lambda: cwt.encode(dict(claims), key)),
            "1 raw signature",
        ),
    ]


def verify(licence: Licence) -> Sequence[Case]:
    """Verify licence and holder's proof."""
    token = cwt.encode(_claims(licence), _signing_key(ISSUER, b"issuer-key-1"))
    issuer_key = cwt.COSEKey.new(_public(ISSUER, b"issuer-key-1"))
    first = _presentations(token, 1)[0][0]
    return [
        raw_verifying("2 raw verifications", [[_parts(ISSUER, token), _parts(HOLDER, first)]]),
        Case(
            "CWT + proof CWT",
            each(
                lambda count: _presentations(token, count),
                lambda shown: _check(token, issuer_key, *shown),
            ),
            "2 raw verifications",
        ),
    ]


def _claims(licence: Licence) -> dict[int, Any]:
    claims = licence["claims"]
    others = {name: value for name, value in claims.items() if name not in _REGISTERED}
    registered = {number: claims[name] for name, number in _REGISTERED.items()}
    return registered | {_CNF: {_COSE_KEY: _public(HOLDER, b"holder-key-1")}, _OTHERS: others}


def _public(key: EllipticCurvePrivateKey, kid: bytes) -> dict[int, Any]:
    numbers = key.public_key().public_numbers()
    return {
        _KTY: _EC2,
        _KID: kid,
        _ALG: _ES256,
        _CRV: _P256,
        _X: numbers.x.to_bytes(32, "big"),
        _Y: numbers.y.to_bytes(32, "big"),
    }


def _signing_key(key: EllipticCurvePrivateKey, kid: bytes) -> Any:
    scalar = key.private_numbers().private_value.to_bytes(32, "big")
    return cwt.COSEKey.new(_public(key, kid) | {_D: scalar})


def _parts(key: EllipticCurvePrivateKey, token: bytes) -> Signed:
    protected, _, payload, signature = cbor2.loads(token).value
    message = cbor2.dumps(["Signature1", protected, b"", payload])
    return signed(key.public_key(), signature, message)


def _presentations(token: bytes, count: int) -> list[tuple[bytes, bytes]]:
    key = _signing_key(HOLDER, b"holder-key-1")
    now, digest = int(time.time()), hashlib.sha256(token).digest()
    claims = {_AUD: AUDIENCE, _IAT: now, _EXP: now + 3600, _HASH: digest}
    nonces = [secrets.token_bytes(16) for _ in range(count)]
    return [(cwt.encode(claims | {_NONCE: nonce}, key), nonce) for nonce in nonces]


def _check(token: bytes, issuer_key: Any, proof: bytes, nonce: bytes) -> dict[int, Any]:
    claims: dict[int, Any] = cwt.decode(token, issuer_key)
    holder_key = cwt.COSEKey.new(claims[_CNF][_COSE_KEY])
    said = cwt.decode(proof, holder_key)
    digest = hashlib.sha256(token).digest()
    if (said[_NONCE], said[_AUD], said[_HASH]) != (nonce, AUDIENCE, digest):
        raise ValueError("the proof is another's")
    return claims


if __name__ == "__main__":
    serve("cwt", issue, verify)
