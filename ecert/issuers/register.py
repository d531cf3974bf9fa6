"""The register (证照库): what an issuer must remember, and the port that a database fulfils.

`MemoryRegister` in `ecert.issuers.memory` and `SQLRegister` in `ecert.store.register` fulfil it;
one set of tests runs over both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ecert.issuers.records import (
    CredentialKind,
    CredentialRecord,
    LicenceEvent,
    Publication,
    RecordedRequest,
)
from ecert.issuers.register_view import RegisterView

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

    from ecert.issuers.portraits import Portrait
    from ecert.issuers.records import ExpectedCount, Objection, OfficeEvent
    from ecert.model.licence import Licence, LicenceState

__all__ = [
    "CredentialKind",
    "CredentialRecord",
    "LicenceEvent",
    "Publication",
    "RecordedRequest",
    "Register",
    "RegisterTransaction",
    "RegisterView",
]


class RegisterTransaction(RegisterView, Protocol):
    """What can be changed; all changes of one transaction stand or fall together."""

    def record_request(self, request: RecordedRequest) -> None:
        """Record a request that was carried out.

        Raises:
            RequestConflictError: The id was recorded before.
        """
        ...

    def add_licence(self, licence: Licence) -> None:
        """Add a licence.

        Raises:
            RegisterError: Its id is in the register already.
        """
        ...

    def add_portrait(self, portrait: Portrait) -> None:
        """Keep a portrait; the same one once more changes nothing."""
        ...

    def set_state(self, licence_id: str, state: LicenceState) -> None:
        """Set a licence's state; `ecert.issuers.lifecycle.allowed` says whether one may.

        Raises:
            FormatError: It is `LicenceState.EXPIRED`, which is never recorded.
            UnknownLicenceError: There is no such licence.
        """
        ...

    def add_event(self, event: LicenceEvent) -> None:
        """Append to a licence's events, and to the audit trail when the transaction ends.

        Raises:
            UnknownLicenceError: There is no such licence.
        """
        ...

    def add_office_event(self, event: OfficeEvent) -> None:
        """Append an act of the office to the audit trail."""
        ...

    def add_nonce(self, digest: bytes, expires: datetime) -> None:
        """Register a nonce by its digest.

        Raises:
            RegisterError: It is registered already.
        """
        ...

    def consume_nonce(self, digest: bytes, at: datetime) -> bool:
        """Use a nonce up; False if it is unknown, used, or expired (from ``expires`` on)."""
        ...

    def allocate_index(self, size: int, fill: float, year: int = 0) -> tuple[int, int]:
        """Give away a random status index for good: list number (from 1) and index.

        Args:
            size: Slots of a new list.  A list keeps the size with which it was begun.
            fill: The share of slots at which a list is left for the next.
            year: The year in which the credential ends, 0 if never.  Each year has lists of its
                own, which are of no more use when it is over.

        Raises:
            ValueError: ``size`` or ``fill`` is out of range.
        """
        ...

    def add_credential(self, credential: CredentialRecord) -> None:
        """Add a credential, reserved or already signed.

        Raises:
            UnknownLicenceError: There is no such licence.
            RequestConflictError: Its request made another credential.
            RegisterError: Its id is taken, or its index not allocated or not its own.
        """
        ...

    def record_signed(self, credential_id: str, artefacts: bytes, at: datetime) -> None:
        """Record what was signed; the same bytes once more change nothing.

        Raises:
            UnknownLicenceError: There is no such credential.
            RegisterError: Other bytes are recorded.
        """
        ...

    def set_status(self, credential_id: str, value: int, at: datetime) -> None:
        """Set a credential's value in its status list, 0 to 15, and note when it changed.

        Raises:
            UnknownLicenceError: There is no such credential.
            ValueError: The value does not fit 4 bits.
        """
        ...

    def record_publication(self, publication: Publication) -> None:
        """Record what is published from now on; those before are kept as history.

        Of a status list only the newest keeps its document: the changes tell the others.

        Raises:
            RegisterError: Its version is not higher.
        """
        ...

    def add_objection(self, objection: Objection) -> None:
        """Record an objection.

        Raises:
            UnknownLicenceError: There is no such licence.
            RegisterError: Its id is taken.
        """
        ...

    def decide_objection(self, objection: Objection) -> None:
        """Record how an open objection was decided.

        Raises:
            RegisterError: There is no such objection, or it was decided before.
        """
        ...

    def set_expected(self, expected: ExpectedCount) -> None:
        """Record the department's own count for a type; one for the same day is replaced."""
        ...


class Register(Protocol):
    """The register of one issuer, safe for use by several threads."""

    def transaction(self) -> AbstractContextManager[RegisterTransaction]:
        """Open a transaction: committed at the end, undone wholly by any exception.

        Raises:
            RuntimeError: This thread has a transaction or view open already.
        """
        ...

    def view(self) -> AbstractContextManager[RegisterView]:
        """Open a view, which sees one moment and does not hold up writers for long.

        Raises:
            RuntimeError: This thread has a transaction or view open already.
        """
        ...
