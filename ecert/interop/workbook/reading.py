"""What an office keeps as a table, read into a recognition list: whole, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from ecert import limits
from ecert.errors import FormatError
from ecert.interop.content import content_faults, oversteps
from ecert.interop.recognition import RecognitionList
from ecert.interop.workbook.choices import TypeChoices
from ecert.interop.workbook.definitions import read_definitions
from ecert.interop.workbook.entries import NO_BASIS, EntryMaker
from ecert.interop.workbook.faults import WHOLE_SHEET, Findings
from ecert.interop.workbook.head import HeadGiven, HeadReader
from ecert.interop.workbook.layout import (
    CONDITIONS,
    ENTRIES,
    FIELDS,
    INFO,
    ISSUERS,
    MATTERS,
    TYPES,
    VALUES,
)
from ecert.interop.workbook.names import TypeNames
from ecert.interop.workbook.parts import EntryParts
from ecert.interop.workbook.rows import SheetRows
from ecert.interop.workbook.source import open_list
from ecert.model.calendar import office_day
from ecert.trust.document import findings as found_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from ecert.interop.decision import ListInForce
    from ecert.interop.workbook.entries import MadeEntry
    from ecert.interop.workbook.faults import ListFault, ListNote
    from ecert.interop.workbook.source import ListSource
    from ecert.model.catalogue import Catalogue
    from ecert.model.licence_type import LicenceType

# Four characters of base64url for three bytes, and the signatures beside them.
_ENVELOPE_SHARE: Final = 0.74


@dataclass(frozen=True, slots=True)
class ListReading:
    """What has become of a table.

    Attributes:
        document: The list, unsigned; None if anything is wrong.
        faults: Everything that is wrong, as far as it is kept.
        more: How many faults are not kept.
        notes: What was taken for granted, and what was left aside.
        columns: What the columns of the entries are taken for.
        name: The file's name.
        sha256: Hash of the file (hexadecimal).
        sheet: The sheet of entries; empty for a text file.
        rows: How many rows of entries there are.
        entry_rows: The row that each entry comes from, by the entry's id.
        places: The column of each key of `ENTRIES` that is there, counted from 0.
        heading_row: The row of the headings above the entries.
    """

    document: RecognitionList | None
    faults: tuple[ListFault, ...]
    more: int
    notes: tuple[ListNote, ...]
    columns: tuple[str, ...]
    name: str
    sha256: str
    sheet: str
    rows: int
    entry_rows: Mapping[str, int] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)
    heading_row: int = 1


def read_list(
    path: Path,
    *,
    catalogue: Catalogue,
    at: datetime,
    given: HeadGiven | None = None,
    choices: TypeChoices | None = None,
    in_force: Iterable[ListInForce] = (),
    sheet: str | None = None,
) -> ListReading:
    """Read a list from a workbook (.xlsx, .xls, .ods) or a text file (.csv).

    Args:
        path: The file.
        catalogue: The licence types that names may mean.
        at: The time at which this is done.
        given: What is said about the list beside the file.
        choices: What the office has decided about names of types.
        in_force: The lists in force here: of them, the list of the same owner and identifier
            gives the version, and the ids of entries.
        sheet: The sheet of entries; None for 互认条目, or the one that looks like it.

    Raises:
        TableError: The file cannot be used as a table at all; no column, no row is understood.
    """
    findings = Findings()
    given = given or HeadGiven()
    with open_list(path, findings, sheet=sheet) as source:
        head = _head(source, given, findings)
        parts, types = _parts(source, findings, quoted=head.is_ours)
        known = catalogue.with_carried(types) if types else catalogue
        rows = SheetRows(
            source.entries, ENTRIES, findings, quoted=head.is_ours, most=limits.MAX_LIST_ROWS
        )
        head.settle()
        if not head.is_ours:
            head.guess(source.entries.above)
        lists = {one.document.slot: one for one in in_force}
        held = lists.get(head.slot)
        maker = EntryMaker(
            rows, TypeNames(known, choices or TypeChoices()), parts, findings,
            head.values.get("parties", ()),
        )  # fmt: skip
        made = list(
            maker.made(
                # Where it is missing, that is a fault of the head, and not of every row.
                basis=head.values.get("document_number") or NO_BASIS,
                valid_from=given.valid_from or office_day(head.values.get("issued", at)),
                before=None if held is None else held.document,
            )
        )
        parts.note_strangers(maker.ids)
        document = _document(head, made, types, findings, rows, lists, at, maker.seen)
        return ListReading(
            document if not findings.faults else None,
            tuple(findings.faults), findings.more, tuple(findings.notes), tuple(rows.lines()),
            source.name, source.sha256, source.entries.sheet, maker.seen,
            {one.entry.id: one.row.number for one in made}, dict(rows.places),
            source.entries.header.row,
        )  # fmt: skip


def _head(source: ListSource, given: HeadGiven, findings: Findings) -> HeadReader:
    head = HeadReader(given, findings)
    table = source.part(INFO)
    if table is not None:
        rows = SheetRows(table, INFO, findings, quoted=False)
        head.read(rows)
        rows.quoted = head.is_ours
    return head


def _parts(
    source: ListSource, findings: Findings, *, quoted: bool
) -> tuple[EntryParts, tuple[LicenceType, ...]]:
    parts = EntryParts()
    types: tuple[LicenceType, ...] = ()
    readers = (
        (FIELDS, parts.read_maps),
        (VALUES, parts.read_values),
        (CONDITIONS, parts.read_conditions),
        (MATTERS, parts.read_matters),
        (ISSUERS, parts.read_issuers),
    )
    for plan, read in readers:
        table = source.part(plan)
        if table is not None:
            read(SheetRows(table, plan, findings, quoted=quoted))
    table = source.part(TYPES)
    if table is not None:
        types = read_definitions(SheetRows(table, TYPES, findings, quoted=quoted))
    return parts, types


def _document(
    head: HeadReader,
    made: list[MadeEntry],
    types: tuple[LicenceType, ...],
    findings: Findings,
    rows: SheetRows,
    lists: Mapping[str, ListInForce],
    at: datetime,
    seen: int,
) -> RecognitionList | None:
    regions = {side.region for one in made for side in (one.entry.source, one.entry.target)}
    head.require_entries(seen)
    head.follow(lists, at=at, regions=regions)
    if findings.faults:
        return None
    values: dict[str, Any] = dict(head.values)
    try:
        document = RecognitionList(**values, types=types, entries=tuple(one.entry for one in made))
    except ValidationError as error:
        for place, zh, en in found_in(error):
            findings.add(*head.column(str(place[0])), FormatError(zh, en))
        return None
    _note_content(document, made, head, findings, rows)
    size = len(document.to_payload())
    if size > limits.MAX_ENVELOPE_BYTES * _ENVELOPE_SHARE:
        findings.add(rows.sheet, WHOLE_SHEET, None, "清单", FormatError(
            "内容过多，签名后将超过上限", f"{size:,} bytes are too many for one signed list",
            fix_zh="请分成几份清单", fix_en="Make several lists of it",
        ))  # fmt: skip
    return document


def _note_content(
    document: RecognitionList,
    made: list[MadeEntry],
    head: HeadReader,
    findings: Findings,
    rows: SheetRows,
) -> None:
    """Note every contradiction and overstep at the row that it comes from."""
    by_id = {one.entry.id: one.row for one in made}
    for fault in [*content_faults(document), *oversteps(document)]:
        error = FormatError(fault.zh, fault.en)
        first, _, rest = fault.where.partition(".")
        row, tail = None, ""
        if first == "entries":
            # An id may have dots of its own, and its own place may follow it.
            ends = [place for place, one in enumerate(rest) if one == "."] + [len(rest)]
            found = [end for end in ends if rest[:end] in by_id]
            if found:
                row, tail = by_id[rest[: found[-1]]], rest[found[-1] + 1 :]
        if row is None and first == "entries":
            findings.add(rows.sheet, WHOLE_SHEET, None, ENTRIES.heading("id"), error)
        elif row is not None:
            row.fault(column_of(tail), error)
        elif first == "types":
            findings.add(TYPES.title, WHOLE_SHEET, None, TYPES.title, error)
        else:
            findings.add(*head.column(first), error)


def column_of(tail: str) -> str | None:
    """Return the key of `ENTRIES` for a place in an entry, as ``source.type``; None for none."""
    names = tail.split(".")
    if names[0] in {"source", "target", "withdrawn"} and len(names) > 1:
        return f"{names[0]}_{names[1]}"
    plain = names[0]
    return plain if plain in {column.key for column in ENTRIES.columns} else None
