"""Whose wallet it is: one for a person (一人一码), one for a body (一企一码).

A wallet need not know its owner, and then asks nothing.  One that does refuses a licence of which
the owner is no holder, unless it is told that this is meant: parents keep their children's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecert.errors import WalletError
from ecert.model.codes import last_four
from ecert.model.holders import HolderClass
from ecert.wallet.content import WalletKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecert.model.holders import Holder


def require_fitting(kind: WalletKind, owner: Holder | None) -> None:
    """Require that the owner is what the wallet's kind says: a person, or a body.

    Raises:
        WalletError: It is not.
    """
    if owner is None or (
        (owner.holder_class is HolderClass.LEGAL_PERSON) is (kind is WalletKind.ENTERPRISE)
    ):
        return
    zh, en = {
        WalletKind.ENTERPRISE: ("法人或其他组织", "an enterprise wallet is a body"),
        WalletKind.PERSONAL: ("自然人", "a personal wallet is a person"),
    }[kind]
    raise WalletError(
        f"{kind.zh}的所有人应为{zh}", f"the owner of {en}", where="owner",
        fix_zh="请检查卡包种类和代码类型", fix_en="Check the kind of wallet and the kind of number",
    )  # fmt: skip


def require_owners(claims: Mapping[str, Any], owner: Holder | None, type_name: str) -> None:
    """Require that the owner, if known, is among the holders of a licence.

    Raises:
        WalletError: The owner is not.
    """
    if owner is None:
        return
    numbers = holder_numbers(claims)
    if owner.number.upper() in {number.upper() for number in numbers}:
        return
    ends = "、".join(f"***{last_four(number)}" for number in numbers) or "?"
    raise WalletError(
        f"此证照的持证主体（{ends}）不是本卡包所有人（***{owner.last_four}）",
        f"the holder of this licence ({ends}) is not the wallet's owner (***{owner.last_four})",
        where=type_name,
        fix_zh="如确需代为保管（如未成年子女的证照），请注明代为保管（--of-another）后再收",
        fix_en="If you keep it for them, as for a child, say so: of_another, --of-another",
    )


def holder_numbers(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the numbers of a credential's holders, as far as it tells them."""
    holders = claims.get("holders")
    found = [one.get("number") for one in holders] if isinstance(holders, list) else []
    return tuple(number for number in found if isinstance(number, str))
