"""Acting for another (代办) with a wallet: asked for, given, received, forgotten."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from ecert import limits
from ecert.show import agent as agents
from ecert.wallet import mandate_making, mandates
from ecert.wallet.mandate_making import Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from ecert.clock import Clock
    from ecert.model.identifiers import LicenceId
    from ecert.show.agent import Agent
    from ecert.show.delivery import Delivery
    from ecert.show.mandate import MandatePlace
    from ecert.show.mandate_package import MandatePackage
    from ecert.sign.custody import Signer
    from ecert.sign.keys import PublicKey
    from ecert.wallet.mandates import HeldMandate, MandateShelf


class Delegation:
    """The part of a `Wallet` that gives mandates (委托) and keeps those received."""

    _clock: Clock

    @property
    @abstractmethod
    def _own(self) -> tuple[PublicKey, ...]:
        """The wallet's keys."""

    @property
    @abstractmethod
    def _shelf(self) -> MandateShelf:
        """The mandates as they stand in the vault."""

    @abstractmethod
    def _keep_shelf(self, shelf: MandateShelf) -> None:
        """Write the mandates into the vault."""

    @abstractmethod
    def _entrusting(self, licence_ids: Iterable[str]) -> tuple[list[Delivery], Signer]:
        """Return the deliveries of licences, and the one key that they are bound to."""

    @abstractmethod
    def _require_pin(self, pin: str | None) -> None:
        """Require the show PIN where one is set."""

    @abstractmethod
    def _asking(self) -> Signer:
        """Return the key that an agent asks with."""

    def ask_mandate(self, name: str, number: str, *, at: datetime | None = None) -> str:
        """Ask, as an agent, to be named in a mandate.

        Args:
            name: The agent's name, as on the identity card.
            number: The last four characters of the agent's number.
            at: The time; now if left out.

        Raises:
            FormatError: The name or number may not stand in a mandate.
        """
        made = int((at or self._clock()).timestamp())
        return agents.make_request(name, number, self._asking(), at=made)

    def give_mandate(
        self,
        *licence_ids: LicenceId | str,
        agent: Agent,
        place: MandatePlace | Callable[[], MandatePlace],
        matters: Sequence[str],
        profiles: Sequence[str] = ("minimal",),
        begins: datetime | None = None,
        ends: datetime | None = None,
        pin: str | None = None,
    ) -> MandatePackage:
        """Sign a mandate (委托) over licences of this wallet, and keep it to be withdrawn.

        The package is for the agent alone: hand it over as one hands over a document.

        Args:
            licence_ids: The licences that the agent may show.
            agent: To whom, as `ecert.show.agent.open_request` read it.
            place: Its place in the issuer's status lists, as `Mandates.enter` gave it; or what
                gets it, called once terms, room and PIN are known to be good.
            matters: Matters or scenes, or ``*`` alone for all.
            profiles: The show profiles in which the licences may be shown.
            begins: Its first moment; now if left out.
            ends: The first moment at which it no longer holds; thirty days after its begin if left
                out, a year at most.
            pin: The show PIN, needed where one is set: whoever gives a mandate shows through
                another.

        Raises:
            NotHeldError: A licence, or a profile of it, is not in the wallet.
            FormatError: The terms do not fit.
            WalletError: The agent's key is this wallet's own, the wallet keeps too many; or the
                PIN is needed or wrong.
        """
        deliveries, principal = self._entrusting(dict.fromkeys(map(str, licence_ids)))
        begins = (begins or self._clock()).replace(microsecond=0)
        ends = begins + limits.MANDATE_LIFE if ends is None else ends
        terms = Terms(agent, tuple(matters), tuple(profiles), begins, ends)
        entrusted = mandate_making.entrust(deliveries, principal.public, terms)
        self._shelf.require_room()
        self._require_pin(pin)
        found = place() if callable(place) else place
        package = mandate_making.make(entrusted, principal, terms, found)
        self.add_mandate(package)
        return package

    def add_mandate(self, package: MandatePackage) -> HeldMandate:
        """Keep a mandate that this wallet's owner received.

        Raises:
            WalletError: It is for another wallet, or its parts contradict each other.
        """
        self._keep_shelf(self._shelf.having(package, self._own))
        return mandates.told(package, self._own)

    def remove_mandate(self, mandate_id: str) -> None:
        """Forget a mandate.  That does not withdraw it: see `Mandates.withdraw`.

        Raises:
            NotHeldError: It is not here.
        """
        self._keep_shelf(self._shelf.without(mandate_id))

    def mandate(self, mandate_id: str) -> MandatePackage:
        """Return a mandate that was given or received.

        Raises:
            NotHeldError: It is not here.
        """
        return self._shelf.require(mandate_id)

    @property
    def mandates(self) -> tuple[HeldMandate, ...]:
        """The mandates given and received, in the order in which they came."""
        return self._shelf.told(self._own)
