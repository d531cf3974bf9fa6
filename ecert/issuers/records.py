"""What a register keeps beside the licences themselves, one immutable value per row."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from ecert.errors import FormatError
from ecert.model.characters import require_visible

if TYPE_CHECKING:
    from datetime import date

    from ecert.issuers.lifecycle import Move

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CREDENTIAL_ID: Final = re.compile("([1-9][0-9]{0,8})-(0|[1-9][0-9]{0,8})")
NEVER: Final = _EPOCH
"""When a licence was changed that has no event yet."""
STATUS_LIST_KIND: Final = "status-list:"
"""What the kind of a status list's `Publication` begins with; its number follows."""
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class LicenceEvent:
    """One line in the life of a licence.

    Raises:
        FormatError: A text holds characters that show nothing, or is not text.
        ValueError: The time has no zone.
    """

    licence_id: str
    move: Move
    at: datetime
    reason: str
    document: str
    """The decision's number (文号)."""
    actor: str
    request_id: str | None
    related: str = ""
    """What else it is about: the licence that follows or precedes, a region, a credential, an
    objection."""
    digest: str = ""
    """For `Move.ISSUE`, `Licence.digest`: what was recorded can be compared with what is there."""

    def __post_init__(self) -> None:
        require_aware(self.at)
        for name in ("reason", "document", "actor", "related"):
            require_visible(getattr(self, name), FormatError, where=name)


@dataclass(frozen=True, slots=True)
class OfficeEvent:
    """One act of the office that is about no single licence.

    Attributes:
        act: What was done, as ``bulk-approve``.
        subject: To what: a bulk job, a type of licence.
        at: When.
        actor: Who did it.
        detail: What else is to be known.

    Raises:
        FormatError: A text holds characters that show nothing, or is not text.
        ValueError: The time has no zone.
    """

    act: str
    subject: str
    at: datetime
    actor: str
    detail: str = ""

    def __post_init__(self) -> None:
        require_aware(self.at)
        for name in ("act", "subject", "actor", "detail"):
            require_visible(getattr(self, name), FormatError, where=name)


class CredentialKind(StrEnum):
    """What a credential (签发件) is for."""

    FILE = "file"
    WALLET = "wallet"
    PAPER = "paper"
    PURPOSE = "purpose"
    MANDATE = "mandate"

    @property
    def zh(self) -> str:
        """The office's word for it."""
        return _KIND_ZH[self]


_KIND_ZH: Final = {
    CredentialKind.FILE: "电子证照文件",
    CredentialKind.WALLET: "卡包凭证",
    CredentialKind.PAPER: "纸质亮证码",
    CredentialKind.PURPOSE: "加注件",
    CredentialKind.MANDATE: "委托",
}


@dataclass(frozen=True, slots=True)
class CredentialRecord:
    """One credential: reserved first, signed later.

    Raises:
        ValueError: A time has no zone.
    """

    licence_id: str
    kind: CredentialKind
    list_number: int
    index: int
    """Its place in the status list, from `RegisterTransaction.allocate_index`."""
    status: int
    """Its value in the status list, 0 to 15."""
    request_id: str
    """The request that made it; one request makes one credential."""
    holder_jwk: dict[str, Any] | None = field(hash=False)
    """The wallet's public key; None for what is not bound to a wallet."""
    reserved_at: datetime
    signed_at: datetime | None
    artefacts: bytes | None = field(repr=False)
    """What was signed; None until then."""

    @property
    def id(self) -> str:
        """Its place in the status lists, list number and index, as ``1-70231``."""
        return f"{self.list_number}-{self.index}"

    def __post_init__(self) -> None:
        require_aware(self.reserved_at)
        if self.signed_at is not None:
            require_aware(self.signed_at)
        require_status(self.status)
        if self.holder_jwk is not None:
            object.__setattr__(self, "holder_jwk", dict(self.holder_jwk))


