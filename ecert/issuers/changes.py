"""Carries out a change in a licence's life and spreads it to every credential's status."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from ecert.issuers.lifecycle import Move, allowed, is_final, require_grounds, status_value
from ecert.issuers.records import LicenceEvent
from ecert.issuers.requests import earlier_result, remember, request_digest
from ecert.model.calendar import office_day
from ecert.status.values import StatusValue

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.issuers.register import Register, RegisterTransaction
    from ecert.model.licence import Licence, LicenceState


class Order(TypedDict, total=False):
    """What orders a change.

    Attributes:
        reason: Why, for the record; every move but the issue needs one.
        document: Number of the decision (文号), where the move takes something away.
        actor: Who ordered it.
        request_id: Makes a retry safe.
        at: When; now if left out.
    """

    reason: str
    document: str
    actor: str
    request_id: str
    at: datetime


def event_of(
    licence_id: str, move: Move, order: Order, at: datetime, *, related: str = "", digest: str = ""
) -> LicenceEvent:
    """Return the line in a licence's life that ``order`` makes.

    Raises:
        ForbiddenMoveError: It does not say what the record of ``move`` must say.
    """
    reason, document = order.get("reason", ""), order.get("document", "")
    require_grounds(move, reason, document)
    return LicenceEvent(
        licence_id, move, at, reason, document, order.get("actor", ""),
        order.get("request_id"), related, digest,
    )  # fmt: skip


def order_digest(licence_id: str, order: Order, **more: object) -> str:
    """Return the digest by which a retry of this order is known."""
    said = {name: order.get(name, "") for name in ("reason", "document", "actor")}
    return request_digest({"licence": licence_id, **said, **more})


def carry_out(
    register: Register,
    licence_id: str,
    move: Move,
    order: Order,
    at: datetime,
    *,
    related: str = "",
) -> Licence:
    """Move a licence, record it and set the status of all its credentials, in one transaction."""
    more = {"related": related} if related else {}
    digest = order_digest(licence_id, order, **more)
    request_id = order.get("request_id")
    with register.transaction() as tx:
        # (1) A retry finds the work done.
        if earlier_result(tx, request_id, move.value, digest) is None:
            # (2) State, event and every credential's status change together.
            carry_out_in(tx, licence_id, move, order, at, related=related)
            remember(tx, request_id, move.value, digest, licence_id)
        return tx.licence(licence_id)


def carry_out_in(
    tx: RegisterTransaction,
    licence_id: str,
    move: Move,
    order: Order,
    at: datetime,
    *,
    related: str = "",
) -> None:
    """Move a licence within a transaction that does more than that.

    Raises:
        ForbiddenMoveError: The life cycle does not allow it, or the order does not say why.
        UnknownLicenceError: There is no such licence.
    """
    event = event_of(licence_id, move, order, at, related=related)
    enter(tx, event, allowed(tx.licence(licence_id).standing(office_day(at)), move))


def enter(tx: RegisterTransaction, event: LicenceEvent, state: LicenceState) -> None:
    """Record a licence's new state with its event, and tell it to every credential's status."""
    tx.set_state(event.licence_id, state)
    tx.add_event(event)
    value = status_value(state)
    for credential in tx.credentials_of(event.licence_id):
        # A lost phone stays cut off, whatever becomes of the licence and comes back.  But what
        # was ended for good is told as that.
        if credential.status != StatusValue.CREDENTIAL_WITHDRAWN or is_final(state):
            tx.set_status(credential.id, int(value), event.at)


def withdraw_credential(register: Register, credential_id: str, order: Order, at: datetime) -> None:
    """Cut off one credential; see `Issuer.withdraw_credential`."""
    move = Move.WITHDRAW_CREDENTIAL
    with register.transaction() as tx:
        record = tx.credential(credential_id)
        # (1) A retry finds the work done.
        digest = order_digest(record.licence_id, order, credential=credential_id)
        if earlier_result(tx, order.get("request_id"), move.value, digest) is not None:
            return
        # (2) What has ended for good is told as that, not as a lost phone.
        allowed(tx.licence(record.licence_id).standing(office_day(at)), move)
        # (3) The credential's status and the event change together.
        tx.set_status(credential_id, int(StatusValue.CREDENTIAL_WITHDRAWN), at)
        tx.add_event(event_of(record.licence_id, move, order, at, related=credential_id))
        remember(tx, order.get("request_id"), move.value, digest, credential_id)
