"""Signing in to the page: the token becomes a cookie that no script can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from ecert.service.authentication import COOKIE, OWN_PAGE, REFUSED, signed_in, told_bad_token
from ecert.service.window_bodies import SignIn
from ecert.store.tokens import AccessToken
from ecert.workspace.access import find_token

if TYPE_CHECKING:
    from ecert.service.desk import Desk

router = APIRouter(prefix="/api/session", tags=["session"])


@router.post("")
def sign_in(request: Request, response: Response, given: SignIn) -> dict[str, Any]:
    """Sign in with a token; the page then needs it no more."""
    if request.headers.get(OWN_PAGE) != "1":
        raise HTTPException(401, REFUSED)
    desk: Desk = request.app.state.desk
    at = desk.now()
    text = given.token.strip()
    token, why = find_token(text, request.app.state.tokens, at)
    if token is None:
        told_bad_token(request, text, why)
        raise HTTPException(401, REFUSED)
    response.set_cookie(
        COOKIE, text, max_age=int((token.expires - at).total_seconds()),
        httponly=True, samesite="strict", secure=request.url.scheme == "https", path="/api",
    )  # fmt: skip
    return _plain(token)


@router.get("")
def who(token: Annotated[AccessToken, Depends(signed_in)]) -> dict[str, Any]:
    """Tell who is signed in."""
    return _plain(token)


@router.delete("")
def sign_out(response: Response) -> dict[str, Any]:
    """Forget the cookie; the token itself stays good."""
    response.delete_cookie(COOKIE, path="/api")
    return {}


def _plain(token: AccessToken) -> dict[str, Any]:
    return {"role": token.role, "name": token.name, "expires": token.expires.isoformat()}
