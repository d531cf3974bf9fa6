"""ES256: our own range and curve checks, in front of a backend that would make them differently."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.errors import ParseError, SignatureError
from ecert.reasons import Reason
from ecert.sign.es256 import ES256, B, N, P

SUITE = ES256()
# The base point of secp256r1 (SEC 2 §2.4.2).
GX = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
GY = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5


def _bytes(value: int) -> bytes:
    return value.to_bytes(32)


def _on_curve(x: int, y: int) -> bool:
    return (y * y - (x**3 - 3 * x + B)) % P == 0


def test_the_constants_are_those_of_secp256r1() -> None:
    assert _on_curve(GX, GY)
    handle = SUITE.load_public(_bytes(GX), _bytes(GY))
    assert SUITE.coordinates(handle) == (_bytes(GX), _bytes(GY))
    # n is the order: (n-1) G is G mirrored.
    mirrored = SUITE.load_private(_bytes(N - 1)).public_key()
    assert SUITE.coordinates(mirrored) == (_bytes(GX), _bytes(P - GY))


# Wycheproof's classes of invalid points: the neighbours of the origin, of p and of the base
# point, small subgroups of the twist, and the same point with an unreduced coordinate.
_EDGES = (0, 1, 2, P - 2, P - 1)
INVALID_POINTS = [
    *((x, y) for x in _EDGES for y in _EDGES if not _on_curve(x, y)),
    (GX, GY ^ 1), (GX, GY + 1), (GX + 1, GY), (GX, 0), (0, GY), (GY, GX), (GX, GX),
    (P, GY), (GX, P), (P, P), (2**256 - 1, 2**256 - 1), (GX, 2**256 - 1),
]  # fmt: skip


@pytest.mark.parametrize(("x", "y"), INVALID_POINTS)
def test_a_point_off_the_curve_is_no_key(x: int, y: int) -> None:
    with pytest.raises(ParseError) as caught:
        SUITE.load_public(_bytes(x), _bytes(y))
    assert caught.value.reason is Reason.MALFORMED


def test_there_are_at_least_as_many_invalid_points_as_the_outside_set_has() -> None:
    assert len(set(INVALID_POINTS)) >= 24


def test_a_coordinate_that_is_not_reduced_is_refused_though_the_point_is_on_the_curve() -> None:
    # x = 5 gives a point; x + p fits into 32 bytes and stands for the same one.
    x = 5
    assert pow(x**3 - 3 * x + B, (P - 1) // 2, P) == 1
    handle = SUITE.load_compressed(_bytes(x), odd=False)
    _, y = SUITE.coordinates(handle)
    assert SUITE.coordinates(SUITE.load_public(_bytes(x), y)) == (_bytes(x), y)
    with pytest.raises(ParseError):
        SUITE.load_public(_bytes(x + P), y)
    with pytest.raises(ParseError):
        SUITE.load_compressed(_bytes(x + P), odd=False)


@pytest.mark.parametrize("length", [0, 1, 31, 33, 64])
def test_a_coordinate_has_just_thirty_two_bytes(length: int) -> None:
    other = bytes(length)
    for x, y in ((other, _bytes(GY)), (_bytes(GX), other)):
        with pytest.raises(ParseError):
            SUITE.load_public(x, y)
    with pytest.raises(ParseError):
        SUITE.load_compressed(other, odd=True)
    with pytest.raises(ParseError):
        SUITE.load_private(other)


def test_an_x_without_a_point_is_refused() -> None:
    x = next(x for x in range(100) if pow(x**3 - 3 * x + B, (P - 1) // 2, P) == P - 1)
    with pytest.raises(ParseError):
        SUITE.load_compressed(_bytes(x), odd=False)


@pytest.mark.parametrize("odd", [False, True])
def test_a_compressed_point_gives_the_root_of_the_parity_asked_for(odd: bool) -> None:
    _, y = SUITE.coordinates(SUITE.load_compressed(_bytes(GX), odd=odd))
    assert int.from_bytes(y) in {GY, P - GY}
    assert y[-1] & 1 == odd


@pytest.mark.parametrize("scalar", [0, N, N + 1, 2**256 - 1])
def test_a_private_key_outside_the_group_is_refused(scalar: int) -> None:
    with pytest.raises(ParseError):
        SUITE.load_private(_bytes(scalar))


@pytest.mark.parametrize("scalar", [1, N - 1])
def test_the_first_and_the_last_private_key_sign(scalar: int) -> None:
    handle = SUITE.load_private(_bytes(scalar))
    SUITE.verify(handle.public_key(), SUITE.sign(handle, b"x"), b"x")


HANDLE = SUITE.load_private(bytes(range(1, 33)))
PUBLIC = HANDLE.public_key()
SIGNATURE = SUITE.sign(HANDLE, b"message")


def _refused(signature: bytes, message: bytes = b"message") -> str:
    with pytest.raises(SignatureError) as caught:
        SUITE.verify(PUBLIC, signature, message)
    assert caught.value.reason is Reason.SIGNATURE
    return caught.value.en


def test_every_flipped_bit_of_a_signature_is_noticed() -> None:
    SUITE.verify(PUBLIC, SIGNATURE, b"message")
    for bit in range(512):
        flipped = bytearray(SIGNATURE)
        flipped[bit // 8] ^= 1 << (bit % 8)
        _refused(bytes(flipped))


def test_r_and_s_lie_in_the_group() -> None:
    r, s = SIGNATURE[:32], SIGNATURE[32:]
    for edge in (0, N, N + 1, 2**256 - 1):
        assert "range" in _refused(_bytes(edge) + s)
        assert "range" in _refused(r + _bytes(edge))
    plus_n = int.from_bytes(s) + N
    if plus_n < 2**256:
        assert "range" in _refused(r + _bytes(plus_n))


@pytest.mark.parametrize(
    "signature",
    [b"", SIGNATURE[:63], SIGNATURE + b"\0", b"\0" + SIGNATURE, SIGNATURE * 2, bytes(64)],
    ids=["empty", "short", "zero behind", "zero before", "twice", "zero"],
)
def test_a_signature_has_just_sixty_four_bytes_and_is_not_zero(signature: bytes) -> None:
    _refused(signature)


def test_the_der_form_is_another_form() -> None:
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    r, s = int.from_bytes(SIGNATURE[:32]), int.from_bytes(SIGNATURE[32:])
    assert "64 bytes" in _refused(encode_dss_signature(r, s))


def test_no_two_signatures_share_their_nonce() -> None:
    rs = {SUITE.sign(HANDLE, b"message")[:32] for _ in range(1000)}
    assert len(rs) == 1000


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_a_signature_fits_its_own_message_only(message: bytes, other: bytes) -> None:
    signature = SUITE.sign(HANDLE, message)
    SUITE.verify(PUBLIC, signature, message)
    if other != message:
        with pytest.raises(SignatureError):
            SUITE.verify(PUBLIC, signature, other)
