"""The options of commands that show a licence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecert.cli.words import told

Profile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        help=told(
            "亮证方式：minimal 最少（默认），full 全部",
            "How much is shown: minimal (the default) or full",
        ),
    ),
]
Challenge = Annotated[
    str | None,
    typer.Option(
        "--challenge",
        help=told(
            "窗口给出的数字，或扫窗口二维码得到的数字",
            "The number that the window shows, typed or as its QR code was scanned",
        ),
    ),
]
Mandate = Annotated[
    str | None,
    typer.Option(
        "--mandate",
        help=told(
            "凭此委托代办：卡包中的序号或编号（ecert mandate list）",
            "As an agent, by this mandate: its row or id (ecert mandate list)",
        ),
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help=told(
            "写入 .png、.svg 或 .txt（数字）；- 为标准输出",
            "Write a .png, .svg or .txt (the digits); - is stdout",
        ),
    ),
]


AskPIN = Annotated[
    bool,
    typer.Option(
        "--pin",
        help=told(
            "输入亮证密码（不回显），无人值守的自助终端需要；也可用环境变量 ECERT_WALLET_PIN",
            "Ask for the show PIN, without echo, as a self-service terminal needs; also the "
            "variable ECERT_WALLET_PIN",
        ),
    ),
]
To = Annotated[
    str,
    typer.Option(
        "--to", metavar="WHO", help=told("出示给谁（只记入亮证记录）", "To whom; for the log alone")
    ),
]
For = Annotated[
    str,
    typer.Option(
        "--matter", metavar="WHAT",
        help=told("为何事出示（只记入亮证记录）", "What for; for the log alone"),
    ),
]  # fmt: skip
