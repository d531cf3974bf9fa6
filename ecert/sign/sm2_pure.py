"""SM2 verification in Python alone, for where libcrypto has no SM2.

It only verifies: its running time depends on the numbers, which is harmless with public ones and
would give a private key away.  Products of fixed points come from tables; the generator has one
from the start, a public key gets one after `UNTIL_TABLE` verifications.

Points are affine (x, y), or Jacobian (X, Y, Z) with x = X/Z² and y = Y/Z³; None is infinity.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from ecert.sign.sm2_curve import G, N, P

if TYPE_CHECKING:
    from collections.abc import Iterable

Affine: TypeAlias = "tuple[int, int]"
Jacobian: TypeAlias = "tuple[int, int, int] | None"

# Building a table takes as long as some eighty verifications save by it.
UNTIL_TABLE = 64
# Bits of the scalar per row of a table.
_ROW_BITS = 8


class Verifier:
    """Verifies with one public key, which must be a point of the curve."""

    def __init__(self, point: Affine) -> None:
        self._point = point
        self._table: Table | None = None
        self._uses = 0

    def verify(self, e: int, r: int, s: int) -> bool:
        """Say whether (r, s) signs the digest ``e`` (GB/T 32918.3-2016 §6.1, B5 to B7).

        Args:
            e: Digest of Z_A and the message.
            r: In 1..n-1.
            s: In 1..n-1, with r + s not divisible by n.
        """
        sum_ = _add(_generator().times(s), self._times((r + s) % N))
        if sum_ is None:
            return False
        ((x, _),) = _affine([sum_])
        return (e + x) % N == r

    def _times(self, scalar: int) -> Jacobian:
        self._uses += 1
        if self._uses > UNTIL_TABLE and self._table is None:
            self._table = Table(self._point)
        return _times(self._point, scalar) if self._table is None else self._table.times(scalar)


class Table:
    """Multiples of one point: row i holds 1, 2, …, 255 times 256^i times it."""

    def __init__(self, point: Affine) -> None:
        bases: list[Jacobian] = [(*point, 1)]
        for _ in range(256 // _ROW_BITS - 1):
            base = bases[-1]
            for _ in range(_ROW_BITS):
                base = _double(base)
            bases.append(base)
        multiples: list[Jacobian] = []
        for base_x, base_y in _affine(bases):
            multiple: Jacobian = None
            for _ in range((1 << _ROW_BITS) - 1):
                multiple = _add_affine(multiple, base_x, base_y)
                multiples.append(multiple)
        self._points = _affine(multiples)

    def times(self, scalar: int) -> Jacobian:
        """Return ``scalar`` times the point."""
        result: Jacobian = None
        row = -1
        for digit in scalar.to_bytes(32, "little"):
            if digit:
                result = _add_affine(result, *self._points[row + digit])
            row += 255
        return result


@cache
def _generator() -> Table:
    return Table(G)


def _times(point: Affine, scalar: int) -> Jacobian:
    """Multiply by odd digits from -15 to 15, each followed by four noughts (width-5 NAF)."""
    twice = _double((*point, 1))
    odd: list[Jacobian] = [(*point, 1)]
    for _ in range(7):
        odd.append(_add(odd[-1], twice))
    table = _affine(odd)
    result: Jacobian = None
    for digit in reversed(_signed_digits(scalar)):
        result = _double(result)
        if digit > 0:
            result = _add_affine(result, *table[digit >> 1])
        elif digit:
            x, y = table[-digit >> 1]
            result = _add_affine(result, x, P - y)
    return result


def _signed_digits(scalar: int) -> list[int]:
    digits = []
    while scalar:
        digit = 0
        if scalar & 1:
            digit = scalar & 31
            digit -= 32 if digit > 16 else 0
            scalar -= digit
        digits.append(digit)
        scalar >>= 1
    return digits


# -- points -----------------------------------------------------------------------------------


def _double(point: Jacobian) -> Jacobian:
    # a = -3; y is never 0, for the order of the curve is an odd prime.
    if point is None:
        return None
    x, y, z = point
    delta, gamma = z * z % P, y * y % P
    beta = x * gamma % P
    alpha = 3 * (x - delta) * (x + delta) % P
    x3 = (alpha * alpha - 8 * beta) % P
    return x3, (alpha * (4 * beta - x3) - 8 * gamma * gamma) % P, 2 * y * z % P


def _add_affine(point: Jacobian, x2: int, y2: int) -> Jacobian:
    return (x2, y2, 1) if point is None else _add(point, (x2, y2, 1))


def _add(first: Jacobian, second: Jacobian) -> Jacobian:
    if first is None or second is None:
        return first or second
    x1, y1, z1 = first
    x2, y2, z2 = second
    z1z1 = z1 * z1 % P
    u2, s2 = x2 * z1z1 % P, y2 * z1 * z1z1 % P
    if z2 != 1:
        z2z2 = z2 * z2 % P
        x1, y1, z1 = x1 * z2z2 % P, y1 * z2 * z2z2 % P, z1 * z2 % P
    h, r = (u2 - x1) % P, (s2 - y1) % P
    if h == 0:
        # The same x: the same point, or its opposite.
        return _double(second) if r == 0 else None
    hh = h * h % P
    hhh, v = h * hh % P, x1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - y1 * hhh) % P, z1 * h % P


def _affine(points: Iterable[Jacobian]) -> list[Affine]:
    """Bring finite points to affine form with one inversion for all (Montgomery's trick)."""
    finite = [point for point in points if point is not None]
    products = [1]
    for _, _, z in finite:
        products.append(products[-1] * z % P)
    inverse = pow(products[-1], -1, P)
    result: list[Affine] = []
    for (x, y, z), before in zip(reversed(finite), reversed(products[:-1]), strict=True):
        one, inverse = inverse * before % P, inverse * z % P
        square = one * one % P
        result.append((x * square % P, y * square * one % P))
    result.reverse()
    return result
