"""The tables of the sharing interface: what callers may ask, and what they asked."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from ecert.store.columns import JSONText, Moment
from ecert.store.tables_base import metadata, order

share_grant = Table(
    "share_grant",
    metadata,
    order(),
    Column("token", Text, nullable=False),
    Column("type_code", Text, nullable=False),
    Column("terms", JSONText, nullable=False),
    Column("daily", Integer, nullable=False),
    Column("created", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    UniqueConstraint("token", "type_code"),
)

share_access = Table(
    "share_access",
    metadata,
    order(),
    Column("at", Moment, nullable=False, index=True),
    Column("token", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("result", Integer),
    Column("missed", Boolean, nullable=False),
    Column("type_code", Text),
    Column("subject", Text, nullable=False),
    Column("purpose", JSONText, nullable=False),
    Index("ix_share_access_token", "token", "at"),
)

# Only for finding: whose licence was looked at.
share_access_licence = Table(
    "share_access_licence",
    metadata,
    Column("access", ForeignKey("share_access.seq"), primary_key=True, autoincrement=False),
    Column("licence_id", Text, primary_key=True),
    Index("ix_share_access_licence", "licence_id"),
    sqlite_with_rowid=False,
)
