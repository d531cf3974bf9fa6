"""The show code (亮证码): one holder's proof of this moment around one or more licences.

A self-contained code is a COSE_Sign1 by the holder's key over a CBOR map:

====  ===========================================================================
 0    3: this is a show code
 1    made, seconds since 1970
 2    life in seconds, at most 60
 3    random id, 8 bytes
 4    the window's challenge, text; left out where there is none
 5    [compact credential, …], each the bytes of a COSE_Sign1 that names this key
 6    1: the holder typed the show PIN for this code; left out otherwise
 7    the mandate under which an agent shows them: then the licences name the
      principal's key, which signed the mandate, and this code is signed by the
      agent's key, which the mandate names; left out where there is none
====  ===========================================================================

A paper code is one compact credential of kind paper, without a holder's proof around it.
"""

from __future__ import annotations

import hashlib
import secrets
import zlib
from datetime import UTC, datetime
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import cbor2

from ecert import limits
from ecert.errors import ParseError, TrustError
from ecert.reasons import Reason
from ecert.show import compact, digits
from ecert.show import mandate as mandates
from ecert.show.compact import CompactKind, UnverifiedCompact
from ecert.show.digits import CodeKind
from ecert.sign import cose
from ecert.sign.strict import parse_cbor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecert.show.mandate import UnverifiedMandate
    from ecert.sign.custody import Signer
    from ecert.sign.keys import PublicKey

_KIND, _MADE, _LIFE, _CODE_ID, _CHALLENGE, _CREDENTIALS, _PIN, _MANDATE = range(8)
_SHOW = 3
_ID_BYTES = 8
_MAX_LIFE = int(limits.SHOW_CODE_LIFE.total_seconds())
# Every code has these; the others may be left out, and all stand in rising order.
_REQUIRED = frozenset({_KIND, _MADE, _LIFE, _CODE_ID, _CREDENTIALS})
_OPTIONAL = (_CHALLENGE, _PIN, _MANDATE)
_SHAPES = frozenset(
    tuple(sorted(_REQUIRED.union(chosen)))
    for size in range(len(_OPTIONAL) + 1)
    for chosen in combinations(_OPTIONAL, size)
)


class HolderProof(NamedTuple):
    """The holder's, or their agent's, part of a show code; unproven until `verify` was called."""

    made: datetime
    expires: datetime
    code_id: bytes
    challenge: str | None
    key: PublicKey
    sign1: cose.UnverifiedSign1
    pin: bool = False
    """Whether the wallet says that its show PIN (亮证密码) was typed for this code."""

    @property
    def replay_key(self) -> bytes:
        """What identifies this code in a replay memory, 32 bytes.

        The hash of the signed bytes, not of the signature: an ECDSA signature has a twin
        (r, n-s) that anybody can compute.
        """
        return hashlib.sha256(self.sign1.payload).digest()

    @property
    def replay_keys(self) -> tuple[bytes, ...]:
        """The one `replay_key`, as of whatever a holder shows."""
        return (self.replay_key,)

    def verify(self) -> None:
        """Verify the signature with the key that the credentials, or the mandate, name.

        Raises:
            SignatureError: It does not fit.
        """
        self.sign1.verify(self.key)


class UnverifiedShowCode(NamedTuple):
    """A scanned code that parsed; nothing in it is proven.  Paper has no ``proof``."""

    kind: CodeKind
    credentials: tuple[UnverifiedCompact, ...]
    proof: HolderProof | None
    mandate: UnverifiedMandate | None = None
    """Under which an agent shows them; ``proof`` then is the agent's."""


def write_show_code(
    credentials: Sequence[bytes],
    holder: Signer,
    *,
    made: datetime,
    life: int = _MAX_LIFE,
    challenge: str | None = None,
    pin: bool = False,
    mandate: bytes | None = None,
) -> str:
    """Sign and write a self-contained code.

    Args:
        credentials: Compact credentials that name the holder's key.
        holder: The holder's key; with a mandate the agent's.
        made: The holder's time.
        life: Seconds until it runs out, 1 to 60.
        challenge: What the window asked to be included.
        pin: Whether the holder typed the show PIN for this code.
        mandate: The mandate under which an agent shows them.

    Raises:
        CodeTooLargeError: It would not fit one QR code.
        ValueError: No credential, one twice, too many, or ``life`` out of range.
    """
    if not 1 <= len(credentials) <= limits.MAX_LICENCES_PER_CODE:
        raise ValueError(f"1 to {limits.MAX_LICENCES_PER_CODE} licences fit one code")
    if len(set(credentials)) < len(credentials):
        raise ValueError("a licence stands in a code once")
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
    if pin:
        payload[_PIN] = 1
    if mandate is not None:
        payload[_MANDATE] = mandate
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


def require_fits(credential: bytes) -> None:
    """Require that a paper code around ``credential`` fits one QR code.

    Raises:
        CodeTooLargeError: It would not.
    """
    _write(CodeKind.PAPER, credential)


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
    if kind is CodeKind.CHALLENGE:
        raise ParseError("the number that a window shows, not a show code")
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
    if sign1.kid is not None or type(payload) is not dict or tuple(payload) not in _SHAPES:
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
    if _CHALLENGE in payload and not (
        type(challenge) is str and 1 <= len(challenge) <= limits.MAX_CHALLENGE_CHARS
    ):
        raise ParseError("the challenge is not text in range")
    pin = payload.get(_PIN)
    if _PIN in payload and not (type(pin) is int and pin == 1):
        raise ParseError("the PIN's mark is 1 or left out")
    made_at = datetime.fromtimestamp(made, UTC)
    expires = datetime.fromtimestamp(made + life, UTC)
    credentials = _credentials(payload[_CREDENTIALS])
    mandate = _mandate(payload[_MANDATE]) if _MANDATE in payload else None
    # One principal: with a mandate, too, all licences name one key.
    holder_key = _common_key(credentials)
    _require_different(credentials)
    key = holder_key if mandate is None else mandate.claims.agent.key
    proof = HolderProof(made_at, expires, code_id, challenge, key, sign1, _PIN in payload)
    return UnverifiedShowCode(CodeKind.SELF_CONTAINED, credentials, proof, mandate)


def _mandate(data: object) -> UnverifiedMandate:
    if type(data) is not bytes:
        raise ParseError("the mandate is not a byte string")
    return mandates.parse(data)


def _credentials(items: object) -> tuple[UnverifiedCompact, ...]:
    if type(items) is not list or not 1 <= len(items) <= limits.MAX_LICENCES_PER_CODE:
        raise ParseError("no licence in the code, or too many")
    if any(type(item) is not bytes for item in items):
        raise ParseError("a credential is not a byte string")
    first = compact.parse(items[0])
    if len(items) == 1:
        return (first,)
    return (first, *(compact.parse(item, beside=first) for item in items[1:]))


def _require_different(credentials: tuple[UnverifiedCompact, ...]) -> None:
    # Whoever counts the parts must not count one licence twice; no wallet writes such a code.
    if len(credentials) > 1 and len(set(map(_licence, credentials))) < len(credentials):
        raise ParseError("a licence stands twice in the code")


def _licence(credential: UnverifiedCompact) -> tuple[str, str, str, int]:
    claims = credential.claims
    return claims.type_code, claims.issuer_code, claims.serial, claims.version


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
