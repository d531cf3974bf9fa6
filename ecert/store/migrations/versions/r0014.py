"""Objections taken at windows, until they are sent to the office that issued the licence."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_LONG: Final = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "window_objection",
        sa.Column("seq", _LONG, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("licence", sa.Text, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("raised_by", sa.Text, nullable=False),
        sa.Column("raised_at", sa.BigInteger, nullable=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("window", sa.Text, nullable=False),
        sa.Column("clerk", sa.Text, nullable=False),
        sa.Column("exported", sa.BigInteger),
    )
