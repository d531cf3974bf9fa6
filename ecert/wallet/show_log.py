"""The show log (亮证记录): what a wallet has shown, when and to whom; for its holder alone.

It is part of the wallet's content, so it is encrypted with it, and nobody else has a copy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from ecert import limits
from ecert.errors import FormatError, WalletError
from ecert.model.characters import require_visible

if TYPE_CHECKING:
    from collections.abc import Mapping

ONLINE: Final = "online"
"""In the place of a profile, where a licence was handed over on line, in full."""
_TEXTS = ("profile", "challenge", "to", "matter")


@dataclass(frozen=True, slots=True)
class ShowRecord:
    """One show code that the wallet made.

    Attributes:
        made: When, in seconds since 1970, by the wallet's clock.
        licences: Licence id and name of the type of each licence in it.
        profile: How much was shown.
        challenge: What the window had asked to be included, empty if nothing.
        to: Who it was shown to, as far as the wallet was told.
        matter: What it was shown for, as far as the wallet was told.
        pin: Whether the show PIN was typed for it.
    """

    made: int
    licences: tuple[tuple[str, str], ...]
    profile: str
    challenge: str = ""
    to: str = ""
    matter: str = ""
    pin: bool = False
    written: bytes = field(init=False, repr=False, compare=False)
    """The record as JSON, so that it need not be written anew with every show."""

    def __post_init__(self) -> None:
        """Write it once."""
        plain = {
            "made": self.made, "licences": self.licences, "profile": self.profile,
            "challenge": self.challenge, "to": self.to, "matter": self.matter, "pin": self.pin,
        }  # fmt: skip
        object.__setattr__(self, "written", orjson.dumps(plain))

    @property
    def at(self) -> datetime:
        """When it was made."""
        return datetime.fromtimestamp(self.made, UTC)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> ShowRecord:
        """Read a record as a wallet's content has it.

        Raises:
            TypeError: It does not have its shape.
            KeyError: The same.
        """
        texts = {name: plain[name] for name in _TEXTS}
        made, pin = plain["made"], plain["pin"]
        licences = tuple((one, other) for one, other in plain["licences"])
        told = [*texts.values(), *(text for pair in licences for text in pair)]
        if (
            len(plain) != len(_TEXTS) + 3
            or type(made) is not int
            or type(pin) is not bool
            or not all(type(text) is str for text in told)
        ):
            raise TypeError("not a record of a show")
        return cls(made, licences, **texts, pin=pin)


def require_notes(to: str, matter: str) -> None:
    """Require that what is noted beside a show is short, and can be seen.

    Raises:
        WalletError: One is longer than `limits.MAX_SHOW_NOTE_CHARS`.
        FormatError: One holds a character that is not to be seen, or half a character.
    """
    most = limits.MAX_SHOW_NOTE_CHARS
    for where, text in (("to", to), ("matter", matter)):
        if len(text) > most:
            raise WalletError(
                f"亮证记录中每项最多{most}个字符",
                f"the log notes at most {most} characters of each", where=where,
                fix_zh="请缩短", fix_en="Shorten it",
            )  # fmt: skip
        require_visible(text, FormatError, where=where)


class ShowLog(NamedTuple):
    """What a wallet remembers of its shows, oldest first."""

    records: tuple[ShowRecord, ...] = ()
    dropped: int = 0
    """Older records that had to make room."""

    def noting(self, record: ShowRecord) -> ShowLog:
        """Return the log with one record more, and at most `limits.MAX_SHOW_RECORDS`."""
        records = (*self.records, record)
        surplus = max(0, len(records) - limits.MAX_SHOW_RECORDS)
        return ShowLog(records[surplus:], self.dropped + surplus)
