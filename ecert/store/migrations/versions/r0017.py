"""Status lists in a drawn order: slots only for what was ever not valid, lists of before closed.

A list of before has no order: its indexes were drawn one by one, and each had a row.  It gives no
more away and is published on; the next credential of its year begins a new one.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_LONG: Final = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Close the lists, drop the slots that say nothing, and let credentials do without them."""
    op.add_column("status_list", sa.Column("order_key", sa.LargeBinary))
    op.add_column("status_list", sa.Column("begun_in", sa.Text))
    # A restored backup has lists that were filled up to close them.
    op.execute(
        "UPDATE status_list SET taken = (SELECT COUNT(*) FROM status_slot AS slot "
        "WHERE slot.list_number = status_list.number)"
    )
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_credential()
    else:
        _drop_reference()
    op.execute("DELETE FROM status_slot WHERE value = 0")


def _drop_reference() -> None:
    for key in sa.inspect(op.get_bind()).get_foreign_keys("credential"):
        if key["referred_table"] == "status_slot":
            op.drop_constraint(str(key["name"]), "credential", type_="foreignkey")


def _rebuild_credential() -> None:
    # SQLite drops no constraint from a table.  Nothing refers to this one.
    op.execute("ALTER TABLE credential RENAME TO old_credential")
    op.drop_index("ix_credential_licence")
    op.create_table(
        "credential",
        sa.Column("seq", _LONG, primary_key=True),
        sa.Column("licence", _LONG, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("list_number", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("holder_jwk", sa.Text),
        sa.Column("reserved_at", sa.BigInteger, nullable=False),
        sa.Column("signed_at", sa.BigInteger),
        sa.Column("artefacts", sa.LargeBinary),
        sa.ForeignKeyConstraint(["licence"], ["licence.row"]),
        sa.UniqueConstraint("list_number", "position"),
        sa.UniqueConstraint("request_id"),
    )
    op.execute(
        "INSERT INTO credential (seq, licence, kind, list_number, position, request_id, "
        "holder_jwk, reserved_at, signed_at, artefacts) SELECT seq, licence, kind, list_number, "
        "position, request_id, holder_jwk, reserved_at, signed_at, artefacts FROM old_credential "
        "ORDER BY seq"
    )
    op.drop_table("old_credential")
    op.create_index("ix_credential_licence", "credential", ["licence"])
