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

from ecert.store.columns import Day, JSONText, Moment

HEAD: Final = "0002"
"""The newest revision: the one that these tables are."""

metadata: Final = MetaData()

# SQLite numbers rows by itself, and keeps a table in their order, only in a column of exactly
# this type.
_LONG: Final = BigInteger().with_variant(Integer, "sqlite")

# Alembic's own note of the revision, in its own form, so that a new database is made without it.
revision: Final = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def _order() -> Column[int]:
    return Column("seq", _LONG, primary_key=True)


def _audited() -> Column[int]:
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

# -- the register -----------------------------------------------------------------------------
# Rows refer to a licence by its row and not by its id: eight bytes that grow with every row keep
# the indexes of a large register dense, and adding to them cheap.
licence = Table(
    "licence",
    metadata,
    # Given by us, not by the database, so that there are no gaps: the last row counts them.
    Column("row", _LONG, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("number", Text, nullable=False, index=True),
    # One index for each, because pages come in the order of rows: the rows of an index's entry
    # are in order, those of a range of entries would have to be sorted for every page.
    Column("type_code", Text, nullable=False, index=True),
    Column("region", Text, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("issued_on", Day, nullable=False),
    Column("valid_until", Day),
    Column("changed_at", Moment, nullable=False, index=True),
    # `Licence.content`: what its digest in the audit trail is over.
    Column("content", Text, nullable=False),
)

# Only for finding: the licence's content has them in order and in full.
holder = Table(
    "holder",
    metadata,
    Column("licence", ForeignKey("licence.row"), primary_key=True, autoincrement=False),
    Column("number", Text, primary_key=True),
    Index("holder_number", "number"),
    sqlite_with_rowid=False,
)

event = Table(
    "licence_event",
    metadata,
    _order(),
    Column("licence", ForeignKey("licence.row"), nullable=False, index=True),
    Column("move", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("request_id", Text),
    Column("related", Text, nullable=False),
    Column("digest", Text, nullable=False),
    _audited(),
)

office_event = Table(
    "office_event",
    metadata,
    _order(),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", Text, nullable=False),
    _audited(),
)

audit = Table(
    "audit",
    metadata,
    Column("number", _LONG, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("events", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

status_list = Table(
    "status_list",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    # Counted here, because COUNT(*) over a full list takes milliseconds at every issue.
    Column("taken", Integer, nullable=False),
    # In which its credentials end; 0: they have no end.
    Column("year", Integer, nullable=False),
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

# What a list said on any day: the changes up to the number that its publication names.
status_change = Table(
    "status_change",
    metadata,
    Column("number", _LONG, primary_key=True, autoincrement=False),
    Column("list_number", ForeignKey("status_list.number"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("value", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Index("status_change_list", "list_number", "number"),
)

credential = Table(
    "credential",
    metadata,
    _order(),
    Column("licence", ForeignKey("licence.row"), nullable=False, index=True),
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

objection = Table(
    "objection",
    metadata,
    _order(),
    Column("id", Text, nullable=False, unique=True),
    Column("licence", ForeignKey("licence.row"), nullable=False, index=True),
    Column("state", Text, nullable=False, index=True),
    Column("content", JSONText, nullable=False),
)

expected_count = Table(
    "expected_count",
    metadata,
    Column("type_code", Text, primary_key=True),
    Column("as_of", Day, primary_key=True),
    Column("how_many", Integer, nullable=False),
    Column("source", Text, nullable=False),
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
    Column("version", _LONG, primary_key=True, autoincrement=False),
    Column("digest", Text, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("issued", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("changes", _LONG, nullable=False),
)

request = Table(
    "request",
    metadata,
    Column("id", Text, primary_key=True),
    Column("operation", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("result", Text, nullable=False),
)

# -- bulk work --------------------------------------------------------------------------------
bulk_job = Table(
    "bulk_job",
    metadata,
    _order(),
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
