"""The test sheet for scanners: a page to print or to show, and a picture."""

from __future__ import annotations

import io
from typing import Final

from ecert.show import render
from ecert.show.scanner_check import LENGTHS, NEEDS, sheet_code

_COLUMNS: Final = 3
_CELL: Final = 540
_SCALE: Final = 4
_CAPTION: Final = 40
_STYLE: Final = """
body { font-family: sans-serif; margin: 12mm; color: #000; background: #fff; }
main { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8mm; }
figure { margin: 0; break-inside: avoid; text-align: center; }
svg { width: 100%; height: auto; }
p, figcaption { font-size: 12pt; }
"""


def sheet_html() -> str:
    """Return the sheet as one page of HTML, which fetches nothing."""
    figures = "".join(
        f"<figure>{render.svg(sheet_code(length))}"
        f"<figcaption>{length} 位 / digits</figcaption></figure>"
        for length in LENGTHS
    ).replace('aria-label="亮证码"', 'aria-label="测试码"')
    return (
        '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">'
        f"<title>扫码枪测试页</title><style>{_STYLE}</style></head><body>"
        "<h1>扫码枪测试页 / Scanner test sheet</h1>"
        "<p>运行 ecert doctor scanner，由短到长逐个扫描。这些不是亮证码。<br>"
        "Run ecert doctor scanner and scan them, the shortest first. None is a show code.</p>"
        f"<p>亮证码所需位数：单证照最少信息 {NEEDS['minimal']}，较全信息 {NEEDS['full']}，"
        f"三份证照 {NEEDS['three']}，在线亮证码 {NEEDS['online']}。<br>"
        f"Digits that show codes need: one licence {NEEDS['minimal']}, with full details "
        f"{NEEDS['full']}, three licences {NEEDS['three']}, online {NEEDS['online']}.</p>"
        f"<main>{figures}</main></body></html>\n"
    )


def sheet_png() -> bytes:
    """Return the codes of the sheet as one PNG picture; below each stands its length."""
    from PIL import Image, ImageDraw, ImageFont

    rows = -(-len(LENGTHS) // _COLUMNS)
    page = Image.new("L", (_COLUMNS * _CELL, rows * (_CELL + _CAPTION)), 255)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(28)
    for place, length in enumerate(LENGTHS):
        row, column = divmod(place, _COLUMNS)
        code = Image.open(io.BytesIO(render.png(sheet_code(length), scale=_SCALE)))
        left, top = column * _CELL, row * (_CELL + _CAPTION)
        page.paste(code, (left + (_CELL - code.width) // 2, top + (_CELL - code.height) // 2))
        draw.text((left + _CELL // 2, top + _CELL), str(length), fill=0, font=font, anchor="ma")
    out = io.BytesIO()
    page.convert("1", dither=Image.Dither.NONE).save(out, "PNG")
    return out.getvalue()
