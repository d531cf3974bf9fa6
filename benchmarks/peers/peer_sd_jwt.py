"""sd-jwt, the reference implementation: SD-JWT with key binding."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from harness import Case, each, repeated
from jwcrypto.jwk import JWK
from raw import raw_signing, raw_verifying, signed_jws
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier
from serving import AUDIENCE, Licence, new_key, serve

if TYPE_CHECKING:
    from collections.abc import Sequence

ISSUER, HOLDER = new_key(), new_key()
ISSUER_JWK, HOLDER_JWK = JWK.from_pyca(ISSUER), JWK.from_pyca(HOLDER)
ISSUER_PUBLIC = JWK.from_pyca(ISSUER.public_key())


def issue(licence: Licence) -> Sequence[Case]:
    """Issue with holder key and status claim, hiding what ecert hides."""
    claims = _claims(licence)
    hidden = len(licence["hidden"])
    message = _issued(claims).split("~")[0].rpartition(".")[0].encode("ascii")
    return [
        raw_signing("1 raw signature", [message]),
        Case(f"SD-JWT, {hidden} hidden", repeated(lambda: _issued(claims)), "1 raw signature"),
    ]


def verify(licence: Licence) -> Sequence[Case]:
    """Verify a presentation of what ``minimal`` shows, with its key binding."""
    issued = _issued(_claims(licence))
    shown = _shown(licence)
    first = _presentations(issued, shown, 1)[0][0]
    tokens = first.split("~")
    group = [
        signed_jws(ISSUER.public_key(), tokens[0]), signed_jws(HOLDER.public_key(), tokens[-1])
    ]  # fmt: skip
    return [
        raw_verifying("2 raw verifications", [group]),
        Case(
            f"SD-JWT + key binding, {len(licence['shown'])} disclosed",
            each(lambda count: _presentations(issued, shown, count), _check),
            "2 raw verifications",
        ),
    ]


def _claims(licence: Licence) -> dict[str, Any]:
    claims: dict[str, Any] = _hide(
        licence["claims"], (), {tuple(path) for path in licence["hidden"]}
    )
    return claims


def _hide(node: Any, path: tuple[str | int, ...], hidden: set[tuple[str | int, ...]]) -> Any:
    if isinstance(node, dict):
        return {
            SDObj(name) if (*path, name) in hidden else name: _hide(value, (*path, name), hidden)
            for name, value in node.items()
        }
    if isinstance(node, list):
        return [_hide(value, (*path, place), hidden) for place, value in enumerate(node)]
    return node


def _shown(licence: Licence) -> dict[str, Any]:
    return {"holders": [{path[-1]: True for path in licence["shown"]}]}


def _issued(claims: dict[str, Any]) -> str:
    issuer = SDJWTIssuer(
        claims, ISSUER_JWK, HOLDER_JWK, extra_header_parameters={"kid": "issuer-key-1"}
    )
    return str(issuer.sd_jwt_issuance)


def _presentations(issued: str, shown: dict[str, Any], count: int) -> list[tuple[str, str]]:
    made = []
    for _ in range(count):
        nonce = secrets.token_urlsafe(16)
        holder = SDJWTHolder(issued)
        holder.create_presentation(shown, nonce, AUDIENCE, HOLDER_JWK)
        made.append((str(holder.sd_jwt_presentation), nonce))
    return made


def _check(presented: tuple[str, str]) -> dict[str, Any]:
    text, nonce = presented
    verifier = SDJWTVerifier(text, lambda *_: ISSUER_PUBLIC, AUDIENCE, nonce)
    claims: dict[str, Any] = verifier.get_verified_payload()
    if "name" not in claims["holders"][0]:
        raise ValueError("the holder's name was not disclosed")
    return claims


if __name__ == "__main__":
    serve("sd-jwt", issue, verify)
