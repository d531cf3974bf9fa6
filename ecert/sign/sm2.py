"""SM2 with SM3: signatures as r‖s of 64 bytes, named as GM/T 0125.1-2022 names them.

The user id is always the default one of GM/T 0009-2012, and Z_A always comes from the public key
that verifies.  libcrypto signs and verifies; where it has no SM2, Python alone still verifies.
Neither is loaded before the first key or signature needs it.
"""

from __future__ import annotations

import base64
import binascii
import re
import textwrap
from functools import cache
from typing import TYPE_CHECKING

from ecert.errors import CustodyError, ParseError, SignatureError
from ecert.sign import sm2_curve
from ecert.sign.sm2_curve import N
from ecert.sign.sm2_digest import DEFAULT_UID, message_digest, require_uid

if TYPE_CHECKING:
    from ecert.sign.sm2_evp import EVP, EVPKey
    from ecert.sign.sm2_pure import Verifier

_ARMOUR = re.compile(rb"-----BEGIN ([A-Z ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----")


class SM2PublicKey:
    """A point of the curve; what the backend needs of it is made on first use."""

    __slots__ = ("_key", "_verifier", "x", "y")

    def __init__(self, x: bytes, y: bytes) -> None:
        self.x = x
        self.y = y
        self._key: EVPKey | None = None
        self._verifier: Verifier | None = None

    def verify(self, uid: bytes, signature: bytes, message: bytes) -> None:
        """Verify r‖s over Z_A of ``uid`` and ``message``.

        Raises:
            SignatureError: Wrong length, out of range, or it does not fit.
        """
        if len(signature) != 64:
            raise SignatureError("an SM2 signature has 64 bytes")
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        if not (0 < r < N and 0 < s < N):
            raise SignatureError("r or s is out of range")
        if r + s == N:
            # t = 0 would take the public key out of the equation (GB/T 32918.3-2016 B5).
            raise SignatureError("r + s is a multiple of n")
        evp = _evp()
        if evp is None:
            fits = self._verified_in_python(uid, r, s, message)
        else:
            if self._key is None:
                self._key = evp.public(self.x, self.y)
            fits = evp.verify(self._key, uid, signature, message)
        if not fits:
            raise SignatureError

    def _verified_in_python(self, uid: bytes, r: int, s: int, message: bytes) -> bool:
        from ecert.sign.sm2_pure import Verifier

        if self._verifier is None:
            self._verifier = Verifier((int.from_bytes(self.x), int.from_bytes(self.y)))
        return self._verifier.verify(message_digest(uid, self.x, self.y, message), r, s)


class SM2PrivateKey:
    """A private key, held by libcrypto."""

    __slots__ = ("key", "public")

    def __init__(self, evp: EVP, key: EVPKey) -> None:
        self.key = key
        self.public = SM2PublicKey(*evp.point(key))


