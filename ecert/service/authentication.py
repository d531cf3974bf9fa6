"""Who is asking: a token in a header, or in the cookie that the clerk's page was given for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Depends, HTTPException, Request

from ecert.service.journal import told_refusal
from ecert.store.tokens import AccessToken
from ecert.workspace.access import Role, find_token

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ecert.store.tokens import SQLTokens

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


def signed_in(request: Request) -> AccessToken:
    """Return the good token of a request.

    Raises:
        HTTPException: 401, with one body whatever is wrong; the log knows what.
    """
    state: Any = request.app.state
    return token_of(request, state.tokens, state.desk.now())


def token_of(request: Request, tokens: SQLTokens, at: datetime) -> AccessToken:
    """Return the good token of a request, one of ``tokens``.

    Raises:
        HTTPException: 401, with one body whatever is wrong; the log knows what.
    """
    token, why = find_token(bearer(request), tokens, at)
    if token is None:
        told_refusal(request, why)
        raise HTTPException(401, REFUSED, headers={"www-authenticate": "Bearer"})
    request.state.token = token
    return token


def require(*roles: Role) -> Callable[..., AccessToken]:
    """Return the dependency that lets only holders of one of ``roles`` pass."""

    def check(request: Request, token: Annotated[AccessToken, Depends(signed_in)]) -> AccessToken:
        return require_role(request, token, *roles)

    return check


def require_role(request: Request, token: AccessToken, *roles: Role) -> AccessToken:
    """Return ``token`` if its role is one of ``roles``.

    Raises:
        HTTPException: 403.
    """
    if token.role not in {*roles, Role.ADMINISTRATOR}:
        told_refusal(request, f"role {token.role}")
        raise HTTPException(403, _FORBIDDEN)
    return token
