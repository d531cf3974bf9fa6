"""What a show profile tells: the fields read back by name, how much that is, and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.model.holders import HolderClass
from ecert.show.compact import from_day_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ecert.model.licence_type import LicenceType, ShowProfile
    from ecert.reasons import Language
    from ecert.show.compact import FieldValue

# What is told in full counts twice what is told in part; a full number leads to all else.
_WHOLE: Final = 2
_PART: Final = 1
_FULL_NUMBER: Final = 4


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


def in_full(
    licence_type: LicenceType, profile: int, fields: Mapping[str, str]
) -> Mapping[str, str]:
    """Leave out of ``fields`` what the profile of that number shows in part only.

    Nothing is left where the definition does not know the profile.
    """
    shown = licence_type.profile_by_number(profile)
    if shown is None:
        return {}
    masked = {told.name for told in licence_type.told_by(shown) if told.mask != "none"}
    return {name: value for name, value in fields.items() if name not in masked}


def is_comparable(profile: ShowProfile) -> bool:
    """Tell whether a clerk can compare it with an identity card: whole name, last four."""
    return profile.holder_name == "full" and profile.holder_number != "hidden"


def amount(licence_type: LicenceType, profile: ShowProfile) -> int:
    """Return how much a profile tells, for comparing: it rises with everything that is told."""
    told = sum(_WHOLE if one.mask == "none" else _PART for one in licence_type.told_by(profile))
    told += _WHOLE if profile.holder_name == "full" else _PART
    told += {"hidden": 0, "last4": _PART, "full": _FULL_NUMBER}[profile.holder_number]
    return told + (_WHOLE if profile.licence_number else 0)


def least_first(licence_type: LicenceType) -> tuple[ShowProfile, ...]:
    """Return the profiles that a clerk can compare with an identity card, the least first."""
    comparable = (one for one in licence_type.profiles if is_comparable(one))
    return tuple(sorted(comparable, key=lambda one: (amount(licence_type, one), one.number)))


def in_words(
    licence_type: LicenceType, profile: ShowProfile, language: Language = "zh"
) -> tuple[str, ...]:
    """Return what a profile tells beside type, issuer and validity, item by item."""
    return tuple(zh if language == "zh" else en for zh, en in _items(licence_type, profile))


def _items(licence_type: LicenceType, profile: ShowProfile) -> Iterator[tuple[str, str]]:
    person = HolderClass.NATURAL_PERSON in licence_type.holder_classes
    name, number = ("姓名", "号码") if person else ("名称", "统一社会信用代码")
    if profile.holder_name == "full":
        yield name, "name"
    else:
        yield f"{name}（部分）", "name in part"
    if profile.holder_number == "last4":
        yield f"{number}后四位", "last four of the number"
    elif profile.holder_number == "full":
        yield f"{number}（完整）", "whole number"
    if profile.licence_number:
        yield licence_type.number_label, f"{licence_type.number_label} (licence number)"
    for told in licence_type.told_by(profile):
        if told.mask == "none":
            yield told.name, told.name
        else:
            yield f"{told.name}（部分）", f"{told.name} (in part)"
