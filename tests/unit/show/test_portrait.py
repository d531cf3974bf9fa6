"""Portraits: drawn anew when a licence is issued, bounded when one is read."""

from __future__ import annotations

import io
from contextlib import suppress
from random import Random  # noqa: TID251 - the same picture on every run
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from ecert import limits
from ecert.errors import ParseError, PictureError
from ecert.show import portrait
from ecert.sign.strict import b64url


def picture(size: tuple[int, int] = (300, 400), mode: str = "RGB") -> Image.Image:
    """Return something like a face before a blue ground."""
    image = Image.new("RGB", size, (60, 120, 200))
    brush = ImageDraw.Draw(image)
    width, height = size
    brush.ellipse((width * 0.25, height * 0.15, width * 0.75, height * 0.7), fill=(224, 180, 150))
    brush.rectangle((width * 0.15, height * 0.75, width * 0.85, height), fill=(30, 30, 30))
    return image.convert(mode)


def file(image: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def refused(data: bytes) -> PictureError:
    with pytest.raises(PictureError) as caught:
        portrait.prepare(data)
    assert caught.value.where == "照片"
    return caught.value


@pytest.mark.parametrize(
    ("form", "mode"),
    [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGB"), ("PNG", "RGBA"),
     ("PNG", "P"), ("PNG", "L")],
)  # fmt: skip
def test_everyday_pictures_become_a_plain_jpeg(form: str, mode: str) -> None:
    made = portrait.prepare(file(picture(mode=mode), form))
    assert (opened(made).format, opened(made).mode, opened(made).size) == (
        "JPEG", "RGB", (300, 400),
    )  # fmt: skip
    assert len(made) <= limits.MAX_PORTRAIT_BYTES


def test_nothing_of_the_file_but_its_pixels_goes_along() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera Maker"
    exif[0x8825] = {1: "N", 2: (30.0, 28.0, 0.0)}
    given_file = file(picture(), exif=exif, comment=b"secret comment", icc_profile=b"x" * 200)
    made = portrait.prepare(given_file + b"PK\x03\x04 a second file")
    for trace in (b"Camera Maker", b"secret comment", b"xxxx", b"PK\x03\x04", b"Exif"):
        assert trace not in made
    assert not opened(made).getexif()


def test_a_picture_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    made = opened(portrait.prepare(file(picture((400, 300)), exif=exif)))
    assert made.size == (300, 400)


def test_a_large_one_is_made_smaller_and_keeps_its_shape() -> None:
    most = limits.MAX_PORTRAIT_PIXELS
    assert opened(portrait.prepare(file(picture((3000, 4000))))).size == most
    assert opened(portrait.prepare(file(picture(most)))).size == most
    assert opened(portrait.prepare(file(picture((481, 641))))).size[1] <= 640


def test_one_with_much_detail_is_compressed_until_it_fits() -> None:
    # Coarse noise: 40 KiB are passed at the first quality.
    small = Image.frombytes("RGB", (72, 96), Random(1).randbytes(3 * 72 * 96))
    made = portrait.prepare(file(small.resize((480, 640), Image.Resampling.BICUBIC), quality=95))
    assert 20_000 < len(made) <= limits.MAX_PORTRAIT_BYTES
    noise = Image.frombytes("RGB", (480, 640), Random(1).randbytes(3 * 480 * 640))
    assert len(portrait.prepare(file(noise, quality=95))) <= limits.MAX_PORTRAIT_BYTES


def test_what_never_fits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PORTRAIT_BYTES", 500)
    assert refused(file(picture())).zh == "压缩后仍过大"


def test_the_least_size_is_exact() -> None:
    side = limits.MIN_PORTRAIT_SIDE
    assert portrait.prepare(file(picture((side, side))))
    assert "100" in refused(file(picture((side - 1, 400)))).zh


@pytest.mark.parametrize("data", [b"", b"no picture", file(picture())[:2000]])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    assert refused(data).fix_zh


@pytest.mark.parametrize("form", ["GIF", "BMP", "WEBP", "TIFF"])
def test_other_formats_are_not_even_tried(form: str) -> None:
    assert refused(file(picture(), form)).zh == "不是 JPEG 或 PNG 图片，或图片已损坏"


def test_the_size_of_the_file_is_bounded() -> None:
    data = file(picture())
    padded = data + bytes(limits.MAX_PICTURE_BYTES - len(data))
    assert portrait.prepare(padded)
    assert refused(padded + b"\0").zh == "超过16 MB"


# -- as a claim -------------------------------------------------------------------------------


def test_what_was_made_is_read_again() -> None:
    made = portrait.prepare(file(picture()))
    assert portrait.from_claim(portrait.to_claim(made)) == made


def padded_to(size: int) -> bytes:
    """Return a small JPEG with a comment that fills it up to so many bytes."""
    data = file(picture((100, 100)))
    room = size - len(data) - 4
    return data[:2] + b"\xff\xfe" + (room + 2).to_bytes(2) + bytes(room) + data[2:]


def test_its_bytes_are_bounded_exactly() -> None:
    most = padded_to(limits.MAX_PORTRAIT_BYTES)
    assert len(most) == limits.MAX_PORTRAIT_BYTES
    assert portrait.from_claim(b64url(most)) == most
    with pytest.raises(ParseError, match="too large"):
        portrait.from_claim(b64url(padded_to(limits.MAX_PORTRAIT_BYTES + 1)))


def test_its_pixels_are_bounded_exactly() -> None:
    width, height = limits.MAX_PORTRAIT_PIXELS
    assert portrait.from_claim(b64url(file(picture((width, height)))))
    for size in ((width + 1, height), (width, height + 1)):
        with pytest.raises(ParseError, match="too many pixels"):
            portrait.from_claim(b64url(file(picture(size))))


@pytest.mark.parametrize(
    "value",
    [
        None, 1, ["a"], "", "=", "a+b/", b64url(b"GIF89a"), b64url(b"\xff\xd8\xff\xd9"),
        b64url(file(picture(), "PNG")), b64url(file(picture())[:-2]),
        b64url(b"\xff\xd8\xff\xe0\x00\x00" + bytes(20) + b"\xff\xd9"),
        b64url(b"\xff\xd8\xff\xda\x00\x04" + bytes(20) + b"\xff\xd9"),
    ],
)  # fmt: skip
def test_what_is_no_jpeg_is_refused(value: object) -> None:
    with pytest.raises(ParseError):
        portrait.from_claim(value)


@given(st.binary(max_size=300))
def test_any_bytes_between_the_marks_are_answered(data: bytes) -> None:
    with suppress(ParseError):
        portrait.from_claim(b64url(b"\xff\xd8" + data + b"\xff\xd9"))
