"""What all tables are made with."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
)

metadata: Final = MetaData()

# SQLite numbers rows by itself, and keeps a table in their order, only in a column of exactly
# this type.
LONG: Final = BigInteger().with_variant(Integer, "sqlite")

# Alembic's own note of the revision, in its own form, so that a new database is made without it.
revision: Final = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def order() -> Column[int]:
    """Return the column by which a table numbers its rows itself."""
    return Column("seq", LONG, primary_key=True)


def audited() -> Column[int]:
    """Return the column that names the entry of the audit trail."""
    # The entry covers what its transaction recorded, so it comes last.
    entry = ForeignKey("audit.number", deferrable=True, initially="DEFERRED")
    return Column("audit", entry, nullable=False, index=True)


# What makes a database ours.  The version is the revision's number; programs older than the
# revisions look at nothing else.
schema = Table(
    "ecert_schema",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
)
