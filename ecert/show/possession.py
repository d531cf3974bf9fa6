"""Proof of possession: a wallet shows that it holds the key that a credential will name.

A JWT by the wallet's key over the issuer's fresh nonce.  The key stands in the payload: it is not
used to decide whom to trust, only to show that whoever sent it can sign with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from ecert.errors import ParseError, ProofError, TrustError
from ecert.sign import jws
from ecert.sign.keys import PublicKey
from ecert.sign.strict import parse_json_object

if TYPE_CHECKING:
    from ecert.sign.custody import Signer

TYP = "ecert-proof+jwt"


@dataclass(frozen=True, slots=True)
class Possession:
    """A proven possession: ``key`` signed over ``nonce`` for ``audience``."""

    key: PublicKey
    audience: str
    nonce: str
    made: int
    """Seconds since 1970, by the wallet's clock."""


def audience_of(nonce: str) -> str:
    """Return the issuer that a nonce belongs to: the part before its dot."""
    return nonce.partition(".")[0]


def make_proof(nonce: str, key: Signer, *, at: int) -> str:
    """Sign the issuer's ``nonce``; returns a compact JWT."""
    claims = {
        "aud": audience_of(nonce), "nonce": nonce, "iat": at, "jwk": key.public.jwk()
    }  # fmt: skip
    return jws.sign({"typ": TYP}, orjson.dumps(claims), key)


def open_proof(token: str) -> Possession:
    """Verify a proof with the key that it names.

    Raises:
        ProofError: Malformed, of another kind, or its signature does not fit.
    """
    try:
        parsed = jws.parse(token)
        claims = parse_json_object(parsed.payload, where="proof")
        jwk = claims.get("jwk")
        if parsed.header.get("typ") != TYP or not isinstance(jwk, dict):
            raise ParseError("not a proof of possession")
        key = PublicKey.from_jwk(jwk)
        parsed.verify([key])
    except (ParseError, TrustError) as error:
        raise ProofError(
            "卡包的持有证明不成立", f"the wallet's proof of possession does not hold: {error.en}",
            fix_zh="请在卡包中重新申领", fix_en="Request again from the wallet",
        ) from error  # fmt: skip
    texts = [claims.get(name) for name in ("aud", "nonce")]
    made = claims.get("iat")
    if not all(isinstance(text, str) for text in texts) or type(made) is not int:
        raise ProofError(
            "卡包的持有证明不完整", "aud, nonce or iat is missing from the proof",
            fix_zh="请在卡包中重新申请", fix_en="Ask again from the wallet",
        )  # fmt: skip
    return Possession(key, str(texts[0]), str(texts[1]), made)
