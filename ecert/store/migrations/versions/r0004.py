"""Holders' portraits, beside the licences that name them by their digest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "portrait",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("picture", sa.LargeBinary, nullable=False),
    )
