"""The window's check API inside somebody else's application.

Nothing is global: each router has its own desk, so that one application may hold several.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, Request

from ecert.service import window_api
from ecert.service.authentication import require_role, token_of
from ecert.service.desk import Desk
from ecert.service.plain_desk import PlainDesk
from ecert.service.seat import seat
from ecert.service.token_desk import TokenDesk
from ecert.store.tokens import AccessToken, SQLTokens
from ecert.workspace import Workspace
from ecert.workspace.access import Role

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ecert.clock import Clock
    from ecert.verify.verdict import Verdict
    from ecert.verify.verifier import Verifier


def router(
    source: Workspace | Verifier,
    *,
    sign_in: Callable[..., Any] | None = None,
    count: Callable[[Verdict], None] | None = None,
    name: str = "",
    clock: Clock | None = None,
) -> APIRouter:
    """Return a router with the check API of one window, for ``app.include_router``.

    Args:
        source: The window's workspace, with its receipts and matters; or a verifier alone.  It
            stays the caller's, who closes it.
        sign_in: The application's own sign-in: a dependency that returns the name of who asks (as
            receipts tell it) and raises, or returns None, for whoever may not.  By default the
            workspace's tokens (``ecert token add clerk``) let in.
        count: Told every verdict, for figures.
        name: What the window is called, where there is no workspace.
        clock: Where the time comes from; the source's by default.

    Raises:
        ValueError: A verifier without ``sign_in``: nobody would be asked who they are.
    """
    desk: Desk | PlainDesk
    if isinstance(source, Workspace):
        desk = Desk(source, clock or source.clock)
        allowed = sign_in or _tokens_of(source, desk)
    elif sign_in is None:
        raise ValueError("a verifier has no tokens: give sign_in")
    else:
        desk, allowed = PlainDesk(source, clock or source.clock, name=name), sign_in
    made = APIRouter(
        dependencies=[Depends(seat(desk, allowed, count or _uncounted))],
        responses={401: {"description": "not signed in"}},
    )
    made.include_router(window_api.router)
    return made


def _uncounted(_: Verdict) -> None:
    """Keep no figures."""


def _tokens_of(workspace: Workspace, desk: Desk) -> Callable[..., Awaitable[AccessToken]]:
    tokens = TokenDesk(SQLTokens(workspace.engine))

    async def let_in(request: Request) -> AccessToken:
        token = await token_of(request, tokens, desk.now())
        return require_role(request, token, Role.CLERK)

    return let_in
