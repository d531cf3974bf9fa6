"""Who is asking: a token in a header, or in the cookie that the clerk's page was given for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Depends, HTTPException, Request

from ecert.service.client_certificates import peer_certificate
from ecert.service.journal import told_refusal
from ecert.store.tokens import AccessToken
from ecert.workspace.access import Role, read_token

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from ecert.service.token_desk import TokenDesk

COOKIE: Final = "ecert_token"
# Another site can make a browser send the cookie with a form, but never with this header.
OWN_PAGE: Final = "x-ecert-page"
REFUSED: Final = {
    "error": "not-authorised",
    "zh": "未登录，或登录已失效",
    "en": "not signed in, or the token is no longer good",
}
_FORBIDDEN: Final = {
    "error": "forbidden",
    "zh": "此令牌无权使用本功能",
    "en": "this token does not open this",
}


def bearer(request: Request) -> str:
    """Return the token of a request: of its header, or of the page's cookie; empty if none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    if request.method in {"GET", "HEAD"} or request.headers.get(OWN_PAGE) == "1":
        return request.cookies.get(COOKIE, "")
    return ""


def _certificate(request: Request) -> bytes | None:
    """Return the caller's certificate, where another site cannot have made a browser show it."""
    by_program = "origin" not in request.headers and "sec-fetch-site" not in request.headers
    own = request.method in {"GET", "HEAD"} or request.headers.get(OWN_PAGE) == "1"
    return peer_certificate(request) if by_program or own else None


async def signed_in(request: Request) -> AccessToken:
    """Return the good token of a request; without one, what its client certificate stands for.

    Raises:
        HTTPException: 401, with one body whatever is wrong; the log knows what.
    """
    state: Any = request.app.state
    return await token_of(request, state.token_desk, state.desk.now())


async def token_of(request: Request, tokens: TokenDesk, at: datetime) -> AccessToken:
    """Return the good token of a request, one of ``tokens``; see `signed_in`.

    Raises:
        HTTPException: 401, with one body whatever is wrong; the log knows what.
    """
    text, der = bearer(request), _certificate(request)
    if not text and der is not None:
        token, why = await tokens.find_certificate(der, at)
    else:
        token, why = await tokens.find(text, at)
    if token is None:
        told_bad_token(request, text, why)
        raise HTTPException(401, REFUSED, headers={"www-authenticate": "Bearer"})
    request.state.token = token
    return token


def told_bad_token(request: Request, text: str, why: str) -> None:
    """Note that ``text``, empty where a certificate was shown, let nobody in: see `find_token`."""
    # One that was good once is named: somebody may have stolen it.  Its secret did fit.
    read = read_token(text) if why in {"expired", "withdrawn"} else None
    told_refusal(request, why, token=None if read is None else read.id)


def require(*roles: Role) -> Callable[..., Awaitable[AccessToken]]:
    """Return the dependency that lets only holders of one of ``roles`` pass."""

    # Async, though it waits for nothing: a plain function would be sent to a thread of its own.
    async def check(
        request: Request, token: Annotated[AccessToken, Depends(signed_in)]
    ) -> AccessToken:
        return require_role(request, token, *roles)

    return check


def require_role(request: Request, token: AccessToken, *roles: Role) -> AccessToken:
    """Return ``token`` if its role is one of ``roles``.

    Raises:
        HTTPException: 403.
    """
    if token.role not in {*roles, Role.ADMINISTRATOR}:
        told_refusal(request, f"role {token.role}", token=token.id)
        raise HTTPException(403, _FORBIDDEN)
    return token
