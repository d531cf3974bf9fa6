"""How the rows of one licence type are read: worked out once for each file and type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from ecert.issuers.bulk.headings import Meaning
from ecert.model.holders import HolderClass
from ecert.sheets.cells import READERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from ecert.issuers.bulk.columns import ColumnMapping
    from ecert.model.licence_type import LicenceType
    from ecert.sheets.values import Raw


@dataclass(frozen=True, slots=True)
class TypePlan:
    """What stands where in the rows of one type.

    Attributes:
        licence_type: The type.
        fields: Column, name and reader of each field of the type that the file has.
        strangers: Column and name of each field of other types that the file has.
        only: The kind of every holder's number of 18 characters, if the type leaves one alone.
        has_own_number: Whether the licence number is the holder's.
        places: The column for each place that a fault of the model names.
    """

    licence_type: LicenceType
    fields: tuple[tuple[int, str, Callable[[Raw], str | date | None]], ...]
    strangers: tuple[tuple[int, str], ...]
    only: str | None
    has_own_number: bool
    places: Mapping[str, int]

    @classmethod
    def make(cls, licence_type: LicenceType, mapping: ColumnMapping) -> Self:
        """Work out how rows of a type are read."""
        fields, strangers, places = [], [], {}
        for heading, column in mapping.fields.items():
            spec = licence_type.get_field(heading)
            if spec is None:
                strangers.append((column, heading))
            else:
                fields.append((column, spec.name, READERS[spec.kind]))
                places[spec.name] = column
        classes = set(licence_type.holder_classes)
        only = {HolderClass.NATURAL_PERSON: "111", HolderClass.LEGAL_PERSON: "001"}
        return cls(
            licence_type,
            tuple(fields),
            tuple(strangers),
            only.get(next(iter(classes))) if len(classes) == 1 else None,
            licence_type.number_rule != "free",
            _common_places(licence_type, mapping) | places,
        )


def _common_places(licence_type: LicenceType, mapping: ColumnMapping) -> dict[str, int]:
    """Return the columns of what every licence has, by what the model's faults call it."""
    names = {
        "持证主体": Meaning.HOLDER,
        "持证主体代码": Meaning.HOLDER_NUMBER,
        "有效期": Meaning.VALID_FROM,
        "有效期起始日期": Meaning.VALID_FROM,
        "有效期截止日期": Meaning.VALID_UNTIL,
    }
    places = {
        name: mapping.places[meaning]
        for name, meaning in names.items()
        if meaning in mapping.places
    }
    for name, meanings in {
        "持证主体代码类型": (Meaning.HOLDER_NUMBER_TYPE_CODE, Meaning.HOLDER_NUMBER_TYPE),
        licence_type.number_label: (Meaning.NUMBER, Meaning.HOLDER_NUMBER),
    }.items():
        found = [mapping.places[meaning] for meaning in meanings if meaning in mapping.places]
        if found:
            places[name] = found[0]
    return places
