"""Revisions of the schema, run by `ecert.store.upgrade` through Alembic."""
