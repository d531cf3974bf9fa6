"""Says why a foreign signature does not verify, by trying the known deviations.

For people who mend the signing side.  What it finds never makes a signature acceptable: it
returns words, and nothing that verifies imports it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from ecert.errors import SignatureError
from ecert.sign import der, jws
from ecert.sign.deviations import Deviation
from ecert.sign.sm2_curve import A, B, G, N
from ecert.sign.sm2_digest import DEFAULT_UID, sm3
from ecert.sign.sm2_pure import Verifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ecert.sign.jws import UnverifiedJWS
    from ecert.sign.keys import PublicKey

    Found = tuple[Deviation, ...]
    # The deviations that lead to a candidate, and the candidate: a message or a signature.
    Candidate = tuple[Found, bytes]
    Digest = tuple[Found, Callable[[bytes], bytes]]
    # Says whether r‖s fits a digest under these deviations.
    Accepts = Callable[[bytes, bytes, Found], bool]

_UIDS: Final[tuple[Candidate, ...]] = (
    ((), DEFAULT_UID),
    ((Deviation.UID_EMPTY,), b""),
    ((Deviation.UID_ALICE,), b"ALICE123@YAHOO.COM"),
    ((Deviation.UID_TLS,), b"TLSv1.3+GM+Cipher+Suite"),
    ((Deviation.UID_NUL,), DEFAULT_UID + b"\0"),
    ((Deviation.UID_UNHEXED,), bytes.fromhex(DEFAULT_UID.decode("ascii"))),
    ((Deviation.UID_HEX_TEXT,), DEFAULT_UID.hex().encode("ascii")),
)
_CURVE: Final = b"".join(number.to_bytes(32) for number in (A, B, *G))
_HEX: Final = re.compile(rb"[0-9a-fA-F]{128,144}")
# Bytes of a signature by ES384 and ES512, by RSA of 2048 to 4096 bits, by HMAC.
_SHAPES: Final = {
    **dict.fromkeys((96, 132), Deviation.OTHER_CURVE),
    **dict.fromkeys((256, 384, 512), Deviation.RSA),
    32: Deviation.HMAC,
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is wrong with a signature.

    Attributes:
        fits: The deviations that together explain it; none if it is right, or nothing fits.
        right: Whether it verifies as it stands.
    """

    fits: tuple[Deviation, ...]
    right: bool


def diagnose(token: str, key: PublicKey) -> Diagnosis:
    """Say how the signature of ``token`` deviates, if ``key`` is its signer's.

    Args:
        token: A compact JWS, or an SD-JWT, whose issuer's part is looked at.
        key: What it should verify with.

    Raises:
        ParseError: The token does not parse, or its header has what is not allowed.
    """
    parsed = jws.parse(token.partition("~")[0])
    named_right = parsed.header["alg"] == key.alg
    if _verifies(parsed, key):
        return Diagnosis(() if named_right else (Deviation.ALG_NAME,), named_right)
    found = _fewest(parsed, key)
    if found is not None:
        return Diagnosis(found if named_right else (*found, Deviation.ALG_NAME), right=False)
    shape = _SHAPES.get(len(parsed.signature))
    hints = () if named_right else (Deviation.OTHER_ALG,)
    return Diagnosis(hints if shape is None else (*hints, shape), right=False)


def _verifies(parsed: UnverifiedJWS, key: PublicKey) -> bool:
    try:
        key.verify(parsed.signature, parsed.signing_input)
    except SignatureError:
        return False
    return True


def _fewest(parsed: UnverifiedJWS, key: PublicKey) -> Found | None:
    """Return the fewest deviations that explain the signature, or None."""
    accepts = _sm2(key) if key.alg == "SGD_SM3_SM2" else _es256(key)
    digests = tuple(_sm2_digests(key)) if key.alg == "SGD_SM3_SM2" else _ES256_DIGESTS
    tries = [
        ((*written, *signed, *hashed), signature, digest, message)
        for written, signature in _signatures(parsed)
        for signed, message in _messages(parsed, key)
        for hashed, digest in digests
    ]
    for found, signature, digest, message in sorted(tries, key=lambda one: len(one[0])):
        if accepts(signature, digest(message), found):
            return found
    return None


# -- how it is written --------------------------------------------------------------------------


def _signatures(parsed: UnverifiedJWS) -> Iterator[Candidate]:
    """Give r‖s, as the signature may have been meant."""
    for found, data in _texts(parsed.signature):
        if len(data) == 64:
            form, raw = found, data
        else:
            try:
                form, raw = (*found, Deviation.DER), der.parse_signature(data)
            except SignatureError:
                continue
        yield form, raw
        yield (*form, Deviation.SWAPPED), raw[32:] + raw[:32]


