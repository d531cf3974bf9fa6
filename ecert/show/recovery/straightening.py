"""Find where a QR code lies in a picture, as seen from anywhere, and lay it flat.

Three finder patterns tell all but the fourth corner, which a camera's perspective moves by many
modules.  It is sought where the alignment patterns then fit, and all four are moved until every
module that is known beforehand agrees best with the picture.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from ecert import limits
from ecert.show.recovery import finders, layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from PIL import Image

Point: TypeAlias = "tuple[float, float]"
Matrix: TypeAlias = "tuple[float, float, float, float, float, float, float, float]"

# Pixels a module of what is laid flat, before they are averaged; modules around the code.
_FINE = 6
MARGIN = 2
# Pixels that are smoothed before anything is sought.
_SMOOTH = 1.2
# How much nearer one corner is than another: 1.3 at 40 degrees from three sides' distance.
_STEEPEST = 2.0
# How far the fourth corner is sought, as a share of the side.
_AWAY = 0.16
# By how many modules the corners are moved, again and again while that helps.
_STEPS = (1.0, 0.5, 0.25, 0.12)
_ROUNDS = 4
# Of what is known, how much agrees: a code has 0.7 and more, what is none has less than 0.4.
_LIKE_A_CODE = 0.5
# Versions to either side of what the finders tell.
_VERSIONS = 2
_LEAST_VERSION = 2


class Place(NamedTuple):
    """Where a code lies.

    Attributes:
        agreement: Of the modules known beforehand, from -1 to 1.
        version: QR version.
        quad: Its outer corners in pixels: top left, top right, bottom right, bottom left.
    """

    agreement: float
    version: int
    quad: tuple[Point, Point, Point, Point]


class _Grey(NamedTuple):
    """A picture whose middle grey is 128, as bytes."""

    pixels: bytes
    width: int
    height: int


def matrix(quad: Sequence[Point], side: float) -> Matrix | None:
    """Return the eight numbers of the perspective that takes a square to ``quad``.

    The pixel of (x, y) is ((ax + by + c) / w, (dx + ey + f) / w) with w = gx + hy + 1.

    Args:
        quad: Corners: top left, top right, bottom right, bottom left.
        side: Of the square, whose top left corner is (0, 0).

    Returns:
        The numbers from a to h; None if three corners lie on one line, or no camera sees a
        square like that.
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad
    right_x, right_y, left_x, left_y = x1 - x2, y1 - y2, x3 - x2, y3 - y2
    sum_x, sum_y = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    area = right_x * left_y - left_x * right_y
    if not area:
        return None
    g = (sum_x * left_y - left_x * sum_y) / area
    h = (right_x * sum_y - sum_x * right_y) / area
    if not all(1 / _STEEPEST <= 1 + far <= _STEEPEST for far in (g, h, g + h)):
        return None
    return (
        (x1 - x0 + g * x1) / side, (x3 - x0 + h * x3) / side, x0,
        (y1 - y0 + g * y1) / side, (y3 - y0 + h * y3) / side, y0,
        g / side, h / side,
    )  # fmt: skip


def seen_at(numbers: Matrix, x: float, y: float) -> Point:
    """Return where a point of the square is in the picture."""
    a, b, c, d, e, f, g, h = numbers
    w = g * x + h * y + 1
    return (a * x + b * y + c) / w, (d * x + e * y + f) / w


def flattened(grey: Image.Image, place: Place) -> Image.Image:
    """Return one pixel a module, each the mean of its area, with `MARGIN` modules around."""
    from PIL import Image

    side = layout.side_of(place.version)
    numbers = matrix(place.quad, side)
    if numbers is None:
        raise ValueError("three corners on one line")
    # The same from pixels of the result, which begin in the margin.
    a, b, c, d, e, f, g, h = numbers
    scale = 1 - MARGIN * (g + h)
    moved = (
        a / _FINE, b / _FINE, c - MARGIN * (a + b),
        d / _FINE, e / _FINE, f - MARGIN * (d + e),
        g / _FINE, h / _FINE,
    )  # fmt: skip
    whole = (side + 2 * MARGIN) * _FINE
    return grey.transform(
        (whole, whole),
        Image.Transform.PERSPECTIVE,
        tuple(value / scale for value in moved),
        Image.Resampling.BICUBIC,
        fillcolor=255,
    ).reduce(_FINE)


def evened(grey: Image.Image, radius: float) -> Image.Image:
    """Return the picture without what changes slowly in it: shadows, and the glow of a lamp."""
    from PIL import ImageChops, ImageFilter

    slow = grey.filter(ImageFilter.GaussianBlur(radius))
    return ImageChops.subtract(grey, slow, scale=0.5, offset=128)


def places(picture: Image.Image, radius: float) -> Iterator[Place]:
    """Yield where codes lie in a picture, after `evened` with ``radius``."""
    from PIL import ImageFilter

    even = evened(picture.filter(ImageFilter.GaussianBlur(_SMOOTH)), radius)
    black_and_white = even.point([0] * 128 + [255] * 128)
    grey = _Grey(even.tobytes(), even.width, even.height)
    found: list[Place] = []
    for corner in finders.corners(finders.finders(black_and_white)):
        if any(_same(corner, place) for place in found):
            continue
        place = _placed(grey, corner)
        if place is not None:
            found.append(place)
            yield place


