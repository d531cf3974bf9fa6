"""What a holder does with a hosted wallet at a page: look, show, show on line, read the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ecert import limits
from ecert.clock import Clock, system_clock
from ecert.errors import FormatError, VaultError
from ecert.model.catalogue import builtin
from ecert.model.identifiers import LicenceId
from ecert.show.challenge import WindowChallenge
from ecert.wallet.cards import Card, cards_of
from ecert.wallet.show_groups import ShowGroup, grouped
from ecert.workspace.holder_rates import HolderRates
from ecert.workspace.holder_refusals import HolderFault, HolderRefusal, guarded
from ecert.workspace.online_holder import OnlineHolder
from ecert.workspace.show_services import ShowServices

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from ecert.issuers.issuer import Issuer
    from ecert.model.catalogue import Catalogue
    from ecert.show.code import ShowCode
    from ecert.show.online import OnlineCode
    from ecert.show.suggestion import Suggestion
    from ecert.wallet.hosted import HostedWallets
    from ecert.wallet.wallet import Wallet
    from ecert.workspace.holder_matters import HolderMatters

_T = TypeVar("_T")
# How often something is tried again because another of the holder's pages wrote in between.
_TRIES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowWish:
    """What a holder wants to show.

    Attributes:
        licences: Ids of licences in the holder's own wallet.
        profiles: How much of each; the least of those that are left out.
        challenge: The number that the window shows, as it was typed; None if it shows none.
        pin: The show PIN; None if it was not typed.
        matter: What it is for, for the holder's log.
        to: Who it is shown to, for the holder's log.
    """

    licences: tuple[str, ...]
    profiles: Mapping[str, str] = field(default_factory=dict)
    challenge: str | None = None
    pin: str | None = field(default=None, repr=False)
    matter: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True)
class HolderDesk:
    """The wallets of an app behind a page; every method may be called from several threads.

    A holder is a handle: `HostedWallets.handle` of the account that was proven, or what a session
    remembers.  Nothing that a request says chooses the wallet.

    Attributes:
        wallets: The wallets.
        clock: The machine's time.
        catalogue: The licence types, for telling in words what a profile shows.
        services: The show services for online codes.
        matters: What may be chosen as a matter; None where the operator keeps no lists.
        rates: How often one holder may ask.
        issuer: The operator's own office, where mandates are entered and withdrawn at once; None
            where holders bring the place from the issuing office.
    """

    wallets: HostedWallets
    clock: Clock = system_clock
    catalogue: Catalogue = field(default_factory=builtin)
    services: ShowServices = field(default_factory=ShowServices)
    matters: HolderMatters | None = None
    rates: HolderRates = field(default_factory=HolderRates)
    issuer: Issuer | None = None

    # -- looking ------------------------------------------------------------------------------

    def open(self, holder: bytes) -> Wallet:
        """Open a holder's wallet, for one request.

        Raises:
            VaultError: There is none, or it does not open.
            StoreError: The database refuses.
        """
        return self.wallets.open_handle(holder, clock=self.clock)

    def cards(self, wallet: Wallet) -> tuple[Card, ...]:
        """Return what the holder sees of the licences in a wallet."""
        return cards_of(wallet, self.clock(), self.catalogue)

    def log(self, wallet: Wallet) -> tuple[ShowGroup, ...]:
        """Return what was shown, newest first."""
        return grouped(wallet.log)

    def clear_log(self, holder: bytes) -> None:
        """Forget what was shown.

        Raises:
            VaultError: The wallet does not open, or is busy.
            StoreError: The database refuses.
        """
        self._again(holder, lambda wallet: wallet.clear_log())

    def suggest(
        self, holder: bytes, licence_ids: Sequence[str], matter: str, region: str
    ) -> Suggestion | None:
        """Return the least that a matter needs, of these licences; None if nobody knows the matter.

        Raises:
            NotHeldError: A licence is not in the holder's wallet.
            VaultError: The wallet does not open.
            StoreError: The database refuses.
        """
        wallet = self.open(holder)
        held = [one.id for one in wallet.licences]
        types = {LicenceId.parse(one).type_code for one in held}
        if self.matters is None:
            return None
        request = self.matters.request(matter, region, at=self.clock(), types=types)
        if request is None:
            return None
        return wallet.suggest(request, *licence_ids, catalogue=self.catalogue)

    # -- showing ------------------------------------------------------------------------------

    def show(self, holder: bytes, wish: ShowWish) -> tuple[ShowCode, datetime] | HolderRefusal:
        """Make a show code; it lives for `limits.SHOW_CODE_LIFE` from the time that is returned.

        Raises:
            NotHeldError: A licence, or this profile of it, is not in the holder's wallet.
            FormatError: The challenge is not what a window shows.
            WalletError: The licences hang on several keys, or a PIN was given and none is set.
            CodeTooLargeError: They do not fit one code.
            VaultError: The wallet does not open, or is busy.
            StoreError: The database refuses.
        """
        challenge = None if wish.challenge is None else _typed_challenge(wish.challenge)
        made = self.clock()

        def do(wallet: Wallet) -> ShowCode:
            return wallet.show(
                *dict.fromkeys(wish.licences), profile=wish.profiles, challenge=challenge,
                pin=wish.pin, to=wish.to, matter=wish.matter, at=made,
            )  # fmt: skip

        done = self.with_pin(holder, wish.pin, do)
        return done if isinstance(done, HolderRefusal) else (done, made)

    def deposit(
        self, holder: bytes, licence_id: str, fields: Collection[str] | None, pin: str | None
    ) -> tuple[OnlineCode, str] | HolderRefusal:
        """Deposit a licence behind an online code; also returns until when it can be used.

        Args:
            holder: Whose wallet.
            licence_id: The licence.
            fields: Names of the fields that are handed over; all if None.
            pin: The show PIN; None if it was not typed.

        Raises:
            NotHeldError: The licence, or a field, is not in the holder's wallet.
            EcertError: No show service is set for it, it was not reached, or it refuses.
        """

        def do(wallet: Wallet) -> tuple[OnlineCode, str]:
            return self.online(wallet).deposit([licence_id], fields=fields, pin=pin)

        return self.with_pin(holder, pin, do)

    def cancel(self, holder: bytes, digits: str) -> bool:
        """Cancel an online code of the holder's; False if it was used already.

        Raises:
            EcertError: It is no online code, or its show service was not reached or refuses.
        """
        return self.online(self.open(holder)).cancel(digits)

    def fetched(self, holder: bytes) -> list[dict[str, Any]]:
        """Return who fetched or tried to fetch what on line, of all show services, newest first.

        Raises:
            EcertError: A service was not reached, or refuses.
        """
        online = self.online(self.open(holder))
        regions = dict.fromkeys(one.region for one in self.services.services)
        found = [entry for region in regions for entry in online.log(region)]
        return sorted(found, key=lambda one: str(one.get("at", "")), reverse=True)

    # -- the show PIN -------------------------------------------------------------------------

    def set_pin(self, holder: bytes, new: str, current: str | None) -> HolderRefusal | None:
        """Set the show PIN, or change it with the current one.

        Raises:
            WalletError: The new one is no PIN, or easily guessed.
            VaultError: The wallet does not open, or is busy.
            StoreError: The database refuses.
        """
        done = self.with_pin(holder, current, lambda one: one.pin.set(new, current=current))
        return done if isinstance(done, HolderRefusal) else None

    def remove_pin(self, holder: bytes, current: str) -> HolderRefusal | None:
        """Do without a show PIN from now on.

        Raises:
            WalletError: None is set.
            VaultError: The wallet does not open, or is busy.
            StoreError: The database refuses.
        """
        done = self.with_pin(holder, current, lambda one: one.pin.remove(current=current))
        return done if isinstance(done, HolderRefusal) else None

    # -- for what stands beside it ------------------------------------------------------------

    def online(self, wallet: Wallet) -> OnlineHolder:
        """Return what a wallet does at show services, now."""
        return OnlineHolder(wallet, self.services, self.clock())

    def with_pin(
        self, holder: bytes, pin: str | None, do: Callable[[Wallet], _T]
    ) -> _T | HolderRefusal:
        """Do what takes the show PIN where one is set, with the holder's wallet.

        Args:
            holder: Whose.
            pin: The show PIN; None if it was not typed.
            do: What is done; it gives the PIN to the wallet.

        Raises:
            EcertError: Whatever ``do`` raises but for the PIN.
        """
        wait = self.rates.take(holder, "show", limits.MAX_HOLDER_CODES, self.clock())
        if wait is not None:
            seconds = max(1, round(wait.total_seconds()))
            return HolderRefusal(HolderFault.TOO_OFTEN, retry_after=seconds)
        return self._again(holder, partial(guarded, pin=pin, do=do))

    # -- inside -------------------------------------------------------------------------------

    def _again(self, holder: bytes, do: Callable[[Wallet], _T]) -> _T:
        """Do it with the wallet opened anew where another page has written in between."""
        for _ in range(_TRIES - 1):
            wallet = self.open(holder)
            try:
                return do(wallet)
            except VaultError:
                continue
        return do(self.open(holder))


def _typed_challenge(text: str) -> str:
    found = WindowChallenge.find(text)
    if found is None:
        raise FormatError(
            "窗口数字不对", "not a window's number", where="challenge",
            fix_zh="请照窗口显示的输入，如 12-482913",
            fix_en="Type it as the window shows it, such as 12-482913",
        )  # fmt: skip
    return found.text
