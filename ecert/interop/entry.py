"""One line of a recognition list: licences of one region are recognised as another's."""

from __future__ import annotations

import unicodedata
from datetime import date  # noqa: TC003 - pydantic reads annotations at run time
from functools import lru_cache
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from ecert import limits
from ecert.interop.conditions import Condition  # noqa: TC001 - pydantic reads it at run time
from ecert.interop.mapping import FieldMap, Line, require_line
from ecert.trust.document import RegionCode, Strict, checked_by

ALL: Final = "*"
"""All issuers of the region, or all matters."""

TypeCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}[0-9]{3}$")]
IssuerCode = Annotated[str, StringConstraints(pattern=r"^(\*|[0-9A-Z]{18})$")]
Note = Annotated[
    str, StringConstraints(max_length=limits.MAX_FIELD_CHARS), checked_by(require_line)
]


def is_empty(value: object) -> bool:
    """Tell whether an addition is left out, so that lists without it keep their bytes."""
    return not value


class Side(Strict):
    """One side of an entry.

    Attributes:
        region: The region; those below it are meant too.
        type: Licence type code (证照类型代码, GB/T 36904).
        name: What the type is called there; absent, the name in its definition.
    """

    region: RegionCode
    type: TypeCode
    name: Line | None = None


class Withdrawal(Strict):
    """The end of an entry that stays in the list (撤回), so that its history can be read.

    Attributes:
        on: From this day on, inclusive, nothing is recognised by the entry.
        basis: The document number or order behind it.
        note: A remark.
    """

    on: date
    basis: Line
    note: Note = ""


class Entry(Strict):
    """One line of the list: licences of ``source`` are recognised as ``target``.

    Attributes:
        id: Stays with the line through all versions of the list.
        source: Where the licence was issued, and its type.
        target: Where it is recognised, and as what.
        issuers: USCCs of the issuers meant, or ``*`` alone.
        matters: Matters and scenes (事项、应用场景), or ``*`` alone.
        fields: How the fields are mapped; None where both sides share one type.
        required: Fields of the target that must be there.
        conditions: What the licence itself must fulfil; all of them.
        valid_from: First day.
        valid_until: Last day, inclusive; None without end.
        withdrawn: Since when it no longer holds, if it has been withdrawn.
        lead: The department in charge of it (牵头部门).
        basis: The legal basis, with its document number (文号).
        note: A remark.
    """

    id: Annotated[Line, StringConstraints(max_length=64)]
    source: Side
    target: Side
    issuers: tuple[IssuerCode, ...] = Field(min_length=1)
    matters: tuple[Line, ...] = Field(min_length=1)
    fields: tuple[FieldMap, ...] | None = Field(default=None, max_length=limits.MAX_FIELDS)
    required: tuple[Line, ...] = Field(default=(), max_length=limits.MAX_FIELDS)
    conditions: tuple[Condition, ...] = Field(
        default=(), max_length=limits.MAX_CONDITIONS, exclude_if=is_empty
    )
    valid_from: date
    valid_until: date | None = None
    withdrawn: Withdrawal | None = None
    lead: Line | None = None
    basis: Line
    note: Note = ""

    def in_force(self, on: date) -> bool:
        """Tell whether the entry holds on that day."""
        if self.withdrawn is not None and on >= self.withdrawn.on:
            return False
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


@lru_cache(maxsize=4096)
def matter_key(matter: str) -> str:
    """Return the form in which matters are compared: NFKC, without spaces at the ends."""
    return unicodedata.normalize("NFKC", matter).strip()
