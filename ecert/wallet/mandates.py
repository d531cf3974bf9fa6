"""Mandates (委托) in a wallet: those given and received, and what an agent shows by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ecert import limits
from ecert.errors import NotHeldError, ParseError, TrustError, WalletError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from ecert.model.identifiers import LicenceId
    from ecert.show.mandate import MandatePlace
    from ecert.show.mandate_package import EntrustedLicence, MandatePackage
    from ecert.sign.keys import PublicKey


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

    def require_room(self) -> None:
        """Require room for one more.

        Raises:
            WalletError: The wallet keeps too many.
        """
        if len(self.packages) >= limits.MAX_KEPT_MANDATES:
            raise WalletError(
                f"卡包中的委托已达{limits.MAX_KEPT_MANDATES}份",
                f"the wallet keeps {limits.MAX_KEPT_MANDATES} mandates already",
                fix_zh="请先删除到期的委托", fix_en="Remove those that have ended",
            )  # fmt: skip

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
        others = MandateShelf(tuple(one for one in self.packages if one.id != package.id))
        others.require_room()
        return self if package in self.packages else MandateShelf((*others.packages, package))

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
                fix_zh="请直接亮证，不写委托", fix_en="Show the licence without the mandate",
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
            "此委托不包括这份证照", "the mandate does not cover this licence", where=name,
            fix_zh="可用 ecert mandate list 查看", fix_en="See them with: ecert mandate list",
        )  # fmt: skip
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
