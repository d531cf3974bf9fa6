"""Codes that the decoder finds and cannot read: laid flat, their blur undone, doubts left out."""

from __future__ import annotations

import functools
import io
from random import Random  # noqa: TID251 - the same damage on every run
from typing import TYPE_CHECKING

import pytest
import zxingcpp
from PIL import Image, ImageFilter

from ecert import limits
from ecert.errors import PictureError
from ecert.reasons import Reason
from ecert.show import recovery, render, scan
from ecert.show.digits import check_digits
from ecert.show.recovery import correcting, equalising, finders, layout, straightening
from tests.soak import photo_world, photos

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Draw = Callable[[str, int], tuple[tuple[bool, ...], ...]]

SIDE = 73.0
SQUARE = ((0.0, 0.0), (SIDE, 0.0), (SIDE, SIDE), (0.0, SIDE))
SEEN = ((40.0, 31.0), (300.0, 62.0), (280.0, 333.0), (22.0, 270.0))


@functools.cache
def _digits(length: int = 850) -> str:
    """Return digits whose length and check digits are right."""
    chance = Random(length)
    body = f"1{length:04d}" + "".join(chance.choice("0123456789") for _ in range(length - 7))
    return body + check_digits(body)


def _picture(digits: str, scale: int = 6) -> Image.Image:
    return Image.open(io.BytesIO(render.png(digits, scale=scale))).convert("L")


def _hard(seed: int, number: int) -> photos.Photo:
    """Return one photograph of the campaign."""
    kind = photo_world.KINDS[number % 3]
    chance = Random(f"{seed} {number}")
    digits = chance.choice(list(photo_world.load().codes[kind]))
    return photos.photograph(kind, "all", digits, chance)


def test_the_matrix_takes_a_square_to_what_is_seen() -> None:
    numbers = straightening.matrix(SEEN, SIDE)
    assert numbers is not None
    for (x, y), seen in zip(SQUARE, SEEN, strict=True):
        assert straightening.seen_at(numbers, x, y) == pytest.approx(seen)
    # Straight lines stay straight: the middle is where the diagonals cross, which is not the mean.
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = SEEN
    share = ((bx - ax) * (by - dy) - (by - ay) * (bx - dx)) / (
        (cx - ax) * (by - dy) - (cy - ay) * (bx - dx)
    )
    crossing = (ax + share * (cx - ax), ay + share * (cy - ay))
    assert straightening.seen_at(numbers, SIDE / 2, SIDE / 2) == pytest.approx(crossing)


@pytest.mark.parametrize(
    "quad",
    [
        ((0, 0), (1, 1), (2, 2), (3, 3)),
        ((0, 0), (100, 0), (10, 10), (0, 100)),
        ((5, 5), (5, 5), (5, 5), (5, 5)),
    ],
)
def test_what_no_camera_sees_has_no_matrix(quad: tuple[tuple[float, float], ...]) -> None:
    assert straightening.matrix(quad, SIDE) is None


def test_a_tilted_code_is_found_where_it_lies() -> None:
    digits = _digits()
    drawn = _picture(digits)
    border, side = 4 * 6, drawn.width
    # From pixels of what is seen to those of what was drawn.
    lean = (1.02, 0.2, -100.0, -0.15, 1.05, 20.0, 0.0002, 0.0001)
    seen = drawn.transform(
        (700, 700), Image.Transform.PERSPECTIVE, lean, Image.Resampling.BICUBIC, fillcolor=200
    )
    place = next(straightening.places(seen, 12))
    assert place.version == render.qr_version(digits)
    assert place.agreement > 0.9
    a, b, c, d, e, f, g, h = lean
    corners = ((border, border), (side - border, border))
    for (x, y), corner in zip(place.quad, corners, strict=False):
        w = g * x + h * y + 1
        drawn_at = ((a * x + b * y + c) / w, (d * x + e * y + f) / w)
        assert drawn_at == pytest.approx(corner, abs=3)


@pytest.mark.parametrize("version", [2, 7, 14, 24])
def test_the_layout_is_that_of_codes_that_are_drawn(version: int) -> None:
    digits = _digits({2: 60, 7: 290, 14: 850, 24: 2188}[version])
    drawn = render.matrix(digits)
    assert drawn.version == version
    assert all(drawn.rows[y][x] == dark for (x, y), dark in layout.fixed(version).items())
    fits = [
        mask
        for mask in layout.MASKS
        if all(drawn.rows[y][x] == dark for (x, y), dark in layout.described(version, mask).items())
    ]
    assert len(fits) == 1
    words = sum(block.total for block in layout.blocks(version))
    assert len(layout.word_order(version)) == words
    assert 8 * words <= len(layout.data_places(version)) < 8 * words + 8


