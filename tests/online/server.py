"""Runs an application with uvicorn in a thread of this process."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve ``app`` on a free port; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # A browser may hold connections open for longer than anybody waits.
        config = uvicorn.Config(
            app, access_log=False, log_level="warning", server_header=False,
            timeout_graceful_shutdown=20,
        )  # fmt: skip
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the server did not start"
                time.sleep(0.005)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def client_of(app: FastAPI) -> Iterator[Any]:
    """Give an HTTP client of ``app``."""
    with serving(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client
