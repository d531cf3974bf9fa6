"""Read the digits of a show code from a picture (a photograph, a scan, a screenshot).

A picture is hostile input: its bytes and its pixels are bounded before anything is
decoded, only five everyday formats are tried, and nothing else that it says is repeated.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from ecert import limits
from ecert.errors import PictureError, ScannerMissingError
from ecert.reasons import Reason
from ecert.show import recovery
from ecert.show.digits import CodeKind, split_codes
from ecert.show.recovery.straightening import evened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from PIL import Image

# Others bring parsers that are seldom used and often broken (EPS even starts Ghostscript).
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
_NAMES = {"WEBP": "WebP"}
# The shortest show code is an online code.
_MIN_DIGITS = 24
_NOT_SHOWN = frozenset({str(CodeKind.CHALLENGE.value), str(CodeKind.TEST.value)})
# The reader's time rises with the fourth power of the side if a picture is nothing but
# finder patterns: two seconds at 1536, a minute at 4096.  So it never sees more than this.
_TILE_SIDE = 1536
_TILE_PIXELS = _TILE_SIDE * _TILE_SIDE
# A code that is up to this wide lies in one tile whole; a wider one survives the reduction.
_TILE_OVERLAP = 512


def read(picture: bytes | Path) -> str:
    """Return the digits of the one show code in ``picture``.

    A hard picture is tried again enlarged, sharpened, smoothed and, if it is large, piece
    by piece.  Codes that are not show codes are passed over while there is one that is.

    Args:
        picture: A PNG, JPEG, WebP, GIF or BMP file, or the path of one; of several frames
            the first counts, and what is transparent counts as white.

    Raises:
        PictureError: ``several-codes`` if different show codes are in the picture,
            ``malformed`` if there is a QR code but no show code, ``unreadable`` if there
            is none, or the picture is damaged, too large or not a picture.
        ScannerMissingError: The extra ``scan`` is not installed.
    """
    zxingcpp = _require_scanner()
    where = picture.name if isinstance(picture, Path) else ""
    data = _bounded_bytes(picture, where)
    grey = _flatten(open_picture(data, where))
    foreign = False
    for texts in _attempted(zxingcpp, grey):
        codes = _meant({text for text in texts if _is_show_code(text)})
        if len(codes) > 1:
            raise PictureError(
                f"{len(codes)} different show codes in one picture",
                reason=Reason.SEVERAL_CODES,
                where=where,
            )
        if codes:
            return codes.pop()
        foreign = foreign or bool(texts)
    if foreign:
        raise PictureError(
            "the QR code in the picture is not a show code", reason=Reason.MALFORMED, where=where
        )
    raise PictureError("no QR code could be read from the picture", where=where)


def _attempted(zxingcpp: ModuleType, grey: Image.Image) -> Iterator[set[str]]:
    """Yield the texts that each attempt reads; the last and dearest one is `recovery`."""
    for attempt in _attempts(grey):
        yield {text for image in attempt for text in _texts(zxingcpp, image)}
    yield recovery.digits_in(_enlarge(_clear(_reduce(grey)), 2))


def _clear(grey: Image.Image) -> Image.Image:
    """Return the picture from black to white, but for what is brighter or darker than all else."""
    from PIL import ImageOps

    return ImageOps.autocontrast(grey, cutoff=1)


def _meant(codes: set[str]) -> set[str]:
    """Return the codes without the window's own number and test codes, unless there are no others.

    The window's number hangs beside the phone, and is seen by the same camera.
    """
    return {
        code for code in codes if code[0] not in _NOT_SHOWN or split_codes(code) != (code,)
    } or codes


def _is_show_code(text: str) -> bool:
    return len(text) >= _MIN_DIGITS and text.isascii() and text.isdigit()


def _require_scanner() -> ModuleType:
    try:
        import zxingcpp
    except ImportError as error:
        raise ScannerMissingError(
            "本机未安装识别图片的组件",
            "the component that reads pictures is not installed",
            where="zxing-cpp",
            fix_zh="请安装：pip install 'ecert[scan]'；或改用扫码枪",
            fix_en="Install it: pip install 'ecert[scan]'; or use a handheld scanner",
        ) from error
    return zxingcpp


def _bounded_bytes(picture: bytes | Path, where: str) -> bytes:
    data = picture if isinstance(picture, bytes) else _bytes_of_file(picture, where)
    if len(data) > limits.MAX_PICTURE_BYTES:
        mebibytes = limits.MAX_PICTURE_BYTES // 2**20
        raise _too_large(
            f"图片文件超过{mebibytes} MB", f"the file has more than {mebibytes} MiB", where
        )
    if not data:
        raise PictureError("the picture is empty (0 bytes)", zh="图片是空文件", where=where)
    return data


def _bytes_of_file(path: Path, where: str) -> bytes:
    try:
        # A pipe or a device would block or never end.
        if not path.is_file():
            raise FileNotFoundError(path)
        with path.open("rb") as file:
            return file.read(limits.MAX_PICTURE_BYTES + 1)
    except OSError as error:
        raise PictureError(
            "there is no such file, or it may not be read",
            zh="找不到图片文件，或无权读取",
            where=where,
            fix_zh="请检查文件路径和权限",
            fix_en="Check the path and its permissions",
        ) from error


def _too_large(zh: str, en: str, where: str) -> PictureError:
    return PictureError(
        en,
        zh=zh,
        where=where,
        fix_zh="请裁剪到只剩二维码，或缩小后重试",
        fix_en="Crop it to the code, or make it smaller, and try again",
    )


def open_picture(data: bytes, where: str, *, formats: tuple[str, ...] = _FORMATS) -> Image.Image:
    """Return the first frame with its pixels loaded; the size is checked before that.

    Raises:
        PictureError: Of no such format, damaged, or of too many pixels.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        image = Image.open(io.BytesIO(data), formats=formats)
        _require_size(image.width, image.height, where)
        image.load()
        if image.mode in {"P", "PA"} and image.palette is None:
            raise ValueError("a picture of palette colours without a palette")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(where) from error
    except UnidentifiedImageError as error:
        *others, last = [_NAMES.get(form, form) for form in formats]
        raise PictureError(
            f"not a {', '.join(others)} or {last} picture, or its beginning is damaged",
            zh=f"不是 {'、'.join(others)} 或 {last} 图片，或图片已损坏",
            where=where,
        ) from error
    # What Pillow's decoders raise on damaged input, which has no class of its own; UserWarning
    # only where the host turns warnings into errors.
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, UserWarning) as error:
        raise PictureError(
            "the picture is damaged or incomplete", zh="图片已损坏或不完整", where=where
        ) from error
    return image


