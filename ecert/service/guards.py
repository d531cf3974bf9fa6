"""What stands before every request: a bound on its size, and headers on every answer."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""On every answer: nothing is kept, framed, sniffed or told on."""
# For what comes beyond the bound, in seconds.
_PATIENCE: Final = 5.0


class SecurityHeaders:
    """Puts `HEADERS` on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyTooLargeSignal(BaseException):
    """Ends the reading of a body past its bound; not an error that anything may catch.

    Attributes:
        more: Whether there is more to come.
    """

    def __init__(self, *, more: bool) -> None:
        super().__init__()
        self.more = more


class BoundedBody:
    """Refuses a body of more than ``most`` bytes, told beforehand or not, with 413.

    Args:
        app: What is guarded.
        most: Bytes.
    """

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if not told.isdigit() or int(told[:20]) > self._most:
            await self._refuse(receive, send)
            return
        left = self._most

        async def receive_bounded() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise BodyTooLargeSignal(more=bool(message.get("more_body")))
            return message

        try:
            await self._app(scope, receive_bounded, send)
        except BodyTooLargeSignal as signal:
            await self._refuse(receive, send, more=signal.more)

    async def _refuse(self, receive: Receive, send: Send, *, more: bool = True) -> None:
        # A sender that is cut off reads no answer: a little more than the bound is taken in first.
        left = self._most
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while more and left > 0:
                    message = await receive()
                    left -= len(message.get("body", b"")) or 1
                    more = bool(message.get("more_body"))
        headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"reason":"too-large"}'})