def _texts(signature: bytes) -> Iterator[Candidate]:
    yield (), signature
    # As text that was encoded, and as text put where the encoded signature belongs.
    for text in (signature, base64.urlsafe_b64encode(signature).rstrip(b"=")):
        if _HEX.fullmatch(text) and len(text) % 2 == 0:
            yield (Deviation.HEX_TEXT,), bytes.fromhex(text.decode("ascii"))
    bare = signature.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    with suppress(binascii.Error):
        decoded = base64.b64decode(bare + b"=" * (-len(bare) % 4), validate=True)
        yield (Deviation.BASE64_TEXT,), decoded


# -- what was signed ------------------------------------------------------------------------------


def _messages(parsed: UnverifiedJWS, key: PublicKey) -> Iterator[Candidate]:
    header, _, payload = parsed.signing_input.partition(b".")
    plain = base64.urlsafe_b64decode(header + b"=" * (-len(header) % 4))
    messages: tuple[Candidate, ...] = (
        ((), parsed.signing_input),
        ((Deviation.PAYLOAD_TEXT,), payload),
        ((Deviation.PAYLOAD_BYTES,), parsed.payload),
        ((Deviation.DECODED,), plain + b"." + parsed.payload),
    )
    hashed = sm3 if key.alg == "SGD_SM3_SM2" else _sha256
    for found, message in messages:
        yield found, message
        digest = hashed(message)
        for form in (digest, digest.hex().encode("ascii")):
            yield (*found, Deviation.HASHED_TWICE), form


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


# -- its digest -----------------------------------------------------------------------------------

_ES256_DIGESTS: Final[tuple[Digest, ...]] = (
    ((), _sha256),
    ((Deviation.USED_SM3,), sm3),
    # A longer digest counts with its first 256 bits (FIPS 186-5 §6.4.1).
    ((Deviation.USED_SHA384,), lambda message: hashlib.sha384(message).digest()[:32]),
    ((Deviation.USED_SHA512,), lambda message: hashlib.sha512(message).digest()[:32]),
)


def _sm2_digests(key: PublicKey) -> Iterator[Digest]:
    point = b"".join(key.point)
    halves: tuple[Candidate, ...] = (
        ((), point),
        ((Deviation.ZA_WITHOUT_KEY,), b""),
        ((Deviation.ZA_WITH_PREFIX,), b"\x04" + point),
    )
    identities = [
        ((*of_uid, *of_key), (8 * len(uid)).to_bytes(2) + uid + _CURVE + half)
        for of_uid, uid in _UIDS
        for of_key, half in halves
    ]
    for found, identity in identities:
        yield found, _with_za(sm3(identity), sm3)
    yield (Deviation.NO_ZA,), sm3
    yield (Deviation.USED_SHA256,), _with_za(sm3(identities[0][1]), _sha256)
    yield (Deviation.USED_SHA256,), _with_za(_sha256(identities[0][1]), _sha256)
    yield (Deviation.USED_SHA256, Deviation.NO_ZA), _sha256
    yield (Deviation.ECDSA_ON_SM2,), sm3
    yield (Deviation.ECDSA_ON_SM2, Deviation.USED_SHA256), _sha256


def _with_za(za: bytes, hashed: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda message: hashed(za + message)


# -- whether it fits ------------------------------------------------------------------------------


def _es256(key: PublicKey) -> Accepts:
    handle = serialization.load_pem_public_key(key.to_pem())
    scheme = ec.ECDSA(Prehashed(hashes.SHA256()))

    def accepts(signature: bytes, digest: bytes, _: Found) -> bool:
        if not isinstance(handle, ec.EllipticCurvePublicKey):
            raise TypeError("a P-256 key is an elliptic-curve key")
        try:
            handle.verify(der.signature(signature), digest, scheme)
        except InvalidSignature:
            return False
        return True

    return accepts


def _sm2(key: PublicKey) -> Accepts:
    x, y = key.point
    verifier = Verifier((int.from_bytes(x), int.from_bytes(y)))

    def accepts(signature: bytes, digest: bytes, found: Found) -> bool:
        e, r, s = map(int.from_bytes, (digest, signature[:32], signature[32:]))
        if not (0 < r < N and 0 < s < N):
            return False
        if Deviation.ECDSA_ON_SM2 not in found:
            return (r + s) % N != 0 and verifier.verify(e, r, s)
        # ECDSA asks whether x of u1·G + u2·P is r.  SM2's own check adds s'·G and (r' + s')·P and
        # asks whether e' + x is r', which is the same question for these three.
        inverse = pow(s, -1, N)
        u1, u2 = e * inverse % N, r * inverse % N
        return verifier.verify((u2 - u1 - r) % N, (u2 - u1) % N, u1)

    return accepts
