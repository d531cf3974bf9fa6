"""The service of whoever runs hosted wallets: the holder's page, its API, and its sign-in."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import anyio
import anyio.to_thread
from fastapi import FastAPI
from starlette.exceptions import HTTPException

from ecert import __version__
from ecert.clock import Clock, system_clock
from ecert.errors import EcertError
from ecert.service.faults import told_unnamed
from ecert.service.holder_api import PREFIX, holder_pages, holder_router
from ecert.service.holder_sign_in import HolderSignIn
from ecert.service.journal import Journal, set_up
from ecert.service.metrics import Metrics
from ecert.service.protection import Protection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ecert.workspace.holder_access import HolderAccess
    from ecert.workspace.holder_desk import HolderDesk

# How often it takes over what another program has brought into force.
_EVERY_SECONDS: Final = 30.0


def holder_application(
    desk: HolderDesk,
    access: HolderAccess,
    *,
    secure: bool,
    clock: Clock = system_clock,
    logs: bool = False,
) -> FastAPI:
    """Return the application.

    Args:
        desk: The wallets.
        access: Links and sessions.
        secure: Whether cookies may travel under TLS alone; False on one's own machine.
        clock: The machine's time.
        logs: Whether to write the log to standard error.
    """
    if logs:
        set_up()

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_upkeep, desk)
            yield
            tasks.cancel_scope.cancel()

    app = FastAPI(
        title="ecert wallets", version=__version__, lifespan=life,
        # Both would load scripts from another machine.
        docs_url=None, redoc_url=None, openapi_url="/api/openapi.json",
    )  # fmt: skip
    sign_in = HolderSignIn(access, clock, secure=secure)
    app.state.metrics = Metrics()
    app.add_middleware(Journal, metrics=app.state.metrics)
    app.add_middleware(Protection)
    app.add_exception_handler(HTTPException, told_unnamed)
    app.include_router(holder_pages())
    app.include_router(sign_in.router(PREFIX))
    app.include_router(holder_router(desk, sign_in.holder))
    app.add_api_route("/health", _health, include_in_schema=False)
    return app


def _health() -> dict[str, str]:
    """Tell that the process lives."""
    return {"status": "ok", "version": __version__}


async def _upkeep(desk: HolderDesk) -> None:
    while desk.matters is not None:
        await anyio.sleep(_EVERY_SECONDS)
        try:
            await anyio.to_thread.run_sync(desk.matters.reload)
        except EcertError:
            # A database that is away for a while; what is asked meanwhile is refused by itself.
            continue
