"""The sheet of a printed copy (打印件): A4, as PDF, with paper code and what it is good for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from ecert import limits
from ecert.errors import FormatError
from ecert.model.characters import require_visible
from ecert.show import render
from ecert.show import sheet_words as words
from ecert.show.fonts import code_points
from ecert.show.pages import HEIGHT, MM, WIDTH, Pages, require_reportlab

if TYPE_CHECKING:
    from ecert.show.fonts import FontChain
    from ecert.show.printed import PrintedCopy

Missing = Literal["refuse", "mark"]

_LEFT, _RIGHT = 20 * MM, WIDTH - 20 * MM
_TOP, _BOTTOM = HEIGHT - 20 * MM, 26 * MM
_TEXT: Final = 10.5
_LEAD: Final = 16.0
_SMALL: Final = 8.5
_LABEL: Final = 36 * MM
_CODE: Final = 70 * MM
_GAP: Final = 6 * MM
_PAD: Final = 4.5
_QUIET: Final = 4


def pdf(copy: PrintedCopy, fonts: FontChain, *, missing: Missing = "refuse") -> bytes:
    """Draw the sheet.  The same copy and fonts always give the same bytes.

    Args:
        copy: What stands on it, from `Issuer.print_copy`.
        fonts: What it is drawn with.
        missing: What happens with a character that no font has: ``refuse``, or ``mark`` it with
            a box that has its code point inside, and say so at the foot.

    Raises:
        CodeTooLargeError: The code fits no QR code.
        ExtraMissingError: The extra ``pdf`` is not installed.
        FormatError: A text holds characters that show nothing.
        PlotterMissingError: Some characters are in no font.
        ValueError: The copy is a preview and has no code.
    """
    require_drawable(copy, fonts, missing=missing)
    matrix = render.matrix(copy.code)
    data, pages = _draw(copy, fonts, matrix, 1)
    # How many there are is known only when all are drawn; a reader shall miss one that is lost.
    return data if pages == 1 else _draw(copy, fonts, matrix, pages)[0]


def _draw(
    copy: PrintedCopy, fonts: FontChain, matrix: render.Matrix, total: int
) -> tuple[bytes, int]:
    texts = [*words.said(copy), *words.own_words(copy)]
    title = f"{copy.type_name}（打印件）"
    with Pages(fonts, texts, title=title, author=copy.issuer_name) as pages:
        sheet = _Sheet(copy, pages, total)
        sheet.begin()
        sheet.notes()
        sheet.table(sheet.head(matrix))
        return pages.finish(), sheet.number


def require_drawable(
    copy: PrintedCopy, fonts: FontChain, *, missing: Missing = "refuse"
) -> tuple[str, ...]:
    """Require that the sheet of ``copy``, a preview too, can be drawn.

    Returns:
        The characters that no font has, which ``mark`` draws as boxes.

    Raises:
        ExtraMissingError: The extra ``pdf`` is not installed.
        FormatError: A text holds characters that show nothing.
        PlotterMissingError: Some characters are in no font, and ``missing`` is ``refuse``, or
            they are the sheet's own words.
    """
    require_reportlab()
    said = tuple(words.said(copy))
    for text in said:
        # Whatever a program handed in: nothing on paper may hide or turn the line around.
        require_visible(text, FormatError, where="打印件")
    fonts.require([*words.own_words(copy), "0123456789ABCDEF"], where="打印件")
    if missing == "refuse":
        fonts.require(said, where="打印件")
    return fonts.missing(said)


def module_size(modules: int) -> float:
    """Return the side of one module in points: the code fills its place, at 0.5 mm or more."""
    return max(limits.MIN_PRINTED_MODULE_MM * MM, _CODE / (modules + 2 * _QUIET))


class _Sheet:
    """One sheet while it is drawn; ``y`` is where the next thing goes."""

    def __init__(self, copy: PrintedCopy, pages: Pages, total: int) -> None:
        self.copy = copy
        self.missing = pages.fonts.missing(words.said(copy))
        self.pages = pages
        self.total = total
        self.number = 0
        self.y = _TOP
        self.floor = _BOTTOM

    # -- pages ------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin a page: what lies under the text, its foot, and its head if it is not the first."""
        if self.number:
            self.pages.next()
        self.number += 1
        self.y, self.floor = _TOP, _BOTTOM
        if self.copy.demo:
            self.pages.across(words.DEMO, 30, step=62 * MM)
        if self.copy.purpose is not None:
            self._purpose_mark(self.copy.purpose)
        self._foot()
        if self.number > 1:
            self.y -= 10
            kind = f"{self.copy.type_name[:30]}（续）"
            self.pages.text(_LEFT, self.y, kind, _SMALL, ink="grey")
            self.y -= 5
            self.pages.line(_LEFT, self.y, _RIGHT, ink="black", thick=0.8)

    def _purpose_mark(self, purpose: str) -> None:
        mark = f"仅限用于：{purpose if len(purpose) <= 24 else purpose[:23] + '…'}"
        step = 62 * MM
        self.pages.across(f"{mark}　　{mark}", 13, step=step if not self.copy.demo else step / 2)

    def _foot(self) -> None:
        pages, y = self.pages, 14 * MM
        pages.line(_LEFT, y + 12, _RIGHT)
        pages.text(_LEFT, y, words.BEARER, _SMALL, ink="grey")
        where = f"签发件 {self.copy.credential}　第 {self.number} 页，共 {self.total} 页"
        pages.text(_RIGHT, y, where, _SMALL, ink="grey", align="right")
        if self.missing:
            named = "、".join(code_points(one) for one in self.missing[:6])
            more = "等" if len(self.missing) > 6 else ""
            text = f"方框内为本机字体缺少的字的编码（{named}{more}），以电子证照所载为准。"
            pages.text(_LEFT, y - 12, text, _SMALL, ink="red")

    def notes(self) -> None:
        """Draw what the sheet is good for, framed, at the foot of this page."""
        pages, width = self.pages, _RIGHT - _LEFT - 6 * MM
        lines = [line for note in words.notes(self.copy) for line in pages.lines(note, 9, width)]
        height = 13.5 * len(lines) + 3 * MM
        pages.frame(_LEFT, _BOTTOM, _RIGHT - _LEFT, height)
        y = _BOTTOM + height - 0.5 * MM
        for line in lines:
            y -= 13.5
            pages.text(_LEFT + 3 * MM, y, line, 9)
        self.floor = _BOTTOM + height + 4 * MM

    # -- the head ---------------------------------------------------------------------------------

    def head(self, matrix: render.Matrix) -> list[tuple[str, str]]:
        """Draw title, code and what every copy tells; return of that what found no room."""
        pages, copy = self.pages, self.copy
        self._title()
        top = self.y
        side = module_size(matrix.size)
        whole = (matrix.size + 2 * _QUIET) * side
        left = _RIGHT - whole
        pages.modules(left, top - whole, matrix.rows, side, _QUIET)
        caption = top - whole - 9
        for text in (
            "扫描此码核验真伪和当前状态",
            f"签发件 {copy.credential}　码尾 {words.tail(copy)}",
        ):
            pages.text(left + whole / 2, caption, text, _SMALL, ink="grey", align="centre")
            caption -= 12
        width = left - _GAP - _LEFT
        rest = [(label, value) for label, value in words.always(copy)
                if not self._stacked(label, value, width)]  # fmt: skip
        self.y = min(self.y, caption) - 2 * MM
        return rest

    def _title(self) -> None:
        pages, copy = self.pages, self.copy
        size = 22.0 if len(copy.type_name) <= 22 else 16.0
        for line in pages.lines(copy.type_name, size, _RIGHT - _LEFT):
            self.y -= size
            pages.text(WIDTH / 2, self.y, line, size, align="centre")
            self.y -= 0.35 * size
        self.y -= 14
        kind = "电子证照打印件" if copy.purpose is None else "电子证照打印件（限定用途）"
        pages.text(WIDTH / 2, self.y, kind, 11, ink="grey", align="centre")
        self.y -= 10
        pages.line(_LEFT, self.y, _RIGHT, ink="black", thick=1.0)
        self.y -= 5 * MM

    def _stacked(self, label: str, value: str, width: float) -> bool:
        """Draw a label with its value below it, if there is room."""
        pages = self.pages
        lines = pages.lines(value, _TEXT + 1, width)
        if self.y - _SMALL - 16 * len(lines) - 8 < self.floor:
            return False
        self.y -= _SMALL
        pages.text(_LEFT, self.y, label, _SMALL, ink="grey")
        self.y -= 3
        for line in lines:
            self.y -= 13
            pages.text(_LEFT, self.y, line, _TEXT + 1)
            self.y -= 3
        self.y -= 5
        return True

    # -- the table --------------------------------------------------------------------------------

    def table(self, rest: list[tuple[str, str]]) -> None:
        """Draw ``rest``, holders and fields, on as many pages as they take."""
        rows = [*rest, *words.rows(self.copy)]
        for place, (label, value) in enumerate(rows):
            self._row(label, value, first=place == 0)

    def _row(self, label: str, value: str, *, first: bool) -> None:
        pages = self.pages
        labels = pages.lines(label, _TEXT, _LABEL - 3 * MM)
        values = pages.lines(value, _TEXT, _RIGHT - _LEFT - _LABEL - 2 * MM)
        count = max(len(labels), len(values))
        height = _LEAD * count + 2 * _PAD
        # A row that fits a page is not torn apart; nor is a longer one after a line or two.
        least = height if height < _TOP - _BOTTOM - 2 * _LEAD else 4 * _LEAD
        if self.y - least < self.floor:
            self.begin()
        elif first:
            pages.line(_LEFT, self.y, _RIGHT, ink="black", thick=0.8)
        self.y -= _PAD
        for place in range(count):
            if self.y - _LEAD < self.floor:
                self.begin()
                self.y -= _PAD
            self.y -= _LEAD
            baseline = self.y + 0.3 * _LEAD
            if place < len(labels):
                pages.text(_LEFT + 1 * MM, baseline, labels[place], _TEXT, ink="grey")
            if place < len(values):
                pages.text(_LEFT + _LABEL, baseline, values[place], _TEXT)
        self.y -= _PAD
        pages.line(_LEFT, self.y, _RIGHT)
