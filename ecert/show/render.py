"""Draw the digits of a show code as a QR code: PNG, SVG, or text for a terminal.

There is one source of modules, `matrix`, and three ways to paint it.  It is always a QR
code Model 2 in numeric mode at error correction level M (ISO/IEC 18004:2015).
"""

from __future__ import annotations

import re
import struct
import zlib
from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

from ecert import limits
from ecert.errors import CodeTooLargeError

# ISO/IEC 18004:2015 table 7: digits that fit at level M, for versions 1 to 40.
_NUMERIC_CAPACITY_M = (
    *(34, 63, 101, 149, 202, 255, 293, 365, 432, 513),
    *(604, 691, 796, 871, 991, 1082, 1212, 1346, 1500, 1600),
    *(1708, 1872, 2059, 2188, 2395, 2544, 2701, 2857, 3035, 3289),
    *(3486, 3693, 3909, 4134, 4343, 4588, 4775, 5039, 5313, 5596),
)
_MAX_SCALE = 64
_MAX_BORDER = 64


@dataclass(frozen=True, slots=True)
class Matrix:
    """The modules of one QR code, without the quiet zone.

    Attributes:
        version: QR version, 1 to 40; the side is ``17 + 4 * version`` modules.
        rows: From the top, each from the left; True is a dark module.
    """

    version: int
    rows: tuple[tuple[bool, ...], ...]

    @property
    def size(self) -> int:
        """Modules along one side."""
        return len(self.rows)


def qr_version(digits: str) -> int:
    """Return the QR version that ``digits`` need at level M, without drawing anything.

    Raises:
        ValueError: ``digits`` is empty or holds anything but ASCII digits.
        CodeTooLargeError: They need more than version `limits.MAX_QR_VERSION`, which
            phones and window scanners no longer read reliably.
    """
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("a show code is made of ASCII digits only")
    version = bisect_left(_NUMERIC_CAPACITY_M, len(digits)) + 1
    if version > limits.MAX_QR_VERSION:
        raise _too_large(len(digits), version)
    return version


def _too_large(length: int, version: int) -> CodeTooLargeError:
    if version > len(_NUMERIC_CAPACITY_M):
        need_zh, need_en = "超出二维码的最大容量", "are more than any QR code holds"
    else:
        need_zh = f"需要第{version}版二维码，上限为第{limits.MAX_QR_VERSION}版"
        need_en = f"need QR version {version}, the most is {limits.MAX_QR_VERSION}"
    return CodeTooLargeError(
        f"内容过多，一个亮证码放不下：{length}位数字{need_zh}",
        f"too much for one show code: {length} digits {need_en}",
        where="亮证码",
        fix_zh="请改用信息较少的亮证方式（minimal），或减少一次出示的证照",
        fix_en="Use a smaller profile (minimal), or show fewer licences at once",
    )


def matrix(digits: str) -> Matrix:
    """Lay out ``digits`` as a QR code at level M, in the smallest version that holds them.

    zxing-cpp draws it where it is installed, else qrcode, which is pure Python and some
    ten times slower.  Version, level and mode are the same; the mask may differ.

    Raises:
        ValueError: ``digits`` is empty or holds anything but ASCII digits.
        CodeTooLargeError: They need more than version `limits.MAX_QR_VERSION`.
    """
    version = qr_version(digits)
    try:
        rows = _draw_with_zxing(digits, version)
    except ImportError:
        rows = _draw_with_qrcode(digits, version)
    return Matrix(version, rows)


def _draw_with_zxing(digits: str, version: int) -> tuple[tuple[bool, ...], ...]:
    import zxingcpp

    barcode = zxingcpp.create_barcode(
        digits, zxingcpp.BarcodeFormat.QRCode, ec_level="M", version=version
    )
    # One byte a module, 0 = dark.  The buffer protocol, which the stub leaves out, spares numpy.
    image: Any = barcode.to_image(scale=1, add_quiet_zones=False)
    pixels = memoryview(image).tobytes()
    size = 17 + 4 * version
    dark = tuple(not pixel for pixel in pixels)
    return tuple(dark[start : start + size] for start in range(0, size * size, size))


def _draw_with_qrcode(digits: str, version: int) -> tuple[tuple[bool, ...], ...]:
    import qrcode.constants
    import qrcode.main
    import qrcode.util

    # To draw all eight masks and weigh them takes eight parts of nine of its time.  They are for
    # content with patterns in it, and signed bytes have none: every mask is as good as another.
    code = qrcode.main.QRCode(
        version=version, error_correction=qrcode.constants.ERROR_CORRECT_M, border=0,
        mask_pattern=0,
    )  # fmt: skip
    # Numeric mode is what it chooses for digits.
    code.add_data(qrcode.util.QRData(digits.encode("ascii")))
    code.make(fit=False)
    return tuple(tuple(bool(module) for module in row) for row in code.modules)


