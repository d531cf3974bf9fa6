"""openvc-core: SD-JWT VC with key binding.

It hides whole claims at the top level only, so the licence's values stand there.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from harness import Case, each, repeated
from openvc.keys import P256SigningKey
from openvc.proof.sd_jwt import SdJwtVcProofSuite
from raw import raw_signing, raw_verifying, signed_jws
from serving import AUDIENCE, Licence, new_key, serve

if TYPE_CHECKING:
    from collections.abc import Sequence

ISSUER, HOLDER = new_key(), new_key()
ISSUER_KEY = P256SigningKey(ISSUER, "issuer-key-1")
HOLDER_KEY = P256SigningKey(HOLDER, "holder-key-1")
ISSUER_JWK = ISSUER_KEY.public_jwk()
SUITE = SdJwtVcProofSuite()


def issue(licence: Licence) -> Sequence[Case]:
    """Issue with holder key and status claim, hiding what ecert hides."""
    claims, hidden = _flat(licence)
    message = _issued(claims, hidden).split("~")[0].rpartition(".")[0].encode("ascii")
    return [
        raw_signing("1 raw signature", [message]),
        Case(
            f"SD-JWT VC, {len(hidden)} hidden",
            repeated(lambda: _issued(claims, hidden)),
            "1 raw signature",
        ),
    ]


def verify(licence: Licence) -> Sequence[Case]:
    """Verify a presentation of what ``minimal`` shows, with its key binding."""
    claims, hidden = _flat(licence)
    issued = _issued(claims, hidden)
    shown = {_name(path) for path in licence["shown"]}
    token, *disclosures, _ = issued.split("~")
    # Disclosures stand in the order in which the names were given.
    kept = [text for name, text in zip(hidden, disclosures, strict=True) if name in shown]
    presented = "~".join([token, *kept, ""])
    binding = _presentations(presented, 1)[0][0].rpartition("~")[2]
    group = [signed_jws(ISSUER.public_key(), token), signed_jws(HOLDER.public_key(), binding)]
    return [
        raw_verifying("2 raw verifications", [group]),
        Case(
            f"SD-JWT VC + key binding, {len(kept)} disclosed",
            each(lambda count: _presentations(presented, count), _check),
            "2 raw verifications",
        ),
    ]


def _name(path: Sequence[str | int]) -> str:
    return ".".join(map(str, path))


def _flat(licence: Licence) -> tuple[dict[str, Any], list[str]]:
    claims = dict(licence["claims"])
    hidden = {}
    for path in licence["hidden"]:
        value: Any = claims
        for step in path:
            value = value[step]
        hidden[_name(path)] = value
    visible_fields = {
        name: value
        for name, value in claims["fields"].items()
        if ["fields", name] not in licence["hidden"]
    }
    del claims["holders"], claims["number"]
    claims |= hidden | {"fields": visible_fields}
    return claims, list(hidden)


def _issued(claims: dict[str, Any], hidden: Sequence[str]) -> str:
    text: str = SUITE.issue(
        claims, signing_key=ISSUER_KEY, disclosable=hidden, holder_jwk=HOLDER_KEY.public_jwk()
    )
    return text


def _presentations(presented: str, count: int) -> list[tuple[str, str]]:
    nonces = [secrets.token_urlsafe(16) for _ in range(count)]
    return [
        (
            SUITE.create_presentation(
                presented, holder_key=HOLDER_KEY, audience=AUDIENCE, nonce=nonce
            ),
            nonce,
        )
        for nonce in nonces
    ]


def _check(presented: tuple[str, str]) -> dict[str, Any]:
    text, nonce = presented
    verified = SUITE.verify(
        text, public_key_jwk=ISSUER_JWK, audience=AUDIENCE, nonce=nonce, require_key_binding=True
    )
    claims: dict[str, Any] = verified.claims
    if not verified.key_bound or "holders.0.name" not in claims:
        raise ValueError("the holder's name was not disclosed, or not bound")
    return claims


if __name__ == "__main__":
    serve("openvc-core", issue, verify)
