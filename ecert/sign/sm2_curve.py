"""The recommended curve of SM2 (sm2p256v1, GB/T 32918.5-2017 §2) and its fixed encodings.

Only what needs no cryptographic library: constants, whether a point is one, decompression, and
the byte strings of X.509 and PKCS#8, which for one curve are a fixed frame around the numbers.
"""

from __future__ import annotations

from ecert.errors import ParseError

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)

# id-ecPublicKey (RFC 5480 §2.1.1) with the named curve 1.2.156.10197.1.301
_ALGORITHM = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")
# SubjectPublicKeyInfo up to the point, which is uncompressed
_SPKI = bytes.fromhex("3059") + _ALGORITHM + bytes.fromhex("034200")
# PrivateKeyInfo (RFC 5208 §5) around ECPrivateKey (RFC 5915 §3), with and without public half
_PKCS8 = bytes.fromhex("308187020100") + _ALGORITHM + bytes.fromhex("046d306b0201010420")
_PKCS8_PUBLIC = bytes.fromhex("a144034200")
_PKCS8_BARE = bytes.fromhex("3041020100") + _ALGORITHM + bytes.fromhex("042730250201010420")


def require_point(x: bytes, y: bytes) -> None:
    """Check that (x, y), 32 bytes each, is a point; the group's order is prime, so that is all.

    Raises:
        ParseError: Wrong length, out of range, or not on the curve.
    """
    if len(x) != 32 or len(y) != 32:
        raise ParseError("an SM2 coordinate has 32 bytes")
    xi, yi = int.from_bytes(x), int.from_bytes(y)
    if xi >= P or yi >= P or (yi * yi - _right_side(xi)) % P:
        raise ParseError("the point is not on the SM2 curve")


def decompress(x: bytes, *, odd: bool) -> bytes:
    """Return y, 32 bytes, of the point with this x and this parity of y.

    Raises:
        ParseError: Wrong length, out of range, or no point has this x.
    """
    xi = int.from_bytes(x)
    if len(x) != 32 or xi >= P:
        raise ParseError("an SM2 coordinate has 32 bytes below p")
    square = _right_side(xi) % P
    # p ≡ 3 (mod 4), so this is a root of every square (GB/T 32918.1-2016 B.1.4).
    y = pow(square, (P + 1) // 4, P)
    # A y of 0 would be a point of order 2, of which a curve of prime order has none.
    if y * y % P != square or y == 0:
        raise ParseError("no point of the SM2 curve has this x")
    return (y if y & 1 == odd else P - y).to_bytes(32)


def _right_side(x: int) -> int:
    return x * x * x + A * x + B


def require_scalar(d: bytes) -> None:
    """Check a private scalar: 32 bytes in 1..n-2 (GB/T 32918.1-2016 §6.1).

    Raises:
        ParseError: Anything else.  With n - 1, s would need the inverse of 1 + d = 0.
    """
    if len(d) != 32 or not 1 <= int.from_bytes(d) <= N - 2:
        raise ParseError("an SM2 private key has 32 bytes in 1..n-2")


# -- encodings --------------------------------------------------------------------------------


def spki(x: bytes, y: bytes) -> bytes:
    """Return SubjectPublicKeyInfo in DER."""
    return _SPKI + b"\x04" + x + y


def point_of_spki(der: bytes) -> tuple[bytes, bytes] | None:
    """Return x and y, unchecked, or None if ``der`` is no uncompressed key on this curve."""
    if len(der) != len(_SPKI) + 65 or not der.startswith(_SPKI + b"\x04"):
        return None
    return der[-64:-32], der[-32:]


def pkcs8(d: bytes, x: bytes, y: bytes) -> bytes:
    """Return the unencrypted PrivateKeyInfo in DER, with its public half."""
    return _PKCS8 + d + _PKCS8_PUBLIC + b"\x04" + x + y


def bare_pkcs8(d: bytes) -> bytes:
    """Return the same without public half, for a library to work it out."""
    return _PKCS8_BARE + d
