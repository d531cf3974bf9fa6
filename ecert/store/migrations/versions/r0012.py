"""Recognition lists that were proposed at the list keeper's page, and what became of them."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_LONG: Final = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "list_proposal",
        sa.Column("seq", _LONG, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("slot", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("draft", sa.LargeBinary, nullable=False),
        sa.Column("signed", sa.LargeBinary, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("proposer", sa.Text, nullable=False),
        sa.Column("proposer_token", sa.Text, nullable=False),
        sa.Column("proposed", sa.BigInteger, nullable=False),
        sa.Column("decider", sa.Text, nullable=False),
        sa.Column("decider_token", sa.Text, nullable=False),
        sa.Column("decided", sa.BigInteger),
        sa.Column("ended_by", sa.Text, nullable=False),
        sa.Column("ended", sa.BigInteger),
    )
