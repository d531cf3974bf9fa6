"""Photographs of show codes, made with one kind of damage each to its full range, or with all.

Every photograph is drawn from its number alone.  All of them have a desk or a telephone around
the code, uneven light, grain and JPEG; what is named beside is the damage that is drawn from its
whole range, while the others stay mild:

==========  ================================================================================
tilt        turned by any angle, corners moved as by a camera up to 40° off the axis
blur        Gaussian of 0.25 to 0.4 module, or a hand that moves by up to 0.8 module
glare       one to three bright spots, the largest 12 to 28 % of the code's side across
contrast    20 to 60 of 255 grey levels between light and dark
jpeg        quality 10 to 40, colour at half the resolution, once or twice
resampling  made smaller or larger by a messenger, to 3 pixels a module at the least
quiet       the quiet zone covered by dark things on one to three sides, to half a module
all         four of these at a time
==========  ================================================================================

A module is 3 to 6 pixels wide in the file, measured along the shortest side of the code; in half
of the photographs at most 3.5.
"""

from __future__ import annotations

import io
import math
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random  # noqa: TID251 - the same photographs on every run
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from ecert.reasons import Outcome, Reason
from ecert.show import render
from tests.soak import photo_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

DAMAGES: Final = ("tilt", "blur", "glare", "contrast", "jpeg", "resampling", "quiet", "all")
# Shares that have to be read.
WANTED: Final = {"minimal": 0.98, "full": 0.95, "three": 0.90}
_SINGLE: Final = DAMAGES[:-1]
# Pixels a module while it is drawn; and how much finer than the file the camera's picture is.
_DRAWN: Final = 8
_FINER: Final = 2
_BORDER: Final = 4
_Range = tuple[float, float]
# Draws from a mild range, or from the whole one where the damage of that name is meant.
Draw: TypeAlias = "Callable[[str, _Range, _Range], float]"


class Photo(NamedTuple):
    """One photograph."""

    kind: str
    damage: str
    digits: str
    pixels: float
    data: bytes


@dataclass(slots=True)
class Rates:
    """What became of the photographs."""

    photos: int = 0
    read: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)
    misread: int = 0
    refused: int = 0
    milliseconds: float = 0.0
    slowest: float = 0.0

    def share(self, key: str) -> float:
        """Return the share that was read, of a kind of code or of damage."""
        return self.read[key] / self.of[key]

    def figures(self) -> dict[str, object]:
        """Return what was read of each kind of code and of damage, and how long it took."""
        keys = [key for key in (*photo_world.KINDS, *DAMAGES) if self.of[key]]
        return {
            **{key: f"{self.read[key]} of {self.of[key]}" for key in keys},
            "misread": self.misread,
            "refused": self.refused,
            "milliseconds each": self.milliseconds,
            "milliseconds at most": self.slowest,
        }


