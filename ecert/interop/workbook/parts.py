"""What the sheets beside the entries say of them: field maps, value tables, conditions, scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter, ValidationError

from ecert.errors import FormatError
from ecert.interop.conditions import Condition
from ecert.interop.mapping import FieldMap
from ecert.interop.workbook.layout import (
    CONDITION_KINDS,
    DATE_FORMS,
    ISSUERS,
    MASK_NAMES,
    MATTERS,
    OPERATIONS,
)
from ecert.trust.document import findings

if TYPE_CHECKING:
    from ecert.interop.workbook.rows import SheetRows
    from ecert.interop.workbook.sheet_row import SheetRow

_FIELD_MAP: Final[TypeAdapter[FieldMap]] = TypeAdapter(FieldMap)
_CONDITION: Final[TypeAdapter[Condition]] = TypeAdapter(Condition)
_FORMS: Final = {form: form for form in DATE_FORMS}
# Which cells an operation uses; all others must be blank.
_USED: Final = {
    "copy": ("source",),
    "rename": ("source", "target"),
    "constant": ("target", "value"),
    "table": ("source", "target", "default"),
    "date": ("source", "target", "form"),
    "mask": ("source", "target", "mask"),
}
_OPTIONAL: Final = {"default"}
_ASKED: Final = {
    "equals": ("field", "value"),
    "one-of": ("field", "value"),
    "age": ("field", "at_least", "at_most", "on"),
}


class EntryParts:
    """What stands beside the entries, by the entry's id as its row gives it."""

    def __init__(self) -> None:
        self.matters: dict[str, list[str]] = {}
        self.issuers: dict[str, list[str]] = {}
        self._maps: dict[str, list[tuple[SheetRow, dict[str, Any]]]] = {}
        self._values: dict[tuple[str, str], dict[str, str]] = {}
        self._value_rows: dict[tuple[str, str], SheetRow] = {}
        self._conditions: dict[str, dict[str, list[tuple[SheetRow, dict[str, Any]]]]] = {}
        self._first: dict[str, SheetRow] = {}
        self._rows: list[tuple[str, SheetRow]] = []

    # -- reading ------------------------------------------------------------------------------

    def read_maps(self, rows: SheetRows) -> None:
        """Read the sheet 照面信息对照."""
        for row in rows:
            entry, op = self._entry(row), row.word("op", OPERATIONS)
            if op is None:
                row.miss("op")
                continue
            plain: dict[str, Any] = {"op": op}
            for key in ("source", "target", "value", "default", "form", "mask"):
                if key in _USED[op]:
                    value = _choice(row, key)
                    if value:
                        plain[key] = value
                    elif key not in _OPTIONAL:
                        row.miss(key)
                elif row.has(key) and not (op == "copy" and row.text(key) == row.text("source")):
                    row.fault(key, _not_used(OPERATIONS[op]))
            self._maps.setdefault(entry, []).append((row, plain))

    def read_values(self, rows: SheetRows) -> None:
        """Read the sheet 值表."""
        for row in rows:
            entry, target = self._entry(row), row.text("target")
            old, new = row.text("old"), row.text("new")
            for key, text in (("target", target), ("old", old), ("new", new)):
                if not text:
                    row.miss(key)
            table = self._values.setdefault((entry, target), {})
            self._value_rows.setdefault((entry, target), row)
            if old in table:
                row.fault("old", FormatError("同一取值写了两次", "this value stands there twice"))
            table[old] = new

    def read_conditions(self, rows: SheetRows) -> None:
        """Read the sheet 条件."""
        for row in rows:
            entry, op = self._entry(row), row.word("op", CONDITION_KINDS)
            number = row.text("number")
            if op is None or not number:
                for key, given in (("op", op), ("number", number)):
                    if not given:
                        row.miss(key)
                continue
            plain: dict[str, Any] = {"op": op, "field": row.text("field")}
            for key in ("value", "at_least", "at_most", "on"):
                if key not in _ASKED[op]:
                    if row.has(key):
                        row.fault(key, _not_used(CONDITION_KINDS[op]))
                elif key == "on":
                    plain[key] = row.day(key)
                else:
                    plain[key] = row.text(key) if key == "value" else row.integer(key)
            self._conditions.setdefault(entry, {}).setdefault(number, []).append((row, plain))

    def read_matters(self, rows: SheetRows) -> None:
        """Read the sheet 事项."""
        self._read_texts(rows, MATTERS.columns[1].key, self.matters)

    def read_issuers(self, rows: SheetRows) -> None:
        """Read the sheet 颁发机构."""
        self._read_texts(rows, ISSUERS.columns[1].key, self.issuers, codes=True)

    def _read_texts(
        self, rows: SheetRows, key: str, into: dict[str, list[str]], *, codes: bool = False
    ) -> None:
        for row in rows:
            entry = self._entry(row)
            text = row.number_text(key) if codes else row.text(key)
            if not text:
                row.miss(key)
            into.setdefault(entry, []).append(text)

    def _entry(self, row: SheetRow) -> str:
        entry = row.text("entry")
        if not entry:
            row.miss("entry")
        self._rows.append((entry, row))
        return entry

    # -- what was read ------------------------------------------------------------------------

    def has_maps(self, entry: str) -> bool:
        """Tell whether fields of the entry are mapped."""
        return entry in self._maps

    def maps(self, entry: str) -> tuple[FieldMap, ...]:
        """Return the field maps of an entry, in the order of the rows; faults are noted."""
        found = []
        for row, plain in self._maps.get(entry, ()):
            if plain["op"] == "table":
                values = self._values.get((entry, plain.get("target", "")))
                if values is None and not row.faulty:
                    row.fault(
                        "target",
                        FormatError(
                            "值表中没有这一项的取值", "the sheet 值表 has no values for it",
                            fix_zh="请在“值表”中逐行填写", fix_en="Fill them in there",
                        ),
                    )  # fmt: skip
                made = _made(
                    _FIELD_MAP, plain | {"values": values or {}}, row, {"values": "target"}
                )
            else:
                made = _made(_FIELD_MAP, plain, row, {})
            if made is not None:
                found.append(made)
        return tuple(found)

    def conditions(self, entry: str) -> tuple[Condition, ...]:
        """Return the conditions of an entry, in the order of the rows; faults are noted."""
        found = []
        for rows in self._conditions.get(entry, {}).values():
            row, plain = rows[0]
            if plain["op"] == "one-of":
                values = tuple(one["value"] for _, one in rows)
                plain = {"op": "one-of", "field": plain["field"], "values": values}
            elif len(rows) > 1:
                rows[1][0].fault(
                    "number",
                    FormatError(
                        "条件序号重复", "this number stands there twice",
                        fix_zh="每个条件用一个序号；只有“属于”可写多行", fix_en="Number it anew",
                    ),
                )  # fmt: skip
            others = [one for one, other in rows if other["field"] != plain["field"]]
            for one in others:
                one.fault("field", FormatError("同一条件的信息项不一致", "the fields differ"))
            made = _made(_CONDITION, plain, row, {"values": "value"})
            if made is not None:
                found.append(made)
        return tuple(found)

    def note_strangers(self, known: set[str]) -> None:
        """Note every row that names an entry that is not in ``known``, and idle value tables."""
        for entry, row in self._rows:
            if entry and entry not in known:
                row.fault(
                    "entry",
                    FormatError(
                        "互认条目中没有这个编号", "no entry has this id",
                        fix_zh="请核对条目编号", fix_en="Compare with the sheet of entries",
                    ),
                )  # fmt: skip
        tables = {
            (entry, plain.get("target"))
            for entry, maps in self._maps.items()
            for _, plain in maps
            if plain["op"] == "table"
        }
        for (entry, target), row in self._value_rows.items():
            if entry in known and (entry, target) not in tables:
                row.fault(
                    "target",
                    FormatError(
                        "照面信息对照中没有这项值表", "no field map uses these values",
                        fix_zh="请在“照面信息对照”中写上操作为值表的一行",
                        fix_en="Write a row with the operation 值表 there",
                    ),
                )  # fmt: skip


def _choice(row: SheetRow, key: str) -> str | None:
    if key == "mask":
        return row.word(key, MASK_NAMES)
    return row.word(key, _FORMS) if key == "form" else row.text(key)


def _made(adapter: TypeAdapter[Any], plain: dict[str, Any], row: SheetRow, keys: Any) -> Any:
    """Return what a row says, or None, with everything that is wrong noted."""
    if row.faulty:
        return None
    try:
        return adapter.validate_python(plain)
    except ValidationError as error:
        for place, zh, en in findings(error):
            # The first part of the place is the operation.
            key = str(place[1]) if len(place) > 1 else "op"
            row.fault(keys.get(key, key), FormatError(zh, en))
        return None


def _not_used(what: str) -> FormatError:
    return FormatError(
        f"操作或类型为“{what}”时不填这一格",
        "this cell stays blank for this kind of row",
        fix_zh="请清空，或改操作",
        fix_en="Empty it, or change the kind",
    )