def _data(rows: Sequence[Sequence[bool]], version: int) -> bytes:
    """Return the data of a code that was drawn."""
    (mask,) = (
        mask
        for mask in layout.MASKS
        if all(rows[y][x] == dark for (x, y), dark in layout.described(version, mask).items())
    )
    turned = layout.inverted(version, mask)
    bits = [
        rows[y][x] != turn for (x, y), turn in zip(layout.data_places(version), turned, strict=True)
    ]
    blocks = layout.blocks(version)
    words = [bytearray(block.total) for block in blocks]
    for at, (number, place) in enumerate(layout.word_order(version)):
        words[number][place] = sum(128 >> bit for bit in range(8) if bits[8 * at + bit])
    return b"".join(one[: block.data] for one, block in zip(words, blocks, strict=True))


# Full ones, and ones that lack a digit and more.
LENGTHS = (24, 25, 26, 60, 61, 62, 63, 64, 99, 100, 101, 290, 432, 513, 850, 2187, 2188)


@pytest.mark.parametrize("draw", [render._draw_with_zxing, render._draw_with_qrcode])
def test_the_digits_of_every_drawn_code_have_an_end_and_a_filling(draw: Draw) -> None:
    for length in LENGTHS:
        digits = ("1234567890" * 219)[:length]
        version = render.qr_version(digits)
        assert layout.digits_of(_data(draw(digits, version), version), version) == digits


