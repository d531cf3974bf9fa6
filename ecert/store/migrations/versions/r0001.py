"""The first revision: register, knowledge and memory of used codes.

A revision is never edited: it is what databases in offices were made by.  So it names no table
or column type of today's program.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables in an empty database."""
    op.create_table(
        "ecert_schema",
        sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1"), autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute("INSERT INTO ecert_schema (id, version) VALUES (1, 1)")
    _licences()
    _credentials()
    _papers()
    _verifier()


def _order() -> sa.Column[int]:
    return sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)


def _licences() -> None:
    op.create_table(
        "licence",
        _order(),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_licence_number", "licence", ["number"])
    op.create_table(
        "licence_event",
        _order(),
        sa.Column("licence_id", sa.Text, nullable=False),
        sa.Column("move", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text),
        sa.ForeignKeyConstraint(["licence_id"], ["licence.id"]),
    )
    op.create_index("ix_licence_event_licence_id", "licence_event", ["licence_id"])


def _credentials() -> None:
    op.create_table(
        "status_list",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("taken", sa.Integer, nullable=False),
    )
    op.create_table(
        "status_slot",
        sa.Column("list_number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column(
            "value", sa.Integer, sa.CheckConstraint("value BETWEEN 0 AND 15"), nullable=False
        ),
        sa.ForeignKeyConstraint(["list_number"], ["status_list.number"]),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "status_slot_set",
        "status_slot",
        ["list_number", "position", "value"],
        sqlite_where=sa.text("value != 0"),
        postgresql_where=sa.text("value != 0"),
    )
    op.create_table(
        "credential",
        _order(),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("licence_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("list_number", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("holder_jwk", sa.Text),
        sa.Column("reserved_at", sa.BigInteger, nullable=False),
        sa.Column("signed_at", sa.BigInteger),
        sa.Column("artefacts", sa.LargeBinary),
        sa.UniqueConstraint("list_number", "position"),
        sa.ForeignKeyConstraint(
            ["list_number", "position"], ["status_slot.list_number", "status_slot.position"]
        ),
        sa.UniqueConstraint("id"),
        sa.ForeignKeyConstraint(["licence_id"], ["licence.id"]),
        sa.UniqueConstraint("request_id"),
    )
    op.create_index("ix_credential_licence_id", "credential", ["licence_id"])


def _papers() -> None:
    op.create_table(
        "nonce",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_nonce_expires", "nonce", ["expires"])
    op.create_table(
        "publication",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("issued", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "request",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
    )


def _verifier() -> None:
    op.create_table(
        "knowledge_document",
        _order(),
        sa.Column("slot", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("accepted_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("slot"),
    )
    op.create_table(
        "knowledge_mark",
        sa.Column("slot", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
    )
    op.create_table(
        "used_code",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_used_code_until", "used_code", ["until"])
