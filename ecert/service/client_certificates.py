"""Client certificates: TLS proves who holds one, and the application is told which it was.

Only where the service itself speaks TLS.  What a proxy writes into a header anybody can write.
"""

from __future__ import annotations

import logging
import ssl
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from fastapi import Request
    from starlette.types import ASGIApp, Receive, Scope, Send
    from uvicorn import Config

PEER: Final = "ecert.peer_certificate"
"""Where the scope holds the DER form of a caller's certificate; absent if there is none."""
_LOG: Final = logging.getLogger("ecert.service")


def peer_certificate(request: Request) -> bytes | None:
    """Return the certificate (DER) with which the connection of a request was made."""
    der: bytes | None = request.scope.get(PEER)
    return der


class CertificateProtocol(H11Protocol):
    """uvicorn's protocol, which puts the caller's certificate into every scope."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See `asyncio.Protocol`; the handshake is over."""
        super().connection_made(transport)
        connection = transport.get_extra_info("ssl_object")
        der = None if connection is None else connection.getpeercert(binary_form=True)
        if der is not None:
            self.app = _with_peer(self.app, der)


def _with_peer(app: Any, der: bytes) -> ASGIApp:
    async def told(scope: Scope, receive: Receive, send: Send) -> None:
        scope[PEER] = der
        await app(scope, receive, send)

    return told


class LoggedHandshake(ssl.SSLObject):
    """A connection whose refused certificate is noted: asyncio alone says nothing of it."""

    def do_handshake(self) -> None:
        """See `ssl.SSLObject`."""
        try:
            super().do_handshake()
        except ssl.SSLCertVerificationError as error:
            _LOG.warning(
                "refused", extra={"facts": {"path": "-", "why": f"certificate: {_why(error)}"}}
            )
            raise


def _why(error: ssl.SSLCertVerificationError) -> str:
    # OpenSSL's own words for its own codes: nothing of the certificate is in them.
    return str(error.verify_message)


def tls_context(config: Config, default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """Return uvicorn's context for ``config``; certificates of callers are logged if refused."""
    context = default()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if config.ssl_ca_certs is not None:
        context.sslobject_class = LoggedHandshake
    return context
