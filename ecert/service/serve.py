"""Puts the service together: one application over one workspace."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from ecert import __version__
from ecert.clock import Clock, system_clock
from ecert.errors import EcertError, StoreError
from ecert.service import lists_api, pages, sessions, window_api
from ecert.service.authentication import require
from ecert.service.desk import Desk
from ecert.service.journal import journal, set_up
from ecert.service.metrics import Metrics
from ecert.service.protection import Protection
from ecert.store.tokens import AccessToken, SQLTokens
from ecert.workspace import Workspace
from ecert.workspace.access import Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

FOLDER_VARIABLE: Final = "ECERT_WORKSPACE"
"""The environment variable that names the workspace to each worker process."""
PASSPHRASE_VARIABLE: Final = "ECERT_PASSPHRASE"  # noqa: S105 - the variable's name
"""The one with the passphrase of the window's receipt key, where receipts are kept."""


def create() -> FastAPI:
    """Return the application over the workspace that the environment names."""
    set_up()
    # Nobody sits at a service who could be asked.
    secret = os.environ.get(PASSPHRASE_VARIABLE)
    known = () if secret is None else (secret,)
    return application(Workspace.open(Path(os.environ[FOLDER_VARIABLE]), known=known))


def application(workspace: Workspace, *, clock: Clock = system_clock) -> FastAPI:
    """Return the application over ``workspace``, which it closes when it ends."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        yield
        workspace.close()

    app = FastAPI(
        title="ecert", version=__version__, lifespan=life,
        # Both would load scripts from another machine.
        docs_url=None, redoc_url=None, openapi_url="/api/openapi.json",
    )  # fmt: skip
    app.state.desk = Desk(workspace, clock)
    app.state.tokens = SQLTokens(workspace.engine)
    app.state.metrics = Metrics()
    app.middleware("http")(journal)
    app.add_middleware(Protection)
    app.add_exception_handler(EcertError, _told)
    app.add_exception_handler(RequestValidationError, _told_malformed)
    app.include_router(pages.router)
    app.include_router(sessions.router)
    app.include_router(window_api.router)
    lists_api.attach(app, workspace, clock)
    app.add_api_route("/health", _health, include_in_schema=False)
    app.add_api_route("/ready", _ready, include_in_schema=False)
    app.add_api_route("/metrics", _metrics, include_in_schema=False)
    return app


def _told(_: Request, error: Exception) -> JSONResponse:
    """Return an error in both languages.  A broken database is the service's fault."""
    if not isinstance(error, EcertError):
        raise error
    status = 503 if isinstance(error, StoreError) else 400
    plain = {"error": type(error).__name__, "zh": error.zh, "en": error.en}
    return JSONResponse(plain, status)


def _told_malformed(_: Request, error: Exception) -> JSONResponse:
    """Return where a request is malformed, but nothing of what it held."""
    if not isinstance(error, RequestValidationError):
        raise error
    plain = {
        "error": "malformed-request",
        "zh": "请求格式不对",
        "en": "the request is malformed",
        "where": [
            {"at": ".".join(map(str, one["loc"])), "what": one["type"]} for one in error.errors()
        ],
    }
    return JSONResponse(plain, 422)


def _health() -> dict[str, Any]:
    """Tell that the process lives."""
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
    for one in desk.known():
        metrics.list_age.labels(one.slot).set((at - one.issued).total_seconds())
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
