"""Sends webhooks in the background of a service, where the settings ask for it."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ecert.errors import EcertError
from ecert.workspace.webhooks import WebhookDesk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ecert.workspace import Workspace

EVERY_SECONDS: Final = 2.0
"""How often it looks whether something is due."""
_GRACE_SECONDS: Final = 15.0
_LOG: Final = logging.getLogger("ecert.service")


@contextmanager
def delivering(workspace: Workspace) -> Iterator[None]:
    """Send what is due until the block ends; nothing where the settings say ``off``.

    Every process of a service may do this: none sends what another is sending.
    """
    if workspace.settings.webhooks != "deliver":
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(
        target=deliver_until, args=(WebhookDesk(workspace), stop.is_set, stop.wait), daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        # What is under way has its deadline; what is cut off goes out again.
        thread.join(_GRACE_SECONDS)


def deliver_until(
    desk: WebhookDesk, stopped: Callable[[], bool], wait: Callable[[float], object]
) -> None:
    """Send rounds until ``stopped``; a database that is away for a while ends nothing."""
    while not stopped():
        try:
            done = desk.run_once()
        except EcertError as error:
            _LOG.warning("webhooks: %s", error.en)
        else:
            for one in done.refused:
                _LOG.error("webhooks: nothing was sent to %s: %s", one.where, one.en)
            if done.delivered or done.failed or done.dead:
                facts = {"delivered": done.delivered, "failed": done.failed, "dead": done.dead}
                _LOG.info("webhooks", extra={"facts": facts})
                continue
        wait(EVERY_SECONDS)
