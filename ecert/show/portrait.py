"""The holder's portrait (持证人照片): made ready when a licence is issued, looked at when shown.

A clerk compares it with the person.  It travels in the SD-JWT VC alone, as a disclosure of its own;
no show code has room for it.  Whatever picture an office hands in is drawn anew as a plain JPEG, so
that nothing of the file goes along: no place, camera, thumbnail, comment, nor a second file in it.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from ecert import limits
from ecert.errors import ParseError, PictureError
from ecert.sign.disclosure import PORTRAIT
from ecert.sign.strict import b64url, b64url_decode

if TYPE_CHECKING:
    from PIL import Image

# Its value is a JPEG in base64url.
CLAIM: Final = PORTRAIT
_GIVEN: Final = ("JPEG", "PNG")
_WHERE: Final = "照片"
# Tried in turn until the file is small enough; a face stays plain at the last of them.
_QUALITIES: Final = (88, 75, 60, 45)
# Of the largest width and height, where no quality is enough.
_SHARES: Final = (1, 0.75, 0.5)


def prepare(picture: bytes) -> bytes:
    """Return ``picture`` as the JPEG that a licence carries: upright, small, and nothing beside.

    Args:
        picture: A JPEG or PNG file.

    Raises:
        PictureError: It is no such file, is damaged, too large, too small to know a face by, or
            does not become small enough.
    """
    from PIL import ImageOps

    from ecert.show.scan import open_picture

    if len(picture) > limits.MAX_PICTURE_BYTES:
        mebibytes = limits.MAX_PICTURE_BYTES // 2**20
        raise _refused(f"超过{mebibytes} MB", f"more than {mebibytes} MiB")
    image = open_picture(picture, _WHERE, formats=_GIVEN)
    upright = _on_white(ImageOps.exif_transpose(image))
    least, (width, height) = limits.MIN_PORTRAIT_SIDE, limits.MAX_PORTRAIT_PIXELS
    if min(upright.size) < least:
        raise _refused(f"宽或高不足{least}像素", f"its width or height is less than {least} pixels")
    for share in _SHARES:
        upright.thumbnail((width * share, height * share))
        for quality in _QUALITIES:
            data = _jpeg(upright, quality)
            if len(data) <= limits.MAX_PORTRAIT_BYTES:
                return data
    raise _refused("压缩后仍过大", "it stays too large when compressed")


def _on_white(image: Image.Image) -> Image.Image:
    from PIL import Image

    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def _jpeg(image: Image.Image, quality: int) -> bytes:
    from PIL import Image

    # The pixels alone: what was read beside them (Exif, ICC, comments) stays behind.
    plain = Image.frombytes("RGB", image.size, image.tobytes())
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def to_claim(portrait: bytes) -> str:
    """Return the claim's value."""
    return b64url(portrait)


def from_claim(value: object) -> bytes:
    """Return the portrait that a claim holds, without decoding its pixels.

    Raises:
        ParseError: It is not text, not base64url, or not a JPEG within the bounds.
    """
    if not isinstance(value, str):
        raise ParseError("the portrait is not text", where=CLAIM)
    data = b64url_decode(value, where=CLAIM)
    if len(data) > limits.MAX_PORTRAIT_BYTES:
        raise ParseError("the portrait is too large", where=CLAIM)
    size = _size_of(data)
    if size is None:
        raise ParseError("the portrait is not a JPEG", where=CLAIM)
    width, height = limits.MAX_PORTRAIT_PIXELS
    if not (1 <= size[0] <= width and 1 <= size[1] <= height):
        raise ParseError("the portrait has too many pixels", where=CLAIM)
    return data


def _size_of(data: bytes) -> tuple[int, int] | None:
    """Return width and height as the one frame header of a JPEG says them (ITU-T T.81 B.2.2)."""
    if data[:2] != b"\xff\xd8" or data[-2:] != b"\xff\xd9":
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        if marker in _FRAMES:
            height, width = (int.from_bytes(data[at + n : at + n + 2]) for n in (5, 7))
            return width, height
        if length < 2 or marker == _SCAN:
            return None
        at += 2 + length
    return None


_SCAN: Final = 0xDA
# Baseline and progressive: the two that every browser and Pillow know.
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})


def _refused(zh: str, en: str) -> PictureError:
    return PictureError(
        en, zh=zh, where=_WHERE,
        fix_zh="请用证件照（JPEG 或 PNG）", fix_en="Use an identity photograph (JPEG or PNG)",
    )  # fmt: skip
