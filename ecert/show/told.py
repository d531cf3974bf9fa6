"""The fields that a compact credential tells, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.show.compact import from_day_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecert.model.catalogue import LicenceType
    from ecert.show.compact import FieldValue


def read_fields(licence_type: LicenceType, fields: Mapping[int, FieldValue]) -> dict[str, str]:
    """Return the shown fields by name; a key that the definition does not know is left out.

    Raises:
        ParseError: A date is out of the calendar.
    """
    result = {}
    for key, value in fields.items():
        spec = licence_type.field_by_key(key)
        if spec is None:
            continue
        if spec.kind == "date" and isinstance(value, int):
            result[spec.name] = from_day_number(value).isoformat()
        else:
            result[spec.name] = str(value)
    return result
