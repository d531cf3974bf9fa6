"""What a clerk has entered beside what is scanned."""

from __future__ import annotations

from typing import NamedTuple


class Entered(NamedTuple):
    """What a clerk has entered beside the code."""

    matter: str | None = None
    case: str | None = None
    challenge: str | None = None
