"""Puts the service together: one application over one workspace."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import anyio
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException

from ecert import __version__
from ecert.clock import Clock, system_clock
from ecert.errors import EcertError
from ecert.service import (
    consent_api,
    counter_api,
    hall_api,
    lists_api,
    pages,
    receipt_api,
    register_api,
    sessions,
    window_api,
)
from ecert.service.authentication import require
from ecert.service.desk import Desk
from ecert.service.faults import told, told_malformed, told_unnamed
from ecert.service.journal import Journal, set_up
from ecert.service.metrics import Metrics
from ecert.service.protection import Protection
from ecert.service.proxied import Proxied
from ecert.service.publication import Publication
from ecert.service.pulse import Pulse
from ecert.service.seat import seat
from ecert.service.sharing import include_sharing
from ecert.service.show import repeat
from ecert.service.show_part import mount_show_service
from ecert.service.token_desk import TokenDesk
from ecert.service.webhook_running import delivering
from ecert.store.tokens import AccessToken, SQLTokens
from ecert.workspace import Workspace
from ecert.workspace.access import Role
from ecert.workspace.passphrases import given_passphrase
from ecert.workspace.service_settings import (
    HALL,
    LISTS,
    PUBLICATION,
    REGISTER,
    SHARING,
    SHOW,
    WINDOW,
    ServiceSettings,
    effective,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from ecert.verify.verdict import Verdict

FOLDER_VARIABLE: Final = "ECERT_WORKSPACE"
"""The environment variable that names the workspace to each worker process."""
_UPKEEP_SECONDS: Final = 30.0


def create() -> FastAPI:
    """Return the application over the workspace that the environment names."""
    set_up()
    # Nobody sits at a service who could be asked.
    secret = given_passphrase(os.environ)
    known = () if secret is None else (secret,)
    workspace = Workspace.open(Path(os.environ[FOLDER_VARIABLE]), known=known)
    settings = effective(workspace.settings.service, workspace.path, os.environ, {})
    return application(workspace, settings=settings)


def application(
    workspace: Workspace,
    *,
    settings: ServiceSettings | None = None,
    clock: Clock = system_clock,
) -> FastAPI:
    """Return the application over ``workspace``, which it closes when it ends.

    Args:
        workspace: The window's, or the issuing office's.
        settings: How it runs; by default as the workspace's own say.
        clock: The machine's time.
    """
    given = settings or effective(workspace.settings.service, workspace.path, {}, {})
    upkeep: list[Callable[[], object]] = []

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        app.state.pulse.start()
        with delivering(workspace):
            async with anyio.create_task_group() as tasks:
                for work in upkeep:
                    tasks.start_soon(repeat, work, _UPKEEP_SECONDS)
                yield
                tasks.cancel_scope.cancel()
        app.state.pulse.stop()
        workspace.close()

    app = FastAPI(
        title="ecert", version=__version__, lifespan=life,
        # Both would load scripts from another machine.
        docs_url=None, redoc_url=None, openapi_url="/api/openapi.json",
    )  # fmt: skip
    app.state.desk = Desk(workspace, clock)
    app.state.workspace = workspace
    app.state.pulse = Pulse(workspace, app.state.desk, clock)
    app.state.tokens = tokens = SQLTokens(workspace.engine)
    app.state.token_desk = TokenDesk(tokens)
    app.state.metrics = metrics = Metrics()
    app.add_middleware(Journal, metrics=metrics)
    app.add_middleware(Protection)
    app.add_exception_handler(EcertError, told)
    app.add_exception_handler(RequestValidationError, told_malformed)
    app.add_exception_handler(HTTPException, told_unnamed)
    if given.behind is not None:
        app.add_middleware(Proxied, scheme=given.behind, trusted=given.trusted_proxies)
    # Those that are asked all day stand first: an address is compared with one after the other.
    app.add_api_route("/health", _health, include_in_schema=False)
    app.add_api_route("/ready", _ready, include_in_schema=False)
    app.add_api_route("/metrics", _metrics, include_in_schema=False)
    app.include_router(sessions.router)
    app.include_router(pages.shared)
    upkeep += _include_parts(app, workspace, given, clock)
    return app


def _include_parts(
    app: FastAPI, workspace: Workspace, given: ServiceSettings, clock: Clock
) -> list[Callable[[], object]]:
    """Include what the settings ask for, and return what has to be done from time to time."""
    upkeep: list[Callable[[], object]] = []
    issues = workspace.settings.code is not None
    if WINDOW in given.parts:
        taken = seat(app.state.desk, require(Role.CLERK), count_for=_counting(app))
        app.include_router(pages.router_of({"/": "clerk.html"}))
        app.include_router(window_api.router, dependencies=[Depends(taken)])
        app.include_router(consent_api.router, dependencies=[Depends(taken)])
        app.include_router(counter_api.router)
        app.include_router(hall_api.reports)
    if LISTS in given.parts:
        app.include_router(pages.router_of({"/lists": "keeper.html"}))
        lists_api.attach(app, workspace, clock)
    if HALL in given.parts:
        app.include_router(pages.router_of({"/hall": "hall.html", "/receipts": "receipts.html"}))
        app.include_router(hall_api.router)
        app.include_router(receipt_api.router)
    if REGISTER in given.parts and issues:
        register_api.attach(app, workspace)
    if PUBLICATION in given.parts and issues:
        app.include_router(Publication(Path(given.published), clock).router)
    if SHOW in given.parts:
        upkeep.append(mount_show_service(app, workspace, clock))
    if SHARING in given.parts:
        include_sharing(app, workspace)
    return upkeep


def _counting(app: FastAPI) -> Callable[[AccessToken], Callable[[Verdict], None]]:
    """Return what counts the verdicts of each token: for Prometheus, and for the hall."""

    def counting(token: AccessToken) -> Callable[[Verdict], None]:
        def count(verdict: Verdict) -> None:
            app.state.metrics.count(verdict)
            app.state.pulse.count(token.id, verdict)

        return count

    return counting


async def _health() -> dict[str, Any]:
    """Tell that the process lives, even while every thread waits for the database."""
    return {"status": "ok", "version": __version__}


def _ready(request: Request) -> dict[str, Any]:
    """Tell that codes can be checked: the database answers."""
    desk: Desk = request.app.state.desk
    desk.is_ready()
    return {"status": "ok"}


def _metrics(
    request: Request,
    _: Annotated[AccessToken, Depends(require(Role.AUDITOR))],
) -> Response:
    """Tell the figures, in Prometheus' text format."""
    desk: Desk = request.app.state.desk
    metrics: Metrics = request.app.state.metrics
    at = desk.now()
    ages = {one.slot: (at - one.issued).total_seconds() for one in desk.known()}
    return Response(metrics.text(ages), media_type=CONTENT_TYPE_LATEST)
