"""The signed receipt: a compact JWS by its window's key, and its hash, which the next one names."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ecert import limits
from ecert.errors import ParseError
from ecert.reasons import Reason
from ecert.sign import jws
from ecert.sign.strict import b64url_decode
from ecert.verify.receipt import Receipt, ReceiptHead

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ecert.sign.custody import Signer
    from ecert.sign.keys import PublicKey

TYP: Final = "ecert-receipt+jwt"
_HEADER: Final = {"alg", "kid", "typ"}


class SignedReceipt(NamedTuple):
    """A receipt as it was signed; unproven until `verify` was called, unless made here."""

    receipt: Receipt
    token: str
    kid: str

    @property
    def digest(self) -> str:
        """SHA-256 of the signed text in hex: what the next receipt names."""
        return hashlib.sha256(self.token.encode("ascii")).hexdigest()

    @property
    def head(self) -> ReceiptHead:
        """The end of the chain, if this is its last."""
        return ReceiptHead(self.receipt.window, self.receipt.number, self.digest)

    def verify(self, keys: Iterable[PublicKey]) -> PublicKey:
        """Return the key among ``keys`` that signed it.

        Raises:
            SignatureError: None of them did.
        """
        signed, _, signature = self.token.rpartition(".")
        header = _parsed_header(signed.partition(".")[0])
        parsed = jws.UnverifiedJWS(
            header, b"", b64url_decode(signature, where="signature"), signed.encode("ascii")
        )
        return parsed.verify([key for key in keys if key.kid == self.kid])


def sign_receipt(receipt: Receipt, signer: Signer) -> SignedReceipt:
    """Sign a receipt with its window's key."""
    signing_input = jws.typed_input(TYP, receipt.to_payload(), signer.public)
    token = jws.with_signature(signing_input, signer.sign(signing_input)).decode("ascii")
    return SignedReceipt(receipt, token, signer.public.kid)


def open_receipt(token: str) -> SignedReceipt:
    """Take a signed receipt apart; nothing in it is proven.

    Raises:
        ParseError: Too long, malformed, or something else.
    """
    if len(token) > limits.MAX_RECEIPT_CHARS:
        raise ParseError(f"over {limits.MAX_RECEIPT_CHARS} characters", reason=Reason.TOO_LARGE)
    parts = token.split(".")
    if len(parts) != 3:
        raise ParseError("a compact JWS has three parts")
    kid = require_header(_parsed_header(parts[0]), TYP)
    b64url_decode(parts[2], where="signature")
    return SignedReceipt(Receipt.from_payload(b64url_decode(parts[1], where="payload")), token, kid)


# A window writes one header all year; a year of receipts is opened at a time.
_parsed_header = lru_cache(maxsize=64)(jws.parse_header)


def require_header(header: Mapping[str, Any], typ: str) -> str:
    """Require the header of a window's signature over a ``typ``, and return the key id.

    Raises:
        ParseError: Another kind of token, or it names no key.
    """
    kid = header.get("kid")
    if header.keys() != _HEADER or header["typ"] != typ or not isinstance(kid, str):
        raise ParseError(f"not an {typ} that names its key", where="header")
    return kid
