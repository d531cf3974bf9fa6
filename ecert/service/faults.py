"""What an error is told as: in both languages, and with nothing of what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from ecert.errors import EcertError, StoreError

if TYPE_CHECKING:
    from fastapi import Request


def told(_: Request, error: Exception) -> JSONResponse:
    """Return an error in both languages.  A broken database is the service's fault."""
    if not isinstance(error, EcertError):
        raise error
    status = 503 if isinstance(error, StoreError) else 400
    plain = {"error": type(error).__name__, "zh": error.zh, "en": error.en}
    return JSONResponse(plain, status)


def told_malformed(_: Request, error: Exception) -> JSONResponse:
    """Return where a request is malformed, but nothing of what it held."""
    if not isinstance(error, RequestValidationError):
        raise error
    plain = {
        "error": "malformed-request",
        "zh": "请求格式不对",
        "en": "the request is malformed",
        "where": [
            {"at": ".".join(map(str, one["loc"])), "what": one["type"]} for one in error.errors()
        ],
    }
    return JSONResponse(plain, 422)
