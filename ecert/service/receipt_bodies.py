"""The bodies that the auditor's API takes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ecert.limits import (
    MAX_CASE_CHARS,
    MAX_CASE_COPY_CHARS,
    MAX_NAME_CHARS,
    MAX_SAFE_INTEGER,
    MAX_TOKEN_CHARS,
)

WindowName = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]
ReceiptNumber = Annotated[int, Field(ge=1, le=MAX_SAFE_INTEGER)]
After = Annotated[int, Field(ge=0, le=MAX_SAFE_INTEGER)]
CaseNumber = Annotated[str, Field(min_length=1, max_length=MAX_CASE_CHARS)]
LicenceText = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ReceiptReplay(_Body):
    """Which receipt is replayed, with what was shown then, or with the case copy of it."""

    window: WindowName
    number: ReceiptNumber
    shown: Annotated[str, Field(min_length=1, max_length=MAX_TOKEN_CHARS)] | None = None
    copy_text: Annotated[str, Field(min_length=1, max_length=MAX_CASE_COPY_CHARS)] | None = None


class ChainCheck(_Body):
    """Which chain is checked, and the heads that were noted down before."""

    window: WindowName | None = None
    noted: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...],
        Field(max_length=100, strict=False),
    ] = ()
