"""Documents that a window's lists have replaced, so that a past day can be verified again."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_LONG: Final = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the table; what was replaced before this revision is not known any more."""
    op.create_table(
        "knowledge_past",
        sa.Column("seq", _LONG, primary_key=True),
        sa.Column("slot", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("accepted_at", sa.BigInteger, nullable=False),
        sa.Column("replaced_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_knowledge_past_replaced_at", "knowledge_past", ["replaced_at"])
