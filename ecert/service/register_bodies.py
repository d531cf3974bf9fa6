"""What is asked of the register: the bodies of the issuer's requests."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ecert.limits import (
    MAX_FIELD_CHARS,
    MAX_FIELDS,
    MAX_HOLDERS,
    MAX_NAME_CHARS,
    MAX_OBJECTION_CHARS,
    MAX_SAFE_INTEGER,
)

Short = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]
Reason = Annotated[str, Field(min_length=1, max_length=MAX_OBJECTION_CHARS)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class LicenceQuery(_Body):
    """Which licences are looked for; what is left out does not narrow."""

    number: Short | None = None
    holder_number: Short | None = None
    type: Short | None = None
    state: Short | None = None
    after: Annotated[int, Field(ge=0, le=MAX_SAFE_INTEGER)] = 0
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


class UpholdOrder(_Body):
    """An objection is upheld (异议成立): what is different on the corrected version (更正).

    What is left out stays; at least one thing changes.
    """

    fields: Annotated[
        dict[Short, Annotated[str, Field(max_length=MAX_FIELD_CHARS)] | int | None],
        Field(max_length=MAX_FIELDS),
    ] = Field(default_factory=dict)
    """By name or short name; null takes one away."""
    number: Short | None = None
    holders: Annotated[list[GivenHolder], Field(min_length=1, max_length=MAX_HOLDERS)] | None = None
    valid_from: Day | None = None
    valid_until: Day | None = None
    """The last day; null is 长期, left out is as before."""
    reason: Reason
    document: Annotated[str, Field(max_length=MAX_NAME_CHARS)] = ""
    """The number of the decision (文号)."""
    request: Short
    """Makes a retry safe: the same id with the same content is one correction."""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        given = self.fields or self.number or self.holders or self.valid_from
        if not given and "valid_until" not in self.model_fields_set:
            raise ValueError("a correction changes something")
        return self


class DismissOrder(_Body):
    """An objection is dismissed (驳回), with the reason."""

    reason: Reason
    document: Annotated[str, Field(max_length=MAX_NAME_CHARS)] = ""
    request: Short


class MoveOrder(_Body):
    """A change in a licence's life."""

    licence: Short
    move: Literal["suspend", "reinstate", "cancel", "withdraw", "revoke"]
    reason: Reason
    document: Annotated[str, Field(max_length=MAX_NAME_CHARS)] = ""
    """The number of the decision (文号)."""
    request: Short
