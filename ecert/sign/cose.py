"""COSE_Sign1 (RFC 9052 §4.2), tagged 18, in the one shape that ecert writes and accepts.

``D2 84 <protected bstr> A0 <payload bstr> <signature bstr>``, every length in its shortest form,
nothing unprotected.  The shape is rigid, so it is taken apart byte by byte: whatever parses is
canonical, and nothing of another shape parses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cbor2

from ecert.errors import ParseError, SignatureError
from ecert.reasons import Reason
from ecert.sign import cbor
from ecert.sign.strict import parse_cbor
from ecert.sign.suites import SUITES

if TYPE_CHECKING:
    from ecert.sign.custody import Signer
    from ecert.sign.keys import PublicKey

# Header labels (RFC 9052 §3.1)
_ALG, _KID = 1, 4
# Sig_structure of RFC 9052 §4.4: ["Signature1", protected, external_aad = h'', payload]
_SIGNED = b"\x84\x6aSignature1%b\x40%b"


class UnverifiedSign1(NamedTuple):
    """A COSE_Sign1 that parsed; nothing in it is proven."""

    alg: int
    kid: bytes | None
    payload: bytes
    signature: bytes
    protected: bytes
    """The protected header, as it was signed."""
    to_be_signed: bytes
    """The Sig_structure (RFC 9052 §4.4)."""

    def verify(self, key: PublicKey) -> None:
        """Verify the signature with ``key``.

        Raises:
            SignatureError: Reason `algorithm` if the header is not the key's, else `signature`.
        """
        if self.alg != key.cose_alg:
            raise SignatureError("alg is not the key's", reason=Reason.ALGORITHM)
        key.verify(self.signature, self.to_be_signed)


def sign1(payload: bytes, signer: Signer, *, kid: bytes | None = None) -> bytes:
    """Sign ``payload`` and return the tagged COSE_Sign1."""
    alg = cbor.number(signer.public.cose_alg)
    header = b"\xa1\x01" + alg if kid is None else b"\xa2\x01%b\x04%b" % (alg, cbor.data(kid))
    protected, content = cbor.data(header), cbor.data(payload)
    signature = signer.sign(_SIGNED % (protected, content))
    return b"\xd2\x84%b\xa0%b%b" % (protected, content, cbor.data(signature))


def parse_sign1(data: bytes) -> UnverifiedSign1:
    """Take a COSE_Sign1 apart.

    Raises:
        ParseError: Any other shape than the one above.
    """
    if data[:2] != b"\xd2\x84":
        raise ParseError("not a tagged COSE_Sign1")
    protected, middle = _take_bstr(data, 2)
    if data[middle : middle + 1] != b"\xa0":
        raise ParseError("the unprotected header is not empty")
    payload, behind = _take_bstr(data, middle + 1)
    signature, end = _take_bstr(data, behind)
    if end != len(data):
        raise ParseError("bytes follow the signature")
    alg, kid = _header(protected)
    # Both strings stand in the Sig_structure as they came, since they came in their one form.
    signed = _SIGNED % (data[2:middle], data[middle + 1 : behind])
    return UnverifiedSign1(alg, kid, payload, signature, protected, signed)


# The headers that we write ourselves, byte for byte; nearly every one that comes is one of them.
_ALONE = {cbor2.dumps({_ALG: suite.cose_alg}): suite.cose_alg for suite in SUITES}
_BEFORE_KID = {
    cbor2.dumps({_ALG: suite.cose_alg, _KID: bytes(8)})[:-8]: suite.cose_alg for suite in SUITES
}


def _header(protected: bytes) -> tuple[int, bytes | None]:
    if (known := _ALONE.get(protected)) is not None:
        return known, None
    if (known := _BEFORE_KID.get(protected[:-8])) is not None:
        return known, protected[-8:]
    header = parse_cbor(protected, where="protected")
    if type(header) is not dict or list(header) not in ([_ALG], [_ALG, _KID]):
        raise ParseError("the protected header holds other things than alg and kid")
    alg, kid = header[_ALG], header.get(_KID)
    if type(alg) is not int or (_KID in header and type(kid) is not bytes):
        raise ParseError("alg or kid has the wrong type")
    return alg, kid


def _take_bstr(data: bytes, start: int) -> tuple[bytes, int]:
    try:
        head, begin = data[start], start + 1
        if head == 0x58:
            size, least, begin = data[begin], 24, start + 2
        elif head == 0x59:
            size, least, begin = data[begin] << 8 | data[start + 2], 1 << 8, start + 3
        else:
            size, least = head - 0x40, 0
    except IndexError as error:
        raise ParseError("a byte string is cut short") from error
    # Under 24 bytes the head tells the length itself.
    if size < least or not (least or size < 24):
        raise ParseError("not a byte string in its shortest form")
    end = begin + size
    if end > len(data):
        raise ParseError("a byte string is cut short")
    return data[begin:end], end
