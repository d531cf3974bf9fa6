"""What a wallet's commands ask without showing it: the show PIN, and a new passphrase.

Never an option, because other users of a machine can read those.
"""

from __future__ import annotations

import getpass
import os
import sys
from typing import TYPE_CHECKING, Final

from ecert.errors import CustodyError, FormatError

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.cli.terminal import Terminal
    from ecert.wallet.wallet import Wallet

PIN: Final = "ECERT_WALLET_PIN"
NEW_PIN: Final = "ECERT_NEW_WALLET_PIN"
NEW_PASSPHRASE: Final = "ECERT_NEW_WALLET_PASSPHRASE"  # noqa: S105 - the variable's name


def open_wallet(terminal: Terminal, path: Path) -> tuple[Wallet, str]:
    """Open a wallet, and return the passphrase too."""
    from ecert.cli.arguments import require_file
    from ecert.wallet.wallet import Wallet

    secret = terminal.passphrase(str(require_file(path)), wallet=True)
    with terminal.busy("正在打开卡包……", "Opening the wallet …"):
        return Wallet.open(path, secret), secret


def ask_pin(terminal: Terminal, path: Path) -> str:
    """Return the show PIN, from its variable or a person.

    Raises:
        CustodyError: There is none, and nobody to be asked.
    """
    return _asked(terminal, PIN, f"{path} 的亮证密码", f"Show PIN of {path}")


def ask_new_pin(terminal: Terminal, path: Path) -> str:
    """Return the show PIN to be set; a person types it twice.

    Raises:
        CustodyError: There is none, and nobody to be asked.
        FormatError: The two that were typed differ.
    """
    return _asked(
        terminal, NEW_PIN, f"{path} 的新亮证密码（6位数字）", f"New show PIN of {path} (6 digits)",
        twice=True,
    )  # fmt: skip


def ask_new_passphrase(terminal: Terminal, path: Path) -> str:
    """Return the passphrase to be set; a person types it twice.

    Raises:
        CustodyError: There is none, and nobody to be asked.
        FormatError: The two that were typed differ.
    """
    return _asked(
        terminal, NEW_PASSPHRASE, f"{path} 的新口令", f"New passphrase of {path}", twice=True
    )


def ask_present_passphrase(terminal: Terminal, path: Path) -> str | None:
    """Return the passphrase of a wallet whose backup has another; None if nobody can tell it."""
    if os.environ.get(NEW_PASSPHRASE) is None and not _is_watched():
        return None
    return _asked(terminal, NEW_PASSPHRASE, f"{path} 现在的口令", f"Present passphrase of {path}")


def pin_for_showing(terminal: Terminal, wallet: Wallet, path: Path, *, asked: bool) -> str | None:
    """Return the show PIN if the wallet has one, or ``asked`` for it; otherwise None."""
    return ask_pin(terminal, path) if asked or wallet.pin.is_set else None


def _asked(terminal: Terminal, name: str, zh: str, en: str, *, twice: bool = False) -> str:
    if (given := os.environ.get(name)) is not None:
        return given
    what = terminal.words(zh, en)
    if not _is_watched():
        raise CustodyError(
            "需要输入，但没有人可问", "it must be typed, and nobody is there to be asked",
            where=what, fix_zh=f"请设置环境变量 {name}", fix_en=f"Set the variable {name}",
        )  # fmt: skip
    secret = getpass.getpass(terminal.words(f"{what}：", f"{what}: "))
    if twice and getpass.getpass(terminal.words("再输一遍：", "Once more: ")) != secret:
        raise FormatError("两次输入的不同", "the two differ", where=what)
    return secret


def _is_watched() -> bool:
    return sys.stdin.isatty()
