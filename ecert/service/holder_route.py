"""What every path of the holder's API is held to, in whatever application it stands.

An application of somebody else brings neither our middleware nor our handlers of errors, so the
router brings its own: a bound on bodies, the header that other sites cannot send, refusals in both
languages that repeat nothing of what was sent, and answers that nobody keeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from ecert.errors import (
    CodeTooLargeError,
    EcertError,
    FetchError,
    FormatError,
    NotHeldError,
    ParseError,
    ProofError,
    RegisterError,
    StoreError,
    VaultError,
    WalletError,
    WorkspaceError,
)
from ecert.limits import MAX_HOLDER_REQUEST_BYTES
from ecert.service.authentication import OWN_PAGE
from ecert.service.faults import told_unnamed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from starlette.types import Message

_SAFE: Final = frozenset({"GET", "HEAD"})
# The first that fits.
_STATUS: Final[tuple[tuple[type[EcertError], int], ...]] = (
    (StoreError, 503),
    (NotHeldError, 404),
    (VaultError, 409),
    (WalletError, 400),
    (CodeTooLargeError, 400),
    (FetchError, 502),
    (WorkspaceError, 400),
    (ProofError, 502),
    (RegisterError, 409),
    (ParseError, 400),
    (FormatError, 400),
)
_HEADERS: Final = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
# Inside the wallet's machinery; what its errors say is for those who run it.
_INSIDE: Final = (StoreError, VaultError)


class HolderRoute(APIRoute):
    """A path of the holder's API."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See FastAPI; the handler stands behind the rules above."""
        handler = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            response = await _answer(request, handler)
            for name, value in _HEADERS.items():
                response.headers[name] = value
            return response

        return guarded


async def _answer(
    request: Request, handler: Callable[[Request], Coroutine[Any, Any, Response]]
) -> Response:
    if request.method not in _SAFE and request.headers.get(OWN_PAGE) != "1":
        return _told(403, "not-the-page", "请从本页面操作", "only the page itself may ask")
    body = await _read(request)
    if body is None:
        return _told(413, "too-large", "请求内容过大", "the request is too large")
    try:
        return await handler(Request(request.scope, _once(body)))
    except HTTPException as error:
        detail: Any = error.detail
        if not isinstance(detail, dict):
            return told_unnamed(request, error)
        return JSONResponse(detail, error.status_code, headers=error.headers)
    except RequestValidationError:
        return _told(422, "malformed-request", "请求格式不对", "the request is malformed")
    except EcertError as error:
        return _fault(error)


async def _read(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_HOLDER_REQUEST_BYTES:
            return None
    return bytes(body)


def _once(body: bytes) -> Callable[[], Coroutine[Any, Any, Message]]:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _fault(error: EcertError) -> JSONResponse:
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    if isinstance(error, _INSIDE):
        return _told(
            status, "busy", "卡包暂时打不开，请稍后再试",
            "the wallet does not open at present; try again later",
        )  # fmt: skip
    plain = {"error": type(error).__name__, "zh": error.zh, "en": error.en}
    if "ecert " not in error.fix_en:  # how to mend it by command is for others
        plain |= {"fix_zh": error.fix_zh, "fix_en": error.fix_en}
    return JSONResponse(plain, status)


def _told(status: int, error: str, zh: str, en: str) -> JSONResponse:
    plain: Mapping[str, str] = {"error": error, "zh": zh, "en": en}
    return JSONResponse(plain, status)
