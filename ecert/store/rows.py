"""Rows to values and back: one pair of functions per table of the register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecert.issuers.lifecycle import Move
from ecert.issuers.records import (
    CredentialKind,
    CredentialRecord,
    LicenceEvent,
    Publication,
    RecordedRequest,
)
from ecert.model.licence import Licence

if TYPE_CHECKING:
    from sqlalchemy import Row


def licence_values(licence: Licence) -> dict[str, Any]:
    """Return the row of a licence."""
    return {
        "id": str(licence.id),
        "number": licence.number,
        "state": licence.state.value,
        "content": licence.to_dict(),
    }


def to_licence(row: Row[Any]) -> Licence:
    """Read a licence from its content and its state of today."""
    return Licence.from_dict({**row.content, "state": row.state})


def event_values(event: LicenceEvent) -> dict[str, Any]:
    """Return the row of an event."""
    return {
        "licence_id": event.licence_id,
        "move": event.move.value,
        "at": event.at,
        "reason": event.reason,
        "document": event.document,
        "actor": event.actor,
        "request_id": event.request_id,
    }


def to_event(row: Row[Any]) -> LicenceEvent:
    """Read an event."""
    return LicenceEvent(
        licence_id=row.licence_id,
        move=Move(row.move),
        at=row.at,
        reason=row.reason,
        document=row.document,
        actor=row.actor,
        request_id=row.request_id,
    )


def credential_values(credential: CredentialRecord) -> dict[str, Any]:
    """Return the row of a credential; its status stands in its slot."""
    return {
        "id": credential.id,
        "licence_id": credential.licence_id,
        "kind": credential.kind.value,
        "list_number": credential.list_number,
        "position": credential.index,
        "request_id": credential.request_id,
        "holder_jwk": credential.holder_jwk,
        "reserved_at": credential.reserved_at,
        "signed_at": credential.signed_at,
        "artefacts": credential.artefacts,
    }


def to_credential(row: Row[Any]) -> CredentialRecord:
    """Read a credential joined with its slot."""
    return CredentialRecord(
        id=row.id,
        licence_id=row.licence_id,
        kind=CredentialKind(row.kind),
        list_number=row.list_number,
        index=row.position,
        status=row.value,
        request_id=row.request_id,
        holder_jwk=row.holder_jwk,
        reserved_at=row.reserved_at,
        signed_at=row.signed_at,
        artefacts=row.artefacts,
    )


def publication_values(publication: Publication) -> dict[str, Any]:
    """Return the row of a publication."""
    return {
        "kind": publication.kind,
        "version": publication.version,
        "digest": publication.digest,
        "document": publication.document,
        "issued": publication.issued,
        "expires": publication.expires,
    }


def to_publication(row: Row[Any]) -> Publication:
    """Read a publication."""
    return Publication(
        kind=row.kind,
        version=row.version,
        digest=row.digest,
        document=row.document,
        issued=row.issued,
        expires=row.expires,
    )


def request_values(request: RecordedRequest) -> dict[str, Any]:
    """Return the row of a request."""
    return {
        "id": request.request_id,
        "operation": request.operation,
        "digest": request.digest,
        "result": request.result,
    }


def to_request(row: Row[Any]) -> RecordedRequest:
    """Read a request."""
    return RecordedRequest(
        request_id=row.id, operation=row.operation, digest=row.digest, result=row.result
    )
