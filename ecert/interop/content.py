"""What may not stand in a recognition list: contradictions, and what no party may say."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ecert.errors import DocumentRefusedError, FormatError, USCCError
from ecert.faults import DocumentFault
from ecert.interop.conditions import Age, OneOf
from ecert.interop.entry import ALL, matter_key
from ecert.model.codes import uscc_region
from ecert.model.regions import covers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ecert.interop.entry import Entry, Side
    from ecert.interop.recognition import RecognitionList

# Region digits in the USCC of a body of the State: 100000 in practice, 000000 by our own scopes.
NATIONAL_REGIONS: Final = frozenset({"000000", "100000"})
_SHOWN_FAULTS: Final = 10


def require_content(document: RecognitionList) -> None:
    """Require that ``document`` contradicts neither itself nor the rights of its parties.

    Raises:
        DocumentRefusedError: Fault `content` or `oversteps`, with every place that is wrong.
    """
    _refuse_any(DocumentFault.CONTENT, content_faults(document))
    _refuse_any(DocumentFault.OVERSTEPS, oversteps(document))


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
        faults += _condition_faults(entry, place)
    faults += _carried_faults(document)
    return faults


def _scope_faults(entry: Entry, place: str) -> Iterator[FormatError]:
    if entry.valid_until is not None and entry.valid_until < entry.valid_from:
        yield _fault(
            f"{place}.valid_until", "截止日期早于起始日期", "the last day is before the first"
        )
    if entry.withdrawn is not None and entry.withdrawn.on < entry.valid_from:
        yield _fault(
            f"{place}.withdrawn.on",
            "撤回日期早于起始日期",
            "it is withdrawn before its first day",
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


def _condition_faults(entry: Entry, place: str) -> Iterator[FormatError]:
    yield from _repeated(
        f"{place}.conditions", (condition.told() for condition in entry.conditions)
    )
    for number, condition in enumerate(entry.conditions):
        where = f"{place}.conditions.{number}"
        if isinstance(condition, OneOf):
            yield from _repeated(f"{where}.values", condition.values)
        elif isinstance(condition, Age):
            low, high = condition.at_least, condition.at_most
            if low is None and high is None:
                yield _fault(where, "年龄条件没有上下限", "an age without any bound")
            elif low is not None and high is not None and low > high:
                yield _fault(where, "年龄下限高于上限", "the least age is above the most")


def _carried_faults(document: RecognitionList) -> Iterator[FormatError]:
    yield from _repeated("types", (one.code for one in document.types))
    used = {side.type for entry in document.entries for side in (entry.source, entry.target)}
    for one in document.types:
        if one.code not in used:
            yield _fault(
                f"types.{one.code}",
                f"没有条目使用“{one.name}”，不应附带其定义",
                "no entry uses this type, so its definition has no place here",
            )


def oversteps(document: RecognitionList) -> list[FormatError]:
    """Return everything in ``document`` that its parties may not say.

    The issuing side speaks for licences issued in its region, the accepting side for what it
    accepts.  Either may use nationally defined types, and define only its own.
    """
    faults = [fault for entry in document.entries for fault in _overstep_faults(document, entry)]
    return faults + [
        _fault(
            f"types.{one.code}",
            f"“{one.name}”不是缔约地区定义的类型，不得附带其定义",
            "no party defines this type, so the list may not either",
        )
        for one in document.types
        if not _is_own(_definer(one.code), document.parties)
    ]


def _is_own(definer: str | None, parties: Iterable[str]) -> bool:
    if definer is None or definer in NATIONAL_REGIONS:
        return False
    return any(covers(party, definer) for party in parties)


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
        or definer in NATIONAL_REGIONS
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
