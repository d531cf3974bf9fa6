"""Which lists a verdict rests on, so that it can be examined years later."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Protocol

    from ecert.interop.decision import ListInForce
    from ecert.status.status_list import StatusList
    from ecert.trust.trust_list import TrustList

    class Dated(Protocol):
        """Whatever has a version and a date of issue."""

        @property
        def version(self) -> int:
            """Which issue it is."""

        @property
        def issued(self) -> datetime:
            """When it was made."""


class ListUse(NamedTuple):
    """One list that the verdict rests on."""

    kind: str
    name: str
    version: int
    digest: str
    """SHA-256 of its signed payload in hex."""
    issued: datetime

    def age_seconds(self, at: datetime) -> int:
        """Return how old it was at ``at``, in seconds."""
        return int((at - self.issued).total_seconds())


class Grounds(NamedTuple):
    """The lists themselves, as they were in force; put into words only when asked for."""

    trust_list: TrustList
    trust_list_digest: str
    status_list: StatusList | None
    recognition_lists: tuple[ListInForce, ...]
    """The one that decided, after those whose entry was passed over."""
    mandate_status: StatusList | None = None
    """Where it stands whether an agent's mandate was withdrawn."""

    def lists_used(self) -> tuple[ListUse, ...]:
        """Return what is to be told of each."""
        trusted = self.trust_list
        used = [_use("trust-list", trusted.owner, trusted, self.trust_list_digest)]
        status, other = self.status_list, self.mandate_status
        if status is not None:
            used.append(_use("status-list", status.uri, status, status.digest))
        if other is not None and other is not status:
            used.append(_use("status-list", other.uri, other, other.digest))
        for recognised in self.recognition_lists:
            document = recognised.document
            used.append(_use("recognition-list", document.title, document, recognised.digest))
            notices = {one.digest: one.notice for one in recognised.withheld.values()}
            for digest, notice in notices.items():
                used.append(_use("withdrawal-notice", document.title, notice, digest))
        return tuple(used)


def _use(kind: str, name: str, document: Dated, digest: str) -> ListUse:
    return ListUse(kind, name, document.version, digest, document.issued)
