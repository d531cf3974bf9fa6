"""How a hosted wallet is found by the app's account: by a keyed hash, and by nothing else."""

from __future__ import annotations

import hmac
from typing import Final

from ecert import limits
from ecert.errors import FormatError

_ACCOUNT: Final = b"ecert hosted account\x00"
HANDLE_BYTES: Final = 32


def handle_of(index_key: bytes, account: str) -> bytes:
    """Return the handle of an account: nobody without the key can tell which account it is.

    Args:
        index_key: The database's own.
        account: How the app knows the holder.

    Raises:
        FormatError: The account is empty or too long.
    """
    return hmac.digest(index_key, _ACCOUNT + _encoded(account), "sha256")


def _encoded(account: str) -> bytes:
    try:
        data = account.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _not_an_account() from error
    if not 1 <= len(account) <= limits.MAX_ACCOUNT_CHARS:
        raise _not_an_account()
    return data


def _not_an_account() -> FormatError:
    most = limits.MAX_ACCOUNT_CHARS
    return FormatError(
        f"账户标识应为1至{most}个字符", f"an account's id has 1 to {most} characters",
        where="account",
    )  # fmt: skip
