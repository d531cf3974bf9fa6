"""The tables of a show service: codes, what was agreed to, who may fetch, and who tried.

What is personal is encrypted before it comes here.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from ecert.store.columns import Moment
from ecert.store.tables_base import metadata, order

show_code = Table(
    "show_code",
    metadata,
    Column("tag", LargeBinary, primary_key=True),
    Column("purpose", Integer, nullable=False),
    Column("holder", LargeBinary, nullable=False, index=True),
    Column("digest", LargeBinary, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("payload", LargeBinary),
    Column("used_at", Moment),
    Column("used_by", Text),
    Column("cancelled_at", Moment),
    Column("asked", LargeBinary),
    Column("answer", Integer),
)

show_part = Table(
    "show_part",
    metadata,
    Column("tag", LargeBinary, ForeignKey("show_code.tag"), nullable=False),
    Column("type_code", Text, nullable=False),
    Column("payload", LargeBinary),
    Column("used_at", Moment),
    PrimaryKeyConstraint("tag", "type_code"),
)

show_verifier = Table(
    "show_verifier",
    metadata,
    order(),
    Column("id", Text, nullable=False, unique=True),
    Column("region", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("removed_at", Moment),
)

show_attempt = Table(
    "show_attempt",
    metadata,
    order(),
    Column("at", Moment, nullable=False),
    Column("outcome", Integer, nullable=False),
    Column("verifier", Text),
    Column("address", LargeBinary, nullable=False),
    Column("holder", LargeBinary),
    Column("entry", LargeBinary),
    Index("ix_show_attempt_verifier", "verifier", "at"),
    Index("ix_show_attempt_address", "address", "at"),
    Index("ix_show_attempt_holder", "holder", "at"),
    Index("ix_show_attempt_at", "at"),
)
