"""How a mandate (委托) is made in a principal's wallet: terms, what it covers, its signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ecert import limits
from ecert.errors import FormatError, NotHeldError, ParseError, WalletError
from ecert.show import compact, mandate
from ecert.show.agent import require_agent
from ecert.show.mandate import ALL, CoveredLicence, MandateClaims
from ecert.show.mandate_package import EntrustedLicence, MandatePackage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ecert.show.agent import Agent
    from ecert.show.delivery import Delivery
    from ecert.show.mandate import MandatePlace
    from ecert.sign.custody import Signer
    from ecert.sign.keys import PublicKey


class Terms(NamedTuple):
    """What a mandate is good for.

    Attributes:
        agent: To whom, as `ecert.show.agent.open_request` read it.
        matters: Matters or scenes, or ``*`` alone for all.
        profiles: The show profiles in which the licences may be shown.
        begins: Its first moment.
        ends: The first moment at which it no longer holds; a year later at most.
    """

    agent: Agent
    matters: Sequence[str]
    profiles: Sequence[str]
    begins: datetime
    ends: datetime


def entrust(
    deliveries: Sequence[Delivery], own: PublicKey, terms: Terms
) -> tuple[EntrustedLicence, ...]:
    """Return what an agent gets of ``deliveries``; all is looked at that takes no signature.

    Raises:
        FormatError: The terms do not fit: matters, length, agent.
        NotHeldError: A licence has none of the profiles.
        WalletError: The agent's key is the principal's ``own``.
    """
    _require_terms(terms, own)
    return tuple(_entrust(one, terms.profiles) for one in deliveries)


def make(
    entrusted: tuple[EntrustedLicence, ...], principal: Signer, terms: Terms, place: MandatePlace
) -> MandatePackage:
    """Sign a mandate over what `entrust` returned, and pack what the agent needs.

    Args:
        entrusted: The licences.
        principal: Who gives it.
        terms: What it is good for.
        place: Its place in the issuer's status lists, as `Mandates.enter` gave it.

    Raises:
        FormatError: It becomes too long, or the place is not at an issuer of these licences.
    """
    mandate_id = mandate.new_id()
    _require_place(entrusted, place)
    claims = MandateClaims(
        mandate_id, terms.agent,
        tuple(_cover(mandate_id, one) for one in entrusted), tuple(terms.matters),
        terms.begins, terms.ends, place,
    )  # fmt: skip
    try:
        return MandatePackage(mandate.sign(claims, principal), entrusted)
    except ParseError as error:
        raise FormatError(
            "委托内容过长或不合规范", f"not a mandate that can be read: {error.en}",
            where=error.where,
            fix_zh="请减少事项或证照", fix_en="Name fewer matters or licences",
        ) from error  # fmt: skip


def _require_terms(terms: Terms, own: PublicKey) -> None:
    agent = terms.agent
    require_agent(agent.name, agent.number)
    if agent.key == own:
        raise WalletError(
            "不能委托给本卡包自己", "the agent's key is this wallet's own",
            fix_zh="请代办人用自己的卡包申请", fix_en="The agent asks with a wallet of their own",
        )  # fmt: skip
    if not terms.begins < terms.ends <= terms.begins + limits.MAX_MANDATE_LIFE:
        raise FormatError(
            "委托期限应晚于生效时间，且不超过一年",
            "a mandate ends after it begins, and within a year", where="until",
            fix_zh="请填写一年以内的截止日期", fix_en="Give an end within a year",
        )  # fmt: skip
    matters = terms.matters
    if (
        not 1 <= len(matters) <= limits.MAX_MANDATE_MATTERS
        or any(not 1 <= len(one) <= limits.MAX_MANDATE_MATTER_CHARS for one in matters)
        or len(set(matters)) != len(matters)
        or (ALL in matters and len(matters) > 1)
    ):
        raise FormatError(
            f"请写明1至{limits.MAX_MANDATE_MATTERS}个委托事项，或只写 *（所有事项）",
            f"name 1 to {limits.MAX_MANDATE_MATTERS} matters, or * alone", where="matter",
        )  # fmt: skip


def _require_place(licences: Sequence[EntrustedLicence], place: MandatePlace) -> None:
    # Elsewhere nobody could withdraw it, and no window would have that list.
    issuers = {
        compact.parse(data).claims.issuer_code for one in licences for data in one.compact.values()
    }
    if place.issuer_code not in issuers:
        raise FormatError(
            "登记号不是这些证照的颁发机构给出的", "no issuer of these licences gave this place",
            where=str(place), fix_zh="请向其中一份证照的颁发机构登记",
            fix_en="Enter it at the issuer of one of them",
        )  # fmt: skip


def _entrust(delivery: Delivery, profiles: Sequence[str]) -> EntrustedLicence:
    chosen = {name: delivery.compact[name] for name in profiles if name in delivery.compact}
    if not chosen or len(chosen) != len(set(profiles)):
        raise NotHeldError(
            "此证照没有所选的亮证方式", "the licence has no such profile",
            where=delivery.type_name,
            fix_zh=f"可用：{'、'.join(delivery.compact)}",
            fix_en=f"There are: {', '.join(delivery.compact)}",
        )  # fmt: skip
    return EntrustedLicence(
        delivery.licence_id, delivery.type_name, delivery.issuer_name, chosen
    )  # fmt: skip


def _cover(mandate_id: bytes, licence: EntrustedLicence) -> CoveredLicence:
    claims = [compact.parse(data).claims for data in licence.compact.values()]
    digest = mandate.licence_digest(mandate_id, claims[0])
    return CoveredLicence(digest, tuple(sorted(one.profile for one in claims)))
