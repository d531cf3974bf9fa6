"""The schema of today.

A change of it is a new revision in ``migrations/versions`` and a new `HEAD` here, so that older
programs keep away and older databases are upgraded (``ecert db upgrade``).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ecert.store.columns import JSONText, Moment

HEAD: Final = "0001"
"""The newest revision: the one that these tables are."""

metadata: Final = MetaData()

# Alembic's own note of the revision, in its own form, so that a new database is made without it.
revision: Final = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def _order() -> Column[int]:
    # SQLite numbers rows by itself only in a column of exactly this type.
    return Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


# What makes a database ours.  The version is the revision's number; programs older than the
# revisions look at nothing else.
schema = Table(
    "ecert_schema",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
)

# -- the register -----------------------------------------------------------------------------
licence = Table(
    "licence",
    metadata,
    _order(),
    Column("id", Text, nullable=False, unique=True),
    Column("number", Text, nullable=False, index=True),
    Column("state", Text, nullable=False),
    # `Licence.to_dict`; its "state" is that of the first day, the column's is today's.
    Column("content", JSONText, nullable=False),
)

event = Table(
    "licence_event",
    metadata,
    _order(),
    Column("licence_id", ForeignKey("licence.id"), nullable=False, index=True),
    Column("move", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("request_id", Text),
)

status_list = Table(
    "status_list",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    # Counted here, because COUNT(*) over a full list takes milliseconds at every issue.
    Column("taken", Integer, nullable=False),
)

# One row per index given away; rows are never deleted, so that no index is given twice, and a
# status outlives its credential.
status_slot = Table(
    "status_slot",
    metadata,
    Column("list_number", ForeignKey("status_list.number"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("value", Integer, CheckConstraint("value BETWEEN 0 AND 15"), nullable=False),
    sqlite_with_rowid=False,
)
# What is published is the few that are not 0, not the many that are.
Index(
    "status_slot_set",
    status_slot.c.list_number,
    status_slot.c.position,
    status_slot.c.value,
    # For PostgreSQL too; see `ecert.store.postgres`.
    sqlite_where=status_slot.c.value != 0,
)

credential = Table(
    "credential",
    metadata,
    _order(),
    Column("id", Text, nullable=False, unique=True),
    Column("licence_id", ForeignKey("licence.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("list_number", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("request_id", Text, nullable=False, unique=True),
    Column("holder_jwk", JSONText),
    Column("reserved_at", Moment, nullable=False),
    Column("signed_at", Moment),
    Column("artefacts", LargeBinary),
    UniqueConstraint("list_number", "position"),
    ForeignKeyConstraint(
        ["list_number", "position"], ["status_slot.list_number", "status_slot.position"]
    ),
)

nonce = Table(
    "nonce",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("expires", Moment, nullable=False, index=True),
    sqlite_with_rowid=False,
)

publication = Table(
    "publication",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("issued", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
)

request = Table(
    "request",
    metadata,
    Column("id", Text, primary_key=True),
    Column("operation", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("result", Text, nullable=False),
)

# -- the verifier -----------------------------------------------------------------------------
document = Table(
    "knowledge_document",
    metadata,
    _order(),
    Column("slot", Text, nullable=False, unique=True),
    Column("data", LargeBinary, nullable=False),
    Column("digest", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("accepted_at", Moment, nullable=False),
)

# Apart from the documents, so that losing a document does not forget how far it had come.
mark = Table(
    "knowledge_mark",
    metadata,
    Column("slot", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
)

replay = Table(
    "used_code",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("until", Moment, nullable=False, index=True),
    sqlite_with_rowid=False,
)
