"""The service's log: one line of JSON a request, and nothing personal in it."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastapi import Request, Response

_LOG = logging.getLogger("ecert.service")


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
        return json.dumps(plain, ensure_ascii=False)


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


def told_refusal(request: Request, why: str) -> None:
    """Note that somebody was not let in."""
    _LOG.warning("refused", extra={"facts": {"path": route_of(request), "why": why}})


def route_of(request: Request) -> str:
    """Return the pattern of the address: what stands in its place may be personal."""
    route = request.scope.get("route")
    return str(getattr(route, "path", "-"))


async def journal(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Note every request: what was asked, who asked, how it ended and how long it took."""
    begun = time.perf_counter()
    status = 500
    try:
        response = await call_next(request)
        status = response.status_code
    except Exception:
        _LOG.exception("crashed")
        raise
    else:
        return response
    finally:
        spent = time.perf_counter() - begun
        route = route_of(request)
        metrics = request.app.state.metrics
        metrics.requests.labels(route, request.method, str(status)).inc()
        metrics.seconds.labels(route).observe(spent)
        token = getattr(request.state, "token", None)
        facts = {
            "method": request.method,
            "path": route,
            "status": status,
            "ms": round(spent * 1000, 1),
            "token": None if token is None else token.id,
        }
        _LOG.info("request", extra={"facts": facts})
