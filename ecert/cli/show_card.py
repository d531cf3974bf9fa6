"""The card picture of a show code, for the command ``show``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ecert.cli.font_options import chain
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ecert.show.card import Titled
    from ecert.show.code import ShowCode

AsCard = Annotated[
    bool,
    typer.Option(
        "--card",
        help=told("画成证照卡片（.png），供手机屏幕出示", "Draw a card (.png) for a screen"),
    ),
]


def require_card_file(output: Path | None) -> None:
    """Require that a card goes into a .png file.

    Raises:
        FormatError: It would not.
    """
    if output is None or output.suffix != ".png":
        raise FormatError(
            "证照卡片要写入 .png 文件", "a card goes into a .png file", where="--output",
            fix_zh="请加 -o 文件名.png", fix_en="Add -o FILE.png",
        )  # fmt: skip


def draw(code: ShowCode, held: Sequence[Titled], fonts: Sequence[Path] | None) -> bytes:
    """Return the card of ``code``, which shows the licences ``held``."""
    from ecert.show import card

    return card.png(code.text, held, chain(fonts))
