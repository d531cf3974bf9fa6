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

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

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


class RegisterView(Protocol):
    """What can be read, all of it as of one moment."""

    def request(self, request_id: str) -> RecordedRequest | None:
        """Return the request recorded under this id."""
        ...

    def licence(self, licence_id: str) -> Licence:
        """Return one licence.

        Raises:
            UnknownLicenceError: There is none with this id.
        """
        ...

    def licences(self) -> Iterator[Licence]:
        """Iterate over all licences in the order in which they were added.

        What is changed while iterating may or may not be seen.
        """
        ...

    def find_by_number(self, number: str) -> tuple[Licence, ...]:
        """Return all licences with this number (证照编号), oldest first."""
        ...

    def events(self, licence_id: str) -> tuple[LicenceEvent, ...]:
        """Return a licence's events, oldest first; none if there is no such licence."""
        ...

    def credential(self, credential_id: str) -> CredentialRecord:
        """Return one credential.

        Raises:
            UnknownLicenceError: There is none with this id.
        """
        ...

    def credential_by_request(self, request_id: str) -> CredentialRecord | None:
        """Return the credential that this request made."""
        ...

    def credentials_of(self, licence_id: str) -> tuple[CredentialRecord, ...]:
        """Return a licence's credentials, oldest first."""
        ...

    def list_numbers(self) -> tuple[int, ...]:
        """Return the numbers of all status lists begun, in ascending order."""
        ...

    def list_size(self, list_number: int) -> int:
        """Return the number of slots with which a status list was begun.

        Raises:
            RegisterError: There is no such list.
        """
        ...

    def statuses(self, list_number: int) -> Mapping[int, int]:
        """Return the values of one status list that are not 0, by index."""
        ...

    def publication(self, kind: str) -> Publication | None:
        """Return the newest publication of this kind."""
        ...


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

    def set_state(self, licence_id: str, state: LicenceState) -> None:
        """Set a licence's state; `ecert.issuers.lifecycle.allowed` says whether one may.

        Raises:
            UnknownLicenceError: There is no such licence.
        """
        ...

    def add_event(self, event: LicenceEvent) -> None:
        """Append to a licence's events.

        Raises:
            UnknownLicenceError: There is no such licence.
        """
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

    def allocate_index(self, size: int, fill: float) -> tuple[int, int]:
        """Give away a random status index for good: list number (from 1) and index.

        Args:
            size: Slots of a new list.  A list keeps the size with which it was begun.
            fill: The share of slots at which a list is left for the next.

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

    def set_status(self, credential_id: str, value: int) -> None:
        """Set a credential's value in its status list, 0 to 15.

        Raises:
            UnknownLicenceError: There is no such credential.
            ValueError: The value does not fit 4 bits.
        """
        ...

    def record_publication(self, publication: Publication) -> None:
        """Record what is published now in place of the one before.

        Raises:
            RegisterError: Its version is not higher.
        """
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
