"""SD-JWT in JWS JSON serialisation (RFC 9901 §8), brought into the compact form.

Only for what others send: ecert itself writes the compact form.  Disclosures and key binding
stand in an unprotected header, so everything is proven after the conversion, by
`ecert.sign.sdjwt`; nothing is believed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecert import limits
from ecert.errors import ParseError, TrustError
from ecert.sign import jws

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecert.sign.keys import PublicKey

_SIGNATURE = frozenset({"protected", "signature"})
_GENERAL = frozenset({"payload", "signatures"})
_FLATTENED = _SIGNATURE | {"payload"}
# A kid out here is a hint that nobody has signed; the protected header and the keys decide.
_UNPROTECTED = frozenset({"disclosures", "kb_jwt", "kid"})


def to_compact(document: Mapping[str, Any], keys: Sequence[PublicKey]) -> str:
    """Return the compact SD-JWT or SD-JWT+KB of a flattened or general serialisation.

    Of several signatures the first one by one of ``keys`` is taken; if there is none, or a key
    binding, whose ``sd_hash`` covers the first (RFC 9901 §8.1), the first.

    Args:
        document: The JSON object.
        keys: The issuer's registered keys; the signature is to be verified with them again.

    Raises:
        ParseError: Another shape.
    """
    payload = _text(document, "payload")
    entries = _entries(document)
    tail = _tail(entries[0])
    tokens = [
        f"{_text(entry, 'protected')}.{payload}.{_text(entry, 'signature')}" for entry in entries
    ]
    if tail.endswith("~"):
        chosen = next((token for token in tokens if _is_by(token, keys)), tokens[0])
    else:
        chosen = tokens[0]
    return chosen + tail


def _entries(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    if document.keys() - {"header"} == _FLATTENED:
        return [{name: value for name, value in document.items() if name != "payload"}]
    entries = document.get("signatures")
    if document.keys() != _GENERAL or not isinstance(entries, list):
        raise ParseError("neither a flattened nor a general JWS", where="token")
    if not 1 <= len(entries) <= limits.MAX_ENVELOPE_SIGNATURES:
        raise ParseError("no signatures, or too many", where="signatures")
    for position, entry in enumerate(entries):
        if not isinstance(entry, dict) or entry.keys() - {"header"} != _SIGNATURE:
            raise ParseError("not a signature", where=f"signatures[{position}]")
        # Disclosures and key binding stand once, with the first signature (RFC 9901 §8.3).
        if position and {"disclosures", "kb_jwt"} & _unprotected(entry).keys():
            raise ParseError("disclosures stand twice", where=f"signatures[{position}]")
    return entries


def _unprotected(entry: Mapping[str, Any]) -> dict[str, Any]:
    header = entry.get("header", {})
    if not isinstance(header, dict) or header.keys() - _UNPROTECTED:
        raise ParseError("an unprotected parameter is not allowed", where="header")
    return header


def _tail(entry: Mapping[str, Any]) -> str:
    """Return disclosures and key binding as they stand behind the token in the compact form."""
    header = _unprotected(entry)
    disclosures = header.get("disclosures", [])
    if not isinstance(disclosures, list):
        raise ParseError("not an array", where="disclosures")
    parts = [_part(disclosure, "disclosures") for disclosure in disclosures]
    proof = _part(header["kb_jwt"], "kb_jwt") if "kb_jwt" in header else ""
    return "~".join(["", *parts, proof])


def _is_by(token: str, keys: Sequence[PublicKey]) -> bool:
    try:
        jws.parse(token).verify(keys)
    except (ParseError, TrustError):
        return False
    return True


def _text(entry: Mapping[str, Any], name: str) -> str:
    return _part(entry.get(name), name)


def _part(value: object, where: str) -> str:
    # What separates the parts of the compact form may not stand inside one.
    if not isinstance(value, str) or not value or "~" in value:
        raise ParseError("missing, not text, or with a separator in it", where=where)
    return value
