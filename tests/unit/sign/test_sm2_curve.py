"""The curve of SM2: which numbers are a key, and the fixed frames around them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.errors import ParseError
from ecert.reasons import Reason
from ecert.sign import sm2_curve, sm2_pure
from ecert.sign.sm2_curve import A, B, G, N, P

GX, GY = (number.to_bytes(32) for number in G)
# GB/T 32918.5-2017 A.2
D = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
X = bytes.fromhex("09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020")
Y = bytes.fromhex("ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13")
# The smallest x with a point, whose y is not 0, and the smallest without one.
WITH = next(x for x in range(1, 99) if pow(x**3 + A * x + B, (P - 1) // 2, P) == 1)
WITHOUT = next(x for x in range(1, 99) if pow(x**3 + A * x + B, (P - 1) // 2, P) == P - 1)


def refused(x: bytes, y: bytes) -> str:
    with pytest.raises(ParseError) as caught:
        sm2_curve.require_point(x, y)
    assert caught.value.reason is Reason.MALFORMED
    return caught.value.en


def test_the_constants_are_a_curve_with_a_generator_of_order_n() -> None:
    sm2_curve.require_point(GX, GY)
    assert P % 4 == 3, "what the square root rests on"
    assert (4 * A**3 + 27 * B**2) % P != 0
    # n·G = infinity, and (n - 1)·G = -G
    table = sm2_pure.Table(G)
    last = table.times(N - 1)
    assert last is not None
    assert sm2_pure._affine([last]) == [(G[0], P - G[1])]
    assert sm2_pure._add(last, (*G, 1)) is None


def test_the_point_of_the_standard_is_one() -> None:
    sm2_curve.require_point(X, Y)
    assert sm2_curve.decompress(X, odd=True) == Y
    opposite = (P - int.from_bytes(Y)).to_bytes(32)
    assert sm2_curve.decompress(X, odd=False) == opposite
    sm2_curve.require_point(X, opposite)


@pytest.mark.parametrize(
    ("x", "y"),
    [(bytes(32), bytes(32)), (X, (int.from_bytes(Y) + 1).to_bytes(32)), (Y, X), (GX, Y)],
)
def test_a_point_beside_the_curve_is_refused(x: bytes, y: bytes) -> None:
    assert "not on the SM2 curve" in refused(x, y)


def test_a_point_of_p_256_is_refused() -> None:
    # The generator of P-256 (SEC 2 §2.4.2)
    refused(
        bytes.fromhex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
        bytes.fromhex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
    )


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_coordinate_has_32_bytes(length: int) -> None:
    wrong = bytes(length)
    assert "32 bytes" in refused(wrong, Y)
    assert "32 bytes" in refused(X, wrong)
    assert "32 bytes" in refused(b"\0" + X, Y), "even if it is only a nought too long"
    with pytest.raises(ParseError):
        sm2_curve.decompress(wrong, odd=True)


def test_a_coordinate_has_one_spelling() -> None:
    """x and x + p are the same number on the curve; both fit in 32 bytes if it is small."""
    small = WITH.to_bytes(32)
    y = sm2_curve.decompress(small, odd=True)
    sm2_curve.require_point(small, y)
    refused((WITH + P).to_bytes(32), y)
    # The root of x³ + ax + b = 1: a point whose y is so small.
    x = bytes.fromhex("9c17043effe1a805a74a9a5e70b9d659705d3242094a566dc016f49311178d1f")
    sm2_curve.require_point(x, (1).to_bytes(32))
    refused(x, (1 + P).to_bytes(32))
    with pytest.raises(ParseError, match="below p"):
        sm2_curve.decompress((WITH + P).to_bytes(32), odd=True)
    with pytest.raises(ParseError, match="below p"):
        sm2_curve.decompress(P.to_bytes(32), odd=True)


@pytest.mark.parametrize("odd", [False, True])
def test_an_x_without_a_point_is_refused(odd: bool) -> None:
    with pytest.raises(ParseError, match="no point of the SM2 curve") as caught:
        sm2_curve.decompress(WITHOUT.to_bytes(32), odd=odd)
    assert caught.value.reason is Reason.MALFORMED


@settings(max_examples=100, deadline=None)
@given(st.integers(0, P - 1), st.booleans())
def test_decompression_gives_a_point_of_that_parity_or_refuses(x: int, odd: bool) -> None:
    square = pow(x**3 + A * x + B, (P - 1) // 2, P) == 1
    if square:
        y = sm2_curve.decompress(x.to_bytes(32), odd=odd)
        sm2_curve.require_point(x.to_bytes(32), y)
        assert y[-1] & 1 == odd
    else:
        with pytest.raises(ParseError):
            sm2_curve.decompress(x.to_bytes(32), odd=odd)


@pytest.mark.parametrize("good", [1, 2, N - 2])
def test_a_private_scalar_in_range_is_taken(good: int) -> None:
    sm2_curve.require_scalar(good.to_bytes(32))


@pytest.mark.parametrize(
    "bad",
    [
        bytes(32), (N - 1).to_bytes(32), N.to_bytes(32), b"\xff" * 32,
        b"", D[1:], D + b"\0", b"\0" + D,
    ],
)  # fmt: skip
def test_a_private_scalar_out_of_range_is_refused(bad: bytes) -> None:
    """n - 1 too: GB/T 32918.1 §6.1 leaves it out, for 1 + d would have no inverse."""
    with pytest.raises(ParseError, match=r"1\.\.n-2"):
        sm2_curve.require_scalar(bad)


def test_the_frame_of_a_public_key() -> None:
    der = sm2_curve.spki(X, Y)
    assert der.hex().startswith("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
    assert sm2_curve.point_of_spki(der) == (X, Y)
    assert len(der) == 91 == der[1] + 2


@pytest.mark.parametrize(
    "change",
    [
        lambda der: der[:-1],
        lambda der: der + b"\0",
        lambda der: der[:26] + b"\x06" + der[27:],  # hybrid
        lambda der: der[:22] + b"\x2c" + der[23:],  # another curve
        lambda der: der[:0],
    ],
)
def test_another_frame_is_no_sm2_key(change: object) -> None:
    assert callable(change)
    assert sm2_curve.point_of_spki(change(sm2_curve.spki(X, Y))) is None


def test_the_frames_of_a_private_key_have_the_lengths_they_say() -> None:
    whole, bare = sm2_curve.pkcs8(D, X, Y), sm2_curve.bare_pkcs8(D)
    assert len(whole) == 138 == whole[2] + 3
    assert len(bare) == 67 == bare[1] + 2
    assert whole.index(D) == 36
    assert whole.endswith(b"\x04" + X + Y)
    assert bare.endswith(D)
