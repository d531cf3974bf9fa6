"""The recognition list (互认清单): which region recognises which licences of another, for what.

Each entry has one direction.  Whether a list may come into force is decided in
`ecert.interop.book`; here is what it says, and whether it contradicts itself.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from datetime import date  # noqa: TC003 - pydantic reads annotations at run time
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from pydantic import Field, StringConstraints

from ecert import limits
from ecert.errors import DocumentRefusedError, FormatError, USCCError
from ecert.faults import DocumentFault
from ecert.interop.mapping import FieldMap, Line, require_line
from ecert.model.codes import uscc_region
from ecert.model.regions import covers
from ecert.trust.document import Document, RegionCode, Strict, checked_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ALL: Final = "*"
"""All issuers of the region, or all matters."""
# Region digits in the USCC of a body of the State: 100000 in practice, 000000 by our own scopes.
_NATIONAL: Final = frozenset({"000000", "100000"})
_SHOWN_FAULTS: Final = 10

TypeCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}[0-9]{3}$")]
IssuerCode = Annotated[str, StringConstraints(pattern=r"^(\*|[0-9A-Z]{18})$")]
ListId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Note = Annotated[
    str, StringConstraints(max_length=limits.MAX_FIELD_CHARS), checked_by(require_line)
]


class Side(Strict):
    """One side of an entry.

    Attributes:
        region: The region; those below it are meant too.
        type: Licence type code (证照类型代码, GB/T 36904).
        name: What the type is called there; absent, the name in its definition.
    """

    region: RegionCode
    type: TypeCode
    name: Line | None = None


class Entry(Strict):
    """One line of the list: licences of ``source`` are recognised as ``target``.

    Attributes:
        id: Stays with the line through all versions of the list.
        source: Where the licence was issued, and its type.
        target: Where it is recognised, and as what.
        issuers: USCCs of the issuers meant, or ``*`` alone.
        matters: Matters and scenes (事项、应用场景), or ``*`` alone.
        fields: How the fields are mapped; None where both sides share one type.
        required: Fields of the target that must be there.
        valid_from: First day.
        valid_until: Last day, inclusive; None without end.
        basis: The legal basis, with its document number (文号).
        note: A remark.
    """

    id: Annotated[Line, StringConstraints(max_length=64)]
    source: Side
    target: Side
    issuers: tuple[IssuerCode, ...] = Field(min_length=1)
    matters: tuple[Line, ...] = Field(min_length=1)
    fields: tuple[FieldMap, ...] | None = Field(default=None, max_length=limits.MAX_FIELDS)
    required: tuple[Line, ...] = Field(default=(), max_length=limits.MAX_FIELDS)
    valid_from: date
    valid_until: date | None = None
    basis: Line
    note: Note = ""

    def in_force(self, on: date) -> bool:
        """Tell whether the entry holds on that day."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


class RecognitionList(Document):
    """A recognition list between two or more regions.

    Attributes:
        list_id: Stays with the list through all its versions.
        title: Formal title (《…电子证照亮证互认实施清单》).
        document_number: Document number (文号).
        parties: The regions that agree on it, the owner among them; each of them signs.
        sample: Whether it is an invented sample, which every verdict then says.
        entries: The lines; none is a list that has been retired.
    """

    TYP: ClassVar[str] = "ecert-recognition-list+jws"

    list_id: ListId
    title: Line
    document_number: Line
    parties: tuple[RegionCode, ...] = Field(min_length=2, max_length=64)
    sample: bool = False
    entries: tuple[Entry, ...]

    @property
    def slot(self) -> str:
        """The place of this list; its owner is part of it, so that no other owner can fill it."""
        return f"{self.TYP}:{self.owner}:{self.list_id}"

    def check_content(self) -> None:
        """Check that the list does not contradict itself and says only what its parties may say.

        Raises:
            DocumentRefusedError: Fault `content` or `oversteps`, with every place that is wrong.
                The list is refused whole, never trimmed.
        """
        _refuse_any(DocumentFault.CONTENT, content_faults(self))
        _refuse_any(DocumentFault.OVERSTEPS, oversteps(self))

    def find(self, source_type: str) -> tuple[Entry, ...]:
        """Return the entries for licences of that type code, in every direction.

        For people and reports; verification asks the index that `decision` lays out.
        """
        return tuple(entry for entry in self.entries if entry.source.type == source_type)

    def in_force(self, on: date) -> tuple[Entry, ...]:
        """Return the entries that hold on that day."""
        return tuple(entry for entry in self.entries if entry.in_force(on))


@lru_cache(maxsize=4096)
def matter_key(matter: str) -> str:
    """Return the form in which matters are compared: NFKC, without spaces at the ends."""
    return unicodedata.normalize("NFKC", matter).strip()


