"""The tables of receipts: each window's chain, its end, and what receipts are found by."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, ForeignKeyConstraint, Index, Table, Text

from ecert.store.columns import CompactToken, Moment
from ecert.store.tables_base import LONG, metadata, order

# Where each chain ends, so that taking its last receipts away shows.
receipt_window = Table(
    "receipt_window",
    metadata,
    order(),
    Column("name", Text, nullable=False, unique=True),
    Column("number", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
)

receipt = Table(
    "receipt",
    metadata,
    Column("chain", LONG, ForeignKey("receipt_window.seq"), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False, index=True),
    Column("case_number", Text),
    Column("outcome", Text, nullable=False),
    Column("token", CompactToken, nullable=False),
)
Index(
    "ix_receipt_case_number",
    receipt.c.case_number,
    sqlite_where=receipt.c.case_number.is_not(None),
)

receipt_licence = Table(
    "receipt_licence",
    metadata,
    Column("licence", Text, primary_key=True),
    Column("chain", LONG, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    ForeignKeyConstraint(["chain", "number"], ["receipt.chain", "receipt.number"]),
    sqlite_with_rowid=False,
)
# What a receipt is found by is compared with what it says, receipt after receipt: without this,
# every page of a chain would look through the licences of all of them.
Index("ix_receipt_licence_receipt", receipt_licence.c.chain, receipt_licence.c.number)
