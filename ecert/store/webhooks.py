"""Webhooks in SQL: who is told, and the deliveries that are due, done and given up.

One process takes a delivery for two minutes (a lease) in a short transaction of its own, sends it
outside any, and notes how it went.  On both databases there is one writer at a time (ADR 14), so
that no two take the same; one that dies lets go when its lease ends, and the delivery goes out
again: at least once, never side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, insert, select, update

from ecert import limits
from ecert.errors import FormatError
from ecert.store import outbox
from ecert.store.tables import webhook, webhook_delivery
from ecert.webhooks.event import WebhookEvent
from ecert.webhooks.retrying import next_try

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Row

    from ecert.store.engine import Engine

_D: Final = webhook_delivery.c
_JOINED: Final = select(webhook_delivery, webhook.c.id, webhook.c.url, webhook.c.digest).join(
    webhook, webhook.c.seq == _D.webhook
)
DELIVERED: Final = "delivered"
DEAD: Final = "dead"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One receiver.

    Attributes:
        id: What it is called.
        url: Where to.
        kinds: What it asked for.
        digest: SHA-256 of its secret, which is not kept.
        created: When it was added.
        withdrawn: When it was withdrawn; None while it is told.
    """

    id: str
    url: str
    kinds: tuple[str, ...]
    digest: bytes
    created: datetime
    withdrawn: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one receiver.

    Attributes:
        number: Its place in the outbox.
        webhook: To whom.
        url: Where to.
        digest: Of the secret that it is signed with.
        event: What is told.
        attempts: How often it has been taken to be sent.
        due: When it is tried next.
        first_tried: When it was tried first.
        said: How the last attempt ended.
        state: ``open``, ``delivered`` or ``dead``.
        ended: When it was delivered or given up.
    """

    number: int
    webhook: str
    url: str
    digest: bytes
    event: WebhookEvent
    attempts: int
    due: datetime
    first_tried: datetime | None
    said: str
    state: str
    ended: datetime | None


class SQLWebhooks:
    """The webhooks of a database.

    Args:
        engine: The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # -- who is told --------------------------------------------------------------------------

    def add(self, new: Webhook) -> None:
        """Keep a new webhook.

        Raises:
            FormatError: There are as many as may be.
            StoreError: The database refuses.
        """
        values = {
            "id": new.id, "url": new.url, "kinds": " ".join(new.kinds), "digest": new.digest,
            "created": new.created, "withdrawn": new.withdrawn,
        }  # fmt: skip
        good = select(func.count()).select_from(webhook).where(webhook.c.withdrawn.is_(None))
        with self._engine.write() as connection:
            if connection.execute(good).scalar_one() >= limits.MAX_WEBHOOKS:
                raise FormatError(
                    f"最多{limits.MAX_WEBHOOKS}个", f"at most {limits.MAX_WEBHOOKS}",
                    where="webhook", fix_zh="请先收回不用的",
                    fix_en="First withdraw one that is not needed",
                )  # fmt: skip
            connection.execute(insert(webhook), values)

    def all(self) -> Sequence[Webhook]:
        """Return all webhooks, the oldest first."""
        with self._engine.read() as connection:
            return [
                _webhook(row) for row in connection.execute(select(webhook).order_by(webhook.c.seq))
            ]

    def withdraw(self, webhook_id: str, at: datetime) -> bool:
        """End a webhook and what is on its way to it; False if there is none that is good."""
        good = (webhook.c.id == webhook_id) & webhook.c.withdrawn.is_(None)
        with self._engine.write() as connection:
            seq = connection.execute(select(webhook.c.seq).where(good)).scalar_one_or_none()
            if seq is None:
                return False
            connection.execute(update(webhook).where(webhook.c.seq == seq).values(withdrawn=at))
            connection.execute(
                update(webhook_delivery)
                .where(_D.webhook == seq, _D.state == outbox.OPEN)
                .values(state=DEAD, ended=at, said="withdrawn")
            )
            return True

    # -- the outbox ---------------------------------------------------------------------------

    def tell(self, events: Iterable[WebhookEvent], *, only: str | None = None) -> int:
        """Write events that no other transaction makes so; those already told are left out."""
        with self._engine.write() as connection:
            chosen = None
            if only is not None:
                chosen = list(
                    connection.execute(select(webhook.c.seq).where(webhook.c.id == only)).scalars()
                )
            return outbox.enqueue(connection, events, only=chosen)

    def take(self, at: datetime, *, most: int = limits.WEBHOOK_BATCH) -> Sequence[Delivery]:
        """Take what is due: nobody else does before the lease ends or `settle` is called."""
        due = _JOINED.where(_D.state == outbox.OPEN, _D.due <= at).order_by(_D.due, _D.seq)
        with self._engine.write() as connection:
            taken = [_delivery(row) for row in connection.execute(due.limit(most))]
            for one in taken:
                connection.execute(
                    update(webhook_delivery)
                    .where(_D.seq == one.number)
                    .values(
                        due=at + limits.WEBHOOK_LEASE,
                        attempts=one.attempts + 1,
                        first_tried=one.first_tried or at,
                    )
                )
        return taken

    def settle(self, one: Delivery, at: datetime, *, fault: str | None, patience: timedelta) -> str:
        """Note how an attempt ended; return the delivery's state.

        Args:
            one: As `take` returned it.
            at: Now.
            fault: Why it failed; None if it was taken.
            patience: How long after the first attempt it is given up.
        """
        values: dict[str, Any] = {"said": (fault or "")[:200]}
        if fault is None:
            values |= {"state": DELIVERED, "ended": at}
        elif at - (one.first_tried or at) >= patience:
            values |= {"state": DEAD, "ended": at}
        else:
            values |= {"state": outbox.OPEN, "due": next_try(one.attempts + 1, at=at)}
        # An open one alone: while it was under way it may have been withdrawn.
        mine = (_D.seq == one.number) & (_D.state == outbox.OPEN)
        with self._engine.write() as connection:
            connection.execute(update(webhook_delivery).where(mine).values(values))
        return str(values["state"])

    def deliveries(self, *, state: str | None = None, most: int = 100) -> Sequence[Delivery]:
        """Return deliveries, the newest first."""
        wanted = _JOINED if state is None else _JOINED.where(_D.state == state)
        with self._engine.read() as connection:
            found = connection.execute(wanted.order_by(_D.seq.desc()).limit(most))
            return [_delivery(row) for row in found]

    def again(self, at: datetime, *, number: int | None = None) -> int:
        """Open what was given up once more; return how many."""
        dead = _D.state == DEAD if number is None else (_D.state == DEAD) & (_D.seq == number)
        alive = select(webhook.c.seq).where(webhook.c.withdrawn.is_(None))
        with self._engine.write() as connection:
            done = connection.execute(
                update(webhook_delivery)
                .where(dead, _D.webhook.in_(alive))
                .values(state=outbox.OPEN, due=at, first_tried=None, attempts=0, ended=None)
            )
            return int(done.rowcount)

    def prune(self, before: datetime) -> int:
        """Forget deliveries that ended before a moment."""
        with self._engine.write() as connection:
            return int(
                connection.execute(delete(webhook_delivery).where(_D.ended < before)).rowcount
            )


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(
        row.id, row.url, tuple(row.kinds.split()), row.digest, row.created, row.withdrawn
    )


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        number=row.seq, webhook=row.id, url=row.url, digest=row.digest,
        event=WebhookEvent(row.event, row.kind, row.at, row.subject, row.detail),
        attempts=row.attempts, due=row.due, first_tried=row.first_tried, said=row.said,
        state=row.state, ended=row.ended,
    )  # fmt: skip
