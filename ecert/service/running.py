"""Runs a show service with uvicorn until it is told to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import uvicorn

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

# How long requests under way may take when the service is told to stop, in seconds.
_GRACE: Final = 10
_BACKLOG: Final = 512
_KEEP_ALIVE: Final = 15
_MOST_AT_ONCE: Final = 512


def run(
    app: FastAPI,
    *,
    host: str,
    port: int,
    certificate: Path | None = None,
    key: Path | None = None,
) -> None:
    """Serve ``app`` until SIGTERM or SIGINT; requests under way are answered first.

    Addresses and requests are not logged: they are about persons.

    Args:
        app: The application.
        host: The address to listen on.
        port: The port.
        certificate: For TLS without a proxy in front.
        key: The certificate's key.
    """
    uvicorn.run(
        app, host=host, port=port, access_log=False, log_level="warning", server_header=False,
        date_header=True, backlog=_BACKLOG, timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE, limit_concurrency=_MOST_AT_ONCE,
        ssl_certfile=certificate, ssl_keyfile=key,
    )  # fmt: skip
