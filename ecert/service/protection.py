"""What every answer and every request is held to, whatever it asks: headers, size, no caching."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.limits import (
    MAX_LIST_UPLOAD_BYTES,
    MAX_PICTURE_BYTES,
    MAX_REQUEST_BYTES,
    MAX_SERVICE_BYTES,
)

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Nothing comes from another machine, nothing runs that is not ours, nobody frames the page.
# 'wasm-unsafe-eval' is what reading a code from the camera needs; browsers that do not know the
# word (before Chromium 97) read it on the server instead.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' blob: data:; connect-src 'self'; media-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_HEADERS: Final = tuple(
    (name.encode(), value.encode())
    for name, value in {
        "content-security-policy": CONTENT_SECURITY_POLICY,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=()",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        # Answers hold personal data; what may be kept says so itself.
        "cache-control": "no-store",
    }.items()
)
_PICTURES: Final = "/api/verify/picture"
_SHOW: Final = "/show/"
_LISTS: Final = "/api/lists/"
_TOO_LARGE: Final = (
    '{"error":"too-large","zh":"请求内容过大","en":"the request is too large"}'.encode()
)


class Protection:
    """ASGI middleware: security headers on every answer, and a bound on every body.

    Args:
        app: What it protects.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(pair for pair in _HEADERS if pair[0] not in given),
                ]
            await send(message)

        body = await _read(receive, _most(scope))
        if body is None:
            await send_with_headers({
                "type": "http.response.start", "status": 413,
                "headers": [(b"content-type", b"application/json"), (b"connection", b"close")],
            })  # fmt: skip
            await send({"type": "http.response.body", "body": _TOO_LARGE})
            return
        told = False

        async def receive_body() -> Message:
            nonlocal told
            if told:
                return await receive()
            told = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_body, send_with_headers)


def _most(scope: Scope) -> int:
    path: str = scope["path"]
    if path == _PICTURES:
        return MAX_PICTURE_BYTES
    if path.startswith(_LISTS):
        return MAX_LIST_UPLOAD_BYTES
    return MAX_SERVICE_BYTES if path.startswith(_SHOW) else MAX_REQUEST_BYTES


async def _read(receive: Receive, most: int) -> bytes | None:
    """Return the whole body, or None if it is longer than ``most``."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if not message.get("more_body", False):
            return bytes(body)
