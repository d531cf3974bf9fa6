"""What an error is told as: in both languages, and with nothing of what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ecert.errors import EcertError, StoreError, UnfitTextError

if TYPE_CHECKING:
    from fastapi import Request

# What the framework itself finds: it has one language, and no words on how to go on.
_UNNAMED: Final = {
    400: (
        "malformed-request", "请求格式不对", "the request is malformed",
        "请发送 UTF-8 编码的 JSON", "Send JSON in UTF-8",
    ),
    404: (
        "not-found", "没有这个地址，或本服务未启用这一部分",
        "there is no such address, or this part is not served",
        "请核对地址；各部分见 ecert.toml 的 parts", "Compare it; see parts in ecert.toml",
    ),
    405: (
        "method-not-allowed", "此地址不接受这种请求方法", "not by this method",
        "可用的方法见响应头 Allow", "See the header Allow",
    ),
}  # fmt: skip


def told(_: Request, error: Exception) -> JSONResponse:
    """Return an error in both languages.  A broken database is the service's fault."""
    if not isinstance(error, EcertError):
        raise error
    is_ours = isinstance(error, StoreError) and not isinstance(error, UnfitTextError)
    status = 503 if is_ours else 400
    plain = {"error": type(error).__name__, "zh": error.zh, "en": error.en}
    if error.fix_zh:
        plain |= {"fix_zh": error.fix_zh, "fix_en": error.fix_en}
    return JSONResponse(plain, status)


def told_unnamed(_: Request, error: Exception) -> JSONResponse:
    """Return in both languages what the framework refuses; what we refuse has its own words."""
    if not isinstance(error, HTTPException):
        raise error
    detail: Any = error.detail  # FastAPI's may be more than text
    plain = {"detail": detail}
    if isinstance(detail, str) and error.status_code in _UNNAMED:
        names = ("error", "zh", "en", "fix_zh", "fix_en")
        plain = dict(zip(names, _UNNAMED[error.status_code], strict=True))
    return JSONResponse(plain, error.status_code, headers=error.headers)


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
