"""The hall: tallies of checks, and signs of life of its windows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "check_tally",
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("hour", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("window", sa.Text, primary_key=True),
        sa.Column("token", sa.Text, primary_key=True),
        sa.Column("outcome", sa.Text, primary_key=True),
        sa.Column("reason", sa.Text, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "window_sign",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("window", sa.Text, nullable=False),
        sa.Column("machine", sa.Text, nullable=False),
        sa.Column("software", sa.Text, nullable=False),
        sa.Column("token", sa.Text),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger),
        sa.Column("synced", sa.BigInteger),
        sa.Column("expires", sa.BigInteger),
        sa.Column("lists", sa.Text, nullable=False),
    )
