"""A real service, and everybody who may come to it: each role, and those whom nothing opens for."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

import ecert
from ecert.service.serve import application
from ecert.store.tokens import SQLTokens
from ecert.workspace import Workspace
from ecert.workspace.access import Role, new_token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI

AT: Final = datetime(2026, 11, 22, 2, tzinfo=UTC)
STRANGERS: Final = ("nobody", "unknown", "expired", "withdrawn")
"""Who is not let in: without a token, with one of another service, too late, or found out."""


@dataclass(frozen=True, slots=True)
class People:
    """A service and the tokens of all who come.

    Attributes:
        app: The application.
        client: Asks it; a crash inside is raised here.
        tokens: The text of each one's token; empty for `nobody`.
    """

    app: FastAPI
    client: TestClient
    tokens: dict[str, str]

    def headers(self, who: str) -> dict[str, str]:
        """Return what ``who`` shows."""
        token = self.tokens[who]
        return {"authorization": f"Bearer {token}"} if token else {}


@contextmanager
def everybody(folder: Path) -> Iterator[People]:
    """Open a service over a window's workspace that keeps receipts and knows lists."""
    workspace = Workspace.init(
        folder / "window", region="500000", name="重庆市政务服务中心", demo=True,
        clock=lambda: AT,
    )  # fmt: skip
    with Workspace.init(
        folder / "police", region="511600", name="四川省广安市公安局", demo=True, clock=lambda: AT
    ) as police:
        workspace.accept_bundle(police.bundle().to_bytes())
    workspace.knowledge.accept(ecert.fixture("川渝互认清单"))
    store = SQLTokens(workspace.engine)
    day = timedelta(days=1)
    tokens = {"nobody": ""}
    tokens["unknown"], _ = new_token(Role.ADMINISTRATOR, "x", created=AT - day, expires=AT + day)
    for who, expires in (
        *((role.value, AT + day) for role in Role), ("expired", AT), ("withdrawn", AT + day),
    ):  # fmt: skip
        # What has ended would have opened everything.
        role = Role(who) if who in set(Role) else Role.ADMINISTRATOR
        tokens[who], kept = new_token(role, who, created=AT - day, expires=expires)
        store.add(kept)
    store.withdraw(tokens["withdrawn"].split(".")[1], AT)
    app = application(workspace, clock=lambda: AT)
    with TestClient(app) as client:
        yield People(app, client, tokens)


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    """Return method and path of everything that the application answers, included routers too."""
    found = set()
    for context in iter_route_contexts(app.routes):
        assert context.path is not None, context
        assert context.methods, context
        found |= {(method, context.path) for method in context.methods - {"HEAD"}}
    return sorted(found)
