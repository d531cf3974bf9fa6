"""What a holder does with mandates (委托) at the page: looks at them, makes one, withdraws one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ecert import limits
from ecert.errors import FormatError
from ecert.model.calendar import end_of_day
from ecert.model.identifiers import LicenceId
from ecert.show.agent import open_request
from ecert.show.mandate import MandatePlace
from ecert.workspace.entrusting import find_mandate, key_of_licence, key_of_mandate
from ecert.workspace.holder_refusals import HolderRefusal

if TYPE_CHECKING:
    from datetime import date

    from ecert.issuers.issuer import Issuer
    from ecert.show.agent import Agent
    from ecert.show.mandate_package import MandatePackage
    from ecert.wallet.mandates import HeldMandate
    from ecert.wallet.wallet import Wallet
    from ecert.workspace.holder_desk import HolderDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateWish:
    """What a holder wants to entrust to somebody, always in the least profile.

    Attributes:
        agent: The agent's request, as their wallet made it.
        licences: Ids of licences in the holder's own wallet.
        matters: Matters or scenes, or ``*`` alone for all.
        until: The last day, inclusive.
        place: Where it can be withdrawn, as the issuing office wrote it; None where this office
            is the issuing one, and gives it a place at once.
        pin: The show PIN; None if it was not typed.
    """

    agent: str
    licences: tuple[str, ...]
    matters: tuple[str, ...]
    until: date
    place: str | None = None
    pin: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class HolderMandates:
    """The mandates of holders of hosted wallets.

    Attributes:
        desk: The wallets.
    """

    desk: HolderDesk

    def kept(self, holder: bytes) -> tuple[HeldMandate, ...]:
        """Return the mandates that a holder gave and received.

        Raises:
            VaultError: The wallet does not open.
            StoreError: The database refuses.
        """
        return self.desk.open(holder).mandates

    def is_here(self, place: MandatePlace) -> bool:
        """Tell whether a mandate can be withdrawn at this office."""
        issuer = self.desk.issuer
        return issuer is not None and issuer.code == place.issuer_code

    def agent(self, request: str) -> Agent:
        """Return who asks to be named in a mandate; nothing proves that the name is theirs.

        Raises:
            ProofError: It is no such request, or its signature does not fit.
            FormatError: The name or number may not stand in a mandate.
        """
        return open_request("".join(request.split()))

    def give(self, holder: bytes, wish: MandateWish) -> MandatePackage | HolderRefusal:
        """Sign a mandate; the package is for the agent alone.

        The office gives it a place once PIN and terms are known to be good, one for all tries; if
        the mandate is not signed and kept after all, the place is withdrawn.

        Raises:
            NotHeldError: A licence, or its least profile, is not in the holder's wallet.
            FormatError: The terms do not fit, or there is no place where it can be withdrawn.
            WalletError: The agent's key is the wallet's own, or the wallet keeps too many.
            ProofError: The agent's request does not hold.
            EcertError: The office gives it no place.
        """
        named = self.agent(wish.agent)
        ends = datetime.fromtimestamp(end_of_day(wish.until), UTC)
        begins = self.desk.clock().replace(microsecond=0)
        if not begins < ends <= begins + limits.MAX_MANDATE_LIFE:
            raise FormatError(
                "委托期限须晚于现在，且不超过一年", "a mandate ends later, and within a year",
                where="until", fix_zh="请选择一年以内的日期", fix_en="Choose a day within a year",
            )  # fmt: skip

        place = _Place(self.desk.issuer, wish, ends)

        def do(wallet: Wallet) -> MandatePackage:
            return wallet.give_mandate(
                *wish.licences, agent=named, place=lambda: place.get(wallet),
                matters=wish.matters, begins=begins, ends=ends, pin=wish.pin,
            )  # fmt: skip

        kept = False
        try:
            done = self.desk.with_pin(holder, wish.pin, do)
            kept = not isinstance(done, HolderRefusal)
        finally:
            if not kept:
                place.give_back()
        return done

    def withdraw(self, holder: bytes, mandate_id: str) -> None:
        """Withdraw a mandate at this office, at the word of who gave or received it; forget it.

        Windows know with their next status list.

        Raises:
            NotHeldError: It is not in the holder's wallet.
            FormatError: Another office entered it.
            EcertError: The office refuses.
        """
        wallet, issuer = self.desk.open(holder), self.desk.issuer
        held = find_mandate(wallet, mandate_id)
        if issuer is None or not self.is_here(held.place):
            raise FormatError(
                f"此委托登记在其他机构（登记号 {held.place}），请到该机构撤回",
                f"the mandate is entered at another office ({held.place}): withdraw it there",
            )
        proof = wallet.request(issuer.nonce(), key=key_of_mandate(wallet, held))
        issuer.mandates.withdraw(wallet.mandate(held.id).mandate, proof)
        wallet.remove_mandate(held.id)


@dataclass(slots=True)
class _Place:
    """The place of one mandate that is to be made: brought along, or entered here, once."""

    issuer: Issuer | None
    wish: MandateWish
    ends: datetime
    proof: tuple[str, str] | None = None
    entered: MandatePlace | None = None

    def get(self, wallet: Wallet) -> MandatePlace:
        """Return the place; another try, with the wallet opened anew, gets the same one."""
        if self.wish.place is not None:
            return MandatePlace.parse(self.wish.place.strip())
        if self.issuer is None or (proof := self._proof(wallet, self.issuer)) is None:
            raise FormatError(
                "请填写登记号", "the place of the mandate is missing", where="place",
                fix_zh="请先到颁发机构登记委托",
                fix_en="Enter the mandate at the issuing office first",
            )  # fmt: skip
        if self.entered is None:
            self.entered = self.issuer.mandates.enter(*proof, ends=self.ends)
        return self.entered

    def give_back(self) -> None:
        """Withdraw what was entered: no mandate names it."""
        if self.issuer is not None and self.entered is not None:
            self.issuer.withdraw_credential(
                self.entered.credential_id, reason="委托未签成，登记号作废", actor="委托人"
            )

    def _proof(self, wallet: Wallet, issuer: Issuer) -> tuple[str, str] | None:
        """Return a licence of this office and the proof that it is the wallet's, made once."""
        for name in () if self.proof else self.wish.licences:
            key = key_of_licence(wallet, name)
            if key and LicenceId.parse(name).issuer == issuer.code:
                self.proof = name, wallet.request(issuer.nonce(), key=key)
                break
        return self.proof
