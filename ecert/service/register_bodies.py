"""What is asked of the register: the bodies of the issuer's requests."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ecert.limits import (
    MAX_FIELD_CHARS,
    MAX_FIELDS,
    MAX_HOLDERS,
    MAX_NAME_CHARS,
    MAX_OBJECTION_CHARS,
)

Short = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class LicenceQuery(_Body):
    """Which licences are looked for; what is left out does not narrow."""

    number: Short | None = None
    holder_number: Short | None = None
    type: Short | None = None
    state: Short | None = None
    after: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class OneLicence(_Body):
    """One licence, by its id."""

    licence: Short


class GivenHolder(_Body):
    """One holder of an application."""

    name: Short
    number: Short
    number_type: Short = "111"


class IssueOrder(_Body):
    """An application that is granted."""

    type: Short
    """Name, alias or code of the licence type."""
    number: Short
    holders: Annotated[list[GivenHolder], Field(min_length=1, max_length=MAX_HOLDERS)]
    fields: Annotated[
        dict[Short, Annotated[str, Field(max_length=MAX_FIELD_CHARS)] | int],
        Field(max_length=MAX_FIELDS),
    ]
    valid_until: Day | None
    """The last day; null is 长期."""
    valid_from: Day | None = None
    request: Short
    """Makes a retry safe: the same id with the same content is one licence."""


class MoveOrder(_Body):
    """A change in a licence's life."""

    licence: Short
    move: Literal["suspend", "reinstate", "cancel", "withdraw", "revoke"]
    reason: Annotated[str, Field(min_length=1, max_length=MAX_OBJECTION_CHARS)]
    document: Annotated[str, Field(max_length=MAX_NAME_CHARS)] = ""
    """The number of the decision (文号)."""
    request: Short
