"""The show service: online codes, consent, who may fetch, and who tried."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_LONG: Final = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add its tables; a database that serves none keeps them empty."""
    op.create_table(
        "show_code",
        sa.Column("tag", sa.LargeBinary, primary_key=True),
        sa.Column("purpose", sa.Integer, nullable=False),
        sa.Column("holder", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.LargeBinary),
        sa.Column("used_at", sa.BigInteger),
        sa.Column("used_by", sa.Text),
        sa.Column("cancelled_at", sa.BigInteger),
        sa.Column("asked", sa.LargeBinary),
        sa.Column("answer", sa.Integer),
    )
    op.create_index("ix_show_code_holder", "show_code", ["holder"])
    op.create_index("ix_show_code_expires_at", "show_code", ["expires_at"])
    op.create_table(
        "show_part",
        sa.Column("tag", sa.LargeBinary, sa.ForeignKey("show_code.tag"), nullable=False),
        sa.Column("type_code", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary),
        sa.Column("used_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("tag", "type_code"),
    )
    op.create_table(
        "show_verifier",
        sa.Column("seq", _LONG, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("office", sa.Text, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("removed_at", sa.BigInteger),
    )
    op.create_table(
        "show_attempt",
        sa.Column("seq", _LONG, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.Integer, nullable=False),
        sa.Column("verifier", sa.Text),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("holder", sa.LargeBinary),
        sa.Column("entry", sa.LargeBinary),
    )
    for name in ("verifier", "address", "holder"):
        op.create_index(f"ix_show_attempt_{name}", "show_attempt", [name, "at"])
    op.create_index("ix_show_attempt_at", "show_attempt", ["at"])
