"""Pages of a PDF with text in a chain of fonts: lines are broken as Chinese print breaks them."""

from __future__ import annotations

import io
import itertools
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from ecert.errors import ExtraMissingError
from ecert.show.embedding import pdf_font
from ecert.show.fonts import MISSING_WIDTH, FontChain, clusters
from ecert.show.wrapping import wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ecert.show.font_files import OpenFace

MM: Final = 72 / 25.4
WIDTH, HEIGHT = 210 * MM, 297 * MM
"""A4, upright."""
_BOX_DIGITS: Final = 0.5
_SERIAL: Final = itertools.count()

Ink = Literal["black", "grey", "faint", "red"]
_INKS: Final[Mapping[Ink, tuple[float, float, float]]] = {
    "black": (0, 0, 0), "grey": (0.35, 0.35, 0.35), "faint": (0.88, 0.88, 0.88),
    "red": (0.72, 0.11, 0.11),
}  # fmt: skip


class Pages:
    """A PDF document that is drawn page by page; lengths in points from the lower left.

    A context: its fonts are let go at the end.

    Args:
        fonts: The chain.
        texts: Every text that will be drawn: of each font only these characters are embedded.
        title: The document's title.
        author: Its author.
        landscape: Whether the pages lie across.

    Raises:
        ExtraMissingError: reportlab is not installed.
    """

    def __init__(
        self,
        fonts: FontChain,
        texts: Iterable[str],
        *,
        title: str,
        author: str,
        landscape: bool = False,
    ) -> None:
        canvas = require_reportlab()
        self.fonts = fonts
        self._out = io.BytesIO()
        self._names = self._register(texts)
        # Invariant: no clock and no chance in the file, so that one sheet is always one file.
        self._canvas = canvas.Canvas(
            self._out, pagesize=(HEIGHT, WIDTH) if landscape else (WIDTH, HEIGHT),
            invariant=1, pageCompression=1, lang="zh-CN",
            # Else a page begins in Helvetica, which is not embedded.
            initialFontName=next(iter(self._names.values())),
        )  # fmt: skip
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)
        self._canvas.setCreator("ecert")
        self._canvas.setProducer("ecert")

    def _register(self, texts: Iterable[str]) -> dict[OpenFace, str]:
        from reportlab.pdfbase import pdfmetrics

        drawn: dict[OpenFace, set[str]] = {}
        # A box in the place of a missing character has the digits of its number in it.
        for one in {one for text in (*texts, "0123456789ABCDEFU+") for one in clusters(text)}:
            if (face := self.fonts.face_for(one)) is not None:
                drawn.setdefault(face, set()).add(one)
        names = {}
        for number, face in enumerate(one for one in self.fonts.faces if one in drawn):
            called = f"Sheet{number}-{_ascii(face.file.name)}"
            names[face] = f"{called}-{next(_SERIAL)}"
            font = pdf_font(face, drawn[face], called, names[face])
            # registerFont would give the font of an earlier sheet for one of the same name, and
            # keep each for ever; sheets may also be drawn side by side.
            pdfmetrics._fonts[names[face]] = font  # noqa: SLF001
        return names

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        from reportlab.pdfbase import pdfmetrics

        for name in self._names.values():
            pdfmetrics._fonts.pop(name, None)  # noqa: SLF001

    # -- text -----------------------------------------------------------------------------------

    def width(self, text: str, size: float) -> float:
        """Return the width of ``text`` in points."""
        return self.fonts.width(text) * size

    def lines(self, text: str, size: float, width: float) -> list[str]:
        """Break ``text`` into lines that are no wider than ``width``, a word or sign at least."""
        return wrap(text, self.fonts.width, width / size)

    def text(
        self, x: float, y: float, text: str, size: float, *, ink: Ink = "black",
        align: Literal["left", "centre", "right"] = "left",
    ) -> None:  # fmt: skip
        """Draw one line with its baseline at ``y``; what no font has is a box with its number."""
        if align != "left":
            x -= self.width(text, size) / (2 if align == "centre" else 1)
        self.ink(ink)
        for run in self.fonts.runs(text):
            if run.face is None:
                self._box(x, y, run.text, size)
            else:
                self._canvas.setFont(self._names[run.face], size)
                self._canvas.drawString(x, y, run.text)
            x += self.width(run.text, size)

    def _box(self, x: float, y: float, cluster: str, size: float) -> None:
        self._canvas.setLineWidth(0.4)
        wide = MISSING_WIDTH * size
        self._canvas.rect(x + 0.05 * size, y - 0.14 * size, wide - 0.1 * size, 1.04 * size)
        number = f"{ord(cluster[0]):05X}"
        small = size * _BOX_DIGITS
        for row, part in enumerate((number[:-3], number[-3:])):
            self.text(x + wide / 2, y + (0.43 - 0.47 * row) * size, part, small, align="centre")

    # -- shapes ---------------------------------------------------------------------------------

    def ink(self, ink: Ink) -> None:
        """Choose the colour of text and lines."""
        self._canvas.setFillColorRGB(*_INKS[ink])
        self._canvas.setStrokeColorRGB(*_INKS[ink])

    def line(
        self, x: float, y: float, to_x: float, *, ink: Ink = "grey", thick: float = 0.4
    ) -> None:
        """Draw a level line."""
        self.ink(ink)
        self._canvas.setLineWidth(thick)
        self._canvas.line(x, y, to_x, y)

    def frame(self, x: float, y: float, width: float, height: float) -> None:
        """Draw a frame; ``y`` is its lower edge."""
        self.ink("grey")
        self._canvas.setLineWidth(0.6)
        self._canvas.rect(x, y, width, height)

    def modules(
        self, x: float, y: float, rows: tuple[tuple[bool, ...], ...], side: float, border: int
    ) -> None:
        """Draw the modules of a QR code on white; ``x`` and ``y`` are the lower left corner.

        Args:
            x: Left edge of the quiet zone.
            y: Lower edge of the quiet zone.
            rows: From the top; True is dark.
            side: Points along one module.
            border: Modules of quiet zone.
        """
        whole = (len(rows) + 2 * border) * side
        self._canvas.setFillColorRGB(1, 1, 1)
        self._canvas.rect(x, y, whole, whole, stroke=0, fill=1)
        self._canvas.setFillColorRGB(0, 0, 0)
        path = self._canvas.beginPath()
        for down, row in enumerate(rows, start=1 + border):
            begin = None
            # Runs, not modules: between two rectangles a printer may leave a hair of white.
            for across, dark in enumerate((*row, False)):
                if dark and begin is None:
                    begin = across
                elif not dark and begin is not None:
                    path.rect(
                        x + (begin + border) * side, y + whole - down * side,
                        (across - begin) * side, side,
                    )  # fmt: skip
                    begin = None
        self._canvas.drawPath(path, stroke=0, fill=1)

    def across(self, text: str, size: float, *, step: float) -> None:
        """Draw ``text`` slanting, again and again, faint, over the whole page."""
        self._canvas.saveState()
        self._canvas.translate(WIDTH / 2, HEIGHT / 2)
        self._canvas.rotate(32)
        reach = (WIDTH + HEIGHT) / 2
        rows = int(reach / step)
        for row in range(-rows, rows + 1):
            self.text(0, row * step, text, size, ink="faint", align="centre")
        self._canvas.restoreState()

    # -- pages ----------------------------------------------------------------------------------

    def next(self) -> None:
        """Begin another page."""
        self._canvas.showPage()

    def finish(self) -> bytes:
        """Return the whole document."""
        self._canvas.showPage()
        self._canvas.save()
        return self._out.getvalue()


def _ascii(name: str) -> str:
    return "".join(one for one in name if one.isascii() and one.isalnum())


def require_reportlab() -> Any:
    """Return reportlab's canvas.

    Raises:
        ExtraMissingError: It is not installed.
    """
    try:
        from reportlab.pdfgen import canvas
    except ImportError as error:
        raise ExtraMissingError(
            "缺少生成 PDF 的组件", "a component that makes PDF is not installed",
            where="reportlab", fix_zh='请安装：pip install "ecert[pdf]"',
            fix_en='Install it: pip install "ecert[pdf]"',
        ) from error  # fmt: skip
    return canvas
