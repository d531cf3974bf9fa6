"""The number that a window shows (窗口给出的数字), so that a code answers that window alone.

A person types it, ``12-482913``: the window's number, and six digits of chance.  A wallet may
scan it instead: a QR code of digits of a kind of its own, which holds the same text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from ecert import limits
from ecert.errors import FormatError, ParseError
from ecert.show import digits
from ecert.show.digits import CodeKind

NUMBER_DIGITS: Final = 6
_HALF = re.compile("[\ud800-\udfff]")
# The window's digits, then the number's; people leave the dash out, or type a blank.
_TYPED = re.compile(rf"0*([1-9][0-9]{{0,3}})[-\u2010-\u2015\u2212 ]*([0-9]{{{NUMBER_DIGITS}}})")


@dataclass(frozen=True, slots=True)
class WindowChallenge:
    """A number that one window shows, once.

    Attributes:
        window: The window's number, 1 to 9999.
        number: Six digits.

    Raises:
        FormatError: Either does not have its form.
    """

    window: int
    number: str

    def __post_init__(self) -> None:
        if not 1 <= self.window <= limits.MAX_WINDOW:
            raise FormatError(
                f"窗口号应为 1 至 {limits.MAX_WINDOW}",
                f"a window's number is 1 to {limits.MAX_WINDOW}",
                where="window",
            )
        if not (
            len(self.number) == NUMBER_DIGITS and self.number.isascii() and self.number.isdigit()
        ):
            raise FormatError(
                f"数字应为 {NUMBER_DIGITS} 位", f"the number has {NUMBER_DIGITS} digits",
                where="number",
            )  # fmt: skip

    @classmethod
    def find(cls, text: str) -> WindowChallenge | None:
        """Return the challenge that ``text`` is, as it was typed or scanned; None if it is none."""
        plain = unicodedata.normalize("NFKC", text).strip()
        if (typed := _TYPED.fullmatch(plain)) is None:
            scanned = _scanned(text)
            typed = None if scanned is None else _TYPED.fullmatch(scanned)
        return None if typed is None else cls(int(typed[1]), typed[2])

    @property
    def text(self) -> str:
        """What people read and type, and what stands in the code that answers it."""
        return f"{self.window}-{self.number}"

    @property
    def digits(self) -> str:
        """What its QR code holds: digits that no reader takes for a show code."""
        return digits.encode(CodeKind.CHALLENGE, self.text.encode("ascii"))

    def png(self, *, scale: int = 8) -> bytes:
        """Return its QR code as a PNG picture, ``scale`` pixels a module."""
        from ecert.show.render import png

        return png(self.digits, scale=scale)

    def svg(self) -> str:
        """Return its QR code as an SVG picture."""
        from ecert.show.render import svg

        return svg(self.digits)

    def terminal(self, *, colour: bool = True) -> str:
        """Return its QR code as a picture of block characters."""
        from ecert.show.render import terminal

        return terminal(self.digits, colour=colour)


def read_challenge(text: str) -> str:
    """Return the text that goes into a code for what a holder typed or scanned.

    A window's number is brought to its one form; any other text is a challenge as it stands.
    """
    found = WindowChallenge.find(text)
    return text if found is None else found.text


def require_challenge(text: str) -> str:
    """Return what `read_challenge` does, if it can stand in a code.

    Raises:
        FormatError: It is empty, longer than `limits.MAX_CHALLENGE_CHARS`, or holds half a
            character (a lone surrogate), which nothing can be signed with.
    """
    found = read_challenge(text)
    if not 1 <= len(found) <= limits.MAX_CHALLENGE_CHARS or _HALF.search(found):
        raise FormatError(
            f"窗口给出的数字应为1至{limits.MAX_CHALLENGE_CHARS}个字符",
            f"what the window shows has 1 to {limits.MAX_CHALLENGE_CHARS} characters",
            where="challenge", fix_zh="请照窗口显示的重新输入，例如 12-482913",
            fix_en="Type it again as the window shows it, such as 12-482913",
        )  # fmt: skip
    return found


def _scanned(text: str) -> str | None:
    try:
        kind, data = digits.decode(text)
        return data.decode("ascii") if kind is CodeKind.CHALLENGE else None
    except (ParseError, UnicodeDecodeError):
        return None
