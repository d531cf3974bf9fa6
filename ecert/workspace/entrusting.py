"""Mandates as people name them: a row or an id in a wallet, a file, a place at the issuer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.errors import NotHeldError
from ecert.sign.strict import b64url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecert.model.identifiers import LicenceId
    from ecert.wallet.mandates import HeldMandate
    from ecert.wallet.wallet import Wallet


def find_mandate(wallet: Wallet, text: str) -> HeldMandate:
    """Return the mandate in ``wallet`` that ``text`` names: row from 1, or id.

    Raises:
        NotHeldError: There is none.
    """
    for row, held in enumerate(wallet.mandates, start=1):
        if text in {str(row), held.id}:
            return held
    raise NotHeldError(
        "卡包中没有这份委托", "the wallet does not keep this mandate", where=text[:40],
        fix_zh=f"卡包中有{len(wallet.mandates)}份委托，可用 ecert mandate list 查看序号",
        fix_en=f"It keeps {len(wallet.mandates)}; see their rows with: ecert mandate list",
    )  # fmt: skip


def key_of_licence(wallet: Wallet, licence_id: LicenceId | str) -> str | None:
    """Return the id of the key that a licence in ``wallet`` is bound to; None if it is not there.

    It need not be the wallet's default key, and the issuer takes a word about it from no other.
    """
    wanted = str(licence_id)
    return next((held.key for held in wallet.licences if held.id == wanted), None)


def key_of_mandate(wallet: Wallet, held: HeldMandate) -> str:
    """Return the id of the key by which ``wallet`` gave or received a mandate."""
    package = wallet.mandate(held.id)
    key = package.verify() if held.given else package.claims.agent.key
    return b64url(key.thumbprint)


def find_entrusted(held: HeldMandate, names: Sequence[str]) -> list[str]:
    """Return the ids of the licences of a mandate that ``names`` name: row from 1, or id.

    Raises:
        NotHeldError: The mandate has no such licence.
    """
    found = []
    for name in names:
        fitting = [
            one.licence_id
            for row, one in enumerate(held.licences, start=1)
            if name in {str(row), one.licence_id}
        ]
        if not fitting:
            raise NotHeldError(
                "此委托不包括这份证照", "the mandate does not cover this licence",
                where=name if len(name) <= 3 else f"***{name[-4:]}",
                fix_zh=f"此委托有{len(held.licences)}份证照，请写序号",
                fix_en=f"It covers {len(held.licences)}: name one by its row",
            )  # fmt: skip
        found += fitting
    return list(dict.fromkeys(found))
