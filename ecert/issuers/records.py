"""What a register keeps beside the licences themselves, one immutable value per row."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from ecert.errors import FormatError
from ecert.model.characters import require_visible

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.issuers.lifecycle import Move


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

    def __post_init__(self) -> None:
        require_aware(self.at)
        for name in ("reason", "document", "actor"):
            require_visible(getattr(self, name), FormatError, where=name)


class CredentialKind(StrEnum):
    """What a credential (签发件) is for."""

    FILE = "file"
    WALLET = "wallet"
    PAPER = "paper"

    @property
    def zh(self) -> str:
        """The office's word for it."""
        return _KIND_ZH[self]


_KIND_ZH: Final = {
    CredentialKind.FILE: "电子证照文件",
    CredentialKind.WALLET: "卡包凭证",
    CredentialKind.PAPER: "纸质亮证码",
}


@dataclass(frozen=True, slots=True)
class CredentialRecord:
    """One credential: reserved first, signed later.

    Raises:
        ValueError: A time has no zone.
    """

    id: str
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

    def __post_init__(self) -> None:
        require_aware(self.reserved_at)
        if self.signed_at is not None:
            require_aware(self.signed_at)
        require_status(self.status)
        if self.holder_jwk is not None:
            object.__setattr__(self, "holder_jwk", dict(self.holder_jwk))


@dataclass(frozen=True, slots=True)
class Publication:
    """The newest published document of one kind (a status list, a trust list)."""

    kind: str
    version: int
    digest: str
    document: bytes = field(repr=False)
    issued: datetime
    expires: datetime

    def __post_init__(self) -> None:
        require_aware(self.issued)
        require_aware(self.expires)


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request that was carried out, so that repeating it gives the same answer."""

    request_id: str
    operation: str
    digest: str
    """Over the request's content: another content under the same id is a conflict."""
    result: str = field(repr=False)


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
