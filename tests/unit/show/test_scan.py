"""Reading pictures: damaged ones as far as can be, hostile ones not at all, and never a guess."""

from __future__ import annotations

import functools
import hashlib
import io
import os
import struct
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFilter, ImageOps

from ecert import limits
from ecert.errors import PictureError, ScannerMissingError
from ecert.reasons import Outcome, Reason
from ecert.show import render, scan

if TYPE_CHECKING:
    from collections.abc import Callable

QR_ONLY = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
PIXELS = 3  # a module
LENGTHS = (850, 1300, 2100)  # a minimal licence, a full one, three minimal ones


def _digits(length: int, seed: int = 1) -> str:
    noise = hashlib.shake_128(b"%d" % seed).digest(length)
    return "".join(str(byte % 10) for byte in noise)


@functools.cache
def _code(length: int, seed: int = 1, scale: int = PIXELS) -> Image.Image:
    png = render.png(_digits(length, seed), scale=scale)
    return Image.open(io.BytesIO(png)).convert("L")


def _file(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def _foreign(text: str) -> Image.Image:
    drawn: Any = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=4)
    height, width = drawn.shape
    return Image.frombytes("L", (width, height), memoryview(drawn).tobytes())


def _side_by_side(*images: Image.Image) -> Image.Image:
    page = Image.new("L", (sum(i.width for i in images), max(i.height for i in images)), 255)
    x = 0
    for image in images:
        page.paste(image, (x, 0))
        x += image.width
    return page


def _refused(picture: bytes | Path) -> PictureError:
    with pytest.raises(PictureError) as caught:
        scan.read(picture)
    return caught.value


def _answer(picture: bytes) -> str:
    try:
        return scan.read(picture)
    except PictureError as error:
        return error.reason


# -- damage ---------------------------------------------------------------------------------------


def _rotated(degrees: int) -> Callable[[Image.Image], Image.Image]:
    return lambda image: image.rotate(degrees, Image.Resampling.BICUBIC, True, fillcolor=255)


def _blurred(modules: float) -> Callable[[Image.Image], Image.Image]:
    return lambda image: image.filter(ImageFilter.GaussianBlur(modules * PIXELS))


def _scaled(factor: float) -> Callable[[Image.Image], Image.Image]:
    return lambda image: image.resize(
        (round(image.width * factor), round(image.height * factor)), Image.Resampling.BICUBIC
    )


def _jpeg(quality: int) -> Callable[[Image.Image], Image.Image]:
    return lambda image: Image.open(io.BytesIO(_file(image, "JPEG", quality=quality)))


