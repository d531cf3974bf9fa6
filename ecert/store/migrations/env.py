"""What Alembic runs: the revisions, on the connection and in the transaction it is given."""

from __future__ import annotations

from alembic import context

from ecert.store import tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=tables.metadata,
    # SQLite changes most things about a table only by making it anew.
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()