def _refuse_any(fault: DocumentFault, found: Sequence[FormatError]) -> None:
    if not found:
        return
    shown, more = found[:_SHOWN_FAULTS], len(found) - _SHOWN_FAULTS
    tail = f" (+{more})" if more > 0 else ""
    raise DocumentRefusedError(
        fault,
        "；".join(one.message("zh") for one in shown) + tail,
        "; ".join(one.message("en") for one in shown) + tail,
        where=found[0].where,
    )


# -- what may not stand in a list -------------------------------------------------------------


def content_faults(document: RecognitionList) -> list[FormatError]:
    """Return everything in which ``document`` contradicts itself."""
    faults: list[FormatError] = []
    if document.owner not in document.parties:
        faults.append(_fault("owner", "发布地区不是缔约地区", "the owner is not a party"))
    faults += _repeated("parties", document.parties)
    faults += _repeated("entries.id", (entry.id for entry in document.entries))
    for entry in document.entries:
        place = f"entries.{entry.id}"
        faults += _scope_faults(entry, place)
        faults += _field_faults(entry, place)
    return faults


def _scope_faults(entry: Entry, place: str) -> Iterator[FormatError]:
    if entry.valid_until is not None and entry.valid_until < entry.valid_from:
        yield _fault(
            f"{place}.valid_until", "截止日期早于起始日期", "the last day is before the first"
        )
    matters = [matter_key(matter) for matter in entry.matters]
    for name, values in (("issuers", entry.issuers), ("matters", matters)):
        yield from _repeated(f"{place}.{name}", values)
        if ALL in values and len(values) > 1:
            yield _fault(f"{place}.{name}", "“*”不能与其他值并列", '"*" stands alone')
    for name, side in (("source", entry.source), ("target", entry.target)):
        if _definer(side.type) is None:
            yield _fault(
                f"{place}.{name}.type",
                "前18位不是统一社会信用代码",
                "the first 18 characters are not a USCC",
            )


def _field_faults(entry: Entry, place: str) -> Iterator[FormatError]:
    yield from _repeated(f"{place}.required", entry.required)
    if entry.fields is None:
        if entry.source.type != entry.target.type:
            yield _fault(
                f"{place}.fields",
                "两地证照类型不同，须列出照面信息对照",
                "the types differ, so the fields must be mapped",
            )
        return
    targets = [field.target for field in entry.fields]
    yield from _repeated(f"{place}.fields.target", targets)
    for name in entry.required:
        if name not in targets:
            yield _fault(
                f"{place}.required",
                f"必备项“{name}”没有对照",
                f'nothing gives the required field "{name}"',
            )


def oversteps(document: RecognitionList) -> list[FormatError]:
    """Return everything in ``document`` that its parties may not say.

    The issuing side speaks for licences issued in its region, the accepting side for what it
    accepts.  Either may use nationally defined types, and define only its own.
    """
    return [fault for entry in document.entries for fault in _overstep_faults(document, entry)]


def _overstep_faults(document: RecognitionList, entry: Entry) -> Iterator[FormatError]:
    place, sides = f"entries.{entry.id}", (("source", entry.source), ("target", entry.target))
    above = [
        [party for party in document.parties if covers(party, side.region)] for _, side in sides
    ]
    for (name, side), parties in zip(sides, above, strict=True):
        if not parties:
            yield _fault(
                f"{place}.{name}.region",
                f"{side.region}不在任何缔约地区之内",
                f"{side.region} is inside no party",
            )
        elif not _may_use(side, parties):
            yield _fault(
                f"{place}.{name}.type",
                f"{side.type}由其他地区定义",
                f"{side.type} is defined by another region",
            )
    if all(above) and len({*above[0], *above[1]}) < 2:
        yield _fault(
            place, "颁发地区和认可地区属同一缔约地区", "both sides belong to one and the same party"
        )


def _may_use(side: Side, parties: Iterable[str]) -> bool:
    definer = _definer(side.type)
    return (
        definer is None  # no authority at all: a fault of the content, told there
        or definer in _NATIONAL
        or covers(definer, side.region)
        or any(covers(party, definer) for party in parties)
    )


@lru_cache(maxsize=1024)
def _definer(type_code: str) -> str | None:
    """Return the region of the authority that defines a type, None where there is none."""
    try:
        return uscc_region(type_code[:18])
    except USCCError:
        return None


def _repeated(where: str, values: Iterable[str]) -> Iterator[FormatError]:
    for value, count in Counter(values).items():
        if count > 1:
            yield _fault(where, f"“{value}”重复", f'"{value}" is repeated')


def _fault(where: str, zh: str, en: str) -> FormatError:
    return FormatError(zh, en, where=where)
