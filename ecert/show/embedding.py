"""Fonts as they go into a PDF: of each face only what is drawn, as TrueType, with its Unicode.

Outlines in PostScript form (CFF: Noto CJK, Source Han), which reportlab cannot embed, are turned
into quadratic ones.  What is left out is hinting, which paper does not need.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecert.show.font_files import OpenFace

# Largest distance from a cubic curve, in ems: invisible at any size of print.
_TOLERANCE: Final = 0.001
# Seconds from 1904 to 1980, for a font that tells no time of its making.
_MAC_1980: Final = 2398377600
_LINE: Final = re.compile(r"<([0-9A-F]{2})> <([0-9A-F]{5,6})>")


def pdf_font(face: OpenFace, characters: Iterable[str], name: str, registered: str) -> Any:
    """Return a font for reportlab that draws ``characters`` and nothing else.

    Args:
        face: Where the outlines are.
        characters: All that will be drawn with it.
        name: What it is called in the PDF; another for each face.
        registered: What reportlab shall know it as.
    """
    from reportlab.pdfbase.ttfonts import TTFont

    class _Font(TTFont):  # type: ignore[misc]
        """Tells readers of the PDF also characters beyond the basic plane."""

        def addObjects(self, doc: Any) -> None:  # noqa: N802 - reportlab's name
            super().addObjects(doc)
            for key, stream in doc.idToObject.items():
                if str(key).startswith("toUnicodeCMap:"):
                    stream.content = _LINE.sub(_in_utf_16, stream.content)

    return _Font(registered, io.BytesIO(_small_font(face, sorted(set(characters)), name)))


def _in_utf_16(line: re.Match[str]) -> str:
    # reportlab writes the code point; a ToUnicode CMap has UTF-16BE (ISO 32000-1, 9.10.3).
    pair = chr(int(line[2], 16)).encode("utf-16-be").hex().upper()
    return f"<{line[1]}> <{pair}>"


def _small_font(face: OpenFace, characters: list[str], name: str) -> bytes:
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    by_character = {one: f"u{ord(one):05X}" for one in characters}
    box = TTGlyphPen(None).glyph()  # .notdef, which nothing asks for
    glyphs = {".notdef": box} | {by_character[one]: _outline(face, one) for one in characters}
    widths = {".notdef": face.units} | {
        by_character[one]: round(face.glyph(one).width) for one in characters
    }
    build = FontBuilder(face.units, isTTF=True)
    build.setupGlyphOrder(list(glyphs))
    build.setupCharacterMap({ord(one): glyph for one, glyph in by_character.items()})
    build.setupGlyf(glyphs)
    table = build.font["glyf"]
    build.setupHorizontalMetrics(
        {glyph: (width, getattr(table[glyph], "xMin", 0)) for glyph, width in widths.items()}
    )
    ascent, descent = round(0.88 * face.units), round(-0.12 * face.units)
    build.setupHorizontalHeader(ascent=ascent, descent=descent)
    build.setupNameTable({"familyName": name, "styleName": "Regular", "psName": name})
    build.setupOS2(sTypoAscender=ascent, sTypoDescender=descent)
    build.setupPost()
    build.setupHead(unitsPerEm=face.units, created=_MAC_1980, modified=_MAC_1980)
    # The same sheet is the same file: no time of making.
    build.font.recalcTimestamp = False
    out = io.BytesIO()
    build.save(out)
    return out.getvalue()


def _outline(face: OpenFace, character: str) -> Any:
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.recordingPen import DecomposingRecordingPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    whole = DecomposingRecordingPen(face.glyphs)
    face.glyph(character).draw(whole)
    pen = TTGlyphPen(None)
    # PostScript outlines run the other way round.
    reverse = "glyf" not in face.font
    whole.replay(Cu2QuPen(pen, _TOLERANCE * face.units, reverse_direction=reverse))
    return pen.glyph()
