"""Webhooks (事件通知): what is told to other systems, signed, and how a receiver proves it.

A body names a licence id or a list, and what became of it; nothing of a holder.  Who wants to know
more asks back.
"""

from __future__ import annotations

from ecert.webhooks.event import KINDS, WebhookEvent
from ecert.webhooks.signature import open_webhook, sign_webhook

__all__ = ["KINDS", "WebhookEvent", "open_webhook", "sign_webhook"]
