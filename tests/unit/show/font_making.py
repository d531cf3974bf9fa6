"""Makes small fonts, so that tests know what a font has and what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen

if TYPE_CHECKING:
    from pathlib import Path


def _square(pen: Any, *, curved: bool) -> None:
    pen.moveTo((100, 0))
    pen.lineTo((900, 0))
    if curved:
        pen.curveTo((900, 400), (600, 800), (500, 800))
    pen.lineTo((100, 800))
    pen.closePath()


def make_font(
    path: Path, characters: str, *, blank: str = "", boxed: str = "", name: str = "Made",
    cff: bool = False,
) -> Path:  # fmt: skip
    """Write a small font: ``blank`` is listed and draws nothing, ``boxed`` is its missing glyph."""
    glyphs = {".notdef": True} | {f"g{ord(one):X}": one not in blank for one in characters + blank}
    build = FontBuilder(1000, isTTF=not cff)
    build.setupGlyphOrder(list(glyphs))
    build.setupCharacterMap(
        {ord(one): f"g{ord(one):X}" for one in characters + blank}
        | {ord(one): ".notdef" for one in boxed}
    )
    drawn = {}
    for glyph, has_outline in glyphs.items():
        pen = T2CharStringPen(1000, None) if cff else TTGlyphPen(None)
        if has_outline:
            _square(pen, curved=cff)
        drawn[glyph] = pen.getCharString() if cff else pen.glyph()
    if cff:
        build.setupCFF(name, {"FullName": name}, drawn, {})
    else:
        build.setupGlyf(drawn)
    build.setupHorizontalMetrics(dict.fromkeys(glyphs, (1000, 100)))
    build.setupHorizontalHeader(ascent=880, descent=-120)
    build.setupNameTable({"familyName": name, "styleName": "Regular", "psName": name})
    build.setupOS2()
    build.setupPost()
    build.save(path)
    return path
