"""The wallet (卡包): keeps a holder's credentials and makes show codes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ecert import limits
from ecert.errors import CodeTooLargeError
from ecert.model.catalogue import builtin
from ecert.show import offline, possession
from ecert.show.challenge import require_challenge
from ecert.show.code import ShowCode
from ecert.show.fitness import Showable
from ecert.show.fitting import refusal
from ecert.show.suggestion import suggest
from ecert.sign import sdjwt
from ecert.wallet import owner, refreshing
from ecert.wallet.choosing import choose
from ecert.wallet.content import WalletKind
from ecert.wallet.delegation import Delegation
from ecert.wallet.held import HeldLicence, accept, require_held, told
from ecert.wallet.kept_wallet import KeptWallet
from ecert.wallet.key_ring import common_key
from ecert.wallet.online_showing import OnlineShowing
from ecert.wallet.show_log import ShowLog, ShowRecord, require_notes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, timedelta

    from ecert.interop.matters.request import MatterRequest
    from ecert.model.catalogue import Catalogue
    from ecert.model.identifiers import LicenceId
    from ecert.show.delivery import Delivery
    from ecert.show.suggestion import Suggestion
    from ecert.sign.custody import Signer
    from ecert.sign.keys import PublicKey
    from ecert.wallet.mandates import MandateShelf

__all__ = ["HeldLicence", "Wallet", "WalletKind"]


class Wallet(OnlineShowing, Delegation, KeptWallet):
    """One holder's wallet in one vault.

    Made by `create`, `open` or `restore` in an encrypted file, by `found` or `over` in a vault of
    another kind; every change is written before it returns.

    Attributes:
        keys: Its keys: a default one, and further ones.
        pin: Its show PIN (亮证密码), if one is set.
    """

    # -- receiving ----------------------------------------------------------------------------

    def request(self, nonce: str, *, key: str | None = None, at: datetime | None = None) -> str:
        """Prove to the issuer that gave ``nonce`` that this wallet holds a key.

        Args:
            nonce: The issuer's.
            key: Id of the key that the credential shall be bound to; the default one if left out.
            at: The time; now if left out.

        Raises:
            WalletError: There is no such key.
        """
        made = int((at or self._clock()).timestamp())
        return possession.make_proof(nonce, self.keys.signer(key), at=made)

    def add(self, delivery: Delivery, *, of_another: bool = False) -> HeldLicence:
        """Keep a credential; one that this wallet held for the same licence is replaced.

        Args:
            delivery: What the issuer has handed out.
            of_another: Whether it may be somebody else's licence (a child's), where the wallet
                knows its owner.

        Raises:
            WalletError: It is bound to another wallet, is not its owner's, or its parts
                contradict each other.
        """
        return self._put(delivery, of_another=of_another).licence

    def refresh(self, delivery: Delivery, *, of_another: bool = False) -> refreshing.Refreshed:
        """Put a new version of a held licence in the place of the old one, in one write.

        Raises as `add`; WalletError also if no version of it is held, or a later one is.
        """
        return self._put(delivery, of_another=of_another, refresh=True)

    def _put(
        self, delivery: Delivery, *, of_another: bool, refresh: bool = False
    ) -> refreshing.Refreshed:
        content = self._keeping.now()
        held, claims = accept(delivery, content)
        if not of_another:
            owner.require_owners(claims, content.owner, delivery.type_name)
        new, rest = delivery.licence_id, content.held
        replaced = refreshing.superseded_by(new, rest) if refresh else ()
        keep = {name: other for name, other in rest.items() if name not in replaced}
        self._keeping.save(replace(content, held=keep | {new: held}))
        return refreshing.Refreshed(told(held), replaced)

    def remove(self, licence_id: LicenceId | str) -> None:
        """Forget a licence.

        Raises:
            NotHeldError: It is not here.
        """
        content = self._keeping.now()
        gone = require_held(content, str(licence_id)).delivery.licence_id
        held = {name: other for name, other in content.held.items() if name != gone}
        self._keeping.save(replace(content, held=held))

    # -- looking ------------------------------------------------------------------------------

    @property
    def licences(self) -> tuple[HeldLicence, ...]:
        """What is held, in the order in which it came."""
        return tuple(told(held) for held in self._keeping.content.held.values())

    def fields(self, licence_id: LicenceId | str) -> dict[str, Any]:
        """Return everything that a held credential says, for the holder's own eyes.

        Raises:
            NotHeldError: It is not here.
        """
        held = require_held(self._keeping.content, str(licence_id))
        return sdjwt.parse(held.delivery.sd_jwt).unverified_claims()

    def delivery(self, licence_id: LicenceId | str) -> Delivery:
        """Return a held credential in all its forms, as the issuer delivered it.

        Raises:
            NotHeldError: It is not here.
        """
        return require_held(self._keeping.content, str(licence_id)).delivery

    def due(
        self,
        at: datetime | None = None,
        *,
        catalogue: Catalogue | None = None,
        notice: timedelta = limits.REFRESH_NOTICE,
    ) -> tuple[refreshing.Due, ...]:
        """Return the licences that should be collected again: expired, soon to expire, outdated.

        Args:
            at: The time; now if left out.
            catalogue: The types as they are now; without it, no type is compared.
            notice: How long before its last day a licence is due.
        """
        held = [(one, told(one)) for one in self._keeping.content.held.values()]
        return refreshing.find_due(held, at or self._clock(), catalogue=catalogue, notice=notice)

    @property
    def log(self) -> ShowLog:
        """What was shown, oldest first; it stands in the vault, and nowhere else."""
        return self._keeping.content.log

    def clear_log(self) -> None:
        """Forget what was shown."""
        self._keeping.save(replace(self._keeping.now(), log=ShowLog()))

    # -- what `Delegation` asks for -----------------------------------------------------------

    @property
    def _own(self) -> tuple[PublicKey, ...]:
        return tuple(key.public for key in self._keeping.content.keys)

    @property
    def _shelf(self) -> MandateShelf:
        return self._keeping.now().mandates

    def _keep_shelf(self, shelf: MandateShelf) -> None:
        content = self._keeping.content
        if shelf is not content.mandates:
            self._keeping.save(replace(content, mandates=shelf))

    def _entrusting(self, licence_ids: Iterable[str]) -> tuple[list[Delivery], Signer]:
        content = self._keeping.now()
        held = [require_held(content, one) for one in licence_ids]
        return [one.delivery for one in held], self.keys.signer(common_key(held, content))

    def _require_pin(self, pin: str | None) -> None:
        if self.pin.is_set or pin is not None:
            self.pin.passed(pin, lambda content: content)

    def _asking(self) -> Signer:
        return self.keys.signer()

    # -- showing ------------------------------------------------------------------------------

    def suggest(
        self,
        request: MatterRequest,
        *licence_ids: LicenceId | str,
        catalogue: Catalogue | None = None,
    ) -> Suggestion:
        """Say which licences to show for a matter, in which profiles, so that the least is told.

        The wallet itself knows no recognition list; what a window recognises is in the request.

        Args:
            request: What the window asks for.
            licence_ids: Only these are to be shown; all that fit if left out.
            catalogue: The licence types; those that come with the library if left out.

        Raises:
            NotHeldError: A licence is not here.
        """
        content = self._keeping.content
        named = [require_held(content, str(one)).delivery.licence_id for one in licence_ids]
        types = builtin() if catalogue is None else catalogue
        held = [Showable.of(one.delivery, types) for one in content.held.values()]
        return suggest(request, held, named=named)

    def show(
        self,
        *licence_ids: LicenceId | str,
        profile: str | Mapping[str, str] | Mapping[LicenceId, str] = "minimal",
        challenge: str | None = None,
        pin: str | None = None,
        mandate: str | None = None,
        to: str = "",
        matter: str = "",
        at: datetime | None = None,
    ) -> ShowCode:
        """Make a show code (亮证码) that lives for a minute, and note it in the log.

        Args:
            licence_ids: One licence, or several to be shown together.
            profile: How much is shown; ``minimal`` is the least.  Or a profile for each licence id,
                such as `Suggestion.profiles`; one that is left out is shown as ``minimal``.
            challenge: The number that the window shows, if it does, as it was typed or scanned.
            pin: The show PIN, needed where one is set; the code then says that it was typed.
            mandate: The id of a mandate, to show another's licences as their agent (代办).
            to: Who it is shown to, for the log alone.
            matter: What it is shown for, for the log alone.
            at: The time that it is made; now if left out.

        Raises:
            NotHeldError: A licence, or this profile of it, is not in the wallet or the mandate.
            LicenceChoiceError: No licence is named, one twice, or more than eight.
            WalletError: They hang on several keys; the PIN is needed, wrong or locked; or what is
                noted is too long.
            FormatError: ``challenge``, ``to`` or ``matter`` is not what can stand there.
            CodeTooLargeError: It does not fit one code.
            VaultError: The log cannot be written; then there is no code.
        """
        made = at or self._clock()
        require_notes(to, matter)
        challenge = None if challenge is None else require_challenge(challenge)
        # (1) Every licence must be here, in this profile, and bound to one key; an agent's stand
        # in the mandate.
        chosen = choose(self._keeping.now(), licence_ids, profile, mandate)
        # (2) The key signs them together with this moment; nobody has it yet.
        write = partial(
            offline.write_show_code, holder=self.keys.signer(chosen.key), made=made,
            challenge=challenge, pin=pin is not None, mandate=chosen.mandate,
        )  # fmt: skip
        try:
            text = write(chosen.credentials)
        except CodeTooLargeError as error:
            raise refusal(error, chosen.profiles, chosen.asked, write) from error
        record = ShowRecord(
            int(made.timestamp()), chosen.licences, "、".join(dict.fromkeys(chosen.asked)),
            challenge or "", to, matter, pin is not None,
        )  # fmt: skip
        # (3) Where a PIN is set, a try is on disk before it is compared.
        # (4) Nothing is handed out that the holder's log does not have.
        self.pin.passed(pin, lambda content: replace(content, log=content.log.noting(record)))
        # (5) The text is all that a picture needs.
        return ShowCode(text)
