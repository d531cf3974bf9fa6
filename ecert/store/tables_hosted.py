"""The tables of hosted wallets: no clear text, no account, no time in any column."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, Table

from ecert.store.tables_base import metadata

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
