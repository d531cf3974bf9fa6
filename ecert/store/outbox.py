"""What is to be told to others, written in the transaction that makes it so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, select

from ecert.issuers.lifecycle import REPLACEMENTS, Move
from ecert.store.tables import webhook, webhook_delivery
from ecert.webhooks.event import WebhookEvent, event_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from ecert.issuers.records import LicenceEvent
    from ecert.model.licence import LicenceState
    from ecert.verify.storage import StoredDocument

OPEN: Final = "open"
_KINDS: Final = {
    Move.SUSPEND: "licence.suspended",
    Move.REINSTATE: "licence.reinstated",
    Move.CANCEL: "licence.cancelled",
    Move.WITHDRAW: "licence.withdrawn",
    Move.REVOKE: "licence.revoked",
    Move.TRANSFER: "licence.transferred",
    Move.TAKE_BACK: "licence.taken-back",
    **dict.fromkeys(REPLACEMENTS, "licence.superseded"),
}
_WHO: Final = select(webhook.c.seq, webhook.c.kinds).where(webhook.c.withdrawn.is_(None))
_KNOWN: Final = select(webhook_delivery.c.seq).where(
    webhook_delivery.c.webhook == bindparam("to"), webhook_delivery.c.event == bindparam("about")
)
_ADD: Final = insert(webhook_delivery)


def told_of(
    events: Iterable[LicenceEvent], states: Mapping[str, LicenceState]
) -> Iterator[WebhookEvent]:
    """Return what is told of events in the life of licences: changes of state, and no more."""
    for one in events:
        kind, state = _KINDS.get(one.move), states.get(one.licence_id)
        if kind is not None and state is not None:
            made = event_id(one.licence_id, kind, one.at.isoformat(), one.request_id or "")
            yield WebhookEvent(made, kind, one.at, one.licence_id, state.value)


def list_changed(document: StoredDocument) -> WebhookEvent:
    """Return what is told of a document that comes into force here."""
    made = event_id("list.changed", document.slot, str(document.version), document.digest)
    return WebhookEvent(
        made, "list.changed", document.accepted_at, document.slot, str(document.version)
    )


def enqueue(
    connection: Connection, events: Iterable[WebhookEvent], *, only: Sequence[int] | None = None
) -> int:
    """Write events to the outbox for whoever asked for them; return how many were new.

    Args:
        connection: In the transaction that makes them so.
        events: What has happened.
        only: For these webhooks alone, whatever they asked for.
    """
    waiting = list(events)
    if not waiting:
        return 0
    who = [(row.seq, set(row.kinds.split())) for row in connection.execute(_WHO)]
    if only is not None:
        who = [(seq, {one.kind for one in waiting}) for seq, _ in who if seq in only]
    count = 0
    for seq, kinds in who:
        for one in waiting:
            asked = {"to": seq, "about": one.id}
            if one.kind not in kinds or connection.execute(_KNOWN, asked).first() is not None:
                continue
            connection.execute(_ADD, _row(seq, one))
            count += 1
    return count


def _row(seq: int, event: WebhookEvent) -> dict[str, object]:
    return {
        "webhook": seq, "event": event.id, "kind": event.kind, "at": event.at,
        "subject": event.subject, "detail": event.detail, "attempts": 0, "due": event.at,
        "first_tried": None, "said": "", "state": OPEN, "ended": None,
    }  # fmt: skip
