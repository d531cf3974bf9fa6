"""What a holder sees of a licence in the wallet: as little as tells one from another.

By what the wallet itself knows.  Whether a licence stands, only its verification says.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from ecert import limits
from ecert.model import masks
from ecert.model.calendar import office_day
from ecert.model.codes import last_four
from ecert.show.fitness import Showable
from ecert.show.shown import in_words, least_first
from ecert.wallet.content import WalletKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from ecert.model.catalogue import Catalogue
    from ecert.model.licence_type import LicenceType, ShowProfile
    from ecert.show.compact import CompactClaims
    from ecert.show.delivery import Delivery
    from ecert.wallet.held import HeldLicence
    from ecert.wallet.wallet import Wallet

_NUMBER = "number"


class CardState(StrEnum):
    """How a licence stands by its dates alone."""

    CURRENT = "current"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    NOT_YET = "not-yet"


class CardProfile(NamedTuple):
    """One way to show a licence, in plain words.

    Attributes:
        name: The profile.
        zh: What whoever checks the code will see beside type, issuer and dates, in Chinese.
        en: The same in English.
        fields: What is handed over on line, where nothing is masked: names of fields, and
            ``number`` for the licence number.
    """

    name: str
    zh: tuple[str, ...]
    en: tuple[str, ...]
    fields: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Card:
    """One licence in 我的证照.

    Attributes:
        id: Licence id.
        type_name: Its type.
        issuer_name: Who issued it.
        holders: Names of its holders; those of persons masked.
        number_end: The last four characters of its number.
        valid_until: Its last day; None for one without (长期).
        state: How it stands by its dates.
        profiles: Ways to show it, the least first.
        key: Id of the key that it hangs on: one code shows licences of one key.
    """

    id: str
    type_name: str
    issuer_name: str
    holders: tuple[str, ...]
    number_end: str
    valid_until: date | None
    state: CardState
    profiles: tuple[CardProfile, ...]
    key: str

    def profile(self, name: str) -> CardProfile | None:
        """Return the way to show it of that name, or None."""
        return next((one for one in self.profiles if one.name == name), None)


def cards_of(wallet: Wallet, at: datetime, catalogue: Catalogue) -> tuple[Card, ...]:
    """Return what ``wallet`` holds, by type, as its holder sees it on a list."""
    today = office_day(at)
    # Names of bodies are public.
    mask = "none" if wallet.kind is WalletKind.ENTERPRISE else "name"
    found = []
    for held in wallet.licences:
        claims = wallet.fields(held.id)
        names = tuple(masks.apply(mask, name) for name in _names(claims))
        found.append(_card(held, wallet.delivery(held.id), claims, names, catalogue, today))
    return tuple(sorted(found, key=lambda one: (one.state is CardState.EXPIRED, one.type_name)))


def _card(
    held: HeldLicence,
    delivery: Delivery,
    claims: Mapping[str, object],
    names: tuple[str, ...],
    catalogue: Catalogue,
    today: date,
) -> Card:
    showable = Showable.of(delivery, catalogue)
    number = claims.get("number")
    return Card(
        id=held.id,
        type_name=held.type_name,
        issuer_name=held.issuer_name,
        holders=names,
        number_end=last_four(number) if isinstance(number, str) else "",
        valid_until=showable.claims.valid_until,
        state=_state(showable.claims, today),
        profiles=tuple(_profiles(showable)),
        key=held.key,
    )


def _names(claims: Mapping[str, object]) -> Iterator[str]:
    holders = claims.get("holders")
    for one in holders if isinstance(holders, list) else ():
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            yield one["name"]


def _state(compact: CompactClaims, today: date) -> CardState:
    if today < compact.valid_from:
        return CardState.NOT_YET
    if compact.valid_until is None or today + limits.REFRESH_NOTICE < compact.valid_until:
        return CardState.CURRENT
    return CardState.EXPIRED if compact.valid_until < today else CardState.EXPIRING


def _profiles(showable: Showable) -> Iterator[CardProfile]:
    known = showable.type
    told = set()
    for profile in () if known is None else least_first(known):
        if known is not None and profile.name in showable.profiles:
            told.add(profile.name)
            yield CardProfile(
                profile.name, in_words(known, profile), in_words(known, profile, "en"),
                tuple(_whole(known, profile)),
            )  # fmt: skip
    if not told:
        # A type that is not known here: how much is told, and not what it is called.
        for name, claims in showable.profiles.items():
            yield _counted(name, claims)


def _whole(licence_type: LicenceType, profile: ShowProfile) -> Iterator[str]:
    if profile.licence_number:
        yield _NUMBER
    for told in licence_type.told_by(profile):
        yield told.name


def _counted(name: str, claims: CompactClaims) -> CardProfile:
    zh, en = ["姓名或名称"], ["name"]
    ends = [number for _, number in claims.holders if number]
    if ends:
        whole = any(len(number) > 4 for number in ends)
        zh.append("完整号码" if whole else "号码后四位")
        en.append("whole number" if whole else "last four of the number")
    if claims.number is not None:
        zh.append("证照编号")
        en.append("licence number")
    if claims.fields:
        zh.append(f"照面信息{len(claims.fields)}项")
        en.append(f"{len(claims.fields)} fields")
    return CardProfile(name, tuple(zh), tuple(en), None)
