"""From register to wallet: delivery into a file, and what is in it as a holder names it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ecert.errors import NotHeldError
from ecert.model.codes import last_four
from ecert.wallet.owner import require_owners
from ecert.wallet.wallet import Wallet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ecert.issuers.issuer import Issuer
    from ecert.model.holders import Holder
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


def deliver(
    issuer: Issuer,
    licence: Licence,
    wallet: Wallet,
    *,
    key: str | None = None,
    of_another: bool = False,
) -> None:
    """Sign a credential of ``licence`` for ``wallet`` and put it there.

    Args:
        issuer: Whose licence it is.
        licence: The licence.
        wallet: Where it goes.
        key: Id of the wallet's key that it is bound to; the default one if left out.
        of_another: Whether it may be somebody else's than the wallet's owner's.

    Raises:
        WalletError: It is not the owner's; nothing was signed.
        CustodyError: The licence key cannot be opened.
        ForbiddenMoveError: The licence is not in force.
        VaultError: The wallet cannot be written.
    """
    require_welcome(wallet, licence.type_name, licence.holders, of_another=of_another)
    proof = wallet.request(issuer.nonce(), key=key)
    wallet.add(issuer.deliver(licence.id, proof), of_another=of_another)


def require_welcome(
    wallet: Wallet, type_name: str, holders: Sequence[Holder], *, of_another: bool = False
) -> None:
    """Require that a wallet would take a licence of these holders, before anything is signed.

    Raises:
        WalletError: The wallet knows its owner, who is not among them.
    """
    if not of_another:
        claims = {"holders": [{"number": holder.number} for holder in holders]}
        require_owners(claims, wallet.owner, type_name)


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
