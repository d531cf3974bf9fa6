"""The tables of a window: what it knows, and which codes it has seen."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from ecert.store.columns import Moment
from ecert.store.tables_base import metadata, order

document = Table(
    "knowledge_document",
    metadata,
    order(),
    Column("slot", Text, nullable=False, unique=True),
    Column("data", LargeBinary, nullable=False),
    Column("digest", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("accepted_at", Moment, nullable=False),
)

# What was in force before, so that a verdict of a past day can be reached again.
past_document = Table(
    "knowledge_past",
    metadata,
    order(),
    Column("slot", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("digest", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("replaced_at", Moment, nullable=False, index=True),
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

challenge = Table(
    "window_challenge",
    metadata,
    Column("window", Integer, primary_key=True, autoincrement=False),
    Column("number", Text, primary_key=True),
    Column("issued", Moment, nullable=False),
    Column("expires", Moment, nullable=False, index=True),
    Column("misses", Integer, nullable=False),
    # The code that answered it, as the memory of used codes knows it.
    Column("used_by", LargeBinary),
    sqlite_with_rowid=False,
)

window_objection = Table(
    "window_objection",
    metadata,
    order(),
    Column("id", Text, nullable=False, unique=True),
    Column("licence", Text, nullable=False),
    # The names of the fields, as a JSON list.
    Column("fields", Text, nullable=False),
    Column("raised_by", Text, nullable=False),
    Column("raised_at", Moment, nullable=False),
    Column("statement", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("window", Text, nullable=False),
    Column("clerk", Text, nullable=False),
    Column("exported", Moment),
)
"""Objections that windows took to licences of other offices, to be sent to those."""
