"""The bodies that the API takes (strict: an unknown member is a mistake, and is told)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ecert.limits import MAX_CHALLENGE_CHARS, MAX_NAME_CHARS, MAX_TOKEN_CHARS

Matter = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]
Challenge = Annotated[str, Field(min_length=1, max_length=MAX_CHALLENGE_CHARS)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Scan(_Body):
    """What a scanner sent, or a person pasted."""

    code: Annotated[str, Field(min_length=1, max_length=MAX_TOKEN_CHARS)]
    matter: Matter | None = None
    challenge: Challenge | None = None


class SignIn(_Body):
    """The token that a window was given."""

    token: Annotated[str, Field(min_length=1, max_length=200)]
