"""What a wallet tells about a licence that it holds, and what it asks of a delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ecert.errors import NotHeldError, ParseError, WalletError
from ecert.show import compact
from ecert.sign import sdjwt
from ecert.wallet.content import Held, held_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecert.show.delivery import Delivery
    from ecert.wallet.content import Content


@dataclass(frozen=True, slots=True)
class HeldLicence:
    """What a wallet tells about one licence that it holds."""

    id: str
    type_name: str
    issuer_name: str
    profiles: tuple[str, ...]
    key: str = ""
    """Id of the wallet's key that it is bound to."""


def told(held: Held) -> HeldLicence:
    """Return what is told about ``held``."""
    delivery = held.delivery
    profiles = tuple(delivery.compact)
    return HeldLicence(
        delivery.licence_id, delivery.type_name, delivery.issuer_name, profiles, held.key
    )


def accept(delivery: Delivery, content: Content) -> tuple[Held, dict[str, Any]]:
    """Return a delivery as it is kept, bound to one key of the wallet, and what it claims.

    Raises:
        WalletError: It is bound to another wallet, or its parts contradict each other.
    """
    try:
        claims = sdjwt.parse(delivery.sd_jwt).unverified_claims()
        keys = [compact.parse(data).claims.holder_key for data in delivery.compact.values()]
        last_day(claims)
    except ParseError as error:
        raise WalletError(
            "收到的凭证格式不对", f"the delivery is malformed: {error.en}",
            fix_zh="请颁发机构重新送达", fix_en="Ask the issuer to deliver it again",
        ) from error  # fmt: skip
    cnf = claims.get("cnf")
    bound = cnf.get("jwk") if isinstance(cnf, dict) else None
    ours = [key for key in content.keys if key.public.jwk() == bound]
    if not ours or any(key != ours[0].public for key in keys):
        raise WalletError(
            "此凭证不是发给本卡包的", "the credential is bound to another wallet",
            where=delivery.licence_id, fix_zh="请由本卡包申请（request），再请颁发机构送达",
            fix_en="Let this wallet ask for it (request), and the issuer deliver it again",
        )  # fmt: skip
    if claims.get("licence_id") != delivery.licence_id or not keys:
        raise WalletError(
            "收到的凭证前后不一致", "the parts of the delivery contradict each other",
            where=delivery.licence_id, fix_zh="请颁发机构重新送达",
            fix_en="Ask the issuer to deliver it again",
        )  # fmt: skip
    return held_of(delivery, ours[0].id), claims


def last_day(claims: Mapping[str, Any]) -> date | None:
    """Return the last day that a credential claims; None for one without (长期).

    Raises:
        ParseError: It is no day.
    """
    text = claims.get("valid_until")
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise ParseError("valid_until is no day", where="valid_until") from error


def require_held(content: Content, licence_id: str) -> Held:
    """Return what is held of a licence.

    Raises:
        NotHeldError: It is not here.
    """
    held = content.held.get(licence_id)
    if held is None:
        raise NotHeldError(
            "卡包中没有这份证照", "the wallet does not hold this licence", where=licence_id,
            fix_zh=f"卡包中有 {len(content.held)} 份证照，可用 ecert wallet list 查看",
            fix_en=f"It holds {len(content.held)}; see them with: ecert wallet list",
        )  # fmt: skip
    return held


def in_profile(held: Held, profile: str) -> bytes:
    """Return the compact credential that shows so much.

    Raises:
        NotHeldError: The licence has no such profile.
    """
    delivery = held.delivery
    credential = delivery.compact.get(profile)
    if credential is None:
        raise NotHeldError(
            f"此证照没有“{profile}”亮证方式", f'the licence has no profile "{profile}"',
            where=delivery.type_name,
            fix_zh=f"可用：{'、'.join(delivery.compact)}",
            fix_en=f"There are: {', '.join(delivery.compact)}",
        )  # fmt: skip
    return credential
