"""Signing in to the holder's page: a link for one use becomes a cookie that no script can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, HTTPException, Request, Response

from ecert.limits import HOLDER_SESSION_LIFE
from ecert.service.holder_bodies import HolderEntry
from ecert.service.holder_route import HolderRoute
from ecert.service.journal import told_refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.clock import Clock
    from ecert.workspace.holder_access import HolderAccess

COOKIE: Final = "ecert_wallet"
NOT_SIGNED_IN: Final = {
    "error": "not-signed-in",
    "zh": "未登录，或登录已失效",
    "en": "not signed in, or no longer",
}


class HolderSignIn:
    """The sign-in of `ecert wallets serve`; an integrator's application brings its own.

    Args:
        access: Links and sessions.
        clock: The machine's time.
        secure: Whether the cookie may travel under TLS alone: everywhere but on one's own machine.
    """

    def __init__(self, access: HolderAccess, clock: Clock, *, secure: bool) -> None:
        self._access = access
        self._clock = clock
        self._secure = secure

    def holder(self, request: Request) -> bytes:
        """Return the handle of whoever is signed in; the dependency of every other path.

        Raises:
            HTTPException: 401, with one body whatever is wrong.
        """
        found = self._access.find(request.cookies.get(COOKIE, ""), self._clock())
        if found is None:
            told_refusal(request, "no session")
            raise HTTPException(401, NOT_SIGNED_IN)
        return found

    def router(self, prefix: str) -> APIRouter:
        """Return the paths for signing in and out."""
        made = APIRouter(prefix=f"{prefix}/session", tags=["wallet"], route_class=HolderRoute)
        made.add_api_route("", self._enter_at(prefix), methods=["POST"])
        made.add_api_route("", self._leave_at(prefix), methods=["DELETE"])
        return made

    def _enter_at(self, prefix: str) -> Callable[..., dict[str, Any]]:
        def enter(request: Request, response: Response, given: HolderEntry) -> dict[str, Any]:
            """Use up a link, once."""
            session = self._access.enter(given.link, self._clock())
            if session is None:
                told_refusal(request, "no link")
                raise HTTPException(401, NOT_SIGNED_IN)
            # Whoever was here before is not any more.
            self._access.end(request.cookies.get(COOKIE, ""))
            response.set_cookie(
                COOKIE, session, max_age=int(HOLDER_SESSION_LIFE.total_seconds()),
                httponly=True, samesite="strict", secure=self._secure, path=prefix,
            )  # fmt: skip
            return {}

        return enter

    def _leave_at(self, prefix: str) -> Callable[..., dict[str, Any]]:
        def leave(request: Request, response: Response) -> dict[str, Any]:
            """End the session."""
            self._access.end(request.cookies.get(COOKIE, ""))
            response.delete_cookie(COOKIE, path=prefix)
            return {}

        return leave
