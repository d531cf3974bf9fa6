"""Showing on line with a wallet: licences in full, and what is asked of a show service."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ecert.show.holder_request import make_request
from ecert.sign import sdjwt
from ecert.wallet.held import require_held
from ecert.wallet.kept_wallet import KeptWallet
from ecert.wallet.key_ring import common_key
from ecert.wallet.presenting import present
from ecert.wallet.show_log import ONLINE, ShowRecord, require_notes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from ecert.model.identifiers import LicenceId


class OnlineShowing(KeptWallet):
    """The part of a `Wallet` that hands licences over on line."""

    def present(
        self,
        *licence_ids: LicenceId | str,
        fields: Collection[str] | None = None,
        audience: str,
        nonce: str,
        pin: str | None = None,
        to: str = "",
        matter: str = "",
        at: datetime | None = None,
    ) -> tuple[str, ...]:
        """Return licences in full for one verifier, each with a key binding of this moment.

        Args:
            licence_ids: What is handed over.
            fields: Names of the fields to disclose; all if left out.
            audience: For whom: see `ecert.show.online.audience_of`.
            nonce: What binds it to one occasion: see `OnlineCode.nonce`.
            pin: The show PIN, needed where one is set.
            to: Who it is shown to, for the log alone; the audience if left out.
            matter: What it is shown for, for the log alone.
            at: The time that it is made; now if left out.

        Raises:
            NotHeldError: A licence or a field is not in the wallet.
            WalletError: The licences hang on several keys; or the PIN is needed, wrong or locked.
            FormatError: ``to`` or ``matter`` holds what cannot be seen.
            VaultError: The log cannot be written; then nothing is handed over.
        """
        require_notes(to or audience, matter)
        made = int((at or self._clock()).timestamp())
        binding = sdjwt.KeyBinding(audience, nonce)
        content = self._keeping.now()
        held = [require_held(content, str(licence_id)) for licence_id in licence_ids]
        signer = self.keys.signer(common_key(held, content) if held else None)
        shown = tuple(
            present(one.delivery, signer, fields=fields, binding=binding, at=made) for one in held
        )
        names = tuple((one.delivery.licence_id, one.delivery.type_name) for one in held)
        record = ShowRecord(made, names, ONLINE, "", to or audience, matter, pin is not None)
        self.pin.passed(pin, lambda content: replace(content, log=content.log.noting(record)))
        return shown

    def key_of(self, licence_ids: Iterable[LicenceId | str]) -> str:
        """Return the id of the one key that these licences are bound to.

        Raises:
            NotHeldError: A licence is not here.
            WalletError: They hang on several keys.
        """
        content = self._keeping.content
        return common_key([require_held(content, str(one)) for one in licence_ids], content)

    def ask(
        self,
        act: str,
        audience: str,
        *,
        about: str = "",
        key: str | None = None,
        at: datetime | None = None,
    ) -> str:
        """Sign what the holder asks of a show service: see `ecert.show.holder_request`.

        Args:
            act: What is asked.
            audience: Of whom.
            about: The code, if it is about one.
            key: Id of the key whose codes are meant; the default one if left out.
            at: The time that it is made; now if left out.

        Raises:
            WalletError: There is no such key.
        """
        made = int((at or self._clock()).timestamp())
        return make_request(act, audience, self.keys.signer(key), about=about, at=made)
