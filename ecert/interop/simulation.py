"""What a recognition list would make of licences, one by one, before it is in force.

Pure: licences come in from outside, as a register keeps them, and answers go out.  A list is
asked alone, without the others in force; signatures and status are not its business.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ecert.errors import FormatError
from ecert.interop import mapping
from ecert.interop.conditions import unmet
from ecert.interop.decision import ListInForce, Question, RecognitionIndex
from ecert.interop.entry import matter_key
from ecert.model import masks
from ecert.model.calendar import office_day
from ecert.model.regions import covers, province
from ecert.reasons import Outcome, Reason, headline

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ecert.interop.decision import Decision, ListedEntry
    from ecert.interop.recognition import RecognitionList
    from ecert.model.catalogue import Catalogue, LicenceType

FULL = "full"
"""The profile that tells most; a type without it is taken to tell all of its fields."""
_LEAST = "minimal"


class LicenceFacts(NamedTuple):
    """What a list looks at in a licence.

    Attributes:
        type: Type code.
        region: Region of the issuer.
        issuer: Code of the issuer.
        fields: The fields as the register keeps them, by name.
    """

    type: str
    region: str
    issuer: str
    fields: Mapping[str, str]


class Answer(NamedTuple):
    """What a list makes of one licence.

    Attributes:
        reason: `Reason.OK`, or the headline of why not.
        entry: Id of the entry that spoke, or came nearest; empty without one.
        type: Type code under which it is accepted; empty otherwise.
        name: What that type is called there, where the entry says so.
        fields: The fields under their local names, where it is accepted.
    """

    reason: Reason
    entry: str = ""
    type: str = ""
    name: str = ""
    fields: Mapping[str, str] | None = None

    @property
    def outcome(self) -> Outcome:
        """Accepted, not recognised, or undetermined."""
        return self.reason.outcome

    def differs(self, other: Answer) -> bool:
        """Tell whether a window would see another answer; which entry spoke does not matter."""
        return self._replace(entry="") != other._replace(entry="")


class ListTrial:
    """One list, one matter, one day: asked about licence after licence.

    Args:
        document: The list; None for none at all.
        catalogue: The licence types known here; those that the list carries are added.
        reader: The region of the window.  Without one, the list has two parties and the window
            is the other's.
        matter: The matter; without one, only what holds for all matters counts.
        profile: The show profile in which licences are shown.
        at: The time.

    Raises:
        FormatError: There is no reader, and the list does not say which.
        ValueError: ``at`` has no time zone.
    """

    def __init__(
        self,
        document: RecognitionList | None,
        *,
        catalogue: Catalogue,
        at: datetime,
        reader: str | None = None,
        matter: str | None = None,
        profile: str = FULL,
    ) -> None:
        self._index = RecognitionIndex(() if document is None else (ListInForce(document, ""),))
        carried = () if document is None else document.types
        self._catalogue = catalogue.with_carried((*catalogue, *carried))
        self._parties = () if document is None else document.parties
        if reader is None and len(self._parties) != 2:
            raise FormatError(
                "请说明在哪个地区核验", "say in which region licences are shown", where="reader"
            )
        self._reader, self._matter = reader, None if matter is None else matter_key(matter)
        self._profile, self._at, self._today = profile, at, office_day(at)
        # Licences of a register have few types, regions and issuers, and many fields.
        self._decide = lru_cache(maxsize=16_384)(self._decision)

    def reader_for(self, region: str) -> str:
        """Return the region of the window that a licence of ``region`` is shown at."""
        if self._reader is not None:
            return self._reader
        first, second = self._parties
        return second if covers(first, region) else first

    def ask(self, licence: LicenceFacts) -> Answer:
        """Return what the list makes of a licence that is authentic and stands."""
        licence_type = self._catalogue.get(licence.type)
        if licence_type is None or licence_type.code != licence.type:
            return Answer(Reason.TYPE_UNKNOWN)
        shown, in_full = shown_fields(licence_type, self._profile, licence.fields)
        if province(licence.region) == province(self.reader_for(licence.region)):
            # Within a province an electronic licence needs no list (ADR 8).
            return Answer(Reason.OK, "", licence.type, "", shown)
        decision = self._decide(licence.type, licence.region, licence.issuer)
        if decision.reason is not None:
            nearest = decision.nearest
            return Answer(decision.reason, "" if nearest is None else nearest.id)
        return self._translated(decision, shown, in_full)

    def _decision(self, licence_type: str, region: str, issuer: str) -> Decision:
        question = Question(
            licence_type, region, issuer, self.reader_for(region), self._matter, self._today
        )
        return self._index.decide(question, self._at)

    def _translated(
        self, decision: Decision, shown: Mapping[str, str], in_full: Mapping[str, str]
    ) -> Answer:
        """Let the recognising entries speak in their order, as verification does."""
        refusal: Answer | None = None
        for listed in decision.recognising:
            reasons, fields = self._tried(listed, shown, in_full)
            entry = listed.entry
            if not reasons:
                target = entry.target
                return Answer(Reason.OK, entry.id, target.type, target.name or "", fields)
            refusal = refusal or Answer(headline(reasons), entry.id)
        if refusal is None:
            raise ValueError("an accepting decision names its entry")
        return refusal

    def _tried(
        self, listed: ListedEntry, shown: Mapping[str, str], in_full: Mapping[str, str]
    ) -> tuple[list[Reason], Mapping[str, str]]:
        mapped = mapping.apply(listed.entry, shown)
        reasons = [reason for _, reason in unmet(listed.entry.conditions, in_full, self._today)]
        return [*reasons, *mapped.reasons], mapped.fields


def shown_fields(
    licence_type: LicenceType, profile: str, fields: Mapping[str, str]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return what a show profile tells of a licence, and of that what it tells in full.

    Args:
        licence_type: The definition.
        profile: Name of the profile.  A type that lacks it tells all of its fields where it is
            `FULL`, else those of ``minimal``.
        fields: The fields as the register keeps them.
    """
    names = {one.name for one in licence_type.profiles}
    if profile == FULL and profile not in names:
        known = {name: value for name, value in fields.items() if licence_type.get_field(name)}
        return known, known
    told = licence_type.told_by(licence_type.profile(profile if profile in names else _LEAST))
    shown = {
        one.name: masks.apply(one.mask, fields[one.name]) for one in told if one.name in fields
    }
    masked = {one.name for one in told if one.mask != "none"}
    return shown, {name: value for name, value in shown.items() if name not in masked}
