"""ES256: ECDSA on P-256 with SHA-256, signatures as r‖s of 64 bytes (RFC 7518 §3.4).

Length, range and on-curve checks are our own and stand before the backend, so that every
backend, present and future, sees only well-formed input.
"""

from __future__ import annotations

from cryptography.exceptions import InternalError, InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ecert.errors import CustodyError, ParseError, SignatureError
from ecert.reasons import Reason
from ecert.sign import der

# SEC 2 §2.4.2, secp256r1
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_ZERO, _ORDER = bytes(32), N.to_bytes(32)

_CURVE = ec.SECP256R1()
_SCHEME = ec.ECDSA(hashes.SHA256())


class ES256:
    """The suite of ES256; see `ecert.sign.suites.Suite`."""

    alg = "ES256"
    cose_alg = -7
    crv = "P-256"
    cose_crv = 1

    def load_public(self, x: bytes, y: bytes) -> ec.EllipticCurvePublicKey:
        """Return the backend's key for the point (x, y), 32 bytes each.

        Raises:
            ParseError: Wrong length, out of range, or not on the curve.
        """
        if len(x) != 32 or len(y) != 32:
            raise ParseError("a P-256 coordinate has 32 bytes")
        xi, yi = int.from_bytes(x), int.from_bytes(y)
        if xi >= P or yi >= P or (yi * yi - (xi * xi * xi - 3 * xi + B)) % P:
            raise ParseError("the point is not on P-256")
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, b"\x04" + x + y)

    def load_compressed(self, x: bytes, *, odd: bool) -> ec.EllipticCurvePublicKey:
        """Return the backend's key for the point with this x and this parity of y.

        Raises:
            ParseError: Wrong length, out of range, or no such point.
        """
        if len(x) != 32 or int.from_bytes(x) >= P:
            raise ParseError("a P-256 coordinate has 32 bytes below p")
        try:
            return ec.EllipticCurvePublicKey.from_encoded_point(
                _CURVE, (b"\x03" if odd else b"\x02") + x
            )
        except ValueError as error:
            raise ParseError("no point of P-256 has this x") from error

    def coordinates(self, handle: ec.EllipticCurvePublicKey) -> tuple[bytes, bytes]:
        """Return x and y, 32 bytes each."""
        numbers = handle.public_numbers()
        return numbers.x.to_bytes(32), numbers.y.to_bytes(32)

    def generate(self) -> ec.EllipticCurvePrivateKey:
        """Make a new private key from the operating system's randomness."""
        return ec.generate_private_key(_CURVE)

    def load_private(self, d: bytes) -> ec.EllipticCurvePrivateKey:
        """Return the private key with the scalar ``d`` of 32 bytes.

        Raises:
            ParseError: Wrong length, or not in 1..n-1.
        """
        value = int.from_bytes(d)
        if len(d) != 32 or not 1 <= value < N:
            raise ParseError("a P-256 private key has 32 bytes in 1..n-1")
        return ec.derive_private_key(value, _CURVE)

    def public_of(self, handle: ec.EllipticCurvePrivateKey) -> ec.EllipticCurvePublicKey:
        """Return the public half."""
        return handle.public_key()

    def scalar(self, handle: ec.EllipticCurvePrivateKey) -> bytes:
        """Return the secret scalar, 32 bytes."""
        return handle.private_numbers().private_value.to_bytes(32)

    def sign(self, handle: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
        """Sign ``message``; the backend chooses the nonce."""
        return der.parse_signature(handle.sign(message, _SCHEME))

    def verify(self, handle: ec.EllipticCurvePublicKey, signature: bytes, message: bytes) -> None:
        """Verify r‖s over ``message``.

        Raises:
            SignatureError: Wrong length, r or s out of range, or it does not fit.
        """
        if len(signature) != 64:
            raise SignatureError("an ES256 signature has 64 bytes")
        # Compared as bytes, which for equal lengths is the order of the numbers.
        if not (_ZERO < signature[:32] < _ORDER and _ZERO < signature[32:] < _ORDER):
            raise SignatureError("r or s is out of range")
        try:
            handle.verify(der.signature(signature), message, _SCHEME)
        except InvalidSignature as error:
            raise SignatureError from error

    # -- PEM ----------------------------------------------------------------------------------

    def public_pem(self, handle: ec.EllipticCurvePublicKey) -> bytes:
        """Return SubjectPublicKeyInfo (RFC 5480)."""
        return handle.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def read_public_pem(self, data: bytes) -> ec.EllipticCurvePublicKey | None:
        """Return the key in ``data``, or None if it is of a kind that the backend does not know.

        Raises:
            ParseError: Not a public key, or of another kind (`algorithm`).
        """
        try:
            handle = serialization.load_pem_public_key(data)
        except ValueError as error:
            raise ParseError("not a public key in PEM") from error
        except UnsupportedAlgorithm:
            return None
        if not (
            isinstance(handle, ec.EllipticCurvePublicKey) and isinstance(handle.curve, ec.SECP256R1)
        ):
            raise ParseError("no suite has this kind of key", reason=Reason.ALGORITHM)
        return self.load_public(*self.coordinates(handle))

    def private_pem(self, handle: ec.EllipticCurvePrivateKey, passphrase: bytes) -> bytes:
        """Return encrypted PKCS#8 (PBES2)."""
        return handle.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(passphrase),
        )

    def read_private_pem(self, data: bytes, passphrase: bytes) -> ec.EllipticCurvePrivateKey | None:
        """Return the key in an encrypted PKCS#8, or None if it does not open here.

        Raises:
            CustodyError: It opens and holds another kind of key.
        """
        try:
            handle = serialization.load_pem_private_key(data, passphrase)
        except (ValueError, TypeError, UnsupportedAlgorithm, InternalError):
            # The last for parameters of scrypt that are none.
            return None
        if not (
            isinstance(handle, ec.EllipticCurvePrivateKey)
            and isinstance(handle.curve, ec.SECP256R1)
        ):
            raise CustodyError("不支持这种密钥", "this kind of key is not supported")
        return handle
