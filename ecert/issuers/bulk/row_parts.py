"""The parts of one row: holders, licence number, last day and fields, each read by its plan.

None stands for what could not be read; its fault is noted in the reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.errors import FormatError
from ecert.issuers.bulk.headings import Meaning
from ecert.issuers.bulk.holders import HolderFault, Part, read_holders, read_kind
from ecert.model.codes import RESIDENT_ID_CHARS
from ecert.sheets.cells import is_no_end
from ecert.sheets.values import text_of

if TYPE_CHECKING:
    from datetime import date

    from ecert.issuers.bulk.plan import TypePlan
    from ecert.issuers.bulk.reading import RowReading
    from ecert.model.holders import Holder


def row_holders(reading: RowReading, plan: TypePlan) -> tuple[Holder, ...] | None:
    """Return the holders, the principal one first, or None with a fault."""
    names, numbers = reading.text(Meaning.HOLDER), reading.identifier(Meaning.HOLDER_NUMBER)
    if names is None or numbers is None:
        return None
    kinds = read_kind(reading.raw(Meaning.HOLDER_NUMBER_TYPE_CODE))
    kinds = kinds or read_kind(reading.raw(Meaning.HOLDER_NUMBER_TYPE))
    holders, faults = read_holders(names, numbers, kinds, plan.only)
    if not faults:
        return holders
    for fault in faults:
        _note_holder_fault(reading, fault)
    return None


def _note_holder_fault(reading: RowReading, fault: HolderFault) -> None:
    part, error = fault
    if part is Part.NAME:
        reading.fault(Meaning.HOLDER, error)
        return
    kinds = (Meaning.HOLDER_NUMBER_TYPE_CODE, Meaning.HOLDER_NUMBER_TYPE)
    told = [one for one in kinds if text_of(reading.raw(one))] if part is Part.KIND else []
    reading.fault(told[0] if told else Meaning.HOLDER_NUMBER, error)


def row_number(
    reading: RowReading, plan: TypePlan, holders: tuple[Holder, ...] | None
) -> str | None:
    """Return the licence number, or None with a fault.

    Where it is the holder's own and has no column, it is the holder's.
    """
    if not reading.has(Meaning.NUMBER) and plan.has_own_number:
        return holders[0].number if holders else None
    number = reading.identifier(Meaning.NUMBER)
    if number == "":
        reading.miss(Meaning.NUMBER)
        return None
    return number


def is_checkable(
    reading: RowReading,
    plan: TypePlan,
    holders: tuple[Holder, ...] | None,
    number: str | None,
) -> bool:
    """Tell whether anything can be said of the licence number.

    Where it must be the holder's own, and he is not legible, it may be a passport's.
    """
    if number is None or holders is not None or not plan.has_own_number:
        return number is not None
    kinds = (Meaning.HOLDER_NUMBER_TYPE_CODE, Meaning.HOLDER_NUMBER_TYPE)
    is_told = any(text_of(reading.raw(one)) for one in kinds)
    return reading.has(Meaning.NUMBER) and not is_told and len(number) == RESIDENT_ID_CHARS


def row_last_day(reading: RowReading, plan: TypePlan) -> date | None:
    """Return the last day; None for 长期, or with a fault."""
    raw = reading.raw(Meaning.VALID_UNTIL)
    if is_no_end(raw):
        return None
    if not text_of(raw):
        rule = plan.licence_type.validity.rule
        if rule == "either":
            # 长期 is granted in so many words; a cell that was left blank says nothing.
            fix_zh, fix_en = "请填写日期；没有截止日期的填“长期”", "Give the day, or 长期 for none"
            reading.miss(Meaning.VALID_UNTIL, fix_zh=fix_zh, fix_en=fix_en)
        elif rule == "fixed":
            reading.miss(Meaning.VALID_UNTIL)
        return None
    return reading.day(Meaning.VALID_UNTIL)


def row_fields(reading: RowReading, plan: TypePlan) -> tuple[dict[str, object], set[str]]:
    """Return the fields that could be read, and the names of those that could not."""
    fields: dict[str, object] = {}
    unread: set[str] = set()
    values = reading.values
    for place, name, read in plan.fields:
        raw = values[place]
        if raw is None or raw == "":
            continue
        try:
            value = read(raw)
        except FormatError as error:
            reading.faults.append((place, error))
            unread.add(name)
            continue
        if value is not None and value != "":
            fields[name] = value
    for place, heading in plan.strangers:
        if text_of(values[place]):
            reading.faults.append((place, _stranger(plan, heading)))
    return fields, unread


def _stranger(plan: TypePlan, heading: str) -> FormatError:
    name = plan.licence_type.name
    return FormatError(
        f"“{name}”没有这一照面信息",
        f'"{name}" has no such field',
        where=heading,
        fix_zh="请核对证照类型，或清空该单元格",
        fix_en="Check the licence type, or clear the cell",
    )
