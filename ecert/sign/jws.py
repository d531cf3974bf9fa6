"""Compact JWS (RFC 7515): our own strict opening, and signing through a `Signer`.

PyJWT checks base64url in a Python loop (23 ms for a large status list) and keeps the last of two
equal header keys; hence this file.  The header is never obeyed: it must equal what the key says.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from ecert import limits
from ecert.errors import ParseError, SignatureError
from ecert.reasons import Reason
from ecert.sign.strict import b64url_bytes, b64url_decode, parse_json_object

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecert.sign.custody import Signer
    from ecert.sign.keys import PublicKey

# Everything else is refused: crit, b64 and zip change the meaning of the bytes, and jwk, jku,
# x5u, x5c bring keys along, which must come from the trust list only.
ALLOWED_HEADERS = frozenset({"alg", "kid", "typ", "cty"})


@dataclass(frozen=True, slots=True)
class UnverifiedJWS:
    """A compact JWS that parsed; nothing in it is proven."""

    header: dict[str, Any]
    payload: bytes
    signature: bytes
    signing_input: bytes

    @property
    def kid(self) -> str | int | None:
        """The key id: a hint for look-up, not a proof."""
        kid: str | int | None = self.header.get("kid")
        return kid

    def verify(self, keys: Iterable[PublicKey]) -> PublicKey:
        """Return the key among ``keys`` that made the signature.

        A key that has a key id of its own is tried only if the header names it; a header
        without key id is tried against every key.

        Raises:
            SignatureError: Reason `algorithm` (no candidate has the header's algorithm),
                `unknown-issuer` (no candidate at all) or `signature`.
        """
        candidates = [
            key for key in keys
            if self.kid is None or key.kid == self.kid or not key.has_given_kid
        ]  # fmt: skip
        if not candidates:
            raise SignatureError("no key has this kid", reason=Reason.UNKNOWN_ISSUER)
        fitting = [key for key in candidates if key.answers_to(self.header["alg"])]
        if not fitting:
            raise SignatureError("alg is not the key's", reason=Reason.ALGORITHM)
        for key in fitting[:-1]:
            try:
                key.verify(self.signature, self.signing_input)
            except SignatureError:
                continue
            return key
        fitting[-1].verify(self.signature, self.signing_input)
        return fitting[-1]


def parse(token: str, *, max_chars: int = limits.MAX_TOKEN_CHARS) -> UnverifiedJWS:
    """Take a compact JWS apart.

    Raises:
        ParseError: Too long, or malformed in any of its parts.
    """
    if len(token) > max_chars:
        raise ParseError(f"over {max_chars} characters", reason=Reason.TOO_LARGE)
    parts = token.split(".")
    if len(parts) != 3:
        raise ParseError("a compact JWS has three parts")
    header = parse_header(parts[0])
    payload = b64url_decode(parts[1], where="payload")
    signature = b64url_decode(parts[2], where="signature")
    return UnverifiedJWS(header, payload, signature, f"{parts[0]}.{parts[1]}".encode("ascii"))


def parse_header(encoded: str) -> dict[str, Any]:
    """Parse a protected header; only `ALLOWED_HEADERS` may stand in it.

    Raises:
        ParseError: Malformed, or with a parameter that is not allowed.
    """
    header = parse_json_object(b64url_decode(encoded, where="header"), where="header")
    if unknown := header.keys() - ALLOWED_HEADERS:
        raise ParseError(f"header parameter {min(unknown)!r} is not allowed", where="header")
    if not isinstance(header.get("alg"), str):
        raise ParseError("alg is missing or not text", reason=Reason.ALGORITHM, where="header")
    # RFC 7515 §4.1.4 wants text; published SD-JWT test cases carry an integer, which can match
    # no registered key id and so does no harm.
    if "kid" in header and type(header["kid"]) not in (str, int):
        raise ParseError("kid is neither text nor integer", where="header")
    if not isinstance(header.get("typ", ""), str):
        raise ParseError("typ is not text", where="header")
    return header


def sign(header: dict[str, Any], payload: bytes, signer: Signer) -> str:
    """Sign ``payload`` and return the compact JWS; ``alg`` and ``kid`` come from the key."""
    full = {"alg": signer.public.alg, "kid": signer.public.kid} | header
    return _sign(b64url_bytes(orjson.dumps(full)), payload, signer).decode("ascii")


def typed_input(typ: str, payload: bytes, public: PublicKey) -> bytes:
    """Return what is signed under a header with ``typ`` alone; `with_signature` makes it whole.

    Whoever makes many prepares some dozens and then signs those: a signature drives everything
    else out of the processor's cache, so preparing in between takes half as long again.
    """
    return b"%b.%b" % (_typed_header(public.alg, public.kid, typ), b64url_bytes(payload))


def with_signature(signing_input: bytes, signature: bytes) -> bytes:
    """Return the compact JWS of what was signed."""
    return b"%b.%b" % (signing_input, b64url_bytes(signature))


# An office signs with a few keys, and each writes one header all day.
@lru_cache(maxsize=64)
def _typed_header(alg: str, kid: str, typ: str) -> bytes:
    return b64url_bytes(orjson.dumps({"alg": alg, "kid": kid, "typ": typ}))


def _sign(header: bytes, payload: bytes, signer: Signer) -> bytes:
    signing_input = b"%b.%b" % (header, b64url_bytes(payload))
    return with_signature(signing_input, signer.sign(signing_input))