def _between(dark: int, light: int) -> Callable[[Image.Image], Image.Image]:
    return lambda image: image.point(lambda value: dark + (light - dark) * value // 255)


def _shaded(image: Image.Image) -> Image.Image:
    slope = Image.linear_gradient("L").resize(image.size).point(lambda value: 90 + value * 2 // 3)
    return ImageChops.multiply(image, slope)


def _grainy(image: Image.Image) -> Image.Image:
    return ImageChops.add(image, Image.effect_noise(image.size, 40), 1, -128)


def _tilted(image: Image.Image) -> Image.Image:
    width, height = image.size
    corners = (0, 0, -width * 0.1, height * 1.1, width, height, width * 1.05, -height * 0.03)
    return image.transform(
        image.size,
        Image.Transform.QUAD,
        corners,
        Image.Resampling.BICUBIC,
        fillcolor=255,
    )


def _photographed(image: Image.Image) -> Image.Image:
    return _jpeg(60)(_shaded(_blurred(0.25)(_rotated(7)(image))))


DAMAGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "none": lambda image: image,
    **{f"scaled {factor}": _scaled(factor) for factor in (0.6, 0.8, 1.5, 2, 3.3)},
    **{f"rotated {degrees}": _rotated(degrees) for degrees in (7, 33, 90, 180)},
    **{f"blurred {modules} module": _blurred(modules) for modules in (0.2, 0.3, 0.4)},
    **{f"JPEG {quality}": _jpeg(quality) for quality in (20, 40, 60)},
    "faint": _between(118, 138),
    "very faint": _between(124, 132),
    "dark": _between(0, 30),
    "bright": _between(225, 255),
    "inverted": ImageOps.invert,
    "unevenly lit": _shaded,
    "grainy": _grainy,
    "tilted": _tilted,
    "twice as wide": lambda image: image.resize((2 * image.width, image.height)),
    "photographed": _photographed,
}


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_picture_gives_the_same_digits(damage: str, length: int) -> None:
    assert scan.read(_file(DAMAGES[damage](_code(length)))) == _digits(length)


@pytest.mark.parametrize("damage", ["very faint", "blurred 0.55 module"])
def test_a_hard_picture_needs_and_gets_a_second_attempt(damage: str) -> None:
    """What the reader alone cannot read, so that the attempts are known to help."""
    image = {**DAMAGES, "blurred 0.55 module": _blurred(0.55)}[damage](_code(1300))
    assert zxingcpp.read_barcodes(image, formats=QR_ONLY) == []
    assert scan.read(_file(image)) == _digits(1300)


@pytest.mark.parametrize(
    ("photo", "digest", "attempt"),
    [("few-pixels", "0a3bbe19e869cc78", 4), ("uneven-light", "18c8003285e1a144", 5)],
)
def test_a_photo_with_four_damages_at_once_needs_a_later_attempt(
    photo: str, digest: str, attempt: int
) -> None:
    """Two of the photographs of `tests.soak.photos`, of codes that are long out of date."""
    path = Path(__file__).parent / "photos" / f"{photo}.jpg"
    tried = scan._attempts(Image.open(path).convert("L"))
    read = [any(scan._texts(zxingcpp, one) for one in images) for images in tried]
    assert read.index(True) == attempt
    assert hashlib.sha256(scan.read(path).encode()).hexdigest()[:16] == digest


def test_the_number_of_attempts_is_bounded() -> None:
    small = list(scan._attempts(_code(850)))
    assert [len(attempt) for attempt in small] == [1, 1, 1, 1, 1, 1]
    largest = list(scan._attempts(Image.new("L", (4096, 4096), 255)))
    assert [len(attempt) for attempt in largest] == [1, 1, 1, 1, 1, 1, 16]
    pixels = [image.width * image.height for attempt in small + largest for image in attempt]
    assert max(pixels) <= 1536 * 1536


def test_a_small_code_on_a_large_page_is_found_wherever_it_lies() -> None:
    """A page of A4 at 300 dots an inch, with codes too fine for the page made smaller."""
    for x, y in ((1100, 1100), (0, 3200), (2200, 0), (1400, 2450)):
        page = Image.new("L", (2480, 3508), 255)
        page.paste(_code(300, scale=3), (x, y))
        assert scan.read(_file(page, compress_level=1)) == _digits(300)


# -- what the file may be -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        *(("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
        *(("JPEG", mode) for mode in ("L", "RGB", "CMYK")),
        *(("WEBP", mode) for mode in ("RGB", "RGBA")),
        *(("GIF", mode) for mode in ("P", "L")),
        *(("BMP", mode) for mode in ("1", "L", "P", "RGB")),
    ],
)
def test_everyday_pictures_are_read_in_every_mode(form: str, mode: str, tmp_path: Path) -> None:
    image = _code(850)
    if mode == "I;16":
        image = image.convert("I").point(lambda value: value * 257).convert(mode)
    path = tmp_path / "code"
    path.write_bytes(_file(image.convert(mode), form))
    assert scan.read(path) == scan.read(path.read_bytes()) == _digits(850)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_is_white(mode: str) -> None:
    """Black modules on a transparent ground whose hidden colour is black as well."""
    code = _code(850)
    if mode == "P":
        image = code.point(lambda value: value // 255).convert("P")
        image.putpalette([0, 0, 0] * 256)
        data = _file(image, transparency=1)
    else:
        image = Image.new(mode, code.size, 0)
        image.putalpha(ImageOps.invert(code))
        data = _file(image)
    assert scan.read(data) == _digits(850)


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_of_several_frames_the_first_counts(form: str) -> None:
    options = {"lossless": True} if form == "WEBP" else {}
    frames = [_code(850, seed=2).convert("RGB")]
    data = _file(_code(850).convert("RGB"), form, save_all=True, append_images=frames, **options)
    assert scan.read(data) == _digits(850)


def test_a_tiff_is_not_even_tried() -> None:
    assert _refused(_file(_code(850), "TIFF")).zh == (
        "不是 PNG、JPEG、WebP、GIF 或 BMP 图片，或图片已损坏"
    )


# -- which code -----------------------------------------------------------------------------------


def test_two_show_codes_in_one_picture_are_refused() -> None:
    error = _refused(_file(_side_by_side(_code(850), _code(850, seed=2))))
    assert error.reason is Reason.SEVERAL_CODES
    assert error.en == "2 different show codes in one picture"


def test_the_same_code_twice_counts_once() -> None:
    assert scan.read(_file(_side_by_side(_code(850), _code(850)))) == _digits(850)


@pytest.mark.parametrize("text", ["https://evil.example/?q=1", "1" * 23, "１２３４" * 10])
def test_a_foreign_code_is_refused_and_never_repeated(text: str) -> None:
    error = _refused(_file(_foreign(text)))
    assert error.reason is Reason.MALFORMED
    assert text[:4] not in str(error)
    assert text[:4] not in repr(error)


def test_the_shortest_show_code_has_twenty_four_digits() -> None:
    assert scan.read(_file(_foreign("1" * 24))) == "1" * 24


def test_a_foreign_code_beside_the_show_code_does_not_matter() -> None:
    page = _side_by_side(_foreign("https://poster.example"), _code(850))
    assert scan.read(_file(page)) == _digits(850)


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (300, 300), (2000, 2000)])
def test_a_picture_without_a_code_is_unreadable_not_refused(size: tuple[int, int]) -> None:
    error = _refused(_file(Image.new("RGB", size, "white")))
    assert error.reason is Reason.UNREADABLE
    assert error.reason.outcome is Outcome.UNDETERMINED
    assert error.zh == "没有读到二维码"


