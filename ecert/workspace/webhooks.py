"""Webhooks of a workspace: who is told of events, and the sending of what is due."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from ecert import limits
from ecert.errors import CustodyError, EcertError, FetchError, WorkspaceError
from ecert.faults import FetchFault
from ecert.webhooks.event import TEST_KIND, WebhookEvent, event_id, require_kinds
from ecert.webhooks.signature import SECRET_BYTES, derive_secret, sign_webhook
from ecert.workspace.ages import ages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ecert.client.fetching import Way
    from ecert.client.receivers import AllowedReceivers, Resolve
    from ecert.store.webhooks import Delivery, SQLWebhooks, Webhook
    from ecert.workspace.workspace import Workspace

SECRET_FILE: Final = "webhook.secret"  # noqa: S105 - the file's name
"""In the folder of keys: what every receiver's secret is made of."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of sending came to.

    Attributes:
        delivered: Taken by their receivers.
        failed: To be tried again.
        dead: Given up.
        refused: Of those that failed or are given up: why nothing was even sent, each in words.
    """

    delivered: int = 0
    failed: int = 0
    dead: int = 0
    refused: tuple[FetchError, ...] = ()


class WebhookDesk:
    """The webhooks of one workspace.

    Args:
        workspace: Whose.
        days: How long after its first attempt a delivery is given up.
        resolve: Looks up the receivers' names; as this machine does by default.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        days: int = limits.WEBHOOK_DAYS,
        resolve: Resolve | None = None,
    ) -> None:
        if not 1 <= days <= limits.MAX_WEBHOOK_DAYS:
            raise ValueError(f"1 to {limits.MAX_WEBHOOK_DAYS} days")
        self._workspace = workspace
        self._patience = timedelta(days=days)
        self._resolve = resolve

    @cached_property
    def store(self) -> SQLWebhooks:
        """Where they are kept."""
        from ecert.store.webhooks import SQLWebhooks

        return SQLWebhooks(self._workspace.engine)

    def add(self, url: str, kinds: tuple[str, ...]) -> tuple[Webhook, str]:
        """Tell ``url`` of events of these kinds from now on; returns the receiver's secret too.

        Raises:
            FetchError: The address may not be sent to.
            FormatError: There is no such kind, or there are too many webhooks.
        """
        from ecert.store.webhooks import Webhook

        self.require_receiver(url)
        wanted = require_kinds(kinds)
        made = f"wh_{secrets.token_hex(6)}"
        secret = derive_secret(self._master(make=True), made)
        new = Webhook(made, url, wanted, _digest(secret), self._workspace.clock())
        self.store.add(new)
        return new, secret

    def require_receiver(self, url: str) -> None:
        """Require an address that this workspace's settings let events be sent to.

        Raises:
            FetchError: They do not.
        """
        from ecert.client.sending import require_receiver

        settings = self._workspace.settings
        require_receiver(url, allow_http=settings.allow_http, allowed=self._allowed())

    def require(self, webhook_id: str) -> Webhook:
        """Return a webhook that is good.

        Raises:
            WorkspaceError: There is none of this id.
        """
        for one in self.store.all():
            if one.id == webhook_id and one.withdrawn is None:
                return one
        raise WorkspaceError(
            "没有这个事件通知，或已收回", "there is no such webhook, or it is withdrawn already",
            where=webhook_id[:20], fix_zh="请用 ecert webhook list 查看",
            fix_en="See them with: ecert webhook list",
        )  # fmt: skip

    def withdraw(self, webhook_id: str) -> Webhook:
        """Tell this receiver no more; what is on its way to it ends too.

        Raises:
            WorkspaceError: There is none of this id.
        """
        found = self.require(webhook_id)
        self.store.withdraw(webhook_id, self._workspace.clock())
        return found

    def test(self, webhook_id: str) -> Webhook:
        """Send a test event now, and raise what is wrong with it.

        Raises:
            WorkspaceError: There is none of this id.
            FetchError: It was not taken.
            CustodyError: The secret is not on this machine.
        """
        found, at = self.require(webhook_id), self._workspace.clock()
        event = WebhookEvent(
            event_id(TEST_KIND, webhook_id, secrets.token_hex(8)), TEST_KIND, at, "", ""
        )
        self._send(found.id, found.url, found.digest, event)
        return found

    # -- sending ------------------------------------------------------------------------------

    def run_once(self, *, most: int = limits.WEBHOOK_BATCH) -> Round:
        """Send what is due, and tell of lists that have ended meanwhile.

        Safe in several processes at a time: none sends what another is sending.

        Raises:
            StoreError: The database refuses.
        """
        self._note_expired()
        delivered = failed = dead = 0
        refused: list[FetchError] = []
        for _ in range(most):
            # One at a time: a lease holds for one attempt, however slow the others were.
            taken = self.store.take(self._workspace.clock(), most=1)
            if not taken:
                break
            state, fault = self._attempt(taken[0])
            if isinstance(fault, FetchError) and fault.fault is FetchFault.ADDRESS:
                refused.append(fault)
            delivered += state == "delivered"
            failed += state == "open"
            dead += state == "dead"
        return Round(delivered, failed, dead, tuple(refused))

    def prune(self) -> int:
        """Forget deliveries that ended long ago."""
        return self.store.prune(self._workspace.clock() - limits.WEBHOOK_KEPT)

    def _attempt(self, one: Delivery) -> tuple[str, EcertError | None]:
        fault = None
        try:
            self._send(one.webhook, one.url, one.digest, one.event)
        except EcertError as error:
            fault = error
        said = None if fault is None else f"{type(fault).__name__}: {fault.en}"
        state = self.store.settle(one, self._workspace.clock(), fault=said, patience=self._patience)
        return state, fault

    def _send(self, webhook_id: str, url: str, digest: bytes, event: WebhookEvent) -> None:
        from ecert.client.receivers import system_resolve
        from ecert.client.sending import send

        secret = derive_secret(self._master(), webhook_id)
        if not hmac.compare_digest(_digest(secret), digest):
            raise CustodyError(
                "本机的事件通知密钥不是登记时的那一个",
                "the secret here is another than when it was added",
                where=SECRET_FILE, fix_zh="请拷入登记时的文件，或重新登记",
                fix_en="Copy the file from where it was added, or add the webhook again",
            )  # fmt: skip
        body = event.to_body()
        headers = sign_webhook(event.id, body, secret, at=self._workspace.clock())
        send(
            url, body, headers, way=self._way(), allowed=self._allowed(),
            resolve=self._resolve or system_resolve,
        )  # fmt: skip

    def _note_expired(self) -> None:
        workspace, at = self._workspace, self._workspace.clock()
        if not any(
            "list.expired" in one.kinds for one in self.store.all() if one.withdrawn is None
        ):
            return
        workspace.knowledge.reload()
        ended: Sequence[WebhookEvent] = [
            WebhookEvent(
                event_id("list.expired", one.slot, str(one.version)), "list.expired",
                one.expires, one.slot, str(one.version),
            )
            for one in ages(workspace.knowledge)
            if one.expires <= at
        ]  # fmt: skip
        self.store.tell(ended)

    def _allowed(self) -> AllowedReceivers:
        from ecert.client.receivers import AllowedReceivers

        return AllowedReceivers.read(self._workspace.settings.webhook_networks)

    def _way(self) -> Way:
        from ecert.client.fetching import Way

        settings = self._workspace.settings
        return Way(allow_http=settings.allow_http, proxy=settings.proxy, ca_file=settings.ca_file)

    def _master(self, *, make: bool = False) -> bytes:
        path = self._workspace.keys.path / SECRET_FILE
        try:
            found = path.read_bytes()
        except FileNotFoundError:
            if not make:
                raise CustodyError(
                    "本机没有事件通知的密钥", "the secret of webhooks is not on this machine",
                    where=SECRET_FILE, fix_zh="请从登记的机器拷入",
                    fix_en="Copy it from where they were added",
                ) from None  # fmt: skip
            found = _write_new(path)
        if len(found) != SECRET_BYTES:
            raise CustodyError(
                "事件通知的密钥已损坏", "the secret of webhooks is damaged", where=SECRET_FILE
            )
        return found


def _write_new(path: Path) -> bytes:
    """Make the master secret; of two processes that do so at once the first one's stands."""
    new = secrets.token_bytes(SECRET_BYTES)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(new)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return path.read_bytes()
    finally:
        draft.unlink()
    return new


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
