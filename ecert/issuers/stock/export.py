"""Catalogue and licence metadata as rows, one page of the register in memory at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import orjson

from ecert.issuers.queries import MAX_PAGE_ROWS, Query
from ecert.issuers.stock import columns
from ecert.model.holders import HolderClass
from ecert.model.licence import LicenceState
from ecert.model.metadata import EXTENSION_PREFIX, to_metadata

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from ecert.issuers.drafting import Office
    from ecert.issuers.queries import Row
    from ecert.issuers.register import Register
    from ecert.issuers.stock.columns import ExportColumn, Names
    from ecert.model.catalogue import Catalogue
    from ecert.model.licence_type import LicenceType

Value = str | int | None

_CLASS_ZH: Final = {
    HolderClass.NATURAL_PERSON: "自然人",
    HolderClass.LEGAL_PERSON: "法人或其他组织",
    HolderClass.MIXED: "混合",
    HolderClass.OTHER: "其他",
}
_VALIDITY_ZH: Final = {"fixed": "固定期限", "open": "长期", "either": "固定期限或长期"}


@dataclass(frozen=True, slots=True)
class Export:
    """A table that is written as it is read.

    Attributes:
        columns: Its columns.
        rows: Its rows, a value for each column; iterate over them once.
        cursor: What to ask for next time, to get what was changed since; empty if the whole is
            told each time.
    """

    columns: tuple[ExportColumn, ...]
    rows: Iterator[tuple[Value, ...]] = field(hash=False, compare=False)
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which licences an export tells, and how.

    Attributes:
        names: ``short`` or ``long``; see `metadata_columns`.
        licence_type: Only this type.
        after_entry: Only what was recorded after this entry of the audit trail.
        changed_from: Only what was changed at this time or later.
    """

    names: Names = "short"
    licence_type: LicenceType | None = None
    after_entry: int | None = None
    changed_from: datetime | None = None


def metadata(register: Register, catalogue: Catalogue, wish: Wish, on: date) -> Export:
    """Return the metadata of the licences that are wished for; see `Stock.metadata`."""
    with register.view() as view:
        # Before the first page: what is recorded meanwhile may be told, and is told again.
        head = view.audit_head()
    cursor = "0" if head is None else str(head.number)
    told = columns.metadata_columns(wish.names, wish.licence_type)
    return Export(told, _metadata_rows(register, catalogue, wish, on), cursor)


def _metadata_rows(
    register: Register, catalogue: Catalogue, wish: Wish, on: date
) -> Iterator[tuple[Value, ...]]:
    query = Query(
        on=on,
        type_code=None if wish.licence_type is None else wish.licence_type.code,
        after_entry=wish.after_entry,
        changed_from=wish.changed_from,
    )
    keys = columns.metadata_keys()
    after: int | None = 0
    while after is not None:
        # A view of its own for each page, so that nobody waits for a long export.
        with register.view() as view:
            page = view.find(query, after=after, limit=MAX_PAGE_ROWS)
        for row in page.rows:
            licence_type = catalogue.get(row.licence.type_code)
            yield _metadata_row(row, licence_type, keys, wish)
        after = page.next_after


def _metadata_row(
    row: Row, licence_type: LicenceType | None, keys: Sequence[str], wish: Wish
) -> tuple[Value, ...]:
    licence = row.licence
    elements = to_metadata(licence, licence_type)
    state = licence.state
    elements[columns.STATE] = state.zh if wish.names == "short" else state.value
    elements[columns.REGION] = licence.region
    elements[columns.PREDECESSOR] = str(licence.predecessor or "")
    elements[columns.CHANGED] = row.changed_at.isoformat()
    values = tuple(elements.get(key, "") for key in keys)
    if wish.licence_type is not None:
        return values + tuple(elements.get(spec.short, "") for spec in wish.licence_type.fields)
    return (*values, _extensions(elements))


def _extensions(elements: Mapping[str, str]) -> str:
    extra = {name: value for name, value in elements.items() if name.startswith(EXTENSION_PREFIX)}
    return orjson.dumps(extra).decode()


def catalogue_entries(register: Register, catalogue: Catalogue, office: Office, on: date) -> Export:
    """Return the licence types as entries of a directory; see `Stock.catalogue`."""
    held: dict[str, int] = {}
    with register.view() as view:
        for one in view.count(on):
            if one.state is LicenceState.ISSUED:
                held[one.type_code] = held.get(one.type_code, 0) + one.count
    rows = (_entry(one, office, held.get(one.code, 0)) for one in catalogue)
    return Export(columns.CATALOGUE, rows)


def _entry(one: LicenceType, office: Office, held: int) -> tuple[Value, ...]:
    return (
        one.name,
        one.code,
        "正式" if one.code_status == "official" else "暂定",
        one.code_source,
        "、".join(one.aliases),
        one.defining_authority.name,
        one.defining_authority.code,
        one.competent_authority or one.defining_authority.name,
        "、".join(_CLASS_ZH[kind] for kind in one.holder_classes),
        "、".join(one.holder_number_types or ()),
        one.number_label,
        _VALIDITY_ZH[one.validity.rule],
        one.validity.max_years,
        "、".join(spec.name for spec in one.fields),
        "、".join(spec.short for spec in one.fields),
        one.version,
        office.name,
        office.code,
        office.region,
        held,
    )