def test_only_qr_codes_count() -> None:
    drawn: Any = zxingcpp.create_barcode("1" * 24, zxingcpp.BarcodeFormat.Code128).to_image(scale=3)
    height, width = drawn.shape
    image = Image.frombytes("L", (width, height), memoryview(drawn).tobytes())
    assert _refused(_file(image)).reason is Reason.UNREADABLE


# -- hostile and broken files ---------------------------------------------------------------------


def _without_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make it a failure if a single pixel is decoded from here on."""

    def decoded(*_: object) -> None:
        pytest.fail("the picture was decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded)


def _declared_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is as large as that."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            chunk(b"IDAT", zlib.compress(bytes(1000))),
            chunk(b"IEND", b""),
        )
    )


def test_fifty_megabytes_of_noise_are_refused_before_they_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("PIL.Image.open", lambda *_, **__: pytest.fail("the picture was opened"))
    error = _refused(os.urandom(50_000_000))
    assert error.reason is Reason.UNREADABLE
    assert error.zh == "图片文件超过16 MB"
    assert error.fix_zh


def test_the_size_of_the_file_is_bounded_exactly(tmp_path: Path) -> None:
    path = tmp_path / "padded.png"
    data = _file(_code(850))
    # What follows the end of a PNG is ignored.
    path.write_bytes(data + bytes(limits.MAX_PICTURE_BYTES - len(data)))
    assert scan.read(path) == _digits(850)
    with path.open("ab") as file:
        file.write(b"\0")
    assert _refused(path).zh == "图片文件超过16 MB"
    assert _refused(path).where == "padded.png"


@pytest.mark.parametrize(
    ("width", "height"), [(20_000, 20_000), (10_000, 10_000), (4097, 4096), (2**31 - 1, 1)]
)
def test_a_picture_that_declares_too_many_pixels_is_refused_undecoded(
    monkeypatch: pytest.MonkeyPatch, width: int, height: int
) -> None:
    """At these sizes Pillow itself raises, warns, is content, and raises."""
    _without_decoding(monkeypatch)
    error = _refused(_declared_png(width, height))
    assert error.reason is Reason.UNREADABLE
    assert error.zh == "图片超过1677万像素"


def test_the_number_of_pixels_is_bounded_exactly() -> None:
    page = Image.new("L", (4096, 4096), 255)
    page.paste(_code(850, scale=8), (1000, 2000))
    assert scan.read(_file(page, compress_level=1)) == _digits(850)


@pytest.mark.parametrize("is_wide", [True, False])
def test_a_long_and_narrow_picture_has_no_code_and_crashes_nothing(*, is_wide: bool) -> None:
    """The reader refuses 65,536 pixels in a line, and what is enlarged is longer still."""
    side = limits.MAX_PICTURE_SIDE
    for long, narrow, zh in (
        (side, 1, "没有读到二维码"), (side, 20, "没有读到二维码"), (25_000, 3, "没有读到二维码"),
        (side + 1, 1, "图片的宽或高超过32767像素"), (40_000, 20, "图片的宽或高超过32767像素"),
        (70_000, 1, "图片的宽或高超过32767像素"),
    ):  # fmt: skip
        page = Image.new("L", (long, narrow) if is_wide else (narrow, long), 255)
        error = _refused(_file(page))
        assert (error.zh, error.reason) == (zh, Reason.UNREADABLE), page.size


def test_what_is_enlarged_has_no_longer_side_than_a_picture_may_have() -> None:
    side = limits.MAX_PICTURE_SIDE
    for size in ((side, 20), (20, side), (side // 2, 9)):
        assert max(scan._enlarge(Image.new("L", size, 255), 3).size) == side


@pytest.mark.parametrize(("form", "mode"), [("PNG", "1"), ("JPEG", "L"), ("WEBP", "RGB")])
def test_a_truncated_picture_is_called_damaged(form: str, mode: str) -> None:
    data = _file(_code(850).convert(mode), form)
    for share in (0.3, 0.6, 0.9):
        error = _refused(data[: int(len(data) * share)])
        assert error.reason is Reason.UNREADABLE
        assert error.zh in {
            "图片已损坏或不完整",
            "不是 PNG、JPEG、WebP、GIF 或 BMP 图片，或图片已损坏",
        }
        assert "damaged" in error.en


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    assert _refused(b"").zh == "图片是空文件"
    path = tmp_path / "empty.png"
    path.touch()
    error = _refused(path)
    assert (error.zh, error.where) == ("图片是空文件", "empty.png")


@pytest.mark.parametrize("kind", ["absent", "folder", "pipe"])
def test_a_path_that_is_no_file_is_told_not_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "code.png"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    error = _refused(path)
    assert error.zh == "找不到图片文件，或无权读取"
    assert error.where == "code.png"


def test_a_palette_picture_without_its_palette_is_damaged() -> None:
    data = _file(_code(850).convert("P"))
    start = data.index(b"PLTE") - 4
    (length,) = struct.unpack_from(">I", data, start)
    assert _refused(data[:start] + data[start + 12 + length :]).zh == "图片已损坏或不完整"


@functools.cache
def _whole_files() -> list[bytes]:
    code = _code(100)
    return [
        _file(code),
        _file(code.convert("P")),
        _file(code.convert("RGBA")),
        _file(code, "JPEG"),
        _file(code.convert("RGB"), "WEBP"),
        _file(code, "GIF"),
        _file(code, "BMP"),
    ]


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 6),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=8),
    st.none() | st.integers(1, 4000),
)
def test_a_mutilated_file_gives_the_digits_or_a_picture_error(
    which: int, changes: list[tuple[int, int]], length: int | None
) -> None:
    data = bytearray(_whole_files()[which])
    for position, value in changes:
        data[position % len(data)] = value
    assert _answer(bytes(data[:length])) in {_digits(100), Reason.UNREADABLE, Reason.MALFORMED}


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_answered(data: bytes) -> None:
    assert _refused(data).reason is Reason.UNREADABLE


# -- the machine ----------------------------------------------------------------------------------


def test_without_the_extra_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    with pytest.raises(ScannerMissingError) as caught:
        scan.read(b"")
    assert "ecert[scan]" in caught.value.fix_zh
    assert "ecert[scan]" in caught.value.fix_en


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    scan.read(_file(_code(850)))
    _refused(_file(_code(850))[:900])
    _refused(_file(_code(850), "JPEG")[:2000])
    assert capfd.readouterr() == ("", "")
