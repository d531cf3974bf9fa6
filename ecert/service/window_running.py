"""Runs the service with uvicorn."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import uvicorn

from ecert.service.serve import FOLDER_VARIABLE

if TYPE_CHECKING:
    from pathlib import Path

_GRACE_SECONDS = 10


def run(
    folder: Path,
    *,
    host: str,
    port: int,
    workers: int = 1,
    certificate: Path | None = None,
    key: Path | None = None,
) -> None:
    """Serve until stopped; what is under way then has ten seconds to end.

    Args:
        folder: The workspace.
        host: The address to listen at.
        port: The port.
        workers: Processes.
        certificate: File of the TLS certificate; plain HTTP without one.
        key: File of its key.
    """
    os.environ[FOLDER_VARIABLE] = str(folder.resolve())
    uvicorn.run(
        "ecert.service.serve:create", factory=True, host=host, port=port, workers=workers,
        ssl_certfile=certificate, ssl_keyfile=key, log_config=None, access_log=False,
        server_header=False, timeout_graceful_shutdown=_GRACE_SECONDS, proxy_headers=False,
    )  # fmt: skip
