"""The signature of a webhook, in the form of Standard Webhooks, and its proof.

``webhook-signature`` is ``v1,`` and HMAC-SHA256 over ``id.timestamp.body`` in Base64.  See
https://github.com/standard-webhooks/standard-webhooks and ADR 35.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING, Final

from ecert import limits
from ecert.errors import FormatError, SignatureError
from ecert.webhooks.event import WebhookEvent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
_LEAST_SECRET_BYTES: Final = 24
# A receiver between two secrets is sent one signature, but other senders send several.
_MOST_SIGNATURES: Final = 8


def sign_webhook(event_id: str, body: bytes, secret: str, *, at: datetime) -> dict[str, str]:
    """Return the headers of one delivery.

    Args:
        event_id: The event's id.
        body: The body.
        secret: The receiver's secret, ``whsec_…``.
        at: Now: each attempt has its own.

    Raises:
        FormatError: It is no secret.
    """
    stamp = str(int(at.timestamp()))
    return {
        ID: event_id,
        TIMESTAMP: stamp,
        SIGNATURE: f"v1,{_mac(event_id, stamp, body, read_secret(secret))}",
    }


def open_webhook(
    headers: Mapping[str, str], body: bytes, secrets: str | Sequence[str], *, at: datetime
) -> WebhookEvent:
    """Prove and read a delivery: for receivers.

    It may come more than once, and in another order than things happened: take each
    ``event.id`` once, and ask back what holds now.

    Args:
        headers: The request's headers; their names in any case.
        body: Its body, byte for byte.
        secrets: The secret, or several while one takes the place of another.
        at: Now.

    Raises:
        SignatureError: A header is missing, no signature fits, or it is not of these minutes.
        ParseError: Its content is not an event of this version.
        FormatError: A secret does not have its form.
    """
    if len(body) > limits.MAX_WEBHOOK_BYTES:
        raise SignatureError("the webhook's body is too large")
    found = {name.lower(): value for name, value in headers.items()}
    event_id, stamp = found.get(ID, ""), found.get(TIMESTAMP, "")
    given = found.get(SIGNATURE, "").split(" ")[:_MOST_SIGNATURES]
    if not event_id or not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise SignatureError("a header of the webhook is missing or malformed")
    # (1) The signature, before anything is believed; in constant time.
    keys = [read_secret(one) for one in ((secrets,) if isinstance(secrets, str) else secrets)]
    wanted = [f"v1,{_mac(event_id, stamp, body, key)}".encode() for key in keys]
    fits = [
        hmac.compare_digest(one, had.encode("utf-8", "surrogatepass"))
        for one in wanted
        for had in given
    ]
    if not any(fits):
        raise SignatureError("no signature of the webhook fits")
    # (2) It was sent in these minutes: an old delivery cannot be sent again by somebody else.
    if abs(at.timestamp() - int(stamp)) > limits.WEBHOOK_WINDOW.total_seconds():
        raise SignatureError("the webhook was not sent in these minutes")
    # (3) What it says.
    return WebhookEvent.from_body(event_id, body)


def read_secret(text: str) -> bytes:
    """Return the bytes of a secret.

    Raises:
        FormatError: It is not ``whsec_`` and Base64 of enough bytes.
    """
    try:
        secret = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not text.startswith(PREFIX) or len(secret) < _LEAST_SECRET_BYTES:
        raise FormatError(
            "不是事件通知的密钥", "not the secret of a webhook", where="secret",
            fix_zh="请用 ecert webhook add 时显示的那一行", fix_en="Use what webhook add has told",
        )  # fmt: skip
    return secret


def derive_secret(master: bytes, webhook_id: str) -> str:
    """Return the secret of one webhook, made of the workspace's master secret."""
    secret = hmac.digest(master, b"ecert webhook\0" + webhook_id.encode(), hashlib.sha256)
    return PREFIX + base64.b64encode(secret).decode()


def _mac(event_id: str, stamp: str, body: bytes, secret: bytes) -> str:
    signed = b".".join((event_id.encode("utf-8", "surrogatepass"), stamp.encode(), body))
    return base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
