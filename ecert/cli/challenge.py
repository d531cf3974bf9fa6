"""What a window shows a holder before the code: a number to be answered."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ecert import limits
from ecert.cli.command import command
from ecert.cli.terminal import Terminal, require_place, write_whole
from ecert.cli.window import Window
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.show.challenge import WindowChallenge

Picture = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help=told("把二维码写入 .png 或 .svg", "Write the QR code as .png or .svg"),
    ),
]
_WRITERS: Final[dict[str, Callable[[WindowChallenge], bytes]]] = {
    ".png": lambda shown: shown.png(),
    ".svg": lambda shown: shown.svg().encode("utf-8"),
}


def declare(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    command(
        app,
        "challenge",
        zh="给出本窗口的数字，请持证人亮证时填入",
        en="Show a number of this window, which the holder's code must answer",
    )(challenge)


def challenge(terminal: Terminal, window: Window = None, output: Picture = None) -> None:
    """Give out a number that the next code answers."""
    from ecert.workspace.window import window_verifier

    if output is not None and output.suffix not in _WRITERS:
        raise FormatError(
            "不认识的文件种类", "unknown kind of file", where=str(output),
            fix_zh="请用 .png 或 .svg", fix_en="Use .png or .svg",
        )  # fmt: skip
    require_place(output)
    with terminal.workspace() as workspace:
        verifier = window_verifier(workspace, window=window)
        if verifier.window is None:
            raise FormatError(
                "还不知道这是几号窗口", "this window has no number yet", where="--window",
                fix_zh="请加 --window 编号，或在 ecert.toml 中写 window = 编号",
                fix_en="Add --window NUMBER, or write window = NUMBER into ecert.toml",
            )  # fmt: skip
        given = verifier.challenge()
    shown = given.challenge
    if output is not None:
        write_whole(output, _WRITERS[output.suffix](shown))
    life = int(limits.CHALLENGE_LIFE.total_seconds())
    plain = {
        "challenge": shown.text,
        "window": shown.window,
        "number": shown.number,
        "digits": shown.digits,
        "issued": given.issued.isoformat(),
        "expires": given.expires.isoformat(),
        "life_seconds": life,
        "file": None if output is None else str(output),
    }
    lines = [shown.text]
    if output is None and sys.stdout.isatty():
        lines.append(shown.terminal(colour="NO_COLOR" not in os.environ))
    terminal.emit(plain, lines)
    terminal.note(
        f"  请持证人在卡包中输入此数字，或扫二维码；{life} 秒内有效，只用一次",
        f"  The holder types it into the wallet, or scans it; good for {life} seconds and one use",
    )
