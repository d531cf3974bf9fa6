"""The service's log: one line of JSON a request, and nothing personal in it."""

from __future__ import annotations

import logging
import sys
import time
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from fastapi import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ecert.service.metrics import Metrics

_LOG = logging.getLogger("ecert.service")
_METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        plain: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info is not None and record.exc_info[0] is not None:
            # The type and the place: a message might quote what was scanned.
            plain["exception"] = record.exc_info[0].__name__
            trace = record.exc_info[2]
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            if trace is not None:
                plain["at"] = f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}"
        return orjson.dumps(plain).decode()


def set_up() -> None:
    """Write the log to standard error; uvicorn's own goes the same way, without its addresses."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    for name in ("ecert.service", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.propagate = False
        logger.setLevel(logging.INFO)
    logging.getLogger("uvicorn.access").handlers[:] = []
    logging.getLogger("uvicorn.access").propagate = False


def told_refusal(request: Request, why: str, *, token: str | None = None) -> None:
    """Note that somebody was not let in.

    Args:
        request: What was asked.
        why: The reason, which whoever asked is not told.
        token: The id of the token, if it is one of ours.
    """
    facts = {"path": route_of(request.scope), "why": why, "token": token}
    _LOG.warning("refused", extra={"facts": facts})


def route_of(scope: Scope) -> str:
    """Return the pattern of the address: what stands in its place may be personal."""
    return str(getattr(scope.get("route"), "path", "-"))


class Journal:
    """ASGI middleware that notes every request: what, who, how it ended and how long it took.

    Args:
        app: What is asked.
        metrics: Where requests are counted.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception:
            status = 500
            _LOG.exception("crashed")
            raise
        finally:
            self._note(scope, status, time.perf_counter() - begun)

    def _note(self, scope: Scope, status: int, spent: float) -> None:
        # Whoever asks may make up methods, and each would be a figure of its own.
        route = route_of(scope)
        method = scope["method"] if scope["method"] in _METHODS else "-"
        self._metrics.requests.labels(route, method, str(status)).inc()
        self._metrics.seconds.labels(route).observe(spent)
        token = scope.get("state", {}).get("token")
        facts = {
            "method": method,
            "path": route,
            "status": status,
            "ms": round(spent * 1000, 1),
            "token": None if token is None else token.id,
        }
        _LOG.info("request", extra={"facts": facts})
