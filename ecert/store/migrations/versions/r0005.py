"""Hosted wallets: what there is once, and one row for each holder."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the tables; there were no hosted wallets before."""
    op.create_table(
        "hosting",
        sa.Column(
            "id", sa.Integer, sa.CheckConstraint("id = 1"), primary_key=True, autoincrement=False
        ),
        sa.Column("custody", sa.LargeBinary, nullable=False),
        sa.Column("wrapped_index", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "hosted_wallet",
        sa.Column("handle", sa.LargeBinary, primary_key=True),
        sa.Column("custody", sa.LargeBinary, nullable=False),
        sa.Column("key_number", sa.BigInteger, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.BigInteger, nullable=False),
        sa.Column("box", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_hosted_wallet_custody", "hosted_wallet", ["custody"])
