"""A code to be shown: its text, and the pictures made of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShowCode:
    """A show code; ``text`` is everything, the rest are drawings of it."""

    text: str
    """Decimal digits."""

    @property
    def qr_version(self) -> int:
        """The QR version that it takes at error level M, 1 to 40."""
        from ecert.show.render import qr_version

        return qr_version(self.text)

    def png(self, *, scale: int = 8, border: int = 4) -> bytes:
        """Return a PNG picture, ``scale`` pixels a module."""
        from ecert.show.render import png

        return png(self.text, scale=scale, border=border)

    def svg(self) -> str:
        """Return an SVG picture."""
        from ecert.show.render import svg

        return svg(self.text)

    def terminal(self) -> str:
        """Return a picture of block characters."""
        from ecert.show.render import terminal

        return terminal(self.text)
