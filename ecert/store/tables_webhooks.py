"""The tables of webhooks: who is told, and the outbox of what is to be told."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from ecert.store.columns import Moment
from ecert.store.tables_base import LONG, metadata, order

webhook = Table(
    "webhook",
    metadata,
    order(),
    Column("id", Text, nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("kinds", Text, nullable=False),
    # Of the secret, which is made of the workspace's own and never kept here.
    Column("digest", LargeBinary, nullable=False),
    Column("created", Moment, nullable=False),
    Column("withdrawn", Moment),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    order(),
    Column("webhook", LONG, ForeignKey("webhook.seq"), nullable=False),
    Column("event", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    # When it is due; while somebody is at it, until when nobody else takes it.
    Column("due", Moment, nullable=False),
    Column("first_tried", Moment),
    Column("said", Text, nullable=False),
    # What became of it: open, delivered, dead.
    Column("state", Text, nullable=False),
    Column("ended", Moment),
    Index("webhook_delivery_once", "webhook", "event", unique=True),
    Index("webhook_delivery_due", "state", "due"),
)
