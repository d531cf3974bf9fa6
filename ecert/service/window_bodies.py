"""The bodies that the API takes (strict: an unknown member is a mistake, and is told)."""

from __future__ import annotations

from typing import Annotated, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ecert.limits import (
    MAX_CASE_CHARS,
    MAX_CHALLENGE_CHARS,
    MAX_CONSENT_TYPES,
    MAX_FIELDS,
    MAX_NAME_CHARS,
    MAX_OBJECTION_CHARS,
    MAX_PARTS_OF_CHECK,
    MAX_PURPOSE_CHARS,
    MAX_SAFE_INTEGER,
    MAX_SCANNED_CODE_CHARS,
    MAX_TOKEN_CHARS,
)

Matter = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]
Case = Annotated[str, Field(min_length=1, max_length=MAX_CASE_CHARS)]
Challenge = Annotated[str, Field(min_length=1, max_length=MAX_CHALLENGE_CHARS)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Scan(_Body):
    """What a scanner sent, or a person pasted."""

    code: Annotated[str, Field(min_length=1, max_length=MAX_TOKEN_CHARS)]
    matter: Matter | None = None
    challenge: Challenge | None = None
    case: Case | None = None
    """The case number (办件编号)."""
    screen: bool = False
    """Tell of what is accepted also what only a screen needs: the portrait."""
    copy_for_case: bool = False
    """Tell of what is accepted also the case copy (存卷件); it needs `case`, and receipts."""


class Wanted(NamedTuple):
    """What is to be told beside the verdict."""

    screen: bool = False
    """What only a screen needs: the portrait."""
    copy: bool = False
    """The case copy (存卷件)."""


class AskedFor(_Body):
    """What a clerk asks a holder for (向持证人申请出示)."""

    code: Annotated[str, Field(min_length=1, max_length=MAX_SCANNED_CODE_CHARS)]
    """The digits of the code that the holder opened."""
    types: Annotated[list[Matter], Field(min_length=1, max_length=MAX_CONSENT_TYPES)]
    """Licence types, by code or name."""
    matter: Matter
    case: Case
    cause: Annotated[str, Field(min_length=1, max_length=MAX_PURPOSE_CHARS)] | None = None
    """What it is used for (使用事由), as the holder reads it."""
    screen: bool = False
    copy_for_case: bool = False


class AskedAgain(AskedFor):
    """The same, to look how it was answered."""

    last: bool = False
    """Nobody waits any longer: whatever there is, is the answer."""


class Objection(_Body):
    """Somebody at the window finds something on an accepted licence wrong (异议).

    It names the check, by ``receipt`` or by ``check``; the window knows of which licence it was.
    """

    receipt: Annotated[int, Field(ge=1, le=MAX_SAFE_INTEGER)] | None = None
    """The number of the check's receipt."""
    check: Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)] | None = None
    """The name of the check, where it was told instead of a receipt."""
    part: Annotated[int, Field(ge=1, le=MAX_PARTS_OF_CHECK)] = 1
    """Which licence of the check, from 1."""
    fields: Annotated[list[Matter], Field(min_length=1, max_length=MAX_FIELDS)]
    raised_by: Matter
    statement: Annotated[str, Field(min_length=1, max_length=MAX_OBJECTION_CHARS)]
    evidence: Annotated[str, Field(max_length=MAX_OBJECTION_CHARS)] = ""
    request: Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)] | None = None
    """Chosen by whoever asks, once for an objection: a retry after a lost answer is no second."""

    @model_validator(mode="after")
    def _names_one_check(self) -> Self:
        if (self.receipt is None) == (self.check is None):
            raise ValueError("either a receipt or a check is named")
        return self


class SignIn(_Body):
    """The token that a window was given."""

    token: Annotated[str, Field(min_length=1, max_length=200)]
