"""Whether the pinned roots of all its parties prove a recognition list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.interop.recognition import RecognitionList
from ecert.trust.roots import Role, starts_new_epoch
from ecert.trust.signatures import is_signed, open_envelope, require_signed

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.sign.envelope import Envelope
    from ecert.trust.book import TrustBook
    from ecert.trust.roots import RootSet


def require_parties(
    envelope: Envelope, document: RecognitionList, trust: TrustBook, at: datetime | None
) -> None:
    """Require that every party signed with enough of its keys for recognition lists.

    With ``at``, its roots must be in date too; what is in force does not end with them.

    Raises:
        DocumentRefusedError: Fault `not-pinned`, `expired`, `signature` or `too-few-signatures`.
    """
    for party in document.parties:
        roots = trust.roots_for(party) if at is None else trust.require_roots(party, at=at)
        if roots is None:
            raise DocumentRefusedError(DocumentFault.NOT_PINNED, party, party, where="parties")
        require_signed(envelope, roots, Role.RECOGNITION_LIST)


def is_proven(data: bytes, document: RecognitionList, trust: TrustBook) -> bool:
    """Tell whether the pinned roots still prove a list in force."""
    envelope = open_envelope(data, RecognitionList.TYP)
    governors = [trust.roots_for(party) for party in document.parties]
    return all(
        roots is not None and is_signed(envelope, roots, Role.RECOGNITION_LIST)
        for roots in governors
    )


def new_epoch(document: RecognitionList, before: RootSet, trust: TrustBook) -> bool:
    """Tell whether no version that only the keys of ``before`` have signed can pass any more."""
    after = trust.roots(before.owner)
    # Every party must sign, so one whose old keys no longer suffice shuts out all old versions.
    return (
        after is not None
        and starts_new_epoch(before, after, Role.RECOGNITION_LIST)
        and any(trust.roots_for(party) == after for party in document.parties)
    )
