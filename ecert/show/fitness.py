"""Which profiles of one held licence will do for a need, judged as the window will judge it.

By what the compact credential of a profile really shows, through the entries of the request, in
their precedence.  Only profiles are taken that a clerk can compare with an identity card.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ecert.interop import mapping
from ecert.interop.conditions import unmet
from ecert.interop.matters.requirements import is_own
from ecert.model.regions import province
from ecert.reasons import Reason
from ecert.show import compact
from ecert.show.shown import in_full, in_words, least_first, read_fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ecert.interop.matters.matter import LicenceChoice
    from ecert.interop.matters.request import MatterRequest, RequestedEntry
    from ecert.model.catalogue import Catalogue
    from ecert.model.licence_type import LicenceType, ShowProfile
    from ecert.reasons import Language
    from ecert.show.compact import CompactClaims
    from ecert.show.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Showable:
    """A held licence, as far as choosing a profile needs it.

    Attributes:
        id: Licence id.
        type: Its type's definition; None if it is not known here.
        type_name: What the wallet calls the type.
        profiles: What each profile shows, by its name; at least one.
    """

    id: str
    type: LicenceType | None
    type_name: str
    profiles: Mapping[str, CompactClaims]

    @classmethod
    def of(cls, delivery: Delivery, catalogue: Catalogue) -> Showable:
        """Return what a wallet holds, read with the types that ``catalogue`` defines.

        Raises:
            ParseError: A compact credential of the delivery is malformed.
        """
        return cls(
            delivery.licence_id,
            catalogue.get(delivery.type_code),
            delivery.type_name,
            {name: compact.parse(data).claims for name, data in delivery.compact.items()},
        )

    @property
    def claims(self) -> CompactClaims:
        """What all profiles say alike: region, issuer, dates."""
        return next(iter(self.profiles.values()))

    def obstacle(self, reason: Reason, fields: tuple[str, ...] = ()) -> Obstacle:
        """Return why it will not do, with its name."""
        return Obstacle(self.id, self.type_name, reason, tuple(dict.fromkeys(fields)))


class ToShow(NamedTuple):
    """A licence in the least profile that will do.

    Attributes:
        licence_id: The licence.
        licence_type: Its type.
        profile: The profile.
        matter: The name of the matter under which it has to be verified; None if any will do.
        entry: The entry that recognises it; None in its own province.
    """

    licence_id: str
    licence_type: LicenceType
    profile: ShowProfile
    matter: str | None
    entry: RequestedEntry | None

    def tells(self, language: Language = "zh") -> tuple[str, ...]:
        """Return what it tells beside type, issuer and validity, item by item."""
        return in_words(self.licence_type, self.profile, language)


class Obstacle(NamedTuple):
    """Why a held licence does not do.

    Attributes:
        licence_id: The licence.
        type_name: What the wallet calls its type.
        reason: Why, as a verdict would say it.
        fields: The fields that are not there, or do not fit.
    """

    licence_id: str
    type_name: str
    reason: Reason
    fields: tuple[str, ...] = ()


def ways_to_show(
    licence: Showable, choice: LicenceChoice | None, request: MatterRequest
) -> list[ToShow] | Obstacle:
    """Return every profile of ``licence`` that will do, the least first; or why none does.

    Args:
        licence: A held licence.
        choice: What the matter asks for; None if recognition alone decides.
        request: The matter, and what is recognised for it.
    """
    entries = request.entries_for(
        licence.claims.type_code, licence.claims.region, licence.claims.issuer_code
    )
    out = _out_of_question(licence, choice, request, entries)
    if out is not None or licence.type is None:
        return licence.obstacle(out or Reason.TYPE_UNKNOWN)
    own = province(licence.claims.region) == province(request.region)
    found: list[ToShow] = []
    refused: _Refused = Reason.FIELD_MISSING, ()
    for profile in least_first(licence.type):
        if profile.name not in licence.profiles:
            continue
        shown = read_fields(licence.type, licence.profiles[profile.name].fields)
        face = _Face(shown, in_full(licence.type, profile.number, shown), request.on)
        answer = face.own(choice) if own else face.recognised(entries, choice)
        if isinstance(answer, _Accepted):
            found.append(ToShow(licence.id, licence.type, profile, *answer))
        else:
            refused = answer
    return found or licence.obstacle(*refused)


def _out_of_question(
    licence: Showable,
    choice: LicenceChoice | None,
    request: MatterRequest,
    entries: Sequence[RequestedEntry],
) -> Reason | None:
    """Return why no profile can do, whatever it shows."""
    claims = licence.claims
    if claims.valid_until is not None and claims.valid_until < request.on:
        return Reason.EXPIRED
    if claims.valid_from > request.on:
        return Reason.NOT_YET_VALID
    own = province(claims.region) == province(request.region)
    if choice is not None and choice.own_region:
        matter_region = request.matter.region
        return None if own and is_own(matter_region, claims.region) else Reason.REGION_NOT_COVERED
    if own or entries:
        return None
    listed = any(one.entry.source.type == claims.type_code for one in request.entries)
    return Reason.ISSUER_NOT_COVERED if listed else Reason.TYPE_NOT_LISTED


class _Accepted(NamedTuple):
    matter: str | None
    entry: RequestedEntry | None


_Refused = tuple[Reason, tuple[str, ...]]


class _Face(NamedTuple):
    """What one profile shows, and what of it in full."""

    shown: Mapping[str, str]
    whole: Mapping[str, str]
    on: date

    def own(self, choice: LicenceChoice | None) -> _Accepted | _Refused:
        wanted = () if choice is None else choice.fields
        missing = tuple(name for name in wanted if not self.whole.get(name))
        return (Reason.FIELD_MISSING, missing) if missing else _Accepted(None, None)

    def recognised(
        self, entries: Sequence[RequestedEntry], choice: LicenceChoice | None
    ) -> _Accepted | _Refused:
        """Let the entries speak as a window does that asks for one name of the matter."""
        refused: _Refused | None = None
        for name in dict.fromkeys([None, *(one.matter for one in entries)]):
            for one in entries:
                if one.matter not in (None, name):
                    continue
                answer = self._heard(one, choice)
                if answer is None:
                    return _Accepted(one.matter, one)
                refused = refused or answer
                if answer[0] is Reason.TYPE_NOT_LISTED:
                    break  # it speaks, and makes something else of the licence
        return refused or (Reason.MATTER_NOT_COVERED, ())

    def _heard(self, one: RequestedEntry, choice: LicenceChoice | None) -> _Refused | None:
        entry = one.entry
        mapped = mapping.apply(entry, self.shown)
        failed = unmet(entry.conditions, self.whole, self.on)
        if failed:
            return failed[0][1], tuple(condition.field for condition, _ in failed)
        if mapped.missing:
            return Reason.FIELD_MISSING, mapped.missing
        if mapped.unmapped:
            return Reason.VALUE_UNMAPPED, mapped.unmapped
        if choice is None:
            return None
        if entry.target.type != choice.type:
            return Reason.TYPE_NOT_LISTED, ()
        given = mapping.apply(entry, self.whole).fields
        missing = tuple(name for name in choice.fields if not given.get(name))
        return (Reason.FIELD_MISSING, missing) if missing else None
