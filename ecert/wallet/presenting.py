"""What a wallet hands over on line: an SD-JWT VC with the holder's choice, and a key binding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.errors import NotHeldError
from ecert.sign import sdjwt

if TYPE_CHECKING:
    from collections.abc import Collection

    from ecert.show.delivery import Delivery
    from ecert.sign.custody import Signer
    from ecert.sign.disclosure import Path
    from ecert.sign.sdjwt import KeyBinding


def present(
    delivery: Delivery,
    holder: Signer,
    *,
    fields: Collection[str] | None,
    binding: KeyBinding,
    at: int,
) -> str:
    """Return one licence with a key binding (RFC 9901 §4.3).

    The holders always go with it: a clerk compares them with an identity card.  Without a choice
    of fields everything does, the licence number and a portrait too.

    Args:
        delivery: The licence as it is held.
        holder: The wallet's key.
        fields: Names of the fields to disclose, ``number`` for the licence number; all if None.
        binding: For whom, and for which code.
        at: Seconds since 1970.

    Raises:
        NotHeldError: The licence has no such field.
    """
    if fields is not None:
        _require_known(delivery, fields)

    def reveal(path: Path) -> bool:
        if fields is None or path[0] == "holders":
            return True
        return str(path[1] if path[0] == "fields" and len(path) > 1 else path[0]) in fields

    return sdjwt.present(delivery.sd_jwt, reveal, holder=holder, binding=binding, at=at)


def _require_known(delivery: Delivery, fields: Collection[str]) -> None:
    claims = sdjwt.parse(delivery.sd_jwt).unverified_claims()
    known = [*claims.get("fields", {}), *({"number", "portrait"} & claims.keys())]
    for name in fields:
        if name not in known:
            raise NotHeldError(
                f"此证照没有“{name}”这一项", f'the licence has no field "{name}"',
                where=delivery.type_name,
                fix_zh=f"可用：{'、'.join(known)}", fix_en=f"There are: {', '.join(known)}",
            )  # fmt: skip
