"""Who shows a licence for its holder (代办人, 经办人): what an accepted verdict tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime


class ActingAgent(NamedTuple):
    """The agent whom the holder's mandate names."""

    name: str
    number: str
    """The last four characters of the agent's number: to be compared with the identity card."""
    matters: tuple[str, ...]
    """What the mandate is for; ``*`` alone for all matters."""
    until: datetime
    """The first moment at which it no longer holds."""
