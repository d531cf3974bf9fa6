"""The show service inside ``ecert serve``: the same application, under an address of its own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Final

from starlette.routing import Mount

from ecert.service.show import make_app
from ecert.workspace.show_desk import show_desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI
    from starlette.types import Message, Receive, Scope, Send

    from ecert.clock import Clock
    from ecert.workspace import Workspace

AT: Final = "/show"
"""Where it stands: ``ecert show-service use REGION https://host/show``."""


def mount_show_service(app: FastAPI, workspace: Workspace, clock: Clock) -> Callable[[], object]:
    """Mount the show service of ``workspace``; returns its upkeep, to be done now and then.

    Raises:
        CustodyError: Its key file is damaged.
        StoreError: The database cannot be opened.
    """
    desk = show_desk(workspace)
    inner = make_app(desk, clock=clock)

    async def mounted(scope: Scope, receive: Receive, send: Send) -> None:
        own = dict(scope)  # the inner application writes itself into its scope

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                # For the log: the pattern of the address, never the address.
                path = getattr(own.get("route"), "path", "/-")
                scope["route"] = SimpleNamespace(path=f"{AT}{path}")
            await send(message)

        await inner(own, receive, told)

    app.router.routes.append(Mount(AT, mounted))

    def upkeep() -> None:
        desk.store.purge(at=clock())
        workspace.knowledge.reload()

    return upkeep