def _same(corner: finders.Corner, place: Place) -> bool:
    """Tell whether the three finders are those of a code that was found already."""
    side = layout.side_of(place.version)
    numbers = matrix(place.quad, side)
    middles = ((3.5, 3.5), (side - 3.5, 3.5), (3.5, side - 3.5))
    near = 3.5 * math.dist(*place.quad[:2]) / side
    return numbers is not None and all(
        math.dist(seen_at(numbers, *middle), finder) < near
        for middle, finder in zip(middles, corner[1:], strict=True)
    )


def _placed(grey: _Grey, corner: finders.Corner) -> Place | None:
    likely = round((corner.modules - 17) / 4)
    first = max(_LEAST_VERSION, likely - _VERSIONS)
    rough = [
        place
        for version in range(first, min(limits.MAX_QR_VERSION, likely + _VERSIONS) + 1)
        for place in _rough(grey, corner, version)
    ]
    rough.sort(key=lambda place: -place.agreement)
    best = max(
        (_refined(grey, place) for place in rough[:2]),
        key=lambda place: place.agreement,
        default=None,
    )
    return best if best is not None and best.agreement >= _LIKE_A_CODE else None


@cache
def _known(version: int) -> tuple[tuple[float, float, int], ...]:
    """Return the middles of the modules known beforehand, and 1 for dark ones, -1 for light."""
    modules = layout.fixed(version)
    return tuple((x + 0.5, y + 0.5, 1 if dark else -1) for (x, y), dark in modules.items())


@cache
def _far(version: int) -> tuple[tuple[float, float, int], ...]:
    """Return every other of those that tell the fourth corner, from the finders' middles."""
    side = layout.side_of(version)
    return tuple(
        (x - 3.5, y - 3.5, sign)
        for x, y, sign in _known(version)
        if min(x, y) > 0.55 * side and (x + y) % 2 == 1
    )


def _rough(grey: _Grey, corner: finders.Corner, version: int) -> list[Place]:
    """Return the best places for the fourth corner."""
    side = layout.side_of(version)
    apart = side - 7
    (ox, oy), (px, py), (qx, qy) = corner.top_left, corner.top_right, corner.bottom_left
    right, down = ((px - ox) / apart, (py - oy) / apart), ((qx - ox) / apart, (qy - oy) / apart)
    reach = max(4, int(side * _AWAY))
    tried = []
    for i in range(-reach, reach + 1):
        for j in range(-reach, reach + 1):
            fourth = (
                px + qx - ox + i * right[0] + j * down[0],
                py + qy - oy + i * right[1] + j * down[1],
            )
            numbers = matrix((corner.top_left, corner.top_right, fourth, corner.bottom_left), apart)
            if numbers is not None:
                tried.append((_sum(grey, numbers, _far(version)), numbers))
    tried.sort(key=lambda one: -one[0])
    found = []
    for _, numbers in tried[:3]:
        quad = (
            seen_at(numbers, -3.5, -3.5),
            seen_at(numbers, side - 3.5, -3.5),
            seen_at(numbers, side - 3.5, side - 3.5),
            seen_at(numbers, -3.5, side - 3.5),
        )
        found.append(Place(_agreement(grey, quad, version), version, quad))
    return found


def _sum(grey: _Grey, numbers: Matrix, known: Sequence[tuple[float, float, int]]) -> int:
    """Return how much darker dark modules are than light ones, summed up."""
    a, b, c, d, e, f, g, h = numbers
    pixels, width, height = grey
    total = 0
    for x, y, sign in known:
        w = g * x + h * y + 1
        if w < 0.1:
            return -128 * len(known)
        column, row = (a * x + b * y + c) / w, (d * x + e * y + f) / w
        if 0 <= column < width and 0 <= row < height:
            total += sign * (128 - pixels[int(row) * width + int(column)])
    return total


def _agreement(grey: _Grey, quad: Sequence[Point], version: int) -> float:
    """Return how far dark and light are where they should be, against how far they could be."""
    numbers = matrix(quad, layout.side_of(version))
    if numbers is None:
        return -1.0
    known = _known(version)
    signless = sum(
        abs(128 - grey.pixels[int(y) * grey.width + int(x)])
        for x, y in (seen_at(numbers, x, y) for x, y, _ in known)
        if 0 <= x < grey.width and 0 <= y < grey.height
    )
    return _sum(grey, numbers, known) / max(signless, 8 * len(known))


def _refined(grey: _Grey, place: Place) -> Place:
    """Return the place with its corners moved to where the most agrees."""
    side, known = layout.side_of(place.version), _known(place.version)
    corners = [list(corner) for corner in place.quad]
    module = math.dist(*place.quad[:2]) / side

    def quad() -> tuple[Point, Point, Point, Point]:
        one, two, three, four = ((x, y) for x, y in corners)
        return one, two, three, four

    def agreed() -> int:
        numbers = matrix(quad(), side)
        return -128 * len(known) if numbers is None else _sum(grey, numbers, known)

    best = agreed()
    for step in _STEPS:
        for _ in range(_ROUNDS):
            before = best
            for corner in corners:
                for axis in (0, 1):
                    best = _moved(corner, axis, step * module, best, agreed)
            if best == before:
                break
    return Place(_agreement(grey, quad(), place.version), place.version, quad())


def _moved(
    corner: list[float], axis: int, step: float, best: int, agreed: Callable[[], int]
) -> int:
    """Move the corner either way if that agrees better; return how much agrees then."""
    for way in (step, -step):
        corner[axis] += way
        now = agreed()
        if now > best:
            return now
        corner[axis] -= way
    return best
