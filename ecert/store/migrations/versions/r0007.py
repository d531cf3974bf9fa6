"""The numbers that the windows of a hall show, and which code has answered each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "window_challenge",
        sa.Column("window", sa.Integer, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("issued", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.Column("misses", sa.Integer, nullable=False),
        sa.Column("used_by", sa.LargeBinary),
        sa.PrimaryKeyConstraint("window", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_window_challenge_expires", "window_challenge", ["expires"])
