"""The show code (亮证码): one holder's proof of this moment around one or more licences.

A self-contained code is a COSE_Sign1 by the holder's key over a CBOR map:

====  ===========================================================================
 0    3: this is a show code
 1    made, seconds since 1970
 2    life in seconds, at most 60
 3    random id, 8 bytes
 4    the window's challenge, text; left out where there is none
 5    [compact credential, …], each the bytes of a COSE_Sign1 that names this key
====  ===========================================================================

A paper code is one compact credential of kind paper, without a holder's proof around it.
"""

from __future__ import annotations

import hashlib
import secrets
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import cbor2

from ecert import limits
from ecert.errors import ParseError, TrustError
from ecert.reasons import Reason
from ecert.show import compact, digits
from ecert.show.compact import CompactKind, UnverifiedCompact
from ecert.show.digits import CodeKind
from ecert.sign import cose
from ecert.sign.strict import parse_cbor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecert.sign.custody import Signer
    from ecert.sign.keys import PublicKey

_KIND, _MADE, _LIFE, _CODE_ID, _CHALLENGE, _CREDENTIALS = range(6)
_SHOW = 3
_ID_BYTES = 8
_MAX_LIFE = int(limits.SHOW_CODE_LIFE.total_seconds())
_WITHOUT_CHALLENGE = [_KIND, _MADE, _LIFE, _CODE_ID, _CREDENTIALS]
_WITH_CHALLENGE = [_KIND, _MADE, _LIFE, _CODE_ID, _CHALLENGE, _CREDENTIALS]


class HolderProof(NamedTuple):
    """The holder's part of a show code; unproven until `verify` was called."""

    made: datetime
    expires: datetime
    code_id: bytes
    challenge: str | None
    key: PublicKey
    sign1: cose.UnverifiedSign1

    @property
    def replay_key(self) -> bytes:
        """What identifies this code in a replay memory, 32 bytes.

        The hash of the signed bytes, not of the signature: an ECDSA signature has a twin
        (r, n-s) that anybody can compute.
        """
        return hashlib.sha256(self.sign1.payload).digest()

    def verify(self) -> None:
        """Verify the holder's signature with the key that the credentials name.

        Raises:
            SignatureError: It does not fit.
        """
        self.sign1.verify(self.key)


class UnverifiedShowCode(NamedTuple):
    """A scanned code that parsed; nothing in it is proven.  Paper has no ``proof``."""

    kind: CodeKind
    credentials: tuple[UnverifiedCompact, ...]
    proof: HolderProof | None


def write_show_code(
    credentials: Sequence[bytes],
    holder: Signer,
    *,
    made: datetime,
    life: int = _MAX_LIFE,
    challenge: str | None = None,
) -> str:
    """Sign and write a self-contained code.

    Args:
        credentials: Compact credentials that name the holder's key.
        holder: The holder's key.
        made: The holder's time.
        life: Seconds until it runs out, 1 to 60.
        challenge: What the window asked to be included.

    Raises:
        CodeTooLargeError: It would not fit one QR code.
        ValueError: No credential, too many, or ``life`` out of range.
    """
    if not 1 <= len(credentials) <= limits.MAX_LICENCES_PER_CODE:
        raise ValueError(f"1 to {limits.MAX_LICENCES_PER_CODE} licences fit one code")
    if not 1 <= life <= _MAX_LIFE:
        raise ValueError(f"a show code lives 1 to {_MAX_LIFE} seconds")
    if challenge is not None and not 1 <= len(challenge) <= limits.MAX_CHALLENGE_CHARS:
        raise ValueError(f"a challenge has 1 to {limits.MAX_CHALLENGE_CHARS} characters")
    payload: dict[int, Any] = {
        _KIND: _SHOW,
        _MADE: int(made.timestamp()),
        _LIFE: life,
        _CODE_ID: secrets.token_bytes(_ID_BYTES),
    }
    if challenge is not None:
        payload[_CHALLENGE] = challenge
    payload[_CREDENTIALS] = list(credentials)
    return _write(CodeKind.SELF_CONTAINED, cose.sign1(cbor2.dumps(payload), holder))


def write_paper_code(credential: bytes) -> str:
    """Write a paper code around one compact credential that was signed for paper.

    Raises:
        CodeTooLargeError: It would not fit one QR code.
        ValueError: The credential is bound to a wallet.
    """
    if compact.parse(credential).claims.kind is not CompactKind.PAPER:
        raise ValueError("only a credential signed for paper may be printed")
    return _write(CodeKind.PAPER, credential)


