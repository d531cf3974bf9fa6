"""A route that looks after itself, in whatever application it stands.

The window's own service has handlers and middleware for the whole application.  Where a router is
included in somebody else's, neither can be counted on: a body is bounded here, an error tells
nothing of what was scanned, and no answer is kept by a cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from ecert.errors import EcertError
from ecert.limits import MAX_PICTURE_BYTES, MAX_REQUEST_BYTES
from ecert.service.faults import told, told_malformed, told_unnamed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi import Request, Response
    from starlette.types import Message

_PICTURE: Final = "/picture"
_UNPARSED: Final = 400
_TOO_LARGE: Final = {"error": "too-large", "zh": "请求内容过大", "en": "the request is too large"}


class BodyBoundSignal(BaseException):
    """Ends the reading of a body past its bound; not an error that anything may catch."""


class WindowRoute(APIRoute):
    """One path of a window's API."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See `APIRoute`."""
        answer = super().get_route_handler()
        most = MAX_PICTURE_BYTES if self.path.endswith(_PICTURE) else MAX_REQUEST_BYTES

        async def guarded(request: Request) -> Response:
            _bound(request, most)
            try:
                response = await answer(request)
            except BodyBoundSignal:
                response = JSONResponse(_TOO_LARGE, 413, {"connection": "close"})
            except RequestValidationError as error:
                response = told_malformed(request, error)
            except HTTPException as error:
                # What FastAPI could not parse; a sign-in's own refusal has no cause.
                if error.status_code != _UNPARSED or error.__cause__ is None:
                    raise
                response = told_unnamed(request, error)
            except EcertError as error:
                response = told(request, error)
            response.headers.setdefault("cache-control", "no-store")
            return response

        return guarded


def _bound(request: Request, most: int) -> None:
    receive, left = request._receive, most  # noqa: SLF001 - Starlette gives no other way

    async def bounded() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise BodyBoundSignal
        return message

    request._receive = bounded  # noqa: SLF001
