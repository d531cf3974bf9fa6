"""Mandates (委托) in a wallet: made by a principal, kept and used by an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ecert import limits
from ecert.errors import FormatError, NotHeldError, ParseError, TrustError, WalletError
from ecert.show import compact, mandate
from ecert.show.agent import require_agent
from ecert.show.mandate import ALL, CoveredLicence, MandateClaims
from ecert.show.mandate_package import EntrustedLicence, MandatePackage

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from ecert.model.identifiers import LicenceId
    from ecert.show.agent import Agent
    from ecert.show.delivery import Delivery
    from ecert.show.mandate import MandatePlace
    from ecert.sign.custody import Signer
    from ecert.sign.keys import PublicKey


class Terms(NamedTuple):
    """What a mandate is good for.

    Attributes:
        agent: To whom, as `ecert.show.agent.open_request` read it.
        place: Its place in the issuer's status lists, as `Mandates.enter` gave it.
        matters: Matters or scenes, or ``*`` alone for all.
        profiles: The show profiles in which the licences may be shown.
        begins: Its first moment.
        ends: The first moment at which it no longer holds; a year later at most.
    """

    agent: Agent
    place: MandatePlace
    matters: Sequence[str]
    profiles: Sequence[str]
    begins: datetime
    ends: datetime


class HeldMandate(NamedTuple):
    """What a wallet tells about one mandate that it keeps."""

    id: str
    given: bool
    """This wallet's owner gave it; otherwise received it."""
    agent: str
    agent_number: str
    licences: tuple[EntrustedLicence, ...]
    matters: tuple[str, ...]
    begins: datetime
    ends: datetime
    place: MandatePlace


def make(deliveries: Sequence[Delivery], principal: Signer, terms: Terms) -> MandatePackage:
    """Sign a mandate over ``deliveries`` and pack what the agent needs.

    Raises:
        FormatError: The terms do not fit: matters, length, agent.
        NotHeldError: A licence has none of the profiles.
        WalletError: The agent's key is the principal's own.
    """
    _require_terms(terms, principal.public)
    mandate_id = mandate.new_id()
    entrusted = tuple(_entrust(one, terms.profiles) for one in deliveries)
    _require_place(entrusted, terms.place)
    claims = MandateClaims(
        mandate_id, terms.agent,
        tuple(_cover(mandate_id, one) for one in entrusted), tuple(terms.matters),
        terms.begins, terms.ends, terms.place,
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


class ToShow(NamedTuple):
    """What an agent's wallet puts into a code, and the key of its own that must sign it."""

    credentials: list[bytes]
    mandate: bytes
    key: PublicKey
    licences: tuple[tuple[str, str], ...]
    """Id and name of the type of each."""


class MandateShelf(NamedTuple):
    """The mandates of one wallet, given and received, in the order in which they came.

    Immutable: what changes it returns another one.
    """

    packages: tuple[MandatePackage, ...] = ()

    def having(self, package: MandatePackage, own: Collection[PublicKey]) -> MandateShelf:
        """Return the shelf with a mandate more; the same one again changes nothing.

        Args:
            package: The mandate.
            own: The wallet's keys.

        Raises:
            WalletError: It is neither from nor to this wallet, its parts do not belong together,
                or the wallet keeps too many.
        """
        try:
            principal = package.verify()
        except (ParseError, TrustError) as error:
            raise WalletError(
                "委托书无效：签名不符或前后不一致", f"the mandate does not hold: {error.en}",
                fix_zh="请委托人重新制作", fix_en="Ask the principal to make it again",
            ) from error  # fmt: skip
        if principal not in own and package.claims.agent.key not in own:
            raise WalletError(
                "此委托不是给本卡包的", "the mandate is for another wallet",
                where=package.id,
                fix_zh="请核对代办人申请是否由本卡包生成",
                fix_en="Was the agent's request made with this wallet?",
            )  # fmt: skip
        others = tuple(one for one in self.packages if one.id != package.id)
        if len(others) >= limits.MAX_KEPT_MANDATES:
            raise WalletError(
                f"卡包中的委托已达{limits.MAX_KEPT_MANDATES}份",
                f"the wallet keeps {limits.MAX_KEPT_MANDATES} mandates already",
                fix_zh="请先删除到期的委托", fix_en="Remove those that have ended",
            )  # fmt: skip
        return self if package in self.packages else MandateShelf((*others, package))

    def without(self, mandate_id: str) -> MandateShelf:
        """Return the shelf without a mandate; that does not withdraw it.

        Raises:
            NotHeldError: It is not here.
        """
        gone = self.require(mandate_id)
        return MandateShelf(tuple(one for one in self.packages if one is not gone))

    def require(self, mandate_id: str) -> MandatePackage:
        """Return a mandate.

        Raises:
            NotHeldError: It is not here.
        """
        for package in self.packages:
            if package.id == mandate_id:
                return package
        raise NotHeldError(
            "卡包中没有这份委托", "the wallet does not keep this mandate", where=mandate_id[:40],
            fix_zh="可用 ecert mandate list 查看", fix_en="See them with: ecert mandate list",
        )  # fmt: skip

    def using(self, key: PublicKey) -> tuple[MandatePackage, ...]:
        """Return the mandates that name ``key`` as their agent's."""
        return tuple(one for one in self.packages if one.claims.agent.key == key)

    def told(self, own: Collection[PublicKey]) -> tuple[HeldMandate, ...]:
        """Return what is kept, in the order in which it came."""
        return tuple(told(package, own) for package in self.packages)

    def to_show(
        self,
        mandate_id: str,
        licence_ids: Sequence[LicenceId | str],
        profile: str,
        own: Collection[PublicKey],
    ) -> ToShow:
        """Return what an agent shows.

        Args:
            mandate_id: The mandate.
            licence_ids: Which of its licences; all if none is named.
            profile: How much is shown.
            own: The wallet's keys.

        Raises:
            NotHeldError: The mandate is not here, or has no such licence or profile.
            WalletError: This wallet gave it, and shows its licences without one.
        """
        package = self.require(mandate_id)
        agent = package.claims.agent
        if agent.key not in own:
            raise WalletError(
                "此委托由本卡包发出，本人亮证不需要委托",
                "this wallet gave the mandate: its owner shows without one", where=mandate_id,
            )  # fmt: skip
        held = {one.licence_id: one for one in package.licences}
        chosen = [str(one) for one in licence_ids] or list(held)
        credentials = [_compact(held, name, profile) for name in chosen]
        names = tuple((name, held[name].type_name) for name in chosen)
        return ToShow(credentials, package.mandate, agent.key, names)


def told(package: MandatePackage, own: Collection[PublicKey]) -> HeldMandate:
    """Return what is told about a mandate."""
    claims = package.claims
    return HeldMandate(
        package.id, claims.agent.key not in own, claims.agent.name, claims.agent.number,
        package.licences, claims.matters, claims.begins, claims.ends, claims.place,
    )  # fmt: skip


def _compact(held: Mapping[str, EntrustedLicence], name: str, profile: str) -> bytes:
    if name not in held:
        raise NotHeldError(
            "此委托不包括这份证照", "the mandate does not cover this licence", where=name
        )
    credential = held[name].compact.get(profile)
    if credential is None:
        raise NotHeldError(
            f"此委托不包括“{profile}”亮证方式",
            f'the mandate does not cover the profile "{profile}"',
            where=held[name].type_name,
            fix_zh=f"可用：{'、'.join(held[name].compact)}",
            fix_en=f"There are: {', '.join(held[name].compact)}",
        )  # fmt: skip
    return credential
