"""The tables of hosted wallets: no clear text and no account in any column."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, Table, Text

from ecert.store.columns import Moment
from ecert.store.tables_base import metadata, order

# What there is once.
hosting = Table(
    "hosting",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    Column("custody", LargeBinary, nullable=False),
    Column("wrapped_index", LargeBinary, nullable=False),
)

hosted_wallet = Table(
    "hosted_wallet",
    metadata,
    Column("handle", LargeBinary, primary_key=True),
    Column("custody", LargeBinary, nullable=False, index=True),
    Column("key_number", BigInteger, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("state", BigInteger, nullable=False),
    Column("box", LargeBinary, nullable=False),
)

# Links and sessions of the holder's page; a row is gone as soon as it is used up or has ended.
holder_session = Table(
    "holder_session",
    metadata,
    order(),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("handle", LargeBinary, nullable=False, index=True),
    Column("seen", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
)
