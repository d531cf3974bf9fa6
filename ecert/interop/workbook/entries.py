"""Rows of the sheet 互认条目 made into entries: one for each pair of regions and direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic import ValidationError

from ecert import limits
from ecert.errors import CatalogueError, FormatError
from ecert.interop.entry import Entry, Side, Withdrawal
from ecert.interop.workbook.entry_ids import id_of, ids_of
from ecert.interop.workbook.layout import AS_IS, BY_TABLE, ENTRIES
from ecert.interop.workbook.pairs import RegionPairs
from ecert.quoting import shown_name
from ecert.sheets import refusals
from ecert.trust.document import findings as found_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ecert.interop.recognition import RecognitionList
    from ecert.interop.workbook.faults import Findings
    from ecert.interop.workbook.names import TypeNames
    from ecert.interop.workbook.parts import EntryParts
    from ecert.interop.workbook.rows import SheetRows
    from ecert.interop.workbook.sheet_row import SheetRow

_MODES: Final = {AS_IS: AS_IS, BY_TABLE: BY_TABLE}
# Where a fault of an entry stands in its row.
_KEYS: Final = {
    ("source", "region"): "source_region",
    ("source", "type"): "source_type",
    ("source", "name"): "source_name",
    ("target", "region"): "target_region",
    ("target", "type"): "target_type",
    ("target", "name"): "target_name",
    ("withdrawn", "on"): "withdrawn_on",
    ("withdrawn", "basis"): "withdrawn_basis",
    ("withdrawn", "note"): "withdrawn_note",
}
NO_BASIS: Final = "-"
"""In place of the basis where the list has no document number, which is a fault of its own."""
_OWN_COLUMNS: Final = frozenset(column.key for column in ENTRIES.columns)


class Sides(NamedTuple):
    """The two sides of an entry, but for their regions."""

    source_type: str
    source_name: str | None
    target_type: str
    target_name: str | None


@dataclass(frozen=True, slots=True)
class MadeEntry:
    """An entry and the row that it comes from."""

    row: SheetRow
    entry: Entry


class EntryMaker:
    """Makes entries of rows.

    Args:
        rows: The sheet.
        names: Finds licence types by name.
        parts: What other sheets say of the entries.
        findings: Where faults and assumptions are noted.
        within: The parties, as far as they are known: where several regions have one name, the
            one that lies in a party is meant.
    """

    def __init__(
        self,
        rows: SheetRows,
        names: TypeNames,
        parts: EntryParts,
        findings: Findings,
        within: tuple[str, ...],
    ) -> None:
        self._rows = rows
        self._names = names
        self._parts = parts
        self._findings = findings
        self._pairs = RegionPairs(within)
        self.ids: set[str] = set()
        self.seen = self._made = self._bytes = 0

    def made(
        self, *, basis: str, valid_from: date, before: RecognitionList | None
    ) -> Iterator[MadeEntry]:
        """Yield the entries; what is wrong with a row is noted.

        Args:
            basis: The basis of rows that name none.
            valid_from: The first day of rows that name none.
            before: The list in force, whose entries keep their ids.
        """
        old = ids_of(before)
        for row in self._rows:
            self.seen += 1
            given = row.text("id")
            self.ids.add(given)
            pairs, sides = self._pairs.of(row), self._sides(row)
            shared = self._shared(row, basis, valid_from, sides)
            if row.faulty or not pairs or sides is None:
                continue
            for source, target in pairs:
                key = (source, sides.source_type, target, sides.target_type)
                entry_id = id_of(given, key, old, alone=len(pairs) == 1)
                self.ids.add(entry_id)
                plain = shared | {"id": entry_id}
                plain["source"] = {
                    "region": source, "type": sides.source_type, "name": sides.source_name,
                }  # fmt: skip
                plain["target"] = {
                    "region": target, "type": sides.target_type, "name": sides.target_name,
                }  # fmt: skip
                entry = self._entry(row, plain, given or entry_id)
                if entry is not None:
                    self._require_bounds(entry)
                    yield MadeEntry(row, entry)

    def _require_bounds(self, entry: Entry) -> None:
        """Require that a list of so many entries can be signed at all."""
        self._made += 1
        self._bytes += len(entry.model_dump_json(exclude_none=True))
        where = self._rows.table.where
        if self._made > limits.MAX_LIST_ROWS:
            most = f"{limits.MAX_LIST_ROWS:,}"
            raise refusals.too_large(where, f"超过{most}条", f"more than {most} entries")
        if self._bytes > limits.MAX_ENVELOPE_BYTES:
            most = f"{limits.MAX_ENVELOPE_BYTES >> 20} MiB"
            raise refusals.too_large(where, f"内容超过{most}", f"more than {most} of entries")

    # -- types --------------------------------------------------------------------------------

    def _sides(self, row: SheetRow) -> Sides | None:
        name, code = row.text("source_name"), row.number_text("source_type")
        other_name, other_code = row.text("target_name"), row.number_text("target_type")
        if not name and not code:
            row.miss("source_name")
        source = code or self._code(row, "source_name", name)
        if code and name:
            self._compare(row, name, code)
        if other_code:
            target: str | None = other_code
        elif other_name and not self._names.is_known(other_name):
            # Another name for the same licence, as the accepting side calls it.
            target = source
            shown, here = shown_name(other_name), shown_name(name or code)
            self._findings.tell(
                f"“{shown}”不在目录中，按认可地对“{here}”的叫法",
                f'"{shown}" is no type; taken for what the accepting side calls "{here}"',
            )
        else:
            target = self._code(row, "target_name", other_name) if other_name else source
        if source is None or target is None or row.faulty:
            return None
        same = source == target and not self._rows.quoted
        return Sides(source, name or None, target, other_name or (name if same else None) or None)

    def _compare(self, row: SheetRow, name: str, code: str) -> None:
        """Note that a name stands for another type than its code: in our own form, only say it."""
        if not self._names.is_known(name) or self._names.require(name).code == code:
            return
        error = FormatError(
            f"“{shown_name(name)}”在目录中是另一类型，与代码不一致",
            f'"{shown_name(name)}" is another type in the catalogue than its code',
            fix_zh="请核对是哪一项有误", fix_en="Check which of them is wrong",
        )  # fmt: skip
        if self._rows.quoted:
            self._findings.tell(error.zh, error.en)
        else:
            row.fault("source_type", error)

    def _code(self, row: SheetRow, key: str, name: str) -> str | None:
        if not name:
            return None
        try:
            found = self._names.require(name)
        except CatalogueError as error:
            row.fault(key, error)
            return None
        if self._names.chosen(name):
            shown = shown_name(name)
            self._findings.tell(
                f"“{shown}”按已选定的类型：{found.name}（{found.code}）",
                f'"{shown}" was chosen to be {found.code}',
            )
        return found.code

    # -- everything else ------------------------------------------------------------------------

    def _shared(
        self, row: SheetRow, basis: str, valid_from: date, sides: Sides | None
    ) -> dict[str, Any]:
        """Return what all entries of a row have in common."""
        issuers = row.texts("issuers", or_all=True, codes=True)
        plain: dict[str, Any] = {
            "matters": tuple(row.texts("matters", or_all=True)),
            "issuers": tuple(issuers),
            "required": tuple(row.texts("required")),
            "valid_from": row.day("valid_from"),
            "valid_until": row.day("valid_until"),
            "lead": row.text("lead") or None,
            "basis": row.text("basis"),
            "note": row.text("note"),
            "withdrawn": _withdrawal(row),
        }
        given = row.text("id")
        plain["matters"] += tuple(self._parts.matters.get(given, ()))
        plain["issuers"] += tuple(self._parts.issuers.get(given, ()))
        if not plain["issuers"] and not row.faulty:
            plain["issuers"] = ("*",)
            self._findings.tell(
                "没有写颁发机构的条目，按颁发地区的全部机构",
                "where no issuers are named, all issuers of the region are meant",
            )
        if not plain["matters"]:
            row.miss("matters")
        for key, default in (("basis", basis), ("valid_from", valid_from)):
            if plain[key] or row.faulty:
                continue
            plain[key] = default
            if default != NO_BASIS:
                self._findings.tell(*_defaulted(key, default))
        mode = row.word("fields", _MODES)
        plain["fields_mode"] = mode or (BY_TABLE if self._parts.has_maps(given) else AS_IS)
        if mode == AS_IS and self._parts.has_maps(given):
            row.fault("fields", FormatError(
                "写了原样，但对照表中有这一条", "it says 原样, but there are field maps for it",
                fix_zh="请改为“按对照表”，或删去对照表中的行", fix_en="Change one of them",
            ))  # fmt: skip
        if plain["fields_mode"] == AS_IS and sides is not None:
            _require_one_type(row, sides)
        return plain

    def _entry(self, row: SheetRow, plain: dict[str, Any], part: str) -> Entry | None:
        by_table = plain.pop("fields_mode") == BY_TABLE
        plain["fields"] = self._parts.maps(part) if by_table else None
        plain["conditions"] = self._parts.conditions(part)
        place: tuple[str, ...] = ()
        try:
            for name in ("source", "target"):
                place = (name,)
                plain[name] = Side(**plain[name])
            place = ()
            return Entry.model_validate(plain)
        except ValidationError as error:
            for found, zh, en in found_in(error):
                row.fault(_key_of((*place, *found)), FormatError(zh, en))
            return None


def _key_of(place: tuple[int | str, ...]) -> str | None:
    names = [one for one in place if isinstance(one, str)]
    key = _KEYS.get((names[0], names[1])) if len(names) > 1 else None
    key = key or (names[0] if names else None)
    return key if key in _OWN_COLUMNS else None


def _withdrawal(row: SheetRow) -> Withdrawal | None:
    on, basis, note = row.day("withdrawn_on"), row.text("withdrawn_basis"), row.text(
        "withdrawn_note"
    )  # fmt: skip
    if on is None and not basis and not note:
        return None
    for key, given in (("withdrawn_on", on), ("withdrawn_basis", basis)):
        if not given:
            row.miss(key)
    if row.faulty or on is None:
        return None
    try:
        return Withdrawal(on=on, basis=basis, note=note)
    except ValidationError as error:
        for place, zh, en in found_in(error):
            row.fault(f"withdrawn_{place[0]}", FormatError(zh, en))
        return None


def _require_one_type(row: SheetRow, sides: Sides) -> None:
    if sides.source_type != sides.target_type:
        row.fault("target_type" if row.has("target_type") else "target_name", FormatError(
            "两地证照类型不同，须列出照面信息对照", "the types differ, so fields must be mapped",
            fix_zh="请在“照面信息对照”表中逐项填写，条目编号相同",
            fix_en="Fill in the sheet 照面信息对照 under the same id",
        ))  # fmt: skip


def _defaulted(key: str, value: object) -> tuple[str, str]:
    if key == "basis":
        return f"没有写依据的条目，依据按“{value}”", f"where no basis is named: {value}"
    return f"没有写起始日期的条目，自{value}起", f"where no first day is named: {value}"