def _require_size(width: int, height: int, where: str) -> None:
    if width * height > limits.MAX_PICTURE_PIXELS:
        raise _too_many_pixels(where)
    if max(width, height) > limits.MAX_PICTURE_SIDE:
        raise _too_large(
            f"图片的宽或高超过{limits.MAX_PICTURE_SIDE}像素",
            f"the picture is more than {limits.MAX_PICTURE_SIDE} pixels wide or high",
            where,
        )


def _too_many_pixels(where: str) -> PictureError:
    pixels = limits.MAX_PICTURE_PIXELS
    return _too_large(
        f"图片超过{pixels // 10_000}万像素",
        f"the picture has more than {pixels // 10**6} million pixels",
        where,
    )


def _flatten(image: Image.Image) -> Image.Image:
    """Return the picture in grey, with white behind whatever is transparent."""
    from PIL import Image

    if image.has_transparency_data:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image)
    return image.convert("L")


def _attempts(grey: Image.Image) -> Iterator[list[Image.Image]]:
    """Yield the pictures to try, the likeliest first; what one attempt holds is pooled.

    Each earned its place on measured damage: enlarging reads noise and few pixels a module,
    contrast what is faint, sharpening blur beyond 0.5 module, smoothing grain, evening out a
    glare.  Inverting is not among them because the reader does it itself.
    """
    from PIL import ImageFilter

    whole = _reduce(grey)
    yield [whole]
    clear = _clear(whole)
    yield [_enlarge(clear, 2)]
    yield [clear.filter(ImageFilter.UnsharpMask(radius=2, percent=200, threshold=0))]
    yield [whole.filter(ImageFilter.GaussianBlur(1))]
    # Several damages at once at three pixels a module: the steps between pixels, then the light.
    yield [_enlarge(clear, 3).filter(ImageFilter.BoxBlur(2))]
    yield [evened(_enlarge(clear, 2).filter(ImageFilter.GaussianBlur(1.2)), 6)]
    if whole.size != grey.size:
        # Smoothed as well: patterns of one pixel, with which a forger slows the reader, vanish.
        yield _tiles(grey.filter(ImageFilter.GaussianBlur(1)))


def _enlarge(grey: Image.Image, most: float) -> Image.Image:
    """Return the picture so many times larger, or as large as one tile, or as a picture may be."""
    from PIL import Image

    longest = limits.MAX_PICTURE_SIDE / max(grey.size)
    factor = min(most, (_TILE_PIXELS / (grey.width * grey.height)) ** 0.5, longest)
    size = (max(1, int(grey.width * factor)), max(1, int(grey.height * factor)))
    return grey.resize(size, Image.Resampling.BICUBIC)


def _reduce(grey: Image.Image) -> Image.Image:
    """Return the picture, made smaller if it has more pixels than one tile."""
    from PIL import Image

    pixels = grey.width * grey.height
    if pixels <= _TILE_PIXELS:
        return grey
    factor = (_TILE_PIXELS / pixels) ** 0.5
    size = (max(1, int(grey.width * factor)), max(1, int(grey.height * factor)))
    return grey.resize(size, Image.Resampling.BOX)


def _tiles(grey: Image.Image) -> list[Image.Image]:
    """Cut a large picture into overlapping pieces, for a small code on a large page."""
    step = _TILE_SIDE - _TILE_OVERLAP
    return [
        grey.crop((x, y, min(x + _TILE_SIDE, grey.width), min(y + _TILE_SIDE, grey.height)))
        for y in range(0, max(1, grey.height - _TILE_OVERLAP), step)
        for x in range(0, max(1, grey.width - _TILE_OVERLAP), step)
    ]


def _texts(zxingcpp: ModuleType, image: Image.Image) -> list[str]:
    return [
        barcode.text
        for barcode in zxingcpp.read_barcodes(
            image, formats=zxingcpp.BarcodeFormat.QRCode, text_mode=zxingcpp.TextMode.Plain
        )
    ]
