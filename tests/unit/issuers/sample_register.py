"""Licences and credentials for the tests of registers, and a way to look at a register whole."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from ecert.issuers.lifecycle import Move
from ecert.issuers.queries import Query
from ecert.issuers.records import ExpectedCount, Objection, ObjectionState, OfficeEvent
from ecert.issuers.register import (
    CredentialKind,
    CredentialRecord,
    LicenceEvent,
    Publication,
)
from ecert.model.codes import make_uscc, resident_id_check_character
from ecert.model.holders import Holder
from ecert.model.identifiers import LicenceId
from ecert.model.licence import Licence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.issuers.audit import AuditedLicence
    from ecert.issuers.register import Register, RegisterTransaction, RegisterView

AT = datetime(2026, 11, 22, 2, 0, 0, 123456, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ISSUER = make_uscc("11", "511600", "00865283")
TYPE_CODE = "11100000MB0X032000001"
NUMBER = "51068119900307123" + resident_id_check_character("51068119900307123")
JWK = {"kty": "EC", "crv": "P-256", "x": "AA", "y": "BB"}


def licence_id(serial: int = 1) -> str:
    return str(LicenceId.make(TYPE_CODE, ISSUER, f"{serial:014d}"))


def a_licence(serial: int = 1, **changes: Any) -> Licence:
    parts: dict[str, Any] = {
        "id": LicenceId.make(TYPE_CODE, ISSUER, f"{serial:014d}"),
        "type_code": TYPE_CODE,
        "type_name": "机动车驾驶证",
        "number": NUMBER,
        "holders": (Holder("张伟", NUMBER),),
        "fields": {"准驾车型": "C1"},
        "region": "511600",
        "issuer_code": ISSUER,
        "issuer_name": "四川省广安市公安局",
        "issued_on": date(2026, 1, 5),
        "valid_from": date(2026, 1, 5),
        "valid_until": date(2032, 1, 4),
    }
    return Licence(**{**parts, **changes})


def an_event(serial: int = 1, move: Move = Move.ISSUE, reason: str = "") -> LicenceEvent:
    return LicenceEvent(licence_id(serial), move, AT, reason, "川公〔2026〕3号", "窗口1", None)


def a_credential(
    list_number: int, index: int, *, serial: int = 1, name: str = "c1", **changes: Any
) -> CredentialRecord:
    parts: dict[str, Any] = {
        "licence_id": licence_id(serial),
        "kind": CredentialKind.WALLET,
        "list_number": list_number,
        "index": index,
        "status": 0,
        "request_id": f"request-{name}",
        "holder_jwk": JWK,
        "reserved_at": AT,
        "signed_at": None,
        "artefacts": None,
    }
    return CredentialRecord(**{**parts, **changes})


def id_of(view: RegisterView, name: str = "c1") -> str:
    """Return the id of the credential that the request of this name made."""
    credential = view.credential_by_request(f"request-{name}")
    assert credential is not None
    return credential.id


def reserve(tx: RegisterTransaction, name: str = "c1", *, serial: int = 1) -> CredentialRecord:
    """Add a credential on a fresh index."""
    credential = a_credential(*tx.allocate_index(64, 0.5), serial=serial, name=name)
    tx.add_credential(credential)
    return credential


def a_publication(
    version: int = 1, kind: str = "trust-list", *, issued: datetime = AT, changes: int = 0
) -> Publication:
    document = b"document %d" % version
    return Publication(kind, version, f"{version:064x}", document, issued, LATER, changes)


def an_objection(name: str = "o1", *, serial: int = 1, **changes: Any) -> Objection:
    parts: dict[str, Any] = {
        "id": name,
        "licence_id": licence_id(serial),
        "fields": ("准驾车型",),
        "raised_by": "张伟",
        "raised_at": AT,
        "statement": "应为C2",
    }
    return Objection(**{**parts, **changes})


def a_decision(
    name: str = "o1", state: ObjectionState = ObjectionState.DISMISSED, **changes: Any
) -> Objection:
    decided = {"state": state, "decided_by": "李主任", "decided_at": LATER, "decision": "查无此事"}
    return an_objection(name, **{**decided, **changes})


def an_act(detail: str = "") -> OfficeEvent:
    return OfficeEvent("bulk-approve", "job 1", AT, "李主任", detail)


def a_count(count: int, day: date = date(2026, 1, 5)) -> ExpectedCount:
    return ExpectedCount(TYPE_CODE, count, day, "2026年统计年报")


def contents(register: Register) -> dict[str, object]:
    """Return all that can be read from ``register``, for comparing before and after."""
    with register.view() as view:
        return _contents(view)


def _contents(view: RegisterView) -> dict[str, object]:
    licences = list(view.licences())
    ids = [str(licence.id) for licence in licences]
    return {
        "licences": licences,
        "by number": view.find_by_number(NUMBER),
        "events": [view.events(one) for one in ids],
        "credentials": [view.credentials_of(one) for one in ids],
        "rows": {number: view.row(number) for number in range(len(ids) + 2)},
        "rows of": [view.row_of(one) for one in ids],
        "found": view.find(Query(on=AT.date()), limit=1000),
        "counted": [view.count(day) for day in (date(2026, 1, 5), date(2033, 1, 1))],
        "lists": {
            number: (view.list_size(number), view.list_year(number))
            for number in view.list_numbers()
        },
        "statuses": {number: view.statuses(number) for number in view.list_numbers()},
        "changes": {
            number: list(view.status_changes(number, up_to=view.last_status_change()))
            for number in view.list_numbers()
        },
        "publications": {
            (kind, at): view.publication(kind, at=at)
            for kind in ("trust-list", "status-list:1", "x")
            for at in (None, AT, LATER)
        },
        "objections": [list(view.objections(one)) for one in (None, *ids)],
        "open": list(view.objections(only_open=True)),
        "expected": view.expected(),
        "head": view.audit_head(),
        "trail": [(entry, [*events], [*acts]) for entry, events, acts in view.audit_trail()],
        "audited": [_listed(one) for one in view.audit_states()],
        "stray": view.stray_slots(),
        "requests": [view.request(f"r{number}") for number in range(8)],
        "by request": [view.credential_by_request(f"request-c{number}") for number in range(8)],
    }


def _listed(audited: AuditedLicence) -> AuditedLicence:
    """Give what may be any sequence one type, so that registers can be compared."""
    return replace(audited, events=tuple(audited.events), statuses=tuple(audited.statuses))


class Stop(Exception):  # noqa: N818
    """Something goes wrong outside the register."""


@contextmanager
def breaking_off(
    register: Register, error: type[BaseException] = Stop
) -> Iterator[RegisterTransaction]:
    """Open a transaction that ends in ``error``, whatever is done in it."""
    with suppress(error), register.transaction() as tx:
        yield tx
        raise error