class SM2:
    """The suite of SM2 with SM3; see `ecert.sign.suites.Suite`."""

    alg = "SGD_SM3_SM2"
    crv = "SM2-P-256"
    # IANA has registered neither; below -65536 both registries are for private use.  The -48 of
    # an expired draft belongs to ML-DSA-44 today.
    cose_alg = -65601
    cose_crv = -65601

    def load_public(self, x: bytes, y: bytes) -> SM2PublicKey:
        """Return the key at the point (x, y), 32 bytes each.

        Raises:
            ParseError: Wrong length, out of range, or not on the curve.
        """
        sm2_curve.require_point(x, y)
        return SM2PublicKey(x, y)

    def load_compressed(self, x: bytes, *, odd: bool) -> SM2PublicKey:
        """Return the key at the point with this x and this parity of y.

        Raises:
            ParseError: Wrong length, out of range, or no such point.
        """
        return SM2PublicKey(x, sm2_curve.decompress(x, odd=odd))

    def coordinates(self, handle: SM2PublicKey) -> tuple[bytes, bytes]:
        """Return x and y, 32 bytes each."""
        return handle.x, handle.y

    def verify(self, handle: SM2PublicKey, signature: bytes, message: bytes) -> None:
        """Verify r‖s over ``message``.

        Raises:
            SignatureError: Wrong length, r, s or r + s out of range, or it does not fit.
        """
        handle.verify(DEFAULT_UID, signature, message)

    # -- private keys -------------------------------------------------------------------------

    def generate(self) -> SM2PrivateKey:
        """Make a new private key from libcrypto's randomness.

        Raises:
            CustodyError: No libcrypto with SM2.
        """
        evp = _require_evp()
        return SM2PrivateKey(evp, evp.generate())

    def load_private(self, d: bytes) -> SM2PrivateKey:
        """Return the private key with the scalar ``d`` of 32 bytes.

        Raises:
            ParseError: Wrong length, or not in 1..n-2.
            CustodyError: No libcrypto with SM2.
        """
        sm2_curve.require_scalar(d)
        evp = _require_evp()
        return SM2PrivateKey(evp, evp.private(d))

    def public_of(self, handle: SM2PrivateKey) -> SM2PublicKey:
        """Return the public half."""
        return handle.public

    def scalar(self, handle: SM2PrivateKey) -> bytes:
        """Return the secret scalar, 32 bytes."""
        return _require_evp().scalar(handle.key)

    def sign(self, handle: SM2PrivateKey, message: bytes) -> bytes:
        """Sign ``message``; libcrypto chooses the nonce.

        Raises:
            CustodyError: libcrypto failed.
        """
        return _require_evp().sign(handle.key, DEFAULT_UID, message)

    # -- PEM ----------------------------------------------------------------------------------

    def public_pem(self, handle: SM2PublicKey) -> bytes:
        """Return SubjectPublicKeyInfo (RFC 5480)."""
        return _armour("PUBLIC KEY", sm2_curve.spki(handle.x, handle.y))

    def read_public_pem(self, data: bytes) -> SM2PublicKey | None:
        """Return the key in ``data``, or None if that holds no uncompressed SM2 key.

        Raises:
            ParseError: It does, but the point is none.
        """
        der = _disarm("PUBLIC KEY", data)
        point = None if der is None else sm2_curve.point_of_spki(der)
        return None if point is None else self.load_public(*point)

    def private_pem(self, handle: SM2PrivateKey, passphrase: bytes) -> bytes:
        """Return encrypted PKCS#8: PBES2 with scrypt and AES-256-CBC.

        Raises:
            CustodyError: libcrypto failed.
            ValueError: The passphrase is empty.
        """
        if not passphrase:
            raise ValueError("an empty passphrase protects nothing")
        evp = _require_evp()
        plain = sm2_curve.pkcs8(evp.scalar(handle.key), handle.public.x, handle.public.y)
        return _armour("ENCRYPTED PRIVATE KEY", evp.encrypt(plain, passphrase))

    def read_private_pem(self, data: bytes, passphrase: bytes) -> SM2PrivateKey | None:
        """Return the key in an encrypted PKCS#8, or None if it does not open here.

        Raises:
            CustodyError: It opens and holds another kind of key, or halves that do not fit.
        """
        der, evp = _disarm("ENCRYPTED PRIVATE KEY", data), _evp()
        key = None if der is None or evp is None else evp.decrypt(der, passphrase)
        if key is None or evp is None:
            return None
        if not evp.is_sm2(key):
            raise CustodyError("不支持这种密钥", "this kind of key is not supported")
        # libcrypto believes the file's public half; the one worked out from d must be the same.
        handle = self.load_private(evp.scalar(key))
        if (handle.public.x, handle.public.y) != evp.point(key):
            raise CustodyError(
                "密钥文件的公钥与私钥不符", "the public half does not belong to the private one"
            )
        return handle


def _armour(label: str, der: bytes) -> bytes:
    lines = "\n".join(textwrap.wrap(base64.b64encode(der).decode("ascii"), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n".encode("ascii")


def _disarm(label: str, data: bytes) -> bytes | None:
    """Return the DER of the first PEM block in ``data`` if it bears ``label`` (RFC 7468)."""
    found = _ARMOUR.search(data)
    if found is None or found[1] != label.encode("ascii"):
        return None
    try:
        return base64.b64decode(b"".join(found[2].split()), validate=True)
    except binascii.Error:
        return None


# -- backends ---------------------------------------------------------------------------------


def backend() -> str:
    """Say what is in use: ``libcrypto OpenSSL 3.0.19``, or ``pure Python, verify only``."""
    evp = _evp()
    return "pure Python, verify only" if evp is None else f"libcrypto {evp.version}"


def can_sign() -> bool:
    """Tell whether SM2 keys can be made and used here: only where libcrypto has SM2."""
    return _evp() is not None


@cache
def _evp() -> EVP | None:
    from ecert.sign.sm2_evp import open_evp

    return open_evp()


def _require_evp() -> EVP:
    evp = _evp()
    if evp is None:
        raise CustodyError(
            "本机的 OpenSSL 不支持 SM2，只能核验，不能签名",
            "this Python's OpenSSL has no SM2: it can verify, but not sign",
            where="SM2",
            fix_zh="请改用所带 OpenSSL 为 3.0 以上且支持 SM2 的 Python",
            fix_en="Use a Python whose OpenSSL is 3.0 or later and has SM2",
        )
    return evp


# -- other user ids ---------------------------------------------------------------------------


def verify_with_uid(key_point: bytes, uid: bytes, message: bytes, signature: bytes) -> None:
    """Verify r‖s of a signer with a user id of its own; ecert's formats never need this.

    Args:
        key_point: Uncompressed, ``04 ‖ x ‖ y``.
        uid: At most 8190 bytes.
        message: What was signed.
        signature: r‖s of 64 bytes.

    Raises:
        ParseError: The point is none, or the user id is too long.
        SignatureError: The signature does not fit.
    """
    require_uid(uid)
    if len(key_point) != 65 or key_point[0] != 4:
        raise ParseError("not an uncompressed point of 65 bytes")
    sm2_curve.require_point(key_point[1:33], key_point[33:])
    SM2PublicKey(key_point[1:33], key_point[33:]).verify(uid, signature, message)
