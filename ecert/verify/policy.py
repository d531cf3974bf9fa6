"""What a verifier asks for beyond the formats: durations and named rules, strict by default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from ecert import limits


class Challenge(Enum):
    """Whether the code must answer a number that this window showed."""

    OPTIONAL = "optional"
    """A code without one is taken; one that answers another window is refused."""
    REQUIRED = "required"
    """For unattended terminals."""


class Paper(Enum):
    """Whether printed codes are taken; they prove no holder."""

    CHECK_IDENTITY = "check-identity"
    """Taken; the verdict tells the clerk to check the identity document."""
    REFUSE = "refuse"


class Pin(Enum):
    """Whether the holder must have typed the show PIN (亮证密码) for the code."""

    OPTIONAL = "optional"
    REQUIRED = "required"
    """For unattended terminals: the phone may not be its owner's."""


class DemoKeys(Enum):
    """Whether demonstration keys are relied on: their private halves are published."""

    ALONE = "alone"
    """Only where no real root set is pinned beside them; every verdict then says so."""
    REFUSE = "refuse"
    """For whatever is not in demo mode."""


class Acting(Enum):
    """Whether licences are taken from an agent who shows a mandate (代办)."""

    TAKE = "take"
    """Taken; the verdict tells the clerk to check the agent's identity card."""
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of one window.

    Raises:
        ValueError: A duration is negative or looser than the format allows.
    """

    max_ahead: timedelta = limits.SHOW_CODE_MAX_AHEAD
    """How far the holder's clock may run ahead."""
    max_late: timedelta = limits.SHOW_CODE_MAX_LATE
    """How long after its end a code is still taken."""
    challenge: Challenge = Challenge.OPTIONAL
    paper: Paper = Paper.CHECK_IDENTITY
    pin: Pin = Pin.OPTIONAL
    mandate: Acting = Acting.TAKE
    demo: DemoKeys = DemoKeys.ALONE

    def __post_init__(self) -> None:
        zero = timedelta(0)
        if not zero <= self.max_ahead <= limits.SHOW_CODE_MAX_AHEAD:
            raise ValueError(f"max_ahead is between 0 and {limits.SHOW_CODE_MAX_AHEAD}")
        if not zero <= self.max_late <= limits.SHOW_CODE_MAX_LATE:
            raise ValueError(f"max_late is between 0 and {limits.SHOW_CODE_MAX_LATE}")


COUNTER = Policy()
"""A clerk at a window."""
TERMINAL = Policy(
    challenge=Challenge.REQUIRED, paper=Paper.REFUSE, pin=Pin.REQUIRED, mandate=Acting.REFUSE
)
"""A self-service terminal (自助终端): nobody looks at the person."""
