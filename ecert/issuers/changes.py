"""Carries out a change in a licence's life and spreads it to every credential's status."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from ecert.issuers.lifecycle import Move, allowed, status_value
from ecert.issuers.register import LicenceEvent
from ecert.issuers.requests import earlier_result, remember, request_digest
from ecert.status.values import StatusValue

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.issuers.register import Register, RegisterTransaction
    from ecert.model.licence import Licence, LicenceState


class Order(TypedDict, total=False):
    """What orders a change; every part may be left out.

    Attributes:
        reason: Why, for the record.
        document: Number of the decision (文号).
        actor: Who ordered it.
        request_id: Makes a retry safe.
        at: When; now if left out.
    """

    reason: str
    document: str
    actor: str
    request_id: str
    at: datetime


def carry_out(
    register: Register, licence_id: str, move: Move, order: Order, at: datetime
) -> Licence:
    """Move a licence, record it and set the status of all its credentials, in one transaction."""
    reason, document, actor = (order.get(name, "") for name in ("reason", "document", "actor"))
    request_id = order.get("request_id")
    digest = request_digest(
        {"licence": licence_id, "reason": reason, "document": document, "actor": actor}
    )
    with register.transaction() as tx:
        # (1) A retry finds the work done.
        if earlier_result(tx, request_id, move.value, digest) is not None:
            return tx.licence(licence_id)
        # (2) The life cycle allows it.
        state = allowed(tx.licence(licence_id).state, move)
        # (3) State, event and every credential's status change together.
        tx.set_state(licence_id, state)
        tx.add_event(
            LicenceEvent(licence_id, move, at, str(reason), str(document), str(actor), request_id)
        )
        _spread_status(tx, licence_id, state)
        remember(tx, request_id, move.value, digest, licence_id)
        return tx.licence(licence_id)


def _spread_status(tx: RegisterTransaction, licence_id: str, state: LicenceState) -> None:
    for credential in tx.credentials_of(licence_id):
        # A lost phone stays cut off, whatever becomes of the licence and comes back.  But what
        # was ended for good is told as that.
        if credential.status != StatusValue.CREDENTIAL_WITHDRAWN or state.value != "issued":
            tx.set_status(credential.id, int(status_value(state)))
