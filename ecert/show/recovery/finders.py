"""Find the three finder patterns of a QR code in a picture of black and white.

ISO/IEC 18004:2015, 12: along any line through its middle a finder pattern is dark, light, dark,
light, dark for 1, 1, 3, 1 and 1 modules.
"""

from __future__ import annotations

import math
import re
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from ecert import limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image

_RUNS = re.compile(rb"\x00+|\xff+")
_DARK, _LIGHT = b"\x00", b"\xff"
# Shares of a module by which blur and too few pixels move an edge.
_NARROW, _WIDE = 0.8, 1.04
# Below this a module has no pixel of its own.
_LEAST_MODULE = 1.5


class Finder(NamedTuple):
    """The middle of what looks like a finder pattern.

    Attributes:
        x, y: Pixels.
        across, down: Pixels a module, along a line and along a column.
        hits: Lines on which it was seen.
    """

    x: float
    y: float
    across: float
    down: float
    hits: int


class Corner(NamedTuple):
    """Three finders that may belong to one code.

    Attributes:
        modules: The code's side, as far as the finders tell.
        top_left, top_right, bottom_left: Their middles.
    """

    modules: float
    top_left: tuple[float, float]
    top_right: tuple[float, float]
    bottom_left: tuple[float, float]


def finders(picture: Image.Image) -> list[Finder]:
    """Return what looks like a finder in ``picture`` (mode L, 0 and 255), the clearest first."""
    from PIL import Image

    width, height = picture.size
    lines = picture.tobytes()
    columns = picture.transpose(Image.Transpose.TRANSPOSE).tobytes()
    found: list[Finder] = []
    for y in range(0, height, 2):
        line = lines[y * width : (y + 1) * width]
        for x in _middles(line):
            seen = _cross(line, columns[x * height : (x + 1) * height], x, y)
            if seen is not None:
                _add(found, seen)
        if len(found) > limits.MAX_FINDER_PLACES:
            break
    found.sort(key=lambda one: -one.hits / math.sqrt(one.across * one.down))
    return found[: limits.MAX_FINDERS]


def _middles(line: bytes) -> Iterator[int]:
    """Yield where the middle of five runs lies that could be those of a finder."""
    edges = [run.start() for run in _RUNS.finditer(line)]
    edges.append(len(line))
    first = 0 if line[0] == 0 else 1
    for at in range(first, len(edges) - 5, 2):
        a, b, c, d, e, f = edges[at : at + 6]
        if d - c > c - b and _module((b - a, c - b, d - c, e - d, f - e)):
            yield (c + d) // 2


def _cross(line: bytes, column: bytes, x: int, y: int) -> Finder | None:
    """Return the finder about this pixel, if its column says so as well as its line."""
    down, across = _about(column, y), _about(line, x)
    if down is None or across is None or not 0.4 < down[1] / across[1] < 2.5:
        return None
    return Finder(across[0], down[0], across[1], down[1], 1)


def _about(line: bytes, at: int) -> tuple[float, float] | None:
    """Return the middle and the module of the five runs about the dark pixel ``at``."""
    if line[at]:
        return None
    c, d = line.rfind(_LIGHT, 0, at) + 1, line.find(_LIGHT, at)
    b, e = line.rfind(_DARK, 0, c) + 1, line.find(_DARK, d)
    if c <= 0 or d < 0 or b <= 0 or e < 0:
        return None
    a, f = line.rfind(_LIGHT, 0, b) + 1, line.find(_LIGHT, e)
    module = _module((b - a, c - b, d - c, e - d, (f if f >= 0 else len(line)) - e))
    return ((c + d) / 2, module) if module else None


def _module(runs: tuple[int, int, int, int, int]) -> float:
    """Return the pixels a module of five runs, or 0 if they are not those of a finder.

    Pairs are looked at, for a threshold that is off makes dark wider by what light loses.
    """
    a, b, c, d, e = runs
    module = (a + b + c + d + e) / 7
    if module < _LEAST_MODULE or c < 1.6 * module or c < 1.2 * max(a, b, d, e):
        return 0.0
    narrow, wide = _NARROW * module, _WIDE * module
    fits = (
        abs(a + b - 2 * module) < narrow
        and abs(d + e - 2 * module) < narrow
        and abs(b + c - 4 * module) < wide
        and abs(c + d - 4 * module) < wide
    )
    return module if fits else 0.0


def _add(found: list[Finder], seen: Finder) -> None:
    for at, one in enumerate(found):
        if abs(one.x - seen.x) < 1.5 * seen.across and abs(one.y - seen.y) < 1.5 * seen.down:
            hits = one.hits
            mean = [
                (own * hits + new) / (hits + 1) for own, new in zip(one[:4], seen[:4], strict=True)
            ]
            found[at] = Finder(mean[0], mean[1], mean[2], mean[3], hits + 1)
            return
    found.append(seen)


def corners(found: list[Finder]) -> list[Corner]:
    """Return the threes that may be a code's, the likeliest first."""
    ranked = []
    for three in combinations(found, 3):
        corner = _corner(three)
        if corner is not None:
            ranked.append(corner)
    ranked.sort(key=lambda one: one[0])
    return [corner for _, corner in ranked[: limits.MAX_FINDER_THREES]]


def _corner(three: tuple[Finder, ...]) -> tuple[float, Corner] | None:
    """Return how unlike a code's corner the three are, and the corner; None if they are none."""
    # Opposite the longest side is the top left one.
    apex, one, other = max(
        ((three[at], three[at - 1], three[at - 2]) for at in range(3)),
        key=lambda turn: math.dist(turn[1][:2], turn[2][:2]),
    )
    if _turn(apex, one, other) < 0:
        one, other = other, one
    right, down = math.dist(apex[:2], one[:2]), math.dist(apex[:2], other[:2])
    if not right or not down:
        return None
    cosine = abs((one.x - apex.x) * (other.x - apex.x) + (one.y - apex.y) * (other.y - apex.y)) / (
        right * down
    )
    sizes = [math.sqrt(finder.across * finder.down) for finder in three]
    # As far as a camera 40 degrees off the axis bends it.
    if cosine > 0.55 or not 0.45 < right / down < 2.2 or max(sizes) > 2 * min(sizes):
        return None
    columns = 7 + 2 * right / (_along(apex, one) + _along(one, apex))
    rows = 7 + 2 * down / (_along(apex, other) + _along(other, apex))
    odd = cosine + abs(math.log(columns / rows)) + math.log(max(sizes) / min(sizes))
    seen = sum(min(finder.hits, 6) for finder in three)
    corner = Corner((columns + rows) / 2, apex[:2], one[:2], other[:2])
    return odd - 0.02 * min(10, seen), corner


def _turn(apex: Finder, one: Finder, other: Finder) -> float:
    return (one.x - apex.x) * (other.y - apex.y) - (one.y - apex.y) * (other.x - apex.x)


def _along(finder: Finder, towards: Finder) -> float:
    """Return the pixels a module in the direction of another finder."""
    length = math.dist(finder[:2], towards[:2])
    across, down = abs(towards.x - finder.x) / length, abs(towards.y - finder.y) / length
    return finder.across * across if across > down else finder.down * down
