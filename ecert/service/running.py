"""Runs a show service with uvicorn until it is told to stop."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

import uvicorn

from ecert.errors import WorkspaceError

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

# How long requests under way may take when the service is told to stop, in seconds.
_GRACE: Final = 10
_BACKLOG: Final = 512
_KEEP_ALIVE: Final = 15
_MOST_AT_ONCE: Final = 512


def require_address(host: str, port: int) -> None:
    """Require that somebody can listen at an address: uvicorn says what is wrong only in its log.

    Raises:
        WorkspaceError: It is taken, not this machine's, or not for this user.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise WorkspaceError(
            "不能在这个地址和端口上监听：已被占用、不是本机地址，或无权使用",
            "nobody can listen there: it is taken, not this machine's, or not for this user",
            where=f"{host}:{port}", fix_zh="请换一个端口（--port）或地址（--host）",
            fix_en="Take another port (--port) or address (--host)",
        ) from error  # fmt: skip


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

    Raises:
        WorkspaceError: Nobody can listen there.
    """
    require_address(host, port)
    uvicorn.run(
        app, host=host, port=port, access_log=False, log_level="warning", server_header=False,
        date_header=True, backlog=_BACKLOG, timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE, limit_concurrency=_MOST_AT_ONCE,
        ssl_certfile=certificate, ssl_keyfile=key,
    )  # fmt: skip
