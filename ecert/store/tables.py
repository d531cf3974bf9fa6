"""The schema of today.

A change of it is a new revision in ``migrations/versions`` and a new `HEAD` here, so that older
programs keep away and older databases are upgraded (``ecert db upgrade``).
"""

from __future__ import annotations

from typing import Final

from ecert.store.tables_base import metadata, revision, schema
from ecert.store.tables_bulk import bulk_job, bulk_refusal, bulk_shard
from ecert.store.tables_hall import check_tally, window_sign
from ecert.store.tables_hosted import holder_session, hosted_wallet, hosting
from ecert.store.tables_lists import list_proposal
from ecert.store.tables_receipts import receipt, receipt_licence, receipt_window
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
    portrait,
    publication,
    request,
    status_change,
    status_list,
    status_slot,
)
from ecert.store.tables_service import service_token
from ecert.store.tables_sharing import share_access, share_access_licence, share_grant
from ecert.store.tables_show import show_attempt, show_code, show_part, show_verifier
from ecert.store.tables_webhooks import webhook, webhook_delivery
from ecert.store.tables_window import (
    challenge,
    document,
    mark,
    past_document,
    replay,
    window_objection,
)

__all__ = [
    "HEAD",
    "audit",
    "bulk_job",
    "bulk_refusal",
    "bulk_shard",
    "challenge",
    "check_tally",
    "credential",
    "document",
    "event",
    "expected_count",
    "holder",
    "holder_session",
    "hosted_wallet",
    "hosting",
    "licence",
    "list_proposal",
    "mark",
    "metadata",
    "nonce",
    "objection",
    "office_event",
    "past_document",
    "portrait",
    "publication",
    "receipt",
    "receipt_licence",
    "receipt_window",
    "replay",
    "request",
    "revision",
    "schema",
    "service_token",
    "share_access",
    "share_access_licence",
    "share_grant",
    "show_attempt",
    "show_code",
    "show_part",
    "show_verifier",
    "status_change",
    "status_list",
    "status_slot",
    "webhook",
    "webhook_delivery",
    "window_objection",
    "window_sign",
]

HEAD: Final = "0017"
"""The newest revision: the one that these tables are."""