def test_digits_without_their_end_or_with_another_filling_are_none() -> None:
    """What was corrected to something that nobody drew ends in noise."""
    digits = _digits(290)
    version = render.qr_version(digits)
    data = _data(render.matrix(digits).rows, version)
    behind = 4 + 10 + 10 * (290 // 3) + 7
    assert 0 < 8 * len(data) - behind < 80
    for bit in range(behind, 8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 128 >> bit % 8
        assert layout.digits_of(bytes(changed), version) is None, bit


def _block() -> tuple[list[int], int]:
    """Return a block as it is written, and its check words (as long as those of version 15)."""
    from qrcode.base import Polynomial, gexp

    checks, data = 24, list(Random(1).randbytes(41))
    generator = Polynomial([1], 0)
    for power in range(checks):
        generator *= Polynomial([1, gexp(power)], 0)
    rest = Polynomial(data, len(generator) - 1) % generator
    tail = [0] * (checks - len(rest)) + list(rest)
    return data + tail, checks


@pytest.mark.parametrize(
    ("wrong", "doubtful", "is_corrected"),
    [(0, 0, True), (12, 0, True), (13, 0, False), (0, 22, True), (0, 23, False),
     (5, 12, True), (6, 12, False)],
)  # fmt: skip
def test_a_block_is_corrected_up_to_its_bound(
    wrong: int, doubtful: int, *, is_corrected: bool
) -> None:
    written, checks = _block()
    chance = Random(f"{wrong} {doubtful}")
    places = chance.sample(range(len(written)), wrong + doubtful)
    words = list(written)
    for place in places:
        words[place] ^= chance.randint(1, 255)
    found = correcting.corrected(words, checks, places[wrong:])
    assert found == (written if is_corrected else None)


def test_noise_is_never_corrected_to_something() -> None:
    chance = Random(3)
    for _ in range(20):
        words = list(chance.randbytes(65))
        assert correcting.corrected(words, 24, range(0, 44, 2)) is None


def test_blur_is_undone_by_what_is_known() -> None:
    """Its neighbours to the left and right bring nearly as much to a module as it does itself."""
    matrix = render.matrix(_digits())
    side = matrix.size + 4
    flat = Image.new("L", (side, side), 255)
    for y, row in enumerate(matrix.rows):
        for x, dark in enumerate(row):
            flat.putpixel((x + 2, y + 2), 0 if dark else 255)
    grey = list(flat.tobytes())
    spread = bytes(
        (5 * grey[at] + 3 * grey[at - 1] + grey[(at + 1) % len(grey)]) // 9
        for at in range(len(grey))
    )
    seen = equalising.levels(Image.frombytes("L", flat.size, spread), 2)
    truth = [dark for row in matrix.rows for dark in row]

    def wrong(values: list[float]) -> int:
        return sum((value < 0) != dark for value, dark in zip(values, truth, strict=True))

    decided = equalising.decided(seen, layout.fixed(matrix.version))
    raw = wrong([seen.values[at] for at in seen.inner()])
    cleared = equalising.cleared(seen, layout.fixed(matrix.version), decided)
    assert raw > 200
    assert max(wrong(decided), wrong(cleared)) < raw / 5


def test_a_photograph_that_the_decoder_cannot_read_is_read() -> None:
    photo = _hard(4, 381)
    grey = scan._flatten(scan.open_picture(photo.data, ""))
    assert not [
        text for few in scan._attempts(grey) for i in few for text in scan._texts(zxingcpp, i)
    ]
    assert scan.read(photo.data) == photo.digits


def test_of_two_blurred_codes_none_is_taken_for_the_only_one() -> None:
    one, other = _digits(290), _digits(291)
    drawn = [_picture(digits, scale=4) for digits in (one, other)]
    side = drawn[0].width
    page = Image.new("L", (2 * side, side), 255)
    page.paste(drawn[0], (0, 0))
    page.paste(drawn[1], (side, 0))
    page = page.filter(ImageFilter.GaussianBlur(2.4))
    assert not [
        text for few in scan._attempts(page) for i in few for text in scan._texts(zxingcpp, i)
    ]
    assert recovery.digits_in(scan._enlarge(scan._clear(page), 2)) == {one, other}
    file = io.BytesIO()
    page.save(file, "PNG")
    with pytest.raises(PictureError) as caught:
        scan.read(file.getvalue())
    assert caught.value.reason is Reason.SEVERAL_CODES


def _finders(count: int, apart: int = 60) -> Image.Image:
    """Draw so many finder patterns, ten in a line."""
    one = _picture(_digits()).crop((20, 20, 20 + 54, 20 + 54))
    page = Image.new("L", (10 * apart + 20, (count // 10 + 1) * apart + 20), 255)
    for at in range(count):
        page.paste(one, (10 + at % 10 * apart, 10 + at // 10 * apart))
    return page


@pytest.mark.parametrize(
    "count", [limits.MAX_FINDERS - 1, limits.MAX_FINDERS, limits.MAX_FINDERS + 1]
)
def test_the_number_of_finders_is_bounded(count: int) -> None:
    found = finders.finders(_finders(count).point([0] * 128 + [255] * 128))
    assert len(found) == min(count, limits.MAX_FINDERS)
    assert len(finders.corners(found)) <= limits.MAX_FINDER_THREES


def test_past_so_many_places_no_more_are_sought() -> None:
    """A page full of finders is given up where the bound is passed."""
    most = limits.MAX_FINDER_PLACES
    page = _finders(3 * most)
    seen: list[int] = []

    def watched(found: list[finders.Finder], one: finders.Finder) -> None:
        add(found, one)
        seen.append(len(found))

    add: Callable[[list[finders.Finder], finders.Finder], None] = finders._add
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finders, "_add", watched)
        finders.finders(page.point([0] * 128 + [255] * 128))
    assert most < max(seen) <= most + 10


@pytest.mark.parametrize("what", ["blank", "dark", "noise", "lines", "finders", "one pixel"])
def test_where_no_code_is_nothing_is_read(what: str) -> None:
    side = 240
    picture = {
        "blank": lambda: Image.new("L", (side, side), 255),
        "dark": lambda: Image.new("L", (side, side), 0),
        "noise": lambda: Image.frombytes("L", (side, side), Random(1).randbytes(side * side)),
        "lines": lambda: Image.frombytes(
            "L", (side, side), (b"\0" * 8 + b"\xff" * 8) * (side * 15)
        ),
        "finders": lambda: _finders(9),
        "one pixel": lambda: Image.new("L", (1, 1), 0),
    }[what]()
    assert recovery.digits_in(picture) == set()


def test_digits_whose_check_is_wrong_are_not_read() -> None:
    right = _digits(290)
    assert recovery.digits_in(_picture(right)) == {right}
    assert recovery.digits_in(_picture(right[:-1] + str((int(right[-1]) + 1) % 10))) == set()
