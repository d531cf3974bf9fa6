"""SD-JWT and SD-JWT VC (RFC 9901): issue, present, verify.

Own code, because the reference implementation accepts what RFC 9901 tells it to refuse
(unreferenced disclosures, reserved names, duplicate digests).  Numbered steps follow RFC 9901 §7.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from ecert import limits
from ecert.errors import ParseError, SignatureError, TrustError
from ecert.reasons import Reason
from ecert.sign import jws
from ecert.sign.concealment import Hide
from ecert.sign.disclosure import Disclosure, Path, parse_disclosure, resolve
from ecert.sign.keys import PublicKey
from ecert.sign.sdjwt_issuing import NEVER_DISCLOSABLE, TYP, UnsignedSDJWT, issue, prepare
from ecert.sign.strict import b64url, parse_json_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ecert.sign.custody import Signer

__all__ = [
    "NEVER_DISCLOSABLE",
    "TYP",
    "Hide",
    "KeyBinding",
    "UnsignedSDJWT",
    "UnverifiedSDJWT",
    "VerifiedSDJWT",
    "check_times",
    "holder_key",
    "issue",
    "parse",
    "prepare",
    "present",
    "prove_binding",
    "verify",
]

KB_TYP = "kb+jwt"
# Clocks of issuer and verifier, in seconds, for iat and nbf; exp has no grace.
CLOCK_SKEW = 120
# A key binding is made for one moment: its iat may lie this far back, in seconds.
KB_MAX_AGE = 300


@dataclass(frozen=True, slots=True)
class KeyBinding:
    """What a key binding must say; stated by the verifier, never read off the token."""

    audience: str
    nonce: str


@dataclass(frozen=True, slots=True)
class VerifiedSDJWT:
    """The proven content of an SD-JWT."""

    claims: dict[str, Any]
    header: dict[str, Any]
    key: PublicKey
    holder_bound: bool


@dataclass(frozen=True, slots=True)
class UnverifiedSDJWT:
    """An SD-JWT that parsed; nothing in it is proven."""

    token: jws.UnverifiedJWS
    issuer_part: str
    disclosures: tuple[Disclosure, ...]
    key_binding: str | None

    @property
    def bound_text(self) -> str:
        """Everything that a key binding's ``sd_hash`` covers (RFC 9901 §4.3)."""
        return "~".join([self.issuer_part, *(d.encoded for d in self.disclosures), ""])

    def unverified_claims(self, *, never: frozenset[str] = NEVER_DISCLOSABLE) -> dict[str, Any]:
        """Return the claims with all disclosures put back, without proof.

        Args:
            never: Names that may not be disclosed at the top level.

        Raises:
            ParseError: The disclosures do not fit the payload (RFC 9901 §7.1).
        """
        payload = parse_json_object(self.token.payload, where="payload")
        return resolve(payload, self.disclosures, never=never).claims


# -- parsing and presenting -------------------------------------------------------------------


def parse(text: str) -> UnverifiedSDJWT:
    """Take an SD-JWT or SD-JWT+KB apart (compact serialisation, RFC 9901 §4).

    Raises:
        ParseError: Too long, too many disclosures, or malformed.
    """
    if len(text) > limits.MAX_TOKEN_CHARS:
        raise ParseError("the SD-JWT is too long", reason=Reason.TOO_LARGE)
    parts = text.split("~")
    if len(parts) < 2:
        raise ParseError("an SD-JWT has at least one ~")
    if len(parts) - 2 > limits.MAX_DISCLOSURES:
        raise ParseError("too many disclosures", reason=Reason.TOO_LARGE)
    disclosures = tuple(parse_disclosure(part) for part in parts[1:-1])
    return UnverifiedSDJWT(jws.parse(parts[0]), parts[0], disclosures, parts[-1] or None)


def present(
    text: str,
    reveal: Callable[[Path], bool],
    *,
    holder: Signer | None = None,
    binding: KeyBinding | None = None,
    at: int = 0,
) -> str:
    """Return the SD-JWT with only the disclosures that ``reveal`` names, bound if asked.

    A nested disclosure is kept only together with its parents.

    Args:
        text: The SD-JWT as issued.
        reveal: Asked once per disclosure with its path (claim names and array positions).
        holder: The key in ``cnf``; with ``binding``, signs the key binding.
        binding: Audience and nonce of the verifier.
        at: Time of the key binding, seconds since 1970.

    Raises:
        ParseError: ``text`` is malformed.
        ValueError: Only one of ``holder`` and ``binding`` is given.
    """
    if (holder is None) != (binding is None):
        raise ValueError("a key binding needs both a holder key and a verifier's wish")
    parsed = parse(text)
    payload = parse_json_object(parsed.token.payload, where="payload")
    paths = resolve(payload, parsed.disclosures, never=NEVER_DISCLOSABLE).paths
    shown = {path for path in paths if reveal(path)}
    kept = [
        disclosure.encoded
        for path, disclosure in paths.items()
        if all(ancestor in shown for ancestor in _with_ancestors(path, paths))
    ]
    bound_text = "~".join([parsed.issuer_part, *kept, ""])
    if holder is None or binding is None:
        return bound_text
    claims = {
        "aud": binding.audience, "nonce": binding.nonce, "iat": at, "sd_hash": _sd_hash(bound_text)
    }  # fmt: skip
    header = {"typ": KB_TYP, "alg": holder.public.alg}
    return bound_text + jws.sign(header, orjson.dumps(claims), holder)


