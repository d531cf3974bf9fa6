"""A card picture for a screen (证照卡片): what is shown, large, and the show code with its life.

It is for eyes only until the code is scanned.  So it imitates no verdict: no tick, no green, no
seal, and it says that a screenshot is worth nothing.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from ecert.errors import FormatError
from ecert.model.calendar import SHANGHAI
from ecert.model.characters import require_visible
from ecert.show import offline, render
from ecert.show.wrapping import wrap

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ecert.show.compact import CompactClaims
    from ecert.show.fonts import FontChain
    from ecert.show.offline import HolderProof

WIDTH: Final = 1080
"""Pixels: the width of an ordinary telephone."""
SHOWN_HOLDERS: Final = 3
"""So many holders of a licence are named; the rest are counted, so that the code stays in view."""
_MARGIN: Final = 72
_QUIET: Final = 4
_GROUND: Final = "#ffffff"
_HEAD: Final = "#22314a"
_INK: Final = "#111111"
_PALE: Final = "#4a4a4a"
_WARNING: Final = "#9c1c1c"
_WARNINGS: Final = ("仅供扫码核验，截图无效", "本图不是核验结果")


class Titled(Protocol):
    """What names a licence beside its code: as the wallet's list has it."""

    @property
    def type_name(self) -> str:
        """Name of the licence type."""
        ...

    @property
    def issuer_name(self) -> str:
        """Name of the issuer."""
        ...


class _Line(NamedTuple):
    text: str
    size: int
    ink: str
    room: int
    """Pixels from this baseline to the end of the line's place."""


def png(code: str, titles: Sequence[Titled], fonts: FontChain) -> bytes:
    """Draw the card of a show code.

    Args:
        code: The show code's digits.
        titles: Type and issuer of each licence in the code, in its order.
        fonts: What it is drawn with.

    Raises:
        FormatError: A text holds characters that show nothing.
        ParseError: Not a show code.
        PlotterMissingError: Some characters are in no font; the message names them.
        ValueError: A paper code, or another number of titles than of licences.
    """
    shown = offline.read(code)
    if shown.proof is None:
        raise ValueError("paper is printed as a sheet, not as a card")
    head: list[_Line] = []
    body: list[_Line] = []
    several = len(titles) > 1
    for title, credential in zip(titles, shown.credentials, strict=True):
        lines = _told(title, credential.claims, fonts, several=several)
        (body if several else head).extend(lines[0])
        body += lines[1]
    if several:
        head = _lines(f"{len(titles)} 份证照一并出示", 60, _GROUND, fonts)
    foot = _foot(shown.proof, fonts)
    for line in (*head, *body, *foot):
        require_visible(line.text, FormatError, where="卡片")
    fonts.require((line.text for line in (*head, *body, *foot)), where="卡片")
    return _drawn(head, body, foot, code, fonts)


def _told(
    title: Titled, claims: CompactClaims, fonts: FontChain, *, several: bool
) -> tuple[list[_Line], list[_Line]]:
    """Return the head of one licence, and what stands below."""
    ink, size = (_INK, 48) if several else (_GROUND, 68)
    pale = _PALE if several else "#dfe5ee"
    head = _lines(title.type_name, size, ink, fonts)
    head += _lines(title.issuer_name, 36, pale, fonts)
    below: list[_Line] = []
    for name, number in claims.holders[:SHOWN_HOLDERS]:
        below += _lines(name or "（未出示姓名）", 40 if several else 60, _INK, fonts)
        if number:
            kind = "号码后四位" if len(number) <= 4 else "号码"
            below += _lines(f"{kind} {number}", 38, _INK, fonts)
    if len(claims.holders) > SHOWN_HOLDERS:
        below += _lines(f"等 {len(claims.holders)} 个持证主体", 36, _PALE, fonts)
    until = "长期" if claims.valid_until is None else _day(claims.valid_until)
    below += _lines(f"有效期 {_day(claims.valid_from)} 至 {until}", 36, _PALE, fonts)
    last = below.pop()
    below.append(last._replace(room=last.room + 24))
    return head, below


def _foot(proof: HolderProof, fonts: FontChain) -> list[_Line]:
    ends = proof.expires.astimezone(SHANGHAI)
    life = int((proof.expires - proof.made).total_seconds())
    day = f"{ends.year}年{ends.month}月{ends.day}日"
    return [
        *_lines(f"{day} {ends:%H:%M:%S} 前扫码有效（{life} 秒，一次）", 38, _INK, fonts),
        *_lines(_WARNINGS[0], 54, _WARNING, fonts),
        *_lines(_WARNINGS[1], 36, _WARNING, fonts),
    ]


def _lines(text: str, size: int, ink: str, fonts: FontChain) -> list[_Line]:
    width = (WIDTH - 2 * _MARGIN) / size
    return [_Line(line, size, ink, size * 3 // 5) for line in wrap(text, fonts.width, width)]


def _drawn(
    head: list[_Line], body: list[_Line], foot: list[_Line], code: str, fonts: FontChain
) -> bytes:
    from PIL import Image, ImageDraw

    matrix = render.matrix(code)
    side = (WIDTH - 2 * 40) // (matrix.size + 2 * _QUIET)
    whole = side * (matrix.size + 2 * _QUIET)
    band = _height(head) + 2 * 44
    height = band + 40 + _height(body) + 16 + whole + 8 + _height(foot) + 48
    image = Image.new("RGB", (WIDTH, height), _GROUND)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, band), fill=_HEAD)
    _write(draw, 44, head, fonts)
    y = _write(draw, band + 40, body, fonts) + 16
    code_picture = Image.open(io.BytesIO(render.png(code, scale=side, border=_QUIET)))
    image.paste(code_picture.convert("RGB"), ((WIDTH - whole) // 2, y))
    _write(draw, y + whole + 8, foot, fonts)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _height(lines: Sequence[_Line]) -> int:
    return sum(line.size + line.room for line in lines)


def _write(draw: Any, y: int, lines: Sequence[_Line], fonts: FontChain) -> int:
    from PIL import ImageFont

    for line in lines:
        y += line.size
        x = float(_MARGIN)
        for run in fonts.runs(line.text):
            if run.face is None:
                raise AssertionError("all characters were looked for before")
            file = run.face.file
            font = ImageFont.truetype(
                file.path, line.size, index=max(file.number, 0),
                # The same everywhere: with or without a layout engine on the machine.
                layout_engine=ImageFont.Layout.BASIC,
            )  # fmt: skip
            for character in run.text:
                draw.text((round(x), y), character, font=font, fill=line.ink, anchor="ls")
                x += fonts.width(character) * line.size
        y += line.room
    return y


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
