"""Why a holder does not get what was asked for at the page: the show PIN, or too many tries."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ecert.errors import VaultError, WalletError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.wallet.wallet import Wallet

_T = TypeVar("_T")


class HolderFault(StrEnum):
    """Why a holder does not get what was asked for."""

    PIN_NEEDED = "pin-needed"
    PIN_WRONG = "pin-wrong"
    PIN_LOCKED = "pin-locked"
    TOO_OFTEN = "too-often"


class HolderRefusal(NamedTuple):
    """What is answered then.

    Attributes:
        fault: Why.
        tries_left: Tries of the PIN that are left, where it is about the PIN.
        retry_after: Seconds to wait, where it was too often.
    """

    fault: HolderFault
    tries_left: int | None = None
    retry_after: int | None = None


def guarded(wallet: Wallet, *, pin: str | None, do: Callable[[Wallet], _T]) -> _T | HolderRefusal:
    """Do what takes the show PIN, and tell a refusal of the PIN from any other.

    Args:
        wallet: Whose PIN.
        pin: What was typed; None for nothing.
        do: What is done; it gives the PIN to the wallet.

    Raises:
        EcertError: Whatever ``do`` raises but for the PIN.
    """
    before = wallet.pin.tries_left
    if before is None:
        return do(wallet)
    if before == 0:
        return HolderRefusal(HolderFault.PIN_LOCKED, 0)
    if pin is None:
        return HolderRefusal(HolderFault.PIN_NEEDED, before)
    try:
        return do(wallet)
    except VaultError:
        raise
    except WalletError:
        left = wallet.pin.tries_left
        if left is None or left >= before:
            raise  # something else than the PIN
        fault = HolderFault.PIN_WRONG if left else HolderFault.PIN_LOCKED
        return HolderRefusal(fault, left)