def _with_ancestors(path: Path, paths: Mapping[Path, Disclosure]) -> list[Path]:
    return [path[:end] for end in range(1, len(path) + 1) if path[:end] in paths]


def _sd_hash(bound_text: str) -> str:
    return b64url(hashlib.sha256(bound_text.encode("ascii")).digest())


# -- verifying --------------------------------------------------------------------------------


def verify(
    text: str,
    keys: Sequence[PublicKey],
    *,
    at: int,
    issuer: str | None = None,
    typ: str = TYP,
    binding: KeyBinding | None = None,
) -> VerifiedSDJWT:
    """Verify an SD-JWT VC against ``keys`` (RFC 9901 §7).  Status is not looked at.

    Args:
        text: Compact serialisation.
        keys: The issuer's registered keys.
        at: The verifier's time, seconds since 1970.
        issuer: What ``iss`` must be, if given.
        typ: What the header's typ must be.
        binding: What the key binding must say.  Without it none is expected, and one that
            stands there all the same is refused.

    Raises:
        ParseError: Malformed.
        TrustError: Its ``.reason`` says which check failed.
    """
    parsed = parse(text)
    # (1) the signature, alone and first (§7.1 step 2)
    key = parsed.token.verify(keys)
    if parsed.token.header.get("typ") != typ:
        raise ParseError(f"typ is not {typ}", where="header")
    # (2) the disclosures fit the payload, each exactly once (§7.1 steps 3-5)
    claims = parsed.unverified_claims()
    # (3) issuer and times (§7.1 step 6)
    if issuer is not None and claims.get("iss") != issuer:
        raise TrustError("iss is not the expected issuer", reason=Reason.UNKNOWN_ISSUER)
    check_times(claims, at)
    # (4) the holder's key binding (§7.3)
    if binding is None and parsed.key_binding is not None:
        raise TrustError("a key binding is not expected here", reason=Reason.HOLDER_PROOF)
    if binding is not None:
        _check_binding(parsed, claims, binding, at)
    return VerifiedSDJWT(claims, parsed.token.header, key, binding is not None)


def check_times(claims: Mapping[str, Any], at: int) -> None:
    """Check iat, nbf and exp (RFC 7519 §4.1), each a whole number of seconds where it stands.

    Raises:
        ParseError: A time is not a whole number in range.
        TrustError: `expired`, or `not-yet-valid` for an nbf or iat in the future.
    """
    for name in ("iat", "nbf", "exp"):
        value = claims.get(name, 0)
        if type(value) is not int or not 0 <= value <= limits.MAX_NUMERIC_DATE:
            raise ParseError("not a time in seconds", where=name)
    if "exp" in claims and at >= claims["exp"]:
        raise TrustError("exp has passed", reason=Reason.EXPIRED)
    if max(claims.get("nbf", 0), claims.get("iat", 0)) > at + CLOCK_SKEW:
        raise TrustError("nbf or iat is in the future", reason=Reason.NOT_YET_VALID)


def _check_binding(
    parsed: UnverifiedSDJWT, claims: Mapping[str, Any], binding: KeyBinding, at: int
) -> None:
    made = prove_binding(parsed, claims, binding)
    if not at - KB_MAX_AGE <= made <= at + CLOCK_SKEW:
        raise TrustError("the key binding is not of now", reason=Reason.HOLDER_PROOF)


def prove_binding(parsed: UnverifiedSDJWT, claims: Mapping[str, Any], binding: KeyBinding) -> int:
    """Verify the holder's key binding (RFC 9901 §7.3) and return when it was made.

    Args:
        parsed: The SD-JWT+KB.
        claims: What it says, once its issuer's signature is proven.
        binding: What the key binding must say.

    Returns:
        Its ``iat``, seconds since 1970; whether that is of now is the caller's to ask.

    Raises:
        ParseError: Malformed.
        TrustError: `holder-proof` or `audience`; `algorithm` or `signature` of the binding.
    """
    if parsed.key_binding is None:
        raise TrustError("the key binding is missing", reason=Reason.HOLDER_PROOF)
    proof = jws.parse(parsed.key_binding)
    if proof.header.get("typ") != KB_TYP:
        raise TrustError("not a key binding", reason=Reason.HOLDER_PROOF)
    holder = holder_key(claims)
    # The header's kid says nothing here: the key is the one in cnf.
    if proof.header["alg"] != holder.alg:
        raise SignatureError("alg is not the holder key's", reason=Reason.ALGORITHM)
    holder.verify(proof.signature, proof.signing_input)
    said = parse_json_object(proof.payload, where="key binding")
    if said.get("sd_hash") != _sd_hash(parsed.bound_text):
        raise TrustError("sd_hash does not fit", reason=Reason.HOLDER_PROOF)
    if said.get("aud") != binding.audience or said.get("nonce") != binding.nonce:
        raise TrustError("aud or nonce is another's", reason=Reason.AUDIENCE)
    made = said.get("iat")
    if type(made) is not int or not 0 <= made <= limits.MAX_NUMERIC_DATE:
        raise TrustError("the key binding has no time", reason=Reason.HOLDER_PROOF)
    return made


def holder_key(claims: Mapping[str, Any]) -> PublicKey:
    """Return the key in ``cnf`` (RFC 7800).

    Raises:
        TrustError: There is none (`holder-proof`).
        ParseError: It is malformed.
    """
    cnf = claims.get("cnf")
    if not isinstance(cnf, dict) or not isinstance(cnf.get("jwk"), dict):
        raise TrustError("no holder key in cnf", reason=Reason.HOLDER_PROOF)
    return PublicKey.from_jwk(cnf["jwk"])
