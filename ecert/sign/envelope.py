"""Documents with many signatures: JWS JSON, general serialisation (RFC 7515 §7.2.1).

Each signer works on its own machine; signatures are added to the same payload bytes.  Who must
sign, and how many, is decided where the document is accepted (`ecert.trust`), not here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from ecert import limits
from ecert.errors import ParseError, SignatureError
from ecert.reasons import Reason
from ecert.sign import jws
from ecert.sign.strict import b64url, b64url_decode, bounded, parse_json_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ecert.sign.custody import Signer
    from ecert.sign.keys import PublicKey


@dataclass(frozen=True, slots=True)
class Envelope:
    """A document and its signatures; the payload is unproven until `valid_signers` was asked."""

    typ: str
    """Kind of document, the same in every signature."""
    unverified_payload: bytes
    signatures: tuple[jws.UnverifiedJWS, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the payload in hex: the identity of this version, whoever has signed it."""
        return hashlib.sha256(self.unverified_payload).hexdigest()

    def valid_signers(self, keys: Iterable[PublicKey]) -> frozenset[PublicKey]:
        """Return the distinct keys among ``keys`` that signed this payload.

        Signatures by keys that are not among ``keys`` say nothing and are passed over.

        Raises:
            SignatureError: A signature in the name of one of ``keys`` does not fit.
        """
        by_kid = {key.kid: key for key in keys}
        found: set[PublicKey] = set()
        for signature in self.signatures:
            key = by_kid.get(str(signature.kid))
            if key is None:
                continue
            if signature.header["alg"] != key.alg:
                raise SignatureError("alg is not the key's", reason=Reason.ALGORITHM)
            key.verify(signature.signature, signature.signing_input)
            found.add(key)
        return frozenset(found)


def make(typ: str, payload: bytes, signers: Sequence[Signer]) -> bytes:
    """Return the envelope of ``payload`` signed by each of ``signers``.

    Raises:
        ValueError: No signer.
    """
    if not signers:
        raise ValueError("an envelope has at least one signature")
    encoded = b64url(payload)
    return _write(encoded, [_sign(typ, encoded, signer) for signer in signers])


def add_signature(data: bytes, signer: Signer) -> bytes:
    """Return the same envelope with one more signature; an earlier one by this key is replaced.

    Raises:
        ParseError: ``data`` is not an envelope.
    """
    envelope = parse(data)
    encoded = b64url(envelope.unverified_payload)
    kept = [_plain(s) for s in envelope.signatures if s.kid != signer.public.kid]
    return _write(encoded, [*kept, _sign(envelope.typ, encoded, signer)])


def merge(envelopes: Sequence[Envelope]) -> bytes:
    """Return one envelope with the signatures of all, ordered by key id, each key once.

    The result is the same for every order of ``envelopes``.  Which of several signatures by one
    key is kept says nothing about whether it is valid.

    Raises:
        ValueError: No envelope, or they differ in kind or payload.
        ParseError: There are too many signatures.
    """
    first = envelopes[0]
    if any((e.typ, e.unverified_payload) != (first.typ, first.unverified_payload)
           for e in envelopes):  # fmt: skip
        raise ValueError("only signatures over the same payload can be merged")
    by_kid: dict[str, jws.UnverifiedJWS] = {}
    for signature in sorted(
        (s for e in envelopes for s in e.signatures), key=lambda s: (s.signing_input, s.signature)
    ):
        by_kid.setdefault(str(signature.kid), signature)
    if len(by_kid) > limits.MAX_ENVELOPE_SIGNATURES:
        raise ParseError("no signatures, or too many", where="signatures")
    kept = [_plain(by_kid[kid]) for kid in sorted(by_kid)]
    return _write(b64url(first.unverified_payload), kept)


def parse(data: bytes) -> Envelope:
    """Take an envelope apart.

    Raises:
        ParseError: Too large, malformed, or its signatures disagree about the kind.
    """
    outer = parse_json_object(bounded(data, limits.MAX_ENVELOPE_BYTES))
    entries = outer.get("signatures")
    if outer.keys() != {"payload", "signatures"} or not isinstance(outer["payload"], str):
        raise ParseError("an envelope holds payload and signatures")
    if not isinstance(entries, list) or not 1 <= len(entries) <= limits.MAX_ENVELOPE_SIGNATURES:
        raise ParseError("no signatures, or too many", where="signatures")
    payload = b64url_decode(outer["payload"], where="payload")
    signatures = tuple(
        _read(entry, outer["payload"], payload, f"signatures[{position}]")
        for position, entry in enumerate(entries)
    )
    types = {signature.header.get("typ") for signature in signatures}
    typ = types.pop()
    if types or not isinstance(typ, str):
        raise ParseError("the signatures do not agree about typ", where="signatures")
    return Envelope(typ, payload, signatures)


def _read(entry: Any, encoded: str, payload: bytes, where: str) -> jws.UnverifiedJWS:
    if not isinstance(entry, dict) or entry.keys() != {"protected", "signature"}:
        raise ParseError("a signature holds protected and signature", where=where)
    protected, signature = entry["protected"], entry["signature"]
    if not isinstance(protected, str) or not isinstance(signature, str):
        raise ParseError("protected and signature are text", where=where)
    header = jws.parse_header(protected)
    if not isinstance(header.get("kid"), str):
        raise ParseError("a signature names its key", where=where)
    return jws.UnverifiedJWS(
        header, payload, b64url_decode(signature, where=where), f"{protected}.{encoded}".encode()
    )


def _plain(signature: jws.UnverifiedJWS) -> dict[str, str]:
    protected = signature.signing_input.split(b".")[0].decode()
    return {"protected": protected, "signature": b64url(signature.signature)}


def _sign(typ: str, encoded: str, signer: Signer) -> dict[str, str]:
    header = {"alg": signer.public.alg, "kid": signer.public.kid, "typ": typ}
    protected = b64url(orjson.dumps(header))
    signature = signer.sign(f"{protected}.{encoded}".encode())
    return {"protected": protected, "signature": b64url(signature)}


def _write(encoded: str, signatures: list[dict[str, str]]) -> bytes:
    body = {"payload": encoded, "signatures": signatures}
    return orjson.dumps(body, option=orjson.OPT_INDENT_2) + b"\n"
