"""The tables of the register."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    and_,
    func,
)

from ecert.store.columns import Day, JSONText, Moment
from ecert.store.tables_base import LONG, audited, metadata, order

# Rows refer to a licence by its row and not by its id: eight bytes that grow with every row keep
# the indexes of a large register dense, and adding to them cheap.
licence = Table(
    "licence",
    metadata,
    # Given by us, not by the database, so that there are no gaps: the last row counts them.
    Column("row", LONG, primary_key=True, autoincrement=False),
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

# Portraits apart, so that a page of licences does not carry a page of pictures along.
portrait = Table(
    "portrait",
    metadata,
    # SHA-256 of the picture, in hex, as `Licence.content` names it.
    Column("digest", Text, primary_key=True),
    Column("picture", LargeBinary, nullable=False),
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
    order(),
    Column("licence", ForeignKey("licence.row"), nullable=False, index=True),
    Column("move", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("request_id", Text),
    Column("related", Text, nullable=False),
    Column("digest", Text, nullable=False),
    audited(),
)

office_event = Table(
    "office_event",
    metadata,
    order(),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", Text, nullable=False),
    audited(),
)

audit = Table(
    "audit",
    metadata,
    Column("number", LONG, primary_key=True, autoincrement=False),
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
    # Indexes given away.  It only ever rises, so that no index is given twice.
    Column("taken", Integer, nullable=False),
    # In which its credentials end; 0: they have no end.
    Column("year", Integer, nullable=False),
    # In which its indexes are given away, see `ecert.store.list_order`; `taken` are gone.  A list
    # without gives no more away.
    Column("order_key", LargeBinary),
    # The life of the database in which it was begun, see `ecert.store.lives`: in another life it
    # gives no more away.
    Column("begun_in", Text),
)

# One row per index whose status was ever another than 0; rows are never deleted, so that a status
# outlives its credential.
status_slot = Table(
    "status_slot",
    metadata,
    Column("list_number", ForeignKey("status_list.number"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("value", Integer, CheckConstraint("value BETWEEN 0 AND 15"), nullable=False),
    sqlite_with_rowid=False,
)
# What is published is what is not 0.
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
    Column("number", LONG, primary_key=True, autoincrement=False),
    Column("list_number", ForeignKey("status_list.number"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("value", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Index("status_change_list", "list_number", "number"),
)

credential = Table(
    "credential",
    metadata,
    order(),
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
)

# A credential's status: an outer join, because a slot without a row is valid.
OF_CREDENTIAL: Final = and_(
    status_slot.c.list_number == credential.c.list_number,
    status_slot.c.position == credential.c.position,
)
VALUE: Final = func.coalesce(status_slot.c.value, 0)

objection = Table(
    "objection",
    metadata,
    order(),
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
    Column("version", LONG, primary_key=True, autoincrement=False),
    Column("digest", Text, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("issued", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("changes", LONG, nullable=False),
)

request = Table(
    "request",
    metadata,
    Column("id", Text, primary_key=True),
    Column("operation", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("result", Text, nullable=False),
)
