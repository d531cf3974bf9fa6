"""How old what a window knows is, and how long it still holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ecert.sign import envelope, jws
from ecert.sign.strict import parse_json_object
from ecert.verify.kinds import STATUS_KIND, kind_of

if TYPE_CHECKING:
    from ecert.verify.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Age:
    """When one document in force was made, and until when it holds."""

    slot: str
    version: int
    issued: datetime
    expires: datetime

    def to_dict(self, at: datetime) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "slot": self.slot,
            "version": self.version,
            "issued": self.issued.isoformat(),
            "expires": self.expires.isoformat(),
            "age_seconds": int((at - self.issued).total_seconds()),
            "expired": self.expires <= at,
        }


def ages(knowledge: Knowledge) -> tuple[Age, ...]:
    """Return the age of every document in force, in the order of its kinds."""
    marks = knowledge.in_force
    return tuple(
        Age(slot, marks[slot].version, *times_of(data))
        for slot, data in knowledge.documents.items()
    )


def times_of(data: bytes) -> tuple[datetime, datetime]:
    """Return when a document says it was made, and until when it holds.

    Raises:
        ParseError: It does not parse.
    """
    if kind_of(data) == STATUS_KIND:
        claims = parse_json_object(jws.parse(data.decode("ascii"), max_chars=len(data)).payload)
        return datetime.fromtimestamp(claims["iat"], UTC), datetime.fromtimestamp(
            claims["exp"], UTC
        )
    plain = parse_json_object(envelope.parse(data).unverified_payload)
    return datetime.fromisoformat(plain["issued"]), datetime.fromisoformat(plain["expires"])
