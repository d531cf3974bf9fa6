"""From register to wallet: delivery into a file, and what is in it as a holder names it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ecert.errors import NotHeldError
from ecert.model.codes import last_four
from ecert.wallet.wallet import Wallet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.issuers.issuer import Issuer
    from ecert.model.licence import Licence
    from ecert.wallet.wallet import HeldLicence


@contextmanager
def receiving_wallet(path: Path, passphrase: str, *, alg: str = "ES256") -> Iterator[Wallet]:
    """Open the wallet in ``path``, or make it; one made here is removed again if the block fails.

    Args:
        path: The wallet's file.
        passphrase: Of the wallet.
        alg: Suite of the key of one that is made here.

    Raises:
        VaultError: Wrong passphrase, damaged, or it cannot be made.
        CustodyError: This machine cannot use keys of the wallet's suite.
    """
    new = not path.exists()
    wallet = Wallet.create(path, passphrase, alg=alg) if new else Wallet.open(path, passphrase)
    try:
        yield wallet
    except BaseException:
        if new:
            path.unlink(missing_ok=True)
        raise


def deliver(issuer: Issuer, licence: Licence, wallet: Wallet) -> None:
    """Sign a credential of ``licence`` for ``wallet`` and put it there.

    Raises:
        CustodyError: The licence key cannot be opened.
        ForbiddenMoveError: The licence is not in force.
        VaultError: The wallet cannot be written.
    """
    wallet.add(issuer.deliver(licence.id, wallet.request(issuer.nonce())))


def find_held(wallet: Wallet, text: str) -> HeldLicence:
    """Return the licence in ``wallet`` that ``text`` names: row from 1, number or licence id.

    Raises:
        NotHeldError: There is none, or there are several.
    """
    found = [
        held
        for row, held in enumerate(wallet.licences, start=1)
        if text in {str(row), held.id, wallet.fields(held.id).get("number")}
    ]
    if len(found) == 1:
        return found[0]
    zh, en = ("卡包中没有这份证照", "the wallet does not hold this licence")
    if found:
        zh, en = (f"卡包中有{len(found)}份证照符合", f"{len(found)} licences in the wallet fit")
    raise NotHeldError(
        zh, en, where=text if len(text) <= 3 else f"***{last_four(text)}",
        fix_zh=f"卡包中有{len(wallet.licences)}份证照，可用 ecert wallet list 查看序号",
        fix_en=f"It holds {len(wallet.licences)}; see their rows with: ecert wallet list",
    )  # fmt: skip
