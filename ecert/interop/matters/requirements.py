"""What a matter needs, here and today: which licences may be shown, and which are still missing.

Pure.  A licence of the reader's own province may be shown as it is (ADR 8); one of elsewhere if an
entry of a recognition list in force turns its type into the needed one, directly: what another
region recognises of a third says nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecert.errors import MatterError
from ecert.interop.recognition import ALL, matter_key
from ecert.model.calendar import office_day
from ecert.model.regions import covers, name_of, parse_region, province

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from ecert.interop.decision import ListInForce
    from ecert.interop.matters.matter import LicenceChoice, Matter, Need
    from ecert.interop.recognition import Entry
    from ecert.model.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class HeldType:
    """What a holder has, as far as it matters here.

    Attributes:
        type: Licence type code.
        region: The region of its issuer.
        issuer: The issuer's code; empty if not known, and then no entry counts that is for
            certain issuers only.
    """

    type: str
    region: str
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class RecognisedSource:
    """Licences of another region that will do, and the entry that says so.

    Attributes:
        held: The list, with its hash.
        entry: The entry.
        matter: The name of the matter under which the licence has to be verified.
    """

    held: ListInForce
    entry: Entry
    matter: str

    def includes(self, licence: HeldType) -> bool:
        """Tell whether the entry is about such a licence."""
        entry = self.entry
        return (
            licence.type == entry.source.type
            and covers(entry.source.region, licence.region)
            and (ALL in entry.issuers or licence.issuer in entry.issuers)
        )


class RecognisedHere:
    """What one region recognises at one moment, laid out by the type that it becomes.

    Args:
        lists: The recognition lists in force, such as `RecognitionBook.lists`.
        region: The region of the reader.
        at: The time; entries hold by the day in Asia/Shanghai, and a list until it expires.

    Raises:
        RegionError: ``region`` does not have its form.
        ValueError: ``at`` has no time zone.
    """

    def __init__(self, lists: Iterable[ListInForce], region: str, at: datetime) -> None:
        self.region = parse_region(region)
        self.day: date = office_day(at)
        self._by_type: dict[str, list[tuple[ListInForce, Entry]]] = {}
        self._expired: dict[str, list[tuple[ListInForce, Entry]]] = {}
        for held in lists:
            kept = self._expired if held.expires <= at else self._by_type
            for entry in held.document.entries:
                if covers(entry.target.region, region) and held.holds(entry, self.day):
                    kept.setdefault(entry.target.type, []).append((held, entry))

    def sources(self, choice: LicenceChoice, matter: Matter) -> tuple[RecognisedSource, ...]:
        """Return what is recognised as ``choice`` for ``matter``; real lists before samples."""
        return self._found(self._by_type, choice, matter)

    def expired(self, choice: LicenceChoice, matter: Matter) -> tuple[RecognisedSource, ...]:
        """Return what lists that have expired would recognise: their successors might, too."""
        return self._found(self._expired, choice, matter)

    def _found(
        self,
        by_type: dict[str, list[tuple[ListInForce, Entry]]],
        choice: LicenceChoice,
        matter: Matter,
    ) -> tuple[RecognisedSource, ...]:
        if choice.own_region:
            return ()
        return tuple(
            RecognisedSource(held, entry, name)
            for held, entry in by_type.get(choice.type, ())
            if (name := _name_in(entry, matter)) is not None and _gives(entry, choice.fields)
        )


def _name_in(entry: Entry, matter: Matter) -> str | None:
    """Return the name by which the entry covers the matter, None if it does not."""
    if ALL in entry.matters:
        return matter.name
    listed = set(map(matter_key, entry.matters))
    return next((name for name in matter.names if matter_key(name) in listed), None)


def _gives(entry: Entry, fields: tuple[str, ...]) -> bool:
    """Tell whether the mapped licence can have all of ``fields``."""
    if not fields or entry.fields is None:
        return True
    return set(fields) <= {field.target for field in entry.fields}


@dataclass(frozen=True, slots=True)
class ChoiceAnswer:
    """One licence type that will do, here and today.

    Attributes:
        choice: The type, and what is asked of it.
        type_name: What the type is called here; its code if the catalogue does not know it.
        recognised: Licences of other regions that will do.
        expired: Those of lists that have expired; a newer list may recognise them.
    """

    choice: LicenceChoice
    type_name: str
    recognised: tuple[RecognisedSource, ...]
    expired: tuple[RecognisedSource, ...]


@dataclass(frozen=True, slots=True)
class NeedAnswer:
    """One thing that the matter needs.

    Attributes:
        need: The need; its papers are in it.
        options: The licence types that will do.
        met_by: The first licence of the holder that meets it, None if it has none.
    """

    need: Need
    options: tuple[ChoiceAnswer, ...]
    met_by: HeldType | None

    @property
    def met(self) -> bool:
        """Whether the holder has what meets it."""
        return self.met_by is not None


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a matter needs in one region on one day, and what a holder has of it.

    It says what to ask for.  Whether a licence may be believed, only its verification says.

    Attributes:
        matter: The matter.
        region: Where it is handled.
        day: The day, in Asia/Shanghai.
        needs: Each of its needs.
    """

    matter: Matter
    region: str
    day: date
    needs: tuple[NeedAnswer, ...]

    @property
    def paperless(self) -> bool:
        """Whether it can be handled without paper (免提交)."""
        return self.matter.paperless

    @property
    def missing(self) -> tuple[NeedAnswer, ...]:
        """The needs that nothing of the holder's meets; paper is always among them."""
        return tuple(one for one in self.needs if not one.met)

    @property
    def complete(self) -> bool:
        """Whether the holder has all that is needed."""
        return not self.missing


