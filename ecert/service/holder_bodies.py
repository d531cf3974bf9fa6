"""The bodies that the holder's API takes (strict: an unknown member is a mistake, and is told)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ecert.limits import (
    MAX_AGENT_REQUEST_CHARS,
    MAX_CHALLENGE_CHARS,
    MAX_CONSENT_TYPES,
    MAX_LICENCES_PER_CODE,
    MAX_MANDATE_MATTER_CHARS,
    MAX_MANDATE_MATTERS,
    MAX_NAME_CHARS,
    MAX_SCANNED_CODE_CHARS,
    MAX_SHOW_NOTE_CHARS,
)
from ecert.workspace.holder_access import MAX_SECRET_CHARS

LicenceRef = Annotated[str, Field(min_length=1, max_length=200)]
Licences = Annotated[list[LicenceRef], Field(min_length=1, max_length=MAX_LICENCES_PER_CODE)]
ProfileName = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]
PIN = Annotated[str, Field(min_length=1, max_length=12)]
Digits = Annotated[str, Field(min_length=1, max_length=MAX_SCANNED_CODE_CHARS)]
AgentRequest = Annotated[str, Field(min_length=1, max_length=MAX_AGENT_REQUEST_CHARS)]
MandateMatter = Annotated[str, Field(min_length=1, max_length=MAX_MANDATE_MATTER_CHARS)]
Note = Annotated[str, Field(max_length=MAX_SHOW_NOTE_CHARS)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class HolderEntry(_Body):
    """What stood behind ``#`` in the link that the holder was given."""

    link: Annotated[str, Field(min_length=1, max_length=MAX_SECRET_CHARS)]


class MatterAsked(_Body):
    """What the licences are to be shown for, and where."""

    licences: Licences
    matter: Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]
    region: Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class Showing(_Body):
    """What is to be shown."""

    licences: Licences
    profiles: Annotated[dict[LicenceRef, ProfileName], Field(max_length=MAX_LICENCES_PER_CODE)] = (
        Field(default_factory=dict)
    )
    challenge: Annotated[str, Field(min_length=1, max_length=MAX_CHALLENGE_CHARS)] | None = None
    pin: PIN | None = None
    matter: Note = ""
    to: Note = ""


class Deposit(_Body):
    """What an online code is to stand for."""

    licence: LicenceRef
    profile: ProfileName = "minimal"
    pin: PIN | None = None


class Cancelling(_Body):
    """The digits of an online code that is not to be used any more."""

    code: Digits


class ConsentOpening(_Body):
    """Where the show service is that a window is to ask through."""

    region: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    pin: PIN | None = None


class ConsentCode(_Body):
    """The digits of the code that a window asks by."""

    code: Digits


class Agreement(_Body):
    """What is handed over to the window that asked."""

    code: Digits
    licences: Annotated[list[LicenceRef], Field(min_length=1, max_length=MAX_CONSENT_TYPES)]
    pin: PIN | None = None


class NewPIN(_Body):
    """A new show PIN, and the one so far."""

    new: PIN
    current: PIN | None = None


class OldPIN(_Body):
    """The show PIN so far."""

    current: PIN


class AgentAsked(_Body):
    """What the agent's wallet made, to be named in a mandate."""

    agent: AgentRequest


class MandateGiven(AgentAsked):
    """What is entrusted to the agent."""

    licences: Licences
    matters: Annotated[list[MandateMatter], Field(min_length=1, max_length=MAX_MANDATE_MATTERS)]
    until: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    """The last day."""
    place: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """What the issuing office wrote down; None where this office is the issuing one."""
    pin: PIN | None = None


class MandateNamed(_Body):
    """A mandate of the holder's."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
