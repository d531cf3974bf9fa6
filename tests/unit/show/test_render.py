"""The picture of a show code: the right version, the same modules in every form, and no more."""

from __future__ import annotations

import hashlib
import io
import re
import sys
import xml.etree.ElementTree as ET
from typing import Any

import pytest
import qrcode.constants
import qrcode.main
import qrcode.util
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ecert import limits
from ecert.errors import CodeTooLargeError
from ecert.show import render

QR_ONLY = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
CAPACITY = render._NUMERIC_CAPACITY_M
LARGEST = limits.MAX_QR_VERSION
Rows = tuple[tuple[bool, ...], ...]


def _digits(length: int, seed: int = 7) -> str:
    noise = hashlib.shake_128(b"%d" % seed).digest(length)
    return "".join(str(byte % 10) for byte in noise)


def _picture(rows: Rows, border: int = 4, across: int = 3, down: int = 3) -> Image.Image:
    """Paint modules by means of its own, so that what is tested does not paint the test."""
    size = len(rows)
    image = Image.new("L", (size + 2 * border, size + 2 * border), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                image.putpixel((x + border, y + border), 0)
    return image.resize((image.width * across, image.height * down), Image.Resampling.NEAREST)


def _barcode(image: Image.Image) -> Any:
    (barcode,) = zxingcpp.read_barcodes(image, formats=QR_ONLY)
    return barcode


def _modules(image: Image.Image, scale: int, border: int) -> Rows:
    """Sample the centre of every module of a painted code."""
    grey = image.convert("L")
    size = grey.width // scale - 2 * border
    at = [(border + index) * scale + scale // 2 for index in range(size)]
    return tuple(tuple(grey.getpixel((x, y)) == 0 for x in at) for y in at)


# -- version --------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", range(1, 41))
def test_the_capacity_table_is_the_one_of_two_other_writers(version: int) -> None:
    """ISO/IEC 18004 table 7, at the limit of every version and one digit above."""
    for length in (CAPACITY[version - 1], CAPACITY[version - 1] + 1):
        if length > CAPACITY[-1]:
            continue
        image = zxingcpp.create_barcode(
            "8" * length, zxingcpp.BarcodeFormat.QRCode, ec_level="M"
        ).to_image(add_quiet_zones=False)
        code: qrcode.main.QRCode[Any] = qrcode.main.QRCode(
            error_correction=qrcode.constants.ERROR_CORRECT_M
        )
        code.add_data(qrcode.util.QRData(b"8" * length))
        expected = version if length == CAPACITY[version - 1] else version + 1
        assert (image.shape[0] - 17) // 4 == expected
        assert code.best_fit(start=1) == expected
        if expected <= LARGEST:
            assert render.qr_version("8" * length) == expected


def test_the_largest_code_is_bounded_exactly() -> None:
    assert CAPACITY[LARGEST - 1] == limits.MAX_CODE_DIGITS
    assert render.qr_version("1" * limits.MAX_CODE_DIGITS) == LARGEST
    with pytest.raises(CodeTooLargeError) as caught:
        render.qr_version("1" * (limits.MAX_CODE_DIGITS + 1))
    error = caught.value
    assert error.zh == "内容过多，一个亮证码放不下：2189位数字需要第25版二维码，上限为第24版"
    assert error.en.endswith("2189 digits need QR version 25, the most is 24")
    assert "minimal" in error.fix_zh
    assert "minimal" in error.fix_en
    assert "1111" not in str(error)


def test_what_no_qr_code_holds_names_no_version() -> None:
    with pytest.raises(CodeTooLargeError) as caught:
        render.qr_version("1" * (CAPACITY[-1] + 1))
    assert caught.value.zh.endswith("5597位数字超出二维码的最大容量")
    with pytest.raises(CodeTooLargeError) as caught:
        render.qr_version("1" * CAPACITY[-1])
    assert "第40版" in caught.value.zh


@pytest.mark.parametrize(
    "text", ["", " ", "12 34", "12-34", "12a", "１２３４", "²³", "٣٤", "12\n", "-12"]
)
def test_anything_but_ascii_digits_is_misuse(text: str) -> None:
    for function in (render.qr_version, render.matrix, render.png, render.svg, render.terminal):
        with pytest.raises(ValueError, match="ASCII digits only"):
            function(text)


@pytest.mark.parametrize("function", [render.matrix, render.png, render.svg, render.terminal])
def test_nothing_draws_a_code_that_is_too_large(function: Any) -> None:
    with pytest.raises(CodeTooLargeError):
        function("1" * (limits.MAX_CODE_DIGITS + 1))


# -- modules --------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [24, 255, 256, 850, 1300, 2100, limits.MAX_CODE_DIGITS])
def test_both_writers_make_the_same_version_at_level_m_that_reads_back(length: int) -> None:
    digits = _digits(length)
    version = render.qr_version(digits)
    for rows in (
        render._draw_with_zxing(digits, version),
        render._draw_with_qrcode(digits, version),
    ):
        assert len(rows) == 17 + 4 * version
        assert {len(row) for row in rows} == {len(rows)}
        barcode = _barcode(_picture(rows))
        assert barcode.text == digits
        assert barcode.ec_level == "M"


def test_the_mode_is_numeric() -> None:
    """The largest code holds 1,334 bytes, so its 2,188 digits fit in no other mode."""
    digits = _digits(limits.MAX_CODE_DIGITS)
    for draw in (render._draw_with_zxing, render._draw_with_qrcode):
        assert len(draw(digits, LARGEST)) == 17 + 4 * LARGEST


def test_without_zxing_the_portable_writer_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    digits = _digits(300)
    fast = render.matrix(digits)
    assert fast.rows == render._draw_with_zxing(digits, fast.version)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "zxingcpp", None)
        portable = render.matrix(digits)
    assert portable.rows == render._draw_with_qrcode(digits, portable.version)
    assert portable.version == fast.version
    assert portable.size == fast.size == 17 + 4 * fast.version
    assert _barcode(_picture(portable.rows)).text == digits


@settings(max_examples=60, deadline=None)
@given(st.text("0123456789", min_size=24, max_size=900))
def test_any_digits_read_back(digits: str) -> None:
    assert _barcode(_picture(render.matrix(digits).rows)).text == digits


# -- PNG ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scale", "border"), [(1, 0), (1, 4), (3, 4), (8, 2)])
def test_a_png_holds_the_modules_in_one_bit_a_pixel(scale: int, border: int) -> None:
    digits = _digits(500)
    code = render.matrix(digits)
    data = render.png(digits, scale=scale, border=border)
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.mode) == ("PNG", "1")
    assert image.size == ((code.size + 2 * border) * scale,) * 2
    assert _modules(image, scale, border) == code.rows
    bare = Image.new("1", image.size, 1)
    inner = (border * scale, border * scale, image.width - border * scale)
    bare.paste(image.crop((*inner, inner[2])), inner[:2])
    assert bare.tobytes() == image.tobytes()  # the border is white throughout


