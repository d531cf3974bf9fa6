"""One event: its kind, its subject, and its body as it goes over the wire."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

import orjson

from ecert.errors import FormatError, ParseError
from ecert.sign.strict import parse_json_object

LICENCE_KINDS: Final = (
    "licence.suspended", "licence.reinstated", "licence.superseded", "licence.cancelled",
    "licence.withdrawn", "licence.revoked", "licence.transferred", "licence.taken-back",
)  # fmt: skip
LIST_KINDS: Final = ("list.changed", "list.expired")
TEST_KIND: Final = "test"
KINDS: Final = (*LICENCE_KINDS, *LIST_KINDS)
"""Every kind that may be asked for; ``test`` is sent to whoever is tested."""
_MEMBERS: Final = frozenset({"type", "timestamp", "data"})


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """What has happened.

    Attributes:
        id: Always the same for the same event: a receiver takes each id once.
        kind: One of `KINDS`, or ``test``.
        at: When it happened.
        subject: The licence id, or the list.
        detail: The state that the licence has now, or the version of the list.
    """

    id: str
    kind: str
    at: datetime
    subject: str
    detail: str

    def to_body(self) -> bytes:
        """Return the body as it is sent, the same at every attempt."""
        names = ("list", "version") if self.kind in LIST_KINDS else ("licence", "status")
        data: dict[str, Any] = dict(zip(names, (self.subject, self.detail), strict=True))
        plain = {"type": self.kind, "timestamp": _written(self.at), "data": data}
        return orjson.dumps(plain)

    @classmethod
    def from_body(cls, event_id: str, body: bytes) -> Self:
        """Read a body whose signature is proven.

        Raises:
            ParseError: It does not have the form of one.
        """
        plain = parse_json_object(body, where="webhook")
        kind, moment, data = (plain.get(name) for name in ("type", "timestamp", "data"))
        if plain.keys() != _MEMBERS or kind not in {*KINDS, TEST_KIND}:
            raise ParseError("not an event of this version", where="type")
        names = ("list", "version") if kind in LIST_KINDS else ("licence", "status")
        if not isinstance(data, dict) or data.keys() != set(names):
            raise ParseError("not the data of such an event", where="data")
        subject, detail = (data[name] for name in names)
        texts = (kind, moment, subject, detail)
        if not all(isinstance(one, str) for one in texts):
            raise ParseError("a member is not text", where="data")
        try:
            at = datetime.fromisoformat(str(moment))
        except ValueError as error:
            raise ParseError("not a time", where="timestamp") from error
        if at.tzinfo is None:
            raise ParseError("a time without a zone", where="timestamp")
        return cls(event_id, str(kind), at, subject, detail)


def event_id(*parts: str) -> str:
    """Return the id of an event that is known by ``parts``."""
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return f"evt_{digest[:32]}"


def require_kinds(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Return kinds in their order.

    Raises:
        FormatError: There is no such kind, or none at all.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown or not kinds:
        raise FormatError(
            "没有这种事件", "there is no such event", where=(unknown or [""])[0][:40],
            fix_zh=f"可用：{'、'.join(KINDS)}", fix_en=f"There are: {', '.join(KINDS)}",
        )  # fmt: skip
    return tuple(kind for kind in KINDS if kind in kinds)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
