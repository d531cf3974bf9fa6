"""How a code gets to whoever reads it: on the screen, as digits, or as a picture's file."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

from ecert import limits
from ecert.cli.terminal import Terminal, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecert.show.code import ShowCode

WRITERS: Final[dict[str, Callable[[ShowCode], bytes]]] = {
    ".png": lambda code: code.png(),
    ".svg": lambda code: code.svg().encode("utf-8"),
    ".txt": lambda code: f"{code.text}\n".encode("ascii"),
}


def hand_out(
    terminal: Terminal,
    code: ShowCode,
    output: Path | None,
    *,
    draw: Callable[[ShowCode], bytes] | None = None,
    life: int = int(limits.SHOW_CODE_LIFE.total_seconds()),
    shown: str | None = None,
) -> None:
    """Print a code or write its picture.

    Args:
        terminal: Where to.
        code: The code.
        output: The file, if one was named.
        draw: Draws the picture, if it is not the code alone.
        life: Seconds that it lives.
        shown: What people read in the place of the bare digits.
    """
    to_file = output is not None and str(output) != "-"
    if output is not None and to_file:
        write_whole(output, (draw or WRITERS[output.suffix])(code))
    plain: dict[str, Any] = {
        "code": code.text,
        "digits": len(code.text),
        "qr_version": code.qr_version,
        "life_seconds": life,
        "file": str(output) if to_file else None,
    }
    if to_file:
        lines = [terminal.words(f"√ 亮证码已写入 {output}", f"√ The show code is in {output}")]
    elif output is None and sys.stdout.isatty():
        lines = [_drawing(code), *([] if shown is None else [shown])]
    else:
        lines = [code.text]  # a program reads it
    terminal.emit(plain, lines)


def _drawing(code: ShowCode) -> str:
    from ecert.show.render import terminal

    return terminal(code.text, colour="NO_COLOR" not in os.environ)