def test_the_standard_png_has_the_quiet_zone_and_a_size_for_screens() -> None:
    digits = _digits(850)
    image = Image.open(io.BytesIO(render.png(digits)))
    assert image.width == (render.matrix(digits).size + 8) * 8
    assert _barcode(image).text == digits


@pytest.mark.parametrize("bad", [{"scale": 0}, {"scale": 65}, {"border": -1}, {"border": 65}])
def test_sizes_out_of_range_are_misuse(bad: dict[str, int]) -> None:
    digits = _digits(24)
    with pytest.raises(ValueError, match=f"{next(iter(bad))} must be"):
        render.png(digits, **bad)
    with pytest.raises(ValueError, match=f"{next(iter(bad))} must be"):
        render.svg(digits, **bad)
    assert render.svg(digits, scale=64, border=64)


# -- SVG ------------------------------------------------------------------------------------------

RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")


def test_an_svg_is_one_path_of_exactly_the_dark_modules() -> None:
    digits = _digits(700)
    code = render.matrix(digits)
    root = ET.fromstring(render.svg(digits, scale=5, border=3))  # noqa: S314 - our own
    side = code.size + 6
    assert root.attrib["viewBox"] == f"0 0 {side} {side}"
    assert root.attrib["width"] == root.attrib["height"] == str(side * 5)
    assert root.attrib["shape-rendering"] == "crispEdges"
    ground, path = root
    assert (ground.tag.endswith("}rect"), ground.attrib["fill"]) == (True, "#fff")
    assert (path.tag.endswith("}path"), path.attrib["fill"]) == (True, "#000")
    assert RUN.sub("", path.attrib["d"]) == ""
    dark: set[tuple[int, int]] = set()
    for x, y, width, back in RUN.findall(path.attrib["d"]):
        assert width == back
        run = {(column, int(y)) for column in range(int(x), int(x) + int(width))}
        assert not run & dark
        dark |= run
    expected = {
        (x + 3, y + 3) for y, row in enumerate(code.rows) for x, module in enumerate(row) if module
    }
    assert dark == expected