@dataclass(frozen=True, slots=True)
class Publication:
    """One issue of a published document (a status list, a trust list).

    Attributes:
        kind: Which document, as ``status-list:1``.
        version: Its version, rising.
        digest: Over what it was made from.
        document: The signed bytes; empty for all but the newest issue of a status list.
        issued: When it was made.
        expires: From then on it says nothing.
        changes: The number of the last change of status (`StatusChange`) that it tells.
    """

    kind: str
    version: int
    digest: str
    document: bytes = field(repr=False)
    issued: datetime
    expires: datetime
    changes: int = 0

    def __post_init__(self) -> None:
        require_aware(self.issued)
        require_aware(self.expires)


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One change of a value in a status list: together they are its history."""

    number: int
    """From 1 in the order of recording."""
    index: int
    value: int
    at: datetime


class ObjectionState(StrEnum):
    """How an objection (异议) stands."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"

    @property
    def zh(self) -> str:
        """The office's word for it."""
        return {"open": "处理中", "upheld": "已更正", "dismissed": "已驳回"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Somebody finds something on a licence wrong (异议).

    Attributes:
        id: Its number.
        licence_id: The licence.
        fields: What is found wrong, as it is called on the licence.
        raised_by: Who raised it.
        raised_at: When.
        statement: What is said to be wrong, and what would be right.
        evidence: What it rests on: documents by name and number, or a file's digest.
        state: How it stands.
        decided_by: Who decided.
        decided_at: When.
        decision: Why it was decided so.
        correction: The licence id of the corrected version; empty if there is none.
    """

    id: str
    licence_id: str
    fields: tuple[str, ...]
    raised_by: str = field(repr=False)
    raised_at: datetime
    statement: str = field(repr=False)
    evidence: str = field(default="", repr=False)
    state: ObjectionState = ObjectionState.OPEN
    decided_by: str = ""
    decided_at: datetime | None = None
    decision: str = field(default="", repr=False)
    correction: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.state is ObjectionState.OPEN

    def __post_init__(self) -> None:
        require_aware(self.raised_at)
        if self.decided_at is not None:
            require_aware(self.decided_at)
        for name in ("raised_by", "statement", "evidence", "decided_by", "decision"):
            require_visible(getattr(self, name), FormatError, where=name)


@dataclass(frozen=True, slots=True)
class ExpectedCount:
    """How many licences of a type are in force by the department's own count (应归集数)."""

    type_code: str
    count: int
    as_of: date
    source: str
    """Where the count comes from, for example a report's number."""


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request that was carried out, so that repeating it gives the same answer."""

    request_id: str
    operation: str
    digest: str
    """Over the request's content: another content under the same id is a conflict."""
    result: str = field(repr=False)


def credential_place(credential_id: str) -> tuple[int, int] | None:
    """Return list number and index of a `CredentialRecord.id`; None if it has not its form."""
    parts = _CREDENTIAL_ID.fullmatch(credential_id)
    return None if parts is None else (int(parts[1]), int(parts[2]))


def without_document(publication: Publication) -> Publication:
    """Return what history keeps of a publication; a status list is told by its changes."""
    if not publication.kind.startswith(STATUS_LIST_KIND):
        return publication
    return replace(publication, document=b"")


def microseconds(moment: datetime) -> int:
    """Return an aware datetime as whole microseconds since 1970 in UTC: exact and sortable."""
    return (moment - _EPOCH) // _MICROSECOND


def require_aware(moment: datetime) -> None:
    """Require a time with a zone.

    Raises:
        ValueError: It has none.
    """
    if moment.utcoffset() is None:
        raise ValueError("a datetime without a zone is ambiguous: use an aware one")


def require_status(value: int) -> None:
    """Require a value that fits the 4 bits of a status list.

    Raises:
        ValueError: It does not.
    """
    if not 0 <= value <= 15:
        raise ValueError("a status is 0 to 15")
