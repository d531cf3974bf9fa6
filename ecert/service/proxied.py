"""Behind a web server: what is known of the caller, from the settings and from no stranger."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from ecert.workspace.service_settings import proxy_networks

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_FORWARDED: Final = b"x-forwarded-for"


class Proxied:
    """ASGI middleware: scheme and address of the caller, where a web server stands in front.

    The scheme is what the settings say; a header is not asked.  The address is the last in
    ``X-Forwarded-For`` that is not one of the trusted web servers', and only if the connection
    comes from one of them.

    Args:
        app: What it stands before.
        scheme: What browsers speak with the web server, ``https`` or ``http``.
        trusted: Addresses or networks of the web servers.
    """

    def __init__(self, app: ASGIApp, *, scheme: str, trusted: tuple[str, ...]) -> None:
        self._app = app
        self._scheme = scheme
        self._trusted = proxy_networks(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            scope["scheme"] = self._scheme
            if (client := scope.get("client")) is not None:
                told = [value for name, value in scope["headers"] if name == _FORWARDED]
                scope["client"] = (self._caller(client[0], b",".join(told)), 0)
        await self._app(scope, receive, send)

    def _caller(self, nearest: str, told: bytes) -> str:
        """Return the nearest address on the way that is not a trusted web server's."""
        hops = [one.strip() for one in told.decode("latin-1").split(",")]
        found = nearest
        while self._is_trusted(found) and hops:
            before = hops.pop()
            if _address(before) is None:
                break  # the web server wrote no address: nothing before it counts
            found = before
        return found

    def _is_trusted(self, text: str) -> bool:
        address = _address(text)
        return address is not None and any(address in network for network in self._trusted)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
