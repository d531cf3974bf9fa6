"""Tell dark from light modules in a flat picture of a code, and how surely.

Each module is weighed with its eight neighbours; the weights are those that fit best what is
known (least squares): first the modules that are the same in every code, then the decisions
themselves.  So blur and a moving hand are undone as far as noise allows, whatever they were.
"""

from __future__ import annotations

import math
from operator import mul
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL import Image

# Modules to either side over which light and contrast are taken to be even.
_EVEN = 4
# Of the contrast in the middle of the picture: what has less is not believed as much.
_LEAST_CONTRAST = 0.7
# Keeps weights small that the known modules say nothing about.
_RIDGE = 0.01
# Modules to either side over which doubts are averaged, and doubt that all have.
_DOUBTS = 3
_DOUBT = 12


class Levels(NamedTuple):
    """Modules as numbers: about 1 for light ones, about -1 for dark ones.

    Attributes:
        values: Line by line, with the margin.
        width: Of a line.
        margin: Modules around the code.
    """

    values: Sequence[float]
    width: int
    margin: int

    @property
    def side(self) -> int:
        """Modules along one side of the code."""
        return self.width - 2 * self.margin

    def at(self, x: int, y: int) -> int:
        """Return where the module stands in `values`."""
        return (y + self.margin) * self.width + x + self.margin

    def inner(self) -> list[int]:
        """Return where the code's modules stand, line by line."""
        return [self.at(x, y) for y in range(self.side) for x in range(self.side)]

    def around(self) -> list[int]:
        """Return how far the nine modules about one, itself among them, stand from it."""
        return [y * self.width + x for y in (-1, 0, 1) for x in (-1, 0, 1)]


def levels(flat: Image.Image, margin: int) -> Levels:
    """Return the modules of a flat picture against the light and the contrast around each."""
    from PIL import Image, ImageFilter

    box = ImageFilter.BoxBlur(_EVEN)
    light = flat.filter(box).tobytes()
    off = [value - mean for value, mean in zip(flat.tobytes(), light, strict=True)]
    doubled = bytes([min(255, 2 * abs(value)) for value in off])
    contrast = Image.frombytes("L", flat.size, doubled).filter(box).tobytes()
    least = max(4.0, _LEAST_CONTRAST * sorted(contrast)[len(contrast) // 2])
    values = [2 * value / max(least, span) for value, span in zip(off, contrast, strict=True)]
    return Levels(values, flat.width, margin)


def decided(seen: Levels, known: Mapping[tuple[int, int], bool]) -> list[float]:
    """Return each module of the code: below 0 if dark, 1 and -1 where nothing is in doubt.

    Args:
        seen: The modules as they look.
        known: Modules by x and y that are known; True is dark.
    """
    wanted = {seen.at(x, y): -1.0 if dark else 1.0 for (x, y), dark in known.items()}
    first = _weighed(seen, wanted)
    guessed = zip(seen.inner(), first, strict=True)
    return _weighed(seen, {at: math.copysign(1.0, value) for at, value in guessed} | wanted)


def _weighed(seen: Levels, wanted: Mapping[int, float]) -> list[float]:
    """Return the modules weighed with their neighbours so that they come nearest to ``wanted``."""
    shifts = seen.around()
    *weights, level = _fitted(_columns(seen.values, list(wanted), shifts), list(wanted.values()))
    result = [level] * seen.side**2
    for weight, column in zip(weights, _columns(seen.values, seen.inner(), shifts), strict=True):
        result = [value + weight * own for value, own in zip(result, column, strict=True)]
    return result


def cleared(
    seen: Levels, known: Mapping[tuple[int, int], bool], before: Sequence[float]
) -> list[float]:
    """Return the same with what the neighbours throw onto each module taken off.

    Better than `decided` where most modules are right already.

    Args:
        seen: The modules as they look.
        known: Modules that are known.
        before: What `decided` or this returned.
    """
    places, shifts = seen.inner(), seen.around()
    # Beyond the code it is light.
    sent = [1.0] * len(seen.values)
    for at, value in zip(places, before, strict=True):
        sent[at] = math.tanh(1.5 * value)
    for (x, y), dark in known.items():
        sent[seen.at(x, y)] = -1.0 if dark else 1.0
    columns = _columns(sent, places, shifts)
    *shares, level = _fitted(columns, [seen.values[at] for at in places])
    rest = [0.0] * len(sent)
    for at, *around in zip(places, *columns, strict=True):
        rest[at] = seen.values[at] - level - sum(map(mul, shares, around))
    power = sum(share * share for share in shares) or 1.0
    back = _columns(rest, places, [-shift for shift in shifts])
    return [
        sent[at] + sum(map(mul, shares, around)) / power
        for at, *around in zip(places, *back, strict=True)
    ]


def surer(before: Sequence[float]) -> list[float]:
    """Return the modules with those nearer to 0 that stand among doubtful ones."""
    from PIL import Image, ImageFilter

    side = math.isqrt(len(before))
    off = bytes([int(min(255, abs(abs(value) - 1) * 128)) for value in before])
    doubts = Image.frombytes("L", (side, side), off).filter(ImageFilter.BoxBlur(_DOUBTS))
    return [value / (doubt + _DOUBT) for value, doubt in zip(before, doubts.tobytes(), strict=True)]


def _columns(
    values: Sequence[float], places: Sequence[int], shifts: Sequence[int]
) -> list[list[float]]:
    return [[values[at + shift] for at in places] for shift in shifts]


def _fitted(columns: list[list[float]], wanted: Sequence[float]) -> list[float]:
    """Return the weight of each column, and a level, with which their sum is nearest to it."""
    columns = [*columns, [1.0] * len(wanted)]
    rows = [[sum(map(mul, one, other)) for other in (*columns, wanted)] for one in columns]
    for at, row in enumerate(rows):
        row[at] += _RIDGE * len(wanted)
    return _solved(rows)


def _solved(rows: list[list[float]]) -> list[float]:
    """Solve linear equations by elimination; the ridge leaves no pivot at 0."""
    for at in range(len(rows)):
        pivot = [value / rows[at][at] for value in rows[at]]
        rows = [
            [value - row[at] * own for value, own in zip(row, pivot, strict=True)]
            if number != at
            else pivot
            for number, row in enumerate(rows)
        ]
    return [row[-1] for row in rows]
