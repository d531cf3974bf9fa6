"""How the register keeps a file credential from bulk work: without base64, a third smaller.

A city's register is mostly credentials, and what a shard writes is what others wait for.  Nothing
is lost: base64url and the joints of an SD-JWT have one form each, so the bytes that were signed
come back exactly (RFC 7515 §2, RFC 9901 §4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from ecert.show.delivery import Delivery
from ecert.sign.strict import b64url_bytes

if TYPE_CHECKING:
    from ecert.sign.sdjwt import UnsignedSDJWT

# A delivery as such is JSON and begins with a brace.
_MARK: Final = b"\x01"
_SIGNATURE_BYTES: Final = 64
_TYPE: Final = "urn:ecert:type:"


def keep(unsigned: UnsignedSDJWT, signature: bytes) -> bytes:
    """Return a file credential, r‖s its signature, in the form in which it is kept."""
    return keep_lines(unsigned.header, unsigned.payload, b"\n".join(unsigned.plain), signature)


def keep_lines(header: bytes, payload: bytes, plain: bytes, signature: bytes) -> bytes:
    """Return the same of its parts.

    Args:
        header: The protected header, in base64url.
        payload: The claims as JSON.
        plain: The disclosures as JSON, each a line.
        signature: r‖s.
    """
    if len(signature) != _SIGNATURE_BYTES:
        raise ValueError("a signature has 64 bytes")
    # JSON as we write it has no line feed in it: in text it is escaped.
    return b"%b%b%b\n%b\n%b" % (_MARK, signature, header, payload, plain)


def read_kept(data: bytes) -> Delivery:
    """Return the credential that the register kept, in whichever form.

    Raises:
        ParseError: It is none.
    """
    if data[:1] != _MARK:
        return Delivery.from_bytes(data)
    start = len(_MARK) + _SIGNATURE_BYTES
    header, payload, *plain = data[start:].split(b"\n")
    parts = [header, b64url_bytes(payload), b64url_bytes(data[len(_MARK) : start])]
    sd_jwt = b"~".join([b".".join(parts), *map(b64url_bytes, plain), b""])
    claims = orjson.loads(payload)
    return Delivery(
        licence_id=claims["licence_id"],
        type_code=claims["vct"].removeprefix(_TYPE),
        type_name=claims["type_name"],
        issuer_name=claims["issuer_name"],
        sd_jwt=sd_jwt.decode("ascii"),
        compact={},
    )
