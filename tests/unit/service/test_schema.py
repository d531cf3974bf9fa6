"""schemathesis over the OpenAPI of the service, as everybody: nothing ends in a 500."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi import HTTPException
from fastapi.routing import APIRoute, iter_route_contexts

from tests.unit.service.fuzzing import ask_everything
from tests.unit.service.people import everybody

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.service.people import People

# Requests of the small form, all operations together; `make soak` sends many times as many.
CASES = 300
SEED = 20261122


def _operations(people: People) -> int:
    paths = people.app.openapi()["paths"]
    return sum(len(path) for path in paths.values())


def test_nothing_that_the_schema_allows_or_forbids_ends_in_a_500(tmp_path: Path) -> None:
    with everybody(tmp_path) as people:
        operations = _operations(people)
        done = ask_everything(people, examples=max(3, CASES // 2 // operations), seed=SEED)
    assert done.operations == operations
    assert done.requests == done.cases * len(people.tokens)
    # Something was let in, something was malformed, and something was not let in.
    assert {200, 401, 403, 422} <= done.statuses.keys(), done


def test_the_campaign_sees_a_500(tmp_path: Path) -> None:
    def broken() -> None:
        raise RuntimeError("this is what must be found")

    def answers_so(number: int) -> None:
        raise HTTPException(500 if number > 3 else 404)

    with everybody(tmp_path) as people:
        people.app.add_api_route("/api/broken", broken, methods=["GET"])
        people.app.openapi_schema = None
        with pytest.raises(RuntimeError, match="must be found"):
            ask_everything(people, examples=2, seed=SEED, below="/api/broken")
    (again := tmp_path / "again").mkdir()
    with everybody(again) as people:
        people.app.add_api_route("/api/broken", answers_so, methods=["GET"])
        people.app.openapi_schema = None
        with pytest.raises(AssertionError, match="GET http://testserver/api/broken"):
            ask_everything(people, examples=20, seed=SEED, below="/api/broken")


def test_every_route_under_api_is_in_the_schema(tmp_path: Path) -> None:
    with everybody(tmp_path) as people:
        hidden = {
            context.path
            for context in iter_route_contexts(people.app.routes)
            if isinstance(context.original_route, APIRoute)
            and str(context.path).startswith("/api/")
            and context.path not in people.app.openapi()["paths"]
        }
    # The page that explains the schema, which is no part of it.
    assert hidden == {"/api/docs"}
