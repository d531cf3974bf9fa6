"""What a holder does with a window's request for licences: is asked by a code, agrees, refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ecert import limits
from ecert.errors import NotHeldError, WorkspaceError
from ecert.model.identifiers import LicenceId
from ecert.model.regions import name_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecert.show.online import OnlineCode
    from ecert.wallet.cards import Card
    from ecert.wallet.wallet import Wallet
    from ecert.workspace.holder_desk import HolderDesk
    from ecert.workspace.holder_refusals import HolderRefusal

_STATES: Final = {"0": "open", "1": "waiting", "2": "agreed", "3": "declined"}
_ENDED: Final = "ended"


class HandedOver(NamedTuple):
    """A licence that would answer a request.

    Attributes:
        card: The licence, as on the list.
        fields: Names of all that would be handed over beside name and number, unmasked.
        portrait: Whether the holder's photo goes with it.
    """

    card: Card
    fields: tuple[str, ...]
    portrait: bool


class RequestedType(NamedTuple):
    """A licence type that a window asks for, and what the wallet has of it."""

    code: str
    name: str
    licences: tuple[HandedOver, ...]


class ConsentRequest(NamedTuple):
    """What a window asks, as its holder reads it.

    Attributes:
        state: ``open`` while nobody has asked, ``waiting``, ``agreed``, ``declined``, ``ended``.
        expires: Until when it can be answered.
        office: Who asks, as the show service knows them; empty while nobody has.
        region_name: Where they are.
        purpose: What they say of it, under the names of `ecert.online.purpose.AccessPurpose`.
        types: What they ask for.
    """

    state: str
    expires: str
    office: str = ""
    region_name: str = ""
    purpose: Mapping[str, str] = {}
    types: tuple[RequestedType, ...] = ()


@dataclass(frozen=True, slots=True)
class HolderConsents:
    """Requests for consent to the holders of hosted wallets.

    Attributes:
        desk: The wallets.
    """

    desk: HolderDesk

    def services(self, wallet: Wallet) -> dict[str, str]:
        """Return the regions whose show services know licences of this wallet, with names."""
        found = {}
        for held in wallet.licences:
            region = self._service_of(wallet, held.id)
            if region is not None:
                found[region] = name_of(region)
        return found

    def open(
        self, holder: bytes, region: str, pin: str | None
    ) -> tuple[OnlineCode, str] | HolderRefusal:
        """Open a code by which one window may ask; also returns until when.

        Raises:
            NotHeldError: The wallet has no licence that the service of ``region`` knows.
            EcertError: The show service was not reached, or refuses.
        """

        def do(wallet: Wallet) -> tuple[OnlineCode, str]:
            for held in wallet.licences:
                if self._service_of(wallet, held.id) == region:
                    return self.desk.online(wallet).open(held.id, pin=pin)
            raise NotHeldError("卡包中没有该地区的证照", "the wallet has no licence of that region")

        return self.desk.with_pin(holder, pin, do)

    def pending(self, holder: bytes, digits: str) -> ConsentRequest:
        """Return what a window asks by the holder's code.

        Raises:
            EcertError: It is no code of this holder's; or its show service was not reached.
        """
        return self._pending(self.desk.open(holder), digits)

    def agree(
        self, holder: bytes, digits: str, licence_ids: Sequence[str], pin: str | None
    ) -> list[str] | HolderRefusal:
        """Hand over licences that were asked for, one of a type; returns the types.

        The wallet's log has who asked and what for, as the show service tells it.

        Raises:
            NotHeldError: A licence is not in the holder's wallet.
            EcertError: It was not asked for, nothing is awaited any more, the lists do not cover
                the window, or the show service was not reached.
        """

        def do(wallet: Wallet) -> list[str]:
            asked, most = self._pending(wallet, digits), limits.MAX_SHOW_NOTE_CHARS
            return self.desk.online(wallet).agree(
                digits, list(dict.fromkeys(licence_ids)), pin=pin, to=asked.office[:most],
                matter=asked.purpose.get("itemName", "")[:most],
            )  # fmt: skip

        return self.desk.with_pin(holder, pin, do)

    def decline(self, holder: bytes, digits: str) -> None:
        """Refuse what was asked for.

        Raises:
            EcertError: Nothing is awaited, or the show service was not reached.
        """
        self.desk.online(self.desk.open(holder)).decline(digits)

    def _pending(self, wallet: Wallet, digits: str) -> ConsentRequest:
        found = self.desk.online(wallet).pending(digits)
        state = _STATES.get(str(found.get("verifyStatus")), _ENDED)
        asked, expires = _object(found.get("asked")), str(found.get("expires", ""))
        if not asked:
            return ConsentRequest(state, expires)
        verifier = _object(asked.get("verifier"))
        codes = asked.get("types")
        return ConsentRequest(
            state, expires, str(verifier.get("office") or ""),
            name_of(str(verifier.get("region") or "")),
            {name: str(word) for name, word in _object(asked.get("purpose")).items()},
            self._types(wallet, codes if isinstance(codes, list) else ()),
        )  # fmt: skip

    def _types(self, wallet: Wallet, codes: Sequence[Any]) -> tuple[RequestedType, ...]:
        cards: dict[str, list[HandedOver]] = {}
        for card in self.desk.cards(wallet):
            claims = wallet.fields(card.id)
            names = tuple(_object(claims.get("fields")))
            handed = HandedOver(card, names, "portrait" in claims)
            cards.setdefault(LicenceId.parse(card.id).type_code, []).append(handed)
        found = []
        for code in [str(one) for one in codes][: limits.MAX_CONSENT_TYPES]:
            known, held = self.desk.catalogue.get(code), tuple(cards.get(code, ()))
            name = held[0].card.type_name if held else code if known is None else known.name
            found.append(RequestedType(code, name, held))
        return tuple(found)

    def _service_of(self, wallet: Wallet, licence_id: str) -> str | None:
        try:
            region = str(wallet.fields(licence_id)["region"])
            return self.desk.services.for_licence(region).region
        except WorkspaceError:
            return None


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
