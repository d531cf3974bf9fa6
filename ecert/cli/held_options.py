"""How commands name a wallet and what it holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecert.cli.words import told

Held = Annotated[
    str,
    typer.Argument(
        metavar="LICENCE",
        help=told("卡包中的序号、证照编号或证照标识", "Row in the wallet, number or licence id"),
    ),
]
HeldSome = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="LICENCE",
        help=told(
            "卡包中的序号、证照编号或证照标识；只有一份可省略",
            "Row in the wallet, number or licence id; may be left out where there is just one",
        ),
    ),
]
WalletOption = Annotated[
    Path, typer.Option("--wallet", metavar="FILE", help=told("卡包文件", "The wallet's file"))
]
