"""Signed receipts of a window's checks, in a chain for each window."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_LONG: Final = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the tables; verdicts before this revision have no receipts."""
    op.create_table(
        "receipt_window",
        sa.Column("seq", _LONG, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
    )
    op.create_table(
        "receipt",
        sa.Column("chain", _LONG, sa.ForeignKey("receipt_window.seq"), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("case_number", sa.Text),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
    )
    op.create_index("ix_receipt_at", "receipt", ["at"])
    given = sa.text("case_number IS NOT NULL")
    op.create_index(
        "ix_receipt_case_number", "receipt", ["case_number"],
        sqlite_where=given, postgresql_where=given,
    )  # fmt: skip
    op.create_table(
        "receipt_licence",
        sa.Column("licence", sa.Text, primary_key=True),
        sa.Column("chain", _LONG, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.ForeignKeyConstraint(["chain", "number"], ["receipt.chain", "receipt.number"]),
        sqlite_with_rowid=False,
    )
