"""What a licence is told as: catalogue data (目录信息) for a search, metadata for one licence.

Names of members are those of a province's system; what is added to them is said in the format.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ecert.issuers.sharing.numbers import NOT_YET, ShareStatus, numbers_of
from ecert.model.metadata import EXTENSION_PREFIX, to_metadata

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from ecert.model.catalogue import LicenceType
    from ecert.model.holders import Holder
    from ecert.model.licence import Licence

ALL_FIELDS: Final = "*"
"""In a grant: every field of the type."""


def state(licence: Licence, on: date) -> dict[str, Any]:
    """Return how a licence stands on a day: the status number, the state, and its name."""
    numbers = numbers_of(licence, on)
    standing = licence.standing(on)
    early = numbers is NOT_YET
    return {
        "certificateStatus": int(numbers.status),
        "certificateState": "not-yet-valid" if early else standing.value,
        "certificateStateName": "尚未生效" if early else standing.zh,
    }


def entry(licence: Licence, asked: Holder, on: date) -> dict[str, Any]:
    """Return the catalogue data of a licence, of no holder but the one who was asked for."""
    return {
        "certificateIdentifier": str(licence.id),
        "certificateType": licence.type_code,
        "certificateName": licence.type_name,
        "certificateHolder": asked.name,
        "certificateHolderCode": asked.number,
        "certificateHolderType": asked.number_type,
        "certificateNumber": licence.number,
        "issueDept": licence.issuer_name,
        "issueDeptCode": licence.issuer_code,
        "issueDate": _compact(licence.issued_on),
        "certificateValidateStart": _compact(licence.valid_from),
        "certificateValidateEnd": _compact(licence.valid_until),
    } | state(licence, on)


def information(
    licence: Licence,
    licence_type: LicenceType | None,
    fields: Collection[str],
    on: date,
    *,
    asked: Holder | None = None,
) -> dict[str, Any]:
    """Return the metadata of a licence (GB/T 36903), with no field but those that are granted.

    A licence that is not in force tells its state alone.

    Args:
        licence: The licence.
        licence_type: Its type.
        fields: Names of the fields that the caller may have.
        on: The day.
        asked: The one holder who was asked for; None for all of the licence's.
    """
    told = {"cert_identifier": str(licence.id)} | state(licence, on)
    if numbers_of(licence, on).status is not ShareStatus.DONE:
        return told
    names = granted(licence, fields)
    shown = replace(
        licence,
        holders=tuple(one for one in licence.holders if asked is None or is_same(one, asked)),
        fields={name: value for name, value in licence.fields.items() if name in names},
    )
    return told | to_metadata(shown, licence_type)


def is_same(holder: Holder, asked: Holder) -> bool:
    """Tell whether a licence's holder is the one who was asked for: number, kind and name."""
    return (holder.number, holder.number_type, holder.folded_name()) == (
        asked.number,
        asked.number_type,
        asked.folded_name(),
    )


def granted(licence: Licence, fields: Collection[str]) -> frozenset[str]:
    """Return the names of those fields of a licence that a grant opens."""
    if ALL_FIELDS in fields:
        return frozenset(licence.fields)
    return frozenset(licence.fields).intersection(fields)


def field_named(text: str, licence: Licence, licence_type: LicenceType | None) -> str | None:
    """Return the field of a licence that a caller means by name or short name, or None."""
    if text in licence.fields:
        return text
    for name in licence.fields:
        known = licence_type.get_field(name) if licence_type is not None else None
        if text == (known.short if known is not None else f"{EXTENSION_PREFIX}{name}"):
            return name
    return None


def _compact(day: date | None) -> str:
    # 长期 has no last day.
    return "" if day is None else day.isoformat().replace("-", "")
