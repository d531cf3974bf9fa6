"""The licences of a receipt are found by the receipt too, not only the receipts of a licence.

Until now a chain's check looked through all licences once for every page of it.  From here on
SQLite keeps a new receipt as the bytes that its text spells; the older ones stay as they are.
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_receipt_licence_receipt", "receipt_licence", ["chain", "number"])
