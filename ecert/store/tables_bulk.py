"""The tables of the ledger of bulk work."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from ecert.store.columns import JSONText, Moment
from ecert.store.tables_base import metadata, order

bulk_job = Table(
    "bulk_job",
    metadata,
    order(),
    Column("id", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("content", JSONText, nullable=False),
)

bulk_shard = Table(
    "bulk_shard",
    metadata,
    Column("job", ForeignKey("bulk_job.seq"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("rows", Integer, nullable=False),
    # 0 planned, 1 reserved, 2 done.
    Column("state", Integer, nullable=False),
    # The rows; emptied when they are done, because they are personal data.
    Column("content", LargeBinary, nullable=False),
    # Serials and status indexes, durable before anything is signed.
    Column("reserved", LargeBinary),
    Column("slots", Integer, nullable=False),
    Column("done_at", Moment),
    Column("done", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Index("bulk_shard_state", "job", "state"),
    sqlite_with_rowid=True,
)

bulk_refusal = Table(
    "bulk_refusal",
    metadata,
    Column("job", ForeignKey("bulk_job.seq"), primary_key=True, autoincrement=False),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("content", JSONText, nullable=False),
)