def test_an_svg_fetches_nothing_and_needs_no_style() -> None:
    text = render.svg(_digits(300))
    assert text.count("http") == text.count('xmlns="http://www.w3.org/2000/svg"') == 1
    for word in ("href", "url(", "style", "script", "<image", "<!", "<?", "@import"):
        assert word not in text


# -- terminal -------------------------------------------------------------------------------------

CELL = re.compile(r"\x1b\[(97|30);(107|40)m|(▄)")


def _modules_of_terminal(text: str) -> Rows:
    rows: list[tuple[bool, ...]] = []
    for line in text.splitlines():
        assert line.endswith("\x1b[0m")
        body = line.removesuffix("\x1b[0m")
        assert CELL.sub("", body) == ""
        upper, lower = [], []
        ink = ground = ""
        for new_ink, new_ground, cell in CELL.findall(body):
            if cell:
                upper.append(ground == "40")
                lower.append(ink == "30")
            else:
                ink, ground = new_ink, new_ground
        rows += [tuple(upper), tuple(lower)]
    return tuple(rows)


@pytest.mark.parametrize("length", [24, 850, 2100])
@pytest.mark.parametrize("columns", [1, 2])
def test_a_terminal_shows_the_code_whether_blocks_take_one_column_or_two(
    length: int, columns: int
) -> None:
    digits = _digits(length)
    rows = _modules_of_terminal(render.terminal(digits))
    # A character cell is about twice as high as wide, so half of one is square.
    image = _picture(rows, border=0, across=3 * columns, down=3)
    assert _barcode(image).text == digits


def test_a_terminal_shows_the_modules_within_their_border() -> None:
    digits = _digits(300)
    code = render.matrix(digits)
    for border in (0, 2, 3):
        rows = _modules_of_terminal(render.terminal(digits, border=border))
        assert len(rows) == code.size + 2 * border + 1  # an odd number, filled up with white
        inner = tuple(row[border : border + code.size] for row in rows[border:])[: code.size]
        assert inner == code.rows
        assert sum(map(sum, rows)) == sum(map(sum, code.rows))


def test_without_colour_each_module_is_two_characters() -> None:
    digits = _digits(850)
    code = render.matrix(digits)
    lines = render.terminal(digits, border=2, colour=False).splitlines()
    assert {len(line) for line in lines} == {2 * (code.size + 4)}
    rows = tuple(tuple(char == " " for char in line[::2]) for line in lines)
    assert rows == tuple(tuple(char == " " for char in line[1::2]) for line in lines)
    assert tuple(row[2:-2] for row in rows[2:-2]) == code.rows
    dark_on_light = _picture(rows, border=0)
    light_on_dark = dark_on_light.point(lambda value: 255 - value)
    assert _barcode(dark_on_light).text == _barcode(light_on_dark).text == digits


@pytest.mark.parametrize("colour", [True, False])
def test_a_terminal_in_gbk_can_show_every_character(colour: bool) -> None:
    text = render.terminal(_digits(850), colour=colour)
    assert text.encode("cp936").decode("cp936") == text
    assert set(text) <= set("█▄ \n\x1b[;m0123456789")
    with pytest.raises(UnicodeEncodeError):
        "▀".encode("cp936")  # why there is no upper half