def requirements(
    matter: Matter,
    region: str,
    *,
    lists: Iterable[ListInForce],
    catalogue: Catalogue,
    at: datetime,
    holds: Iterable[HeldType] = (),
) -> Requirements:
    """Answer what ``matter`` needs in ``region``, and what of it a holder has.

    Args:
        matter: The matter.
        region: The reader's region.
        lists: The recognition lists in force, such as ``knowledge.recognition.lists``.
        catalogue: What types are called.
        at: The time.
        holds: What the holder has.

    Raises:
        MatterError: The matter is not handled in ``region``.
        RegionError: A region code does not have its form.
        ValueError: ``at`` has no time zone.
    """
    if not covers(matter.region, region):
        raise MatterError(
            f"“{matter.name}”由{name_of(matter.region)}办理，不在{name_of(region)}办理",
            f"{matter.code} is handled in {matter.region}, not in {region}", where="事项",
            fix_zh="请核对地区，或改用本地区的事项", fix_en="Compare the region",
        )  # fmt: skip
    here, held = RecognisedHere(lists, region, at), tuple(holds)
    answers = []
    for need in matter.needs:
        options = tuple(
            ChoiceAnswer(
                choice,
                _type_name(catalogue, choice.type),
                here.sources(choice, matter),
                here.expired(choice, matter),
            )
            for choice in need.licences
        )
        met_by = next(
            (one for option in options for one in held if _meets(one, option, matter, region)), None
        )
        answers.append(NeedAnswer(need, options, met_by))
    return Requirements(matter, region, here.day, tuple(answers))


def _meets(licence: HeldType, option: ChoiceAnswer, matter: Matter, region: str) -> bool:
    choice = option.choice
    if licence.type == choice.type and province(licence.region) == province(region):
        return not choice.own_region or is_own(matter.region, licence.region)
    return any(source.includes(licence) for source in option.recognised)


def is_own(region: str, issued_in: str) -> bool:
    """Tell whether a licence issued there is the region's own: of it, below it, or above it."""
    return covers(region, issued_in) or covers(issued_in, region)


def _type_name(catalogue: Catalogue, code: str) -> str:
    known = catalogue.get(code)
    return code if known is None else known.name
