"""Which column of a list holds what: worked out once for each file, and shown to its user."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecert.issuers.bulk.headings import Meaning, known_headings
from ecert.sheets import headings
from ecert.sheets.table import normal_heading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ecert.model.licence_type import LicenceType
    from ecert.reasons import Language
    from ecert.sheets.table import Header

# A remark behind a heading: 有效期至（长期填“长期”）.
_REMARK: Final = re.compile(r"\([^()]*\)\Z")
_REQUIRED: Final = (Meaning.HOLDER, Meaning.HOLDER_NUMBER)
_LIKENESS: Final = 0.6


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """One column of the file.

    Attributes:
        column: Its place, counted from 0.
        heading: Its heading, as it stands in the file.
        meaning: What it is, if it is one of what every licence has.
        field: The field of the licence types that it is (照面信息), if it is one.
        near: Headings that are known and much like it, if it is not known.
    """

    column: int
    heading: str
    meaning: Meaning | None = None
    field: str | None = None
    near: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether anything is made of it."""
        return self.meaning is not None or self.field is not None

    def told(self, language: Language = "zh") -> str:
        """Return one line that says what the column is taken for."""
        zh = language == "zh"
        if self.meaning is Meaning.IGNORED:
            return headings.told_ignored(self.column, self.heading, language)
        if self.meaning is not None:
            meant = self.meaning.zh if zh else self.meaning.value
            return headings.told_meant(self.column, self.heading, meant)
        if self.field is not None:
            meant = f"{'照面信息：' if zh else 'field '}{self.field}"
            return headings.told_meant(self.column, self.heading, meant)
        return headings.told_unknown(self.column, self.heading, self.near, language)


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What the columns of one file are.

    Attributes:
        columns: Every column that has a heading.
        places: The column of each meaning that the file has.
        fields: The column of each field that the file has, by the field's full name or, where
            the types differ, its short name as the heading gives it.
    """

    columns: tuple[MappedColumn, ...]
    places: Mapping[Meaning, int]
    fields: Mapping[str, int]

    @property
    def unknown(self) -> tuple[MappedColumn, ...]:
        """The columns that nothing is made of."""
        return tuple(one for one in self.columns if not one.is_known)

    def lines(self, language: Language = "zh") -> list[str]:
        """Return the mapping for its user, one line for each column."""
        return [one.told(language) for one in self.columns]

    def heading(self, column: int) -> str:
        """Return the heading of a column that has one."""
        return next((one.heading for one in self.columns if one.column == column), "")


def headings_for(types: Iterable[LicenceType]) -> list[str]:
    """Return every heading that a list of licences of these types may have, common ones first."""
    common = [meaning.zh for meaning in Meaning if meaning is not Meaning.IGNORED]
    names = [
        name
        for one in types
        for name in (one.number_label, *(text for spec in one.fields for text in _names(spec)))
    ]
    return list(dict.fromkeys([*common, *names, *known_headings()]))


def map_columns(
    header: Header, types: Iterable[LicenceType], *, licence_type: LicenceType | None, where: str
) -> ColumnMapping:
    """Work out what the columns are.

    Args:
        header: The heading of the file.
        types: The licence types that may occur.
        licence_type: The type of every row, or None if a column says it.
        where: What messages call the file.

    Raises:
        TableError: A column that must be there is missing, or two columns are one thing.
    """
    known = known_headings()
    fields = _field_names([licence_type] if licence_type is not None else types)
    labels = {
        normal_heading(one.number_label) for one in ([licence_type] if licence_type else types)
    }
    columns: list[MappedColumn] = []
    places: dict[Meaning, int] = {}
    of_field: dict[str, int] = {}
    for place, heading in enumerate(header.headings):
        if not heading:
            continue
        column = _map_column(place, heading, known, fields, labels, first=licence_type is not None)
        columns.append(column)
        if column.field is not None:
            _require_once(column, of_field.setdefault(column.field, place), header, where)
        elif column.meaning is not None and column.meaning is not Meaning.IGNORED:
            _require_once(column, places.setdefault(column.meaning, place), header, where)
    mapping = ColumnMapping(tuple(columns), places, of_field)
    _require_columns(mapping, licence_type, where)
    return mapping


def _names(spec: object) -> tuple[str, str]:
    return spec.name, spec.short  # type: ignore[attr-defined]


def _field_names(types: Iterable[LicenceType]) -> dict[str, str]:
    """Return the field that a heading stands for, by the heading's normal form.

    One short name may stand for fields of different names in different types; it is kept then,
    for the row's type knows it too.
    """
    found: dict[str, str] = {}
    for one in types:
        for spec in one.fields:
            found[normal_heading(spec.name)] = spec.name
            short = normal_heading(spec.short)
            same = found.setdefault(short, spec.name) == spec.name
            found[short] = spec.name if same else spec.short
    return found


def _map_column(
    place: int,
    heading: str,
    known: Mapping[str, Meaning],
    fields: Mapping[str, str],
    labels: set[str],
    *,
    first: bool,
) -> MappedColumn:
    """Return what a column is; ``first``: the fields of the one type come before all else."""
    normal = normal_heading(heading)
    for text in (normal, _REMARK.sub("", normal)):
        field = fields.get(text)
        if field is not None and (first or text not in known):
            return MappedColumn(place, heading, field=field)
        if text in known:
            return MappedColumn(place, heading, meaning=known[text])
        if text in labels:
            return MappedColumn(place, heading, meaning=Meaning.NUMBER)
    near = difflib.get_close_matches(normal[:40], [*fields, *known], n=2, cutoff=_LIKENESS)
    return MappedColumn(place, heading, near=tuple(fields.get(text, text) for text in near))


def _require_once(column: MappedColumn, earlier: int, header: Header, where: str) -> None:
    if earlier == column.column:
        return
    what = column.field or (column.meaning.zh if column.meaning else "")
    raise headings.twice(header, earlier, column.column, what, where)


def _require_columns(mapping: ColumnMapping, licence_type: LicenceType | None, where: str) -> None:
    missing = [meaning.zh for meaning in _REQUIRED if meaning not in mapping.places]
    if licence_type is None:
        if Meaning.TYPE not in mapping.places and Meaning.TYPE_CODE not in mapping.places:
            missing.insert(0, Meaning.TYPE.zh)
    else:
        if licence_type.validity.rule != "open" and Meaning.VALID_UNTIL not in mapping.places:
            missing.append(Meaning.VALID_UNTIL.zh)
        # Otherwise the holder's number is the licence's, and one column is enough.
        if licence_type.number_rule == "free" and Meaning.NUMBER not in mapping.places:
            missing.append(Meaning.NUMBER.zh)
        missing += [
            spec.name
            for spec in licence_type.fields
            if spec.required and not {spec.name, spec.short} & set(mapping.fields)
        ]
    if missing:
        raise headings.missing(missing, (one.heading for one in mapping.unknown), where)
