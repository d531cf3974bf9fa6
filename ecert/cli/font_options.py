"""The option that names fonts, and the chain that a command draws with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecert.cli.words import told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecert.show.fonts import FontChain

Fonts = Annotated[
    list[Path] | None,
    typer.Option(
        "--fonts",
        metavar="PATH",
        help=told(
            "字体文件或文件夹，先于本机字体选用，可写多次",
            "A font or a folder of fonts, asked before those of this machine; may be repeated",
        ),
    ),
]


def chain(
    named: Sequence[Path] | None, folder: Path | None = None, settings: str | None = None
) -> FontChain:
    """Return the fonts to draw with: those named, those of the settings, the machine's.

    Args:
        named: By the option.
        folder: The workspace's, from which the path in the settings counts.
        settings: The path in the settings, if there is one.

    Raises:
        ExtraMissingError: fontTools is not installed.
        FormatError: A font that was named is none.
    """
    from ecert.show.fonts import FontChain

    own = [folder / settings] if folder is not None and settings else []
    return FontChain([*(named or ()), *own])