def png(digits: str, *, scale: int = 8, border: int = 4) -> bytes:
    """Draw ``digits`` as a black and white PNG of one bit a pixel.

    Args:
        digits: The text of the show code.
        scale: Pixels along one module, 1 to 64.
        border: Modules of white around the code, 0 to 64; the standard asks for 4.

    Raises:
        ValueError: Not ASCII digits, or ``scale`` or ``border`` out of range.
        CodeTooLargeError: The digits need more than version `limits.MAX_QR_VERSION`.
    """
    _require_drawable(scale, border)
    code = matrix(digits)
    side = (code.size + 2 * border) * scale
    line_bytes = (side + 7) // 8
    spare = line_bytes * 8 - side
    dark, light, margin = "0" * scale, "1" * scale, "1" * (border * scale)
    # A line as it is (filter 0), then the same again, told as its difference from the one above
    # (filter 2): each module is so many lines high.
    again = (b"\x02" + bytes(line_bytes)) * (scale - 1)

    def lines(bits: str) -> bytes:
        return b"\0" + (int(bits, 2) << spare).to_bytes(line_bytes) + again

    blank = lines("1" * side) * border
    rows = b"".join(
        [lines(margin + "".join([dark if one else light for one in row]) + margin)
         for row in code.rows]
    )  # fmt: skip
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)  # one bit, grey (PNG 11.2.1)
    data = zlib.compress(blank + rows + blank, 6)
    parts = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return b"%b%b%b%b" % (
        len(body).to_bytes(4), kind, body, zlib.crc32(body, zlib.crc32(kind)).to_bytes(4)
    )  # fmt: skip


def svg(digits: str, *, scale: int = 8, border: int = 4) -> str:
    """Draw ``digits`` as an SVG: a white ground and one path.

    Nothing in it is fetched and nothing needs a ``style`` attribute, so that it may stand
    in a page with a strict content security policy.

    Args:
        digits: The text of the show code.
        scale: Pixels along one module, 1 to 64; the picture scales without loss.
        border: Modules of white around the code, 0 to 64; the standard asks for 4.

    Raises:
        ValueError: Not ASCII digits, or ``scale`` or ``border`` out of range.
        CodeTooLargeError: The digits need more than version `limits.MAX_QR_VERSION`.
    """
    _require_drawable(scale, border)
    code = matrix(digits)
    side = code.size + 2 * border
    path = "".join(
        f"M{run.start() + border} {y}h{len(run[0])}v1h-{len(run[0])}z"
        for y, row in enumerate(code.rows, start=border)
        for run in re.finditer("1+", "".join("1" if dark else "0" for dark in row))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side * scale}" height="{side * scale}" '
        f'viewBox="0 0 {side} {side}" shape-rendering="crispEdges" role="img" aria-label="亮证码">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path fill="#000" d="{path}"/></svg>'
    )


def _require_drawable(scale: int, border: int) -> None:
    if not 1 <= scale <= _MAX_SCALE:
        raise ValueError(f"scale must be 1 to {_MAX_SCALE} pixels a module, not {scale}")
    if not 0 <= border <= _MAX_BORDER:
        raise ValueError(f"border must be 0 to {_MAX_BORDER} modules, not {border}")


# Bright white and black, as text and as ground (ECMA-48 SGR with the aixterm extension).
_INK = {False: "97", True: "30"}
_GROUND = {False: "107", True: "40"}


def terminal(digits: str, *, border: int = 2, colour: bool = True) -> str:
    """Draw ``digits`` as lines of text for a terminal.

    In colour every character is U+2584, a lower half block: its ink paints one module and
    its ground the module above.  So the code is black on white under any colour scheme, and
    its columns stay straight where the terminal draws block characters two columns wide,
    as Chinese consoles do.  Without colour each module is two full blocks if it is light
    and two spaces if it is dark: twice as large, and inverted on a terminal with a light
    ground, which scanners read as well.

    The upper half block U+2580 is never used: GBK (code page 936) does not have it.

    Args:
        digits: The text of the show code.
        border: Modules of white around the code, 0 to 64.
        colour: Use ANSI colours; False for a terminal without them, or a text file.

    Returns:
        Lines that end in a line feed and can be encoded as GBK.

    Raises:
        ValueError: Not ASCII digits, or ``border`` out of range.
        CodeTooLargeError: The digits need more than version `limits.MAX_QR_VERSION`.
    """
    _require_drawable(1, border)
    code = matrix(digits)
    blank = (False,) * (code.size + 2 * border)
    side = (False,) * border
    rows = [blank] * border + [side + row + side for row in code.rows] + [blank] * border
    if not colour:
        return "".join("".join("  " if dark else "██" for dark in row) + "\n" for row in rows)
    if len(rows) % 2:
        rows.append(blank)
    return "".join(
        _line_of_halves(upper, lower) for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    )


def _line_of_halves(upper: tuple[bool, ...], lower: tuple[bool, ...]) -> str:
    parts: list[str] = []
    before: tuple[bool, bool] | None = None
    for pair in zip(upper, lower, strict=True):
        if pair != before:
            parts.append(f"\x1b[{_INK[pair[1]]};{_GROUND[pair[0]]}m")
            before = pair
        parts.append("▄")
    return "".join(parts) + "\x1b[0m\n"
