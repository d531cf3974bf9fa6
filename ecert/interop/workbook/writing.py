"""A recognition list written as a workbook from which the same list is read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecert.interop.conditions import Age, Equals, OneOf
from ecert.interop.mapping import Constant, Copy, DateForm, Masking, ValueTable
from ecert.interop.workbook import texts
from ecert.interop.workbook.definitions import definition_rows
from ecert.interop.workbook.layout import (
    AS_IS,
    BY_TABLE,
    CONDITION_KINDS,
    CONDITIONS,
    ENTRIES,
    FIELDS,
    FORM,
    HEAD,
    INFO,
    ISSUERS,
    MASK_NAMES,
    MATTERS,
    OPERATIONS,
    TYPES,
    VALUES,
)
from ecert.interop.workbook.template import columns_of
from ecert.interop.workbook.told import told_region
from ecert.sheets.book_writer import create_book

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from ecert.interop.conditions import Condition
    from ecert.interop.entry import Entry
    from ecert.interop.mapping import FieldMap
    from ecert.interop.recognition import RecognitionList
    from ecert.interop.workbook.layout import SheetPlan
    from ecert.sheets.book_writer import BookWriter
    from ecert.sheets.writing import Value

_NO_END: Final = "长期"
# Columns that an office fills in one way and we in another.
_LEFT_OUT: Final = frozenset({"regions", "direction", "ignored"})
# So many characters of matters and issuers stand in their cell; more have a sheet of their own.
_IN_A_CELL: Final = 2_000


def write_list(path: Path, document: RecognitionList) -> None:
    """Write a list as a workbook; `read_list` makes the same list of it.

    Args:
        path: The file (.xlsx); what stood there is replaced.
        document: The list.

    Raises:
        DocumentRefusedError: The list contradicts itself.
        TableError: It cannot be written.
    """
    document.check_content()
    entries = document.entries
    with create_book(path) as book:
        _sheet(book, INFO, _head_rows(document))
        _sheet(book, ENTRIES, map(_entry_row, entries))
        _sheet(book, FIELDS, (row for one in entries for row in _map_rows(one)))
        _sheet(book, VALUES, (row for one in entries for row in _value_rows(one)))
        _sheet(book, CONDITIONS, (row for one in entries for row in _condition_rows(one)))
        _sheet(book, MATTERS, _long_rows(entries, "matters", "matter"))
        _sheet(book, ISSUERS, _long_rows(entries, "issuers", "issuer"))
        keys = [column.key for column in TYPES.columns]
        _sheet(
            book, TYPES,
            (dict(zip(keys, row, strict=True)) for row in definition_rows(document.types)),
        )  # fmt: skip


def _sheet(book: BookWriter, plan: SheetPlan, rows: Iterable[dict[str, Value]]) -> None:
    columns = [column for column in plan.columns if column.key not in _LEFT_OUT]
    writer = book.sheet(plan.title, columns_of(plan, left_out=_LEFT_OUT))
    for row in rows:
        writer.write([row.get(column.key) for column in columns])


def _head_rows(document: RecognitionList) -> Iterator[dict[str, Value]]:
    values: dict[str, str | None] = {
        "form": FORM,
        "title": texts.written(document.title),
        "list_id": document.list_id,
        "document_number": texts.written(document.document_number),
        "owner": told_region(document.owner),
        "parties": _regions(document.parties),
        "audience": _regions(document.audience),
        "version": str(document.version),
        "issued": _moment(document.issued),
        "expires": _moment(document.expires),
        "previous": document.previous,
        "notice_days": None if document.notice_days is None else str(document.notice_days),
        "retired": "否" if document.entries else "是",
        "sample": "是" if document.sample else "否",
    }
    for key, name, _, asked in HEAD:
        yield {"item": name, "value": values[key], "explanation": asked}


def _regions(codes: Sequence[str]) -> str:
    # Names of very many regions would not fit one cell.
    return texts.join(map(told_region, codes) if len(codes) <= 100 else codes)


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _entry_row(entry: Entry) -> dict[str, Value]:
    source, target, withdrawn = entry.source, entry.target, entry.withdrawn
    until = entry.valid_until
    return {
        "id": texts.written(entry.id),
        "source_region": told_region(source.region),
        "source_name": texts.written(source.name),
        "source_type": source.type,
        "target_region": told_region(target.region),
        "target_name": texts.written(target.name),
        "target_type": target.type,
        "issuers": _in_cell(entry.issuers),
        "matters": _in_cell(entry.matters),
        "fields": AS_IS if entry.fields is None else BY_TABLE,
        "required": texts.join(entry.required) or None,
        "valid_from": entry.valid_from.isoformat(),
        "valid_until": _NO_END if until is None else until.isoformat(),
        "withdrawn_on": None if withdrawn is None else withdrawn.on.isoformat(),
        "withdrawn_basis": None if withdrawn is None else texts.written(withdrawn.basis),
        "withdrawn_note": None if withdrawn is None else texts.written(withdrawn.note or None),
        "lead": texts.written(entry.lead),
        "basis": texts.written(entry.basis),
        "note": texts.written(entry.note or None),
    }


def _in_cell(values: tuple[str, ...]) -> str | None:
    text = texts.join_or_all(values)
    return text if len(text) <= _IN_A_CELL else None


def _long_rows(entries: Iterable[Entry], name: str, key: str) -> Iterator[dict[str, Value]]:
    for entry in entries:
        values: tuple[str, ...] = getattr(entry, name)
        for one in values if _in_cell(values) is None else ():
            yield {"entry": texts.written(entry.id), key: texts.written(one)}


def _map_rows(entry: Entry) -> Iterator[dict[str, Value]]:
    for field in entry.fields or ():
        row: dict[str, Value] = {"entry": texts.written(entry.id), "op": OPERATIONS[field.op]}
        yield row | {key: texts.written(text) for key, text in map_cells(field).items()}


def map_cells(field: FieldMap) -> dict[str, str | None]:
    """Return what stands in the cells of a field map, by the keys of its columns."""
    if isinstance(field, Copy):
        return {"source": field.source}
    if isinstance(field, Constant):
        return {"target": field.target, "value": field.value}
    cells: dict[str, str | None] = {"source": field.source, "target": field.target}
    if isinstance(field, ValueTable):
        cells["default"] = field.default
    elif isinstance(field, DateForm):
        cells["form"] = field.form
    elif isinstance(field, Masking):
        cells["mask"] = MASK_NAMES[field.mask]
    return cells


def _value_rows(entry: Entry) -> Iterator[dict[str, Value]]:
    for field in entry.fields or ():
        if isinstance(field, ValueTable):
            for old, new in field.values.items():
                cells = {"entry": entry.id, "target": field.target, "old": old, "new": new}
                yield {key: texts.written(text) for key, text in cells.items()}


def _condition_rows(entry: Entry) -> Iterator[dict[str, Value]]:
    for number, condition in enumerate(entry.conditions, start=1):
        row: dict[str, Any] = {
            "entry": texts.written(entry.id),
            "number": str(number),
            "op": CONDITION_KINDS[condition.op],
            "field": texts.written(condition.field),
        }
        for cells in _condition_cells(condition):
            yield row | cells


def _condition_cells(condition: Condition) -> Iterator[dict[str, str | None]]:
    if isinstance(condition, Equals):
        yield {"value": texts.written(condition.value)}
    elif isinstance(condition, OneOf):
        for value in condition.values:
            yield {"value": texts.written(value)}
    elif isinstance(condition, Age):
        bounds = {"at_least": condition.at_least, "at_most": condition.at_most}
        yield {key: None if years is None else str(years) for key, years in bounds.items()} | {
            "on": None if condition.on is None else condition.on.isoformat()
        }
