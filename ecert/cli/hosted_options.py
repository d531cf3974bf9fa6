"""What the commands of hosted wallets share: the custody keys' file, and the account."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ecert import limits
from ecert.cli.words import told

KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key",
        metavar="FILE",
        envvar="ECERT_CUSTODY_KEY",
        help=told(
            "保管密钥文件，默认为工作区中的 custody.key",
            "The custody keys' file; custody.key in the workspace by default",
        ),
    ),
]
Account = Annotated[
    str,
    typer.Argument(
        metavar="ACCOUNT",
        help=told(
            "应用中的账户标识；- 为从标准输入读取（不留在命令历史中）",
            "The account's id in the app; - reads it from stdin, so that no history keeps it",
        ),
    ),
]


def read_account(text: str) -> str:
    """Return an account's id as it was typed, or from standard input."""
    if text != "-":
        return text
    # One more than any account has: one that is too long is refused, not cut off.
    line = sys.stdin.buffer.readline(4 * limits.MAX_ACCOUNT_CHARS + 2)
    # What is no UTF-8 becomes half characters, which no account has.
    return line.decode("utf-8", "surrogateescape").rstrip("\r\n")
