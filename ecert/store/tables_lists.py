"""The table of recognition lists that wait at the list keeper's page, or waited there."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text

from ecert.store.columns import Moment
from ecert.store.tables_base import metadata, order

list_proposal = Table(
    "list_proposal",
    metadata,
    order(),
    Column("id", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("slot", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("base", Text, nullable=False),
    Column("draft", LargeBinary, nullable=False),
    Column("signed", LargeBinary, nullable=False),
    Column("file", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("proposer", Text, nullable=False),
    Column("proposer_token", Text, nullable=False),
    Column("proposed", Moment, nullable=False),
    Column("decider", Text, nullable=False),
    Column("decider_token", Text, nullable=False),
    Column("decided", Moment),
    Column("ended_by", Text, nullable=False),
    Column("ended", Moment),
)
