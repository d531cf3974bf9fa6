"""Licences by row, their holders, history of status, audit trail, objections, bulk work.

What was recorded before the audit trail enters it as one entry, its first: from then on nothing of
it can be changed unseen.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from ecert.store.migrations import r0002_contents

revision = "0002"
down_revision = "0001"

_LONG: Final = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Rebuild the register's tables around the licence's row, and fill them."""
    for name in ("credential", "licence_event", "licence", "publication"):
        op.execute(f"CREATE TEMPORARY TABLE old_{name} AS SELECT * FROM {name}")  # noqa: S608
        op.drop_table(name)
    # Asked for each licence: without these the whole of each table would be read every time.
    op.execute("CREATE INDEX old_event_of ON old_licence_event (licence_id)")
    op.execute("CREATE INDEX old_credential_of ON old_credential (licence_id)")
    _audit()
    _licences()
    _status()
    _credentials()
    _papers()
    _bulk()
    r0002_contents.fill()
    for name in ("credential", "licence_event", "licence", "publication"):
        op.execute(f"DROP TABLE old_{name}")


# -- tables -----------------------------------------------------------------------------------


def _order() -> sa.Column[int]:
    return sa.Column("seq", _LONG, primary_key=True)


def _row(name: str = "licence") -> list[sa.schema.SchemaItem]:
    return [
        sa.Column(name, _LONG, nullable=False),
        sa.ForeignKeyConstraint([name], ["licence.row"]),
    ]


def _audited() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("audit", _LONG, nullable=False),
        sa.ForeignKeyConstraint(["audit"], ["audit.number"], deferrable=True, initially="DEFERRED"),
    ]


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", _LONG, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_table(
        "office_event",
        _order(),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        *_audited(),
    )
    op.create_index("ix_office_event_audit", "office_event", ["audit"])


def _licences() -> None:
    op.create_table(
        "licence",
        sa.Column("row", _LONG, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("type_code", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("issued_on", sa.Text, nullable=False),
        sa.Column("valid_until", sa.Text),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_licence_number", "licence", ["number"])
    op.create_index("ix_licence_changed_at", "licence", ["changed_at"])
    op.create_index("ix_licence_type_code", "licence", ["type_code"])
    op.create_index("ix_licence_state", "licence", ["state"])
    op.create_table(
        "holder",
        sa.Column("licence", _LONG, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Text, primary_key=True),
        sa.ForeignKeyConstraint(["licence"], ["licence.row"]),
        sqlite_with_rowid=False,
    )
    op.create_index("holder_number", "holder", ["number"])
    op.create_table(
        "licence_event",
        _order(),
        *_row(),
        sa.Column("move", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text),
        sa.Column("related", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        *_audited(),
    )
    op.create_index("ix_licence_event_licence", "licence_event", ["licence"])
    op.create_index("ix_licence_event_audit", "licence_event", ["audit"])


def _status() -> None:
    with op.batch_alter_table("status_list") as table:
        table.add_column(sa.Column("year", sa.Integer, nullable=False, server_default="0"))
    with op.batch_alter_table("status_list") as table:
        table.alter_column("year", existing_type=sa.Integer(), server_default=None)
    op.create_table(
        "status_change",
        sa.Column("number", _LONG, primary_key=True, autoincrement=False),
        sa.Column("list_number", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("value", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["list_number"], ["status_list.number"]),
    )
    op.create_index("status_change_list", "status_change", ["list_number", "number"])


def _credentials() -> None:
    op.create_table(
        "credential",
        _order(),
        *_row(),
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
        sa.UniqueConstraint("request_id"),
    )
    op.create_index("ix_credential_licence", "credential", ["licence"])


def _papers() -> None:
    op.create_table(
        "publication",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("version", _LONG, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("issued", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.Column("changes", _LONG, nullable=False),
    )
    op.create_table(
        "objection",
        _order(),
        sa.Column("id", sa.Text, nullable=False),
        *_row(),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_objection_licence", "objection", ["licence"])
    op.create_index("ix_objection_state", "objection", ["state"])
    op.create_table(
        "expected_count",
        sa.Column("type_code", sa.Text, primary_key=True),
        sa.Column("as_of", sa.Text, primary_key=True),
        sa.Column("how_many", sa.Integer, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
    )


def _bulk() -> None:
    op.create_table(
        "bulk_job",
        _order(),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "bulk_shard",
        sa.Column("job", _LONG, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("reserved", sa.LargeBinary),
        sa.Column("slots", sa.Integer, nullable=False),
        sa.Column("done_at", sa.BigInteger),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["job"], ["bulk_job.seq"]),
    )
    op.create_index("bulk_shard_state", "bulk_shard", ["job", "state"])
    op.create_table(
        "bulk_refusal",
        sa.Column("job", _LONG, primary_key=True, autoincrement=False),
        sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["job"], ["bulk_job.seq"]),
    )