def photographs(count: int, *, seed: int = 1) -> Iterator[Photo]:
    """Yield so many photographs: kinds of code and of damage in turn."""
    codes = photo_world.load().codes
    for number in range(count):
        kind = photo_world.KINDS[number % 3]
        damage = DAMAGES[number // 3 % len(DAMAGES)]
        chance = Random(f"{seed} {number}")
        digits = chance.choice(list(codes[kind]))
        yield photograph(kind, damage, digits, chance)


def photograph(kind: str, damage: str, digits: str, chance: Random) -> Photo:
    """Take one photograph of ``digits``."""
    strong = set(chance.sample(_SINGLE, 4)) if damage == "all" else {damage}

    def draw(name: str, mild: _Range, whole: _Range) -> float:
        return chance.uniform(*(whole if name in strong else mild))

    wanted = chance.uniform(3.0, 3.5) if chance.random() < 0.5 else chance.uniform(3.5, 6.0)
    # A messenger makes the picture larger or smaller afterwards.
    factor = chance.choice((0.5, 0.7, 0.85, 1.3, 2.0)) if "resampling" in strong else 1.0
    code = _paper(digits, chance, covered="quiet" in strong)
    pixels = wanted / factor
    image = _scene(code, pixels, draw, chance)
    image = image.filter(ImageFilter.GaussianBlur(draw("blur", (0.0, 0.15), (0.25, 0.4)) * pixels))
    if "blur" in strong and chance.random() < 0.3:
        image = _moved(image, chance.uniform(0.3, 0.8) * pixels, chance)
    image = _lit(image, glare="glare" in strong, side=_side(digits) * pixels, chance=chance)
    span = draw("contrast", (110, 200), (20, 60))
    dark = chance.uniform(15, 240 - span)
    image = image.point([round(dark + span * value / 255) for value in range(256)])
    image = _grainy(image, chance.uniform(2, 12) * (0.5 if span < 80 else 1), chance)
    if factor != 1.0:
        image = _resampled(image, factor, chance)
    colour = _tinted(image, chance)
    data = _jpeg(colour, round(draw("jpeg", (70, 92), (10, 40))))
    if "jpeg" in strong and chance.random() < 0.5:
        again = Image.open(io.BytesIO(data)).convert("RGB")
        data = _jpeg(again, round(draw("jpeg", (70, 92), (10, 40))))
    return Photo(kind, damage, digits, pixels * factor, data)


def _side(digits: str) -> int:
    return 17 + 4 * render.qr_version(digits)


def _paper(digits: str, chance: Random, *, covered: bool) -> Image.Image:
    """Draw the code with its quiet zone, parts of which may be covered."""
    png = render.png(digits, scale=_DRAWN, border=_BORDER)
    image = Image.open(io.BytesIO(png)).convert("L")
    if not covered:
        return image
    brush, side = ImageDraw.Draw(image), image.width
    for edge in chance.sample(range(4), chance.randint(1, 3)):
        # What is left free of the four modules.
        depth = round((_BORDER - chance.uniform(0.5, 2.0)) * _DRAWN)
        begin = chance.uniform(0, 0.6) * side
        end = begin + chance.uniform(0.2, 0.8) * side
        box = {
            0: (begin, 0, end, depth), 1: (begin, side - depth, end, side),
            2: (0, begin, depth, end), 3: (side - depth, begin, side, end),
        }[edge]  # fmt: skip
        brush.rectangle(box, fill=chance.randint(0, 110))
    return image


def _scene(code: Image.Image, wanted: float, draw: Draw, chance: Random) -> Image.Image:
    """Put the code into a scene, seen from somewhere, ``wanted`` pixels a module."""
    corners = _corners(
        math.radians(draw("tilt", (-6, 6), (-180, 180))),
        math.radians(draw("tilt", (0, 8), (15, 40))),
        chance.uniform(0, 2 * math.pi),
    )
    modules = code.width / _DRAWN
    shortest = min(math.dist(corners[at], corners[at - 1]) for at in range(4))
    scale = wanted * modules / shortest * _FINER
    xs, ys = [x * scale for x, _ in corners], [y * scale for _, y in corners]
    margin = chance.uniform(0.06, 0.4) * modules * wanted * _FINER
    left = min(xs) - margin * chance.uniform(0.3, 1.7)
    top = min(ys) - margin * chance.uniform(0.3, 1.7)
    size = (
        round((max(xs) + margin * chance.uniform(0.3, 1.7) - left) / _FINER) * _FINER,
        round((max(ys) + margin * chance.uniform(0.3, 1.7) - top) / _FINER) * _FINER,
    )
    quad = [(x - left, y - top) for x, y in zip(xs, ys, strict=True)]
    matrix = _perspective(quad, code.width)
    seen = code.transform(size, Image.Transform.PERSPECTIVE, matrix, Image.Resampling.BICUBIC)
    mask = Image.new("L", code.size, 255).transform(
        size, Image.Transform.PERSPECTIVE, matrix, Image.Resampling.BICUBIC
    )
    scene = Image.composite(seen, _desk(size, chance), mask)
    # As a sensor gathers light: each pixel the mean of those that are finer.
    return scene.reduce(_FINER)


def _corners(turn: float, tilt: float, towards: float) -> list[tuple[float, float]]:
    """Return where the corners of a unit square are seen: turned, tilted, from a hand's breadth."""
    found = []
    for right, down in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        x = right * math.cos(turn) - down * math.sin(turn)
        y = right * math.sin(turn) + down * math.cos(turn)
        # Tilted about an axis in the plane, then seen from three sides' distance.
        along = x * math.cos(towards) + y * math.sin(towards)
        across = -x * math.sin(towards) + y * math.cos(towards)
        away = 3 + along * math.sin(tilt)
        along *= math.cos(tilt)
        u = along * math.cos(towards) - across * math.sin(towards)
        v = along * math.sin(towards) + across * math.cos(towards)
        found.append((3 * u / away, 3 * v / away))
    return found


def _perspective(quad: Sequence[tuple[float, float]], side: float) -> list[float]:
    """Return Pillow's eight numbers that take the picture's ``quad`` to the code's corners."""
    rows = []
    for (x, y), (u, v) in zip(quad, ((0, 0), (side, 0), (side, side), (0, side)), strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    return _solved(rows)


def _solved(rows: list[list[float]]) -> list[float]:
    """Solve linear equations by elimination."""
    size = len(rows)
    for at in range(size):
        pivot = max(range(at, size), key=lambda row: abs(rows[row][at]))
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [value / rows[at][at] for value in rows[at]]
        for other in range(size):
            if other != at:
                share = rows[other][at]
                rows[other] = [
                    value - share * own for value, own in zip(rows[other], rows[at], strict=True)
                ]
    return [row[-1] for row in rows]


def _desk(size: tuple[int, int], chance: Random) -> Image.Image:
    """Return what lies around: a shaded ground with edges, lines and blocks on it."""
    light = chance.randint(40, 230)
    desk = Image.linear_gradient("L").rotate(chance.choice((0, 90, 180, 270))).resize(size)
    desk = desk.point([round(light * (0.7 + 0.3 * value / 255)) for value in range(256)])
    brush = ImageDraw.Draw(desk)
    for _ in range(chance.randint(5, 40)):
        x, y = chance.uniform(0, size[0]), chance.uniform(0, size[1])
        width, height = chance.choice(((90, 6), (14, 14), (6, 120), (200, 3)))
        brush.rectangle((x, y, x + width, y + height), fill=chance.randint(0, 255))
    return desk


def _moved(image: Image.Image, way: float, chance: Random) -> Image.Image:
    """Return what a hand makes of it that moves by so many pixels."""
    angle, steps = chance.uniform(0, math.pi), 6
    dx, dy = way * math.cos(angle), way * math.sin(angle)
    result = image
    for step in range(1, steps):
        share = step / (steps - 1) - 0.5
        shift = (1, 0, dx * share, 0, 1, dy * share)
        moved = image.transform(
            image.size, Image.Transform.AFFINE, shift, Image.Resampling.BILINEAR, fillcolor=128
        )
        result = moved if step == 1 else Image.blend(result, moved, 1 / step)
    return result


def _lit(image: Image.Image, *, glare: bool, side: float, chance: Random) -> Image.Image:
    """Return it in uneven light, perhaps with bright spots."""
    least = chance.uniform(0.55, 1.0)
    slope = Image.linear_gradient("L").rotate(chance.choice((0, 90, 180, 270))).resize(image.size)
    slope = slope.point([round(255 * (least + (1 - least) * v / 255)) for v in range(256)])
    image = ImageChops.multiply(image, slope)
    if not glare:
        return image
    spots = Image.new("L", image.size, 0)
    brush = ImageDraw.Draw(spots)
    for number in range(chance.randint(1, 3)):
        across = chance.uniform(0.12, 0.28) * side * (1 if number == 0 else 0.4)
        x = image.width / 2 + chance.uniform(-0.45, 0.45) * side
        y = image.height / 2 + chance.uniform(-0.45, 0.45) * side
        long = chance.uniform(0.6, 1.0)
        box = (x - across / 2, y - across * long / 2, x + across / 2, y + across * long / 2)
        brush.ellipse(box, fill=chance.randint(150, 255))
    return ImageChops.add(image, spots.filter(ImageFilter.GaussianBlur(side * 0.02)))


def _grainy(image: Image.Image, most: float, chance: Random) -> Image.Image:
    """Add noise: the mean of two uniform ones, up to ``most`` grey levels either way."""
    one, two = (
        Image.frombytes("L", image.size, chance.randbytes(image.width * image.height))
        for _ in range(2)
    )
    noise = Image.blend(one, two, 0.5).point(
        [round(128 + (value - 128) / 128 * most) for value in range(256)]
    )
    return ImageChops.add(image, noise, 1, -128)


def _resampled(image: Image.Image, factor: float, chance: Random) -> Image.Image:
    size = (round(image.width * factor), round(image.height * factor))
    filters = (
        Image.Resampling.NEAREST, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC,
        Image.Resampling.LANCZOS, Image.Resampling.BOX,
    )  # fmt: skip
    return image.resize(size, chance.choice(filters))


def _tinted(image: Image.Image, chance: Random) -> Image.Image:
    """Return it in colour, as lamps and screens tint it."""
    shares = [chance.uniform(0.85, 1.0) for _ in range(3)]
    bands = [image.point([round(value * share) for value in range(256)]) for share in shares]
    return Image.merge("RGB", bands)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, subsampling=2)
    return out.getvalue()


def read_all(count: int, *, seed: int = 1, keep_unread: Path | None = None) -> Rates:
    """Check so many photographs at a window; what is read must be accepted, or it was misread.

    Args:
        count: How many.
        seed: What they are drawn from.
        keep_unread: A folder for those that were not read.
    """
    world, rates = photo_world.load(), Rates()
    spent = 0.0
    for number, photo in enumerate(photographs(count, seed=seed)):
        # Each by a window that has seen nothing: a code is accepted once.
        window = world.window()
        begin = time.perf_counter()
        verdict = window.verify_picture(photo.data)
        took = (time.perf_counter() - begin) * 1000
        spent += took
        rates.slowest = max(rates.slowest, took)
        rates.photos += 1
        for key in (photo.kind, photo.damage):
            rates.of[key] += 1
            rates.read[key] += verdict.accepted
        if verdict.reason is not Reason.UNREADABLE:
            rates.misread += not verdict.accepted
        rates.refused += verdict.outcome is Outcome.REFUSED
        if keep_unread is not None and not verdict.accepted:
            name = f"{number}-{photo.kind}-{photo.damage}-{photo.pixels:.1f}.jpg"
            (keep_unread / name).write_bytes(photo.data)
    rates.milliseconds = spent / max(rates.photos, 1)
    return rates


def require_enough(rates: Rates, *, slack: int = 0) -> None:
    """Require that enough was read and nothing misread; ``slack`` more may be unread of a kind."""
    assert rates.misread == 0, str(rates.figures())
    assert rates.refused == 0, str(rates.figures())
    for kind, share in WANTED.items():
        assert rates.read[kind] + slack >= share * rates.of[kind], f"{kind}: {rates.figures()}"
