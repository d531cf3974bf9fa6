"""Rows to values and back: one pair of functions per table of the register."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from ecert.issuers.audit import AuditEntry
from ecert.issuers.lifecycle import Move
from ecert.issuers.records import (
    CredentialKind,
    CredentialRecord,
    LicenceEvent,
    Objection,
    ObjectionState,
    OfficeEvent,
    Publication,
    RecordedRequest,
    microseconds,
)
from ecert.model.licence import Licence

if TYPE_CHECKING:
    from sqlalchemy import Row

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def licence_values(licence: Licence, row: int, changed_at: datetime) -> dict[str, Any]:
    """Return the row of a licence."""
    return {
        "row": row,
        "id": str(licence.id),
        "number": licence.number,
        "type_code": licence.type_code,
        "region": licence.region,
        "state": licence.state.value,
        "issued_on": licence.issued_on,
        "valid_until": licence.valid_until,
        "changed_at": changed_at,
        "content": licence.content().decode(),
    }


def to_licence(row: Row[Any]) -> Licence:
    """Read a licence from its content and its state of today."""
    # Our own writing, so the quick parser is enough; what is signed is parsed strictly.
    return Licence.from_dict(orjson.loads(row.content) | {"state": row.state})


def event_values(event: LicenceEvent, licence: int, audit: int) -> dict[str, Any]:
    """Return the row of an event of the licence in row ``licence``."""
    return {
        "licence": licence,
        "move": event.move.value,
        "at": event.at,
        "reason": event.reason,
        "document": event.document,
        "actor": event.actor,
        "request_id": event.request_id,
        "related": event.related,
        "digest": event.digest,
        "audit": audit,
    }


def to_event(row: Row[Any]) -> LicenceEvent:
    """Read an event joined with its licence, as ``id``."""
    return LicenceEvent(
        licence_id=row.id,
        move=Move(row.move),
        at=row.at,
        reason=row.reason,
        document=row.document,
        actor=row.actor,
        request_id=row.request_id,
        related=row.related,
        digest=row.digest,
    )


def to_office_event(row: Row[Any]) -> OfficeEvent:
    """Read an act of the office."""
    return OfficeEvent(row.act, row.subject, row.at, row.actor, row.detail)


def to_audit_entry(row: Row[Any]) -> AuditEntry:
    """Read an entry of the audit trail."""
    return AuditEntry(row.number, row.at, row.events, row.digest, row.previous, row.hash)


def credential_values(credential: CredentialRecord, licence: int) -> dict[str, Any]:
    """Return the row of a credential; its status stands in its slot."""
    return {
        "licence": licence,
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
    """Read a credential joined with its slot and its licence, as ``licence_id``."""
    return CredentialRecord(
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
    return {name: getattr(publication, name) for name in _PUBLICATION}


def to_publication(row: Row[Any]) -> Publication:
    """Read a publication."""
    return Publication(**{name: getattr(row, name) for name in _PUBLICATION})


_PUBLICATION = ("kind", "version", "digest", "document", "issued", "expires", "changes")


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


def objection_content(objection: Objection) -> dict[str, Any]:
    """Return an objection as plain values."""
    plain = asdict(objection)
    for name in ("raised_at", "decided_at"):
        moment = plain[name]
        plain[name] = None if moment is None else microseconds(moment)
    return plain


def to_objection(row: Row[Any]) -> Objection:
    """Read an objection."""
    plain = dict(row.content)
    for name in ("raised_at", "decided_at"):
        moment = plain[name]
        plain[name] = None if moment is None else _EPOCH + timedelta(microseconds=moment)
    plain["fields"] = tuple(plain["fields"])
    plain["state"] = ObjectionState(plain["state"])
    return Objection(**plain)
