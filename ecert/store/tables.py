"""The schema of today.

A change of it is a new revision in ``migrations/versions`` and a new `HEAD` here, so that older
programs keep away and older databases are upgraded (``ecert db upgrade``).
"""

from __future__ import annotations

from typing import Final

from ecert.store.tables_base import metadata, revision, schema
from ecert.store.tables_bulk import bulk_job, bulk_refusal, bulk_shard
from ecert.store.tables_register import (
    audit,
    credential,
    event,
    expected_count,
    holder,
    licence,
    nonce,
    objection,
    office_event,
    publication,
    request,
    status_change,
    status_list,
    status_slot,
)
from ecert.store.tables_service import service_token
from ecert.store.tables_window import document, mark, past_document, replay

__all__ = [
    "HEAD",
    "audit",
    "bulk_job",
    "bulk_refusal",
    "bulk_shard",
    "credential",
    "document",
    "event",
    "expected_count",
    "holder",
    "licence",
    "mark",
    "metadata",
    "nonce",
    "objection",
    "office_event",
    "past_document",
    "publication",
    "replay",
    "request",
    "revision",
    "schema",
    "service_token",
    "status_change",
    "status_list",
    "status_slot",
]

HEAD: Final = "0004"
"""The newest revision: the one that these tables are."""