def _write(kind: CodeKind, data: bytes) -> str:
    packed = zlib.compress(data, 9)
    return digits.encode(kind, packed if len(packed) < len(data) else data)


def read(text: str) -> UnverifiedShowCode:
    """Take a scanned code apart.

    Raises:
        ParseError: `incomplete-scan`, `too-large` or `malformed`; `service-unreachable` for an
            online code, of which nothing can be told off line.
        TrustError: `holder-proof`: a wallet's credential without its holder's proof, or with
            another holder's.
    """
    kind, data = digits.decode(text)
    if kind is CodeKind.ONLINE:
        raise ParseError(
            "an online code is redeemed at its show service", reason=Reason.SERVICE_UNREACHABLE
        )
    data = _unpack(data)
    if kind is CodeKind.PAPER:
        credential = compact.parse(data)
        if credential.claims.kind is not CompactKind.PAPER:
            # A photographed code cut open and printed must not become paper.
            raise TrustError("a wallet's credential without proof", reason=Reason.HOLDER_PROOF)
        return UnverifiedShowCode(kind, (credential,), None)
    return _read_show_code(cose.parse_sign1(data))


def _unpack(data: bytes) -> bytes:
    if data[:1] == b"\xd2":
        return data
    if data[:1] != b"\x78":
        raise ParseError("neither COSE nor zlib")
    inflater = zlib.decompressobj()
    try:
        unpacked = inflater.decompress(data, limits.MAX_CODE_BYTES + 1)
    except zlib.error as error:
        raise ParseError("damaged zlib data") from error
    if len(unpacked) > limits.MAX_CODE_BYTES:
        raise ParseError("unpacks to too much", reason=Reason.TOO_LARGE)
    if not inflater.eof or inflater.unused_data:
        raise ParseError("zlib data is cut short or followed by more")
    return unpacked


def _read_show_code(sign1: cose.UnverifiedSign1) -> UnverifiedShowCode:
    payload = parse_cbor(sign1.payload, where="show code")
    if (
        sign1.kid is not None
        or type(payload) is not dict
        or list(payload) not in (_WITHOUT_CHALLENGE, _WITH_CHALLENGE)
    ):
        raise ParseError("not the shape of a show code")
    kind, made, life, code_id = map(payload.__getitem__, (_KIND, _MADE, _LIFE, _CODE_ID))
    if not type(kind) is type(made) is type(life) is int:
        raise ParseError("not the shape of a show code")
    if (
        kind != _SHOW
        or not 0 <= made <= limits.MAX_NUMERIC_DATE
        or not 1 <= life <= _MAX_LIFE
        or type(code_id) is not bytes
        or len(code_id) != _ID_BYTES
    ):
        raise ParseError("kind, time, life or id of the show code is out of range")
    challenge = payload.get(_CHALLENGE)
    if challenge is not None and not (
        type(challenge) is str and 1 <= len(challenge) <= limits.MAX_CHALLENGE_CHARS
    ):
        raise ParseError("the challenge is not text in range")
    made_at = datetime.fromtimestamp(made, UTC)
    expires = datetime.fromtimestamp(made + life, UTC)
    credentials = _credentials(payload[_CREDENTIALS])
    proof = HolderProof(made_at, expires, code_id, challenge, _common_key(credentials), sign1)
    return UnverifiedShowCode(CodeKind.SELF_CONTAINED, credentials, proof)


def _credentials(items: object) -> tuple[UnverifiedCompact, ...]:
    if type(items) is not list or not 1 <= len(items) <= limits.MAX_LICENCES_PER_CODE:
        raise ParseError("no licence in the code, or too many")
    if any(type(item) is not bytes for item in items):
        raise ParseError("a credential is not a byte string")
    first = compact.parse(items[0])
    if len(items) == 1:
        return (first,)
    return (first, *(compact.parse(item, beside=first) for item in items[1:]))


def _common_key(credentials: tuple[UnverifiedCompact, ...]) -> PublicKey:
    key = credentials[0].claims.holder_key
    if key is None:
        raise TrustError("a paper credential inside a show code", reason=Reason.HOLDER_PROOF)
    # The same key is the same object: `compact.parse` saw to that.
    if len(credentials) > 1 and any(
        other.claims.holder_key is not key for other in credentials[1:]
    ):
        raise TrustError("the credentials name different keys", reason=Reason.HOLDER_PROOF)
    return key
