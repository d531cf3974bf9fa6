"""The sharing interface: what callers may ask, and the log of what they asked."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_LONG: Final = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the tables; before this revision nobody could call."""
    op.create_table(
        "share_grant",
        sa.Column("seq", _LONG, primary_key=True),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("type_code", sa.Text, nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("daily", sa.Integer, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("token", "type_code"),
    )
    op.create_table(
        "share_access",
        sa.Column("seq", _LONG, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("result", sa.Integer),
        sa.Column("missed", sa.Boolean, nullable=False),
        sa.Column("type_code", sa.Text),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
    )
    op.create_index("ix_share_access_token", "share_access", ["token", "at"])
    op.create_table(
        "share_access_licence",
        sa.Column(
            "access", _LONG, sa.ForeignKey("share_access.seq"), primary_key=True,
            autoincrement=False,
        ),
        sa.Column("licence_id", sa.Text, primary_key=True),
        sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_index("ix_share_access_licence", "share_access_licence", ["licence_id"])
