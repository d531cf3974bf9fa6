"""Asks a service everything that its OpenAPI allows, and what it forbids, as everybody."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from schemathesis import GenerationMode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import Case

    from tests.unit.service.people import People

_HOST = "http://testserver"


@dataclass(frozen=True, slots=True)
class FuzzFigures:
    """What came out.

    Attributes:
        operations: How many operations the schema has.
        cases: How many requests were made up.
        requests: How many were sent, each as everybody.
        statuses: How often which status came back.
    """

    operations: int
    cases: int
    requests: int
    statuses: dict[int, int]


def ask_everything(people: People, *, examples: int, seed: int, below: str = "/") -> FuzzFigures:
    """Ask every operation of the schema, and require an answer that is no fault of the service.

    Args:
        people: The service, and as whom it is asked.
        examples: So many requests in keeping with the schema for each operation, and so many
            that are not.
        seed: Of the examples.
        below: How the paths begin that are asked.
    """
    told = people.app.openapi()
    paths = {path: what for path, what in told["paths"].items() if path.startswith(below)}
    schema = schemathesis.openapi.from_dict(told | {"paths": paths})
    statuses: dict[int, int] = {}
    operations = cases = 0
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]
        operations += 1
        for mode in _modes(operation):

            @seeded(seed)
            @settings(
                max_examples=examples, database=None, deadline=None, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            @given(case=operation.as_strategy(mode))
            def ask(case: Case[Any]) -> None:
                nonlocal cases
                cases += 1
                for status in _as_everybody(people, case):
                    statuses[status] = statuses.get(status, 0) + 1

            with warnings.catch_warnings():
                # Of what the generators make up, not of what is asked.
                warnings.simplefilter("ignore")
                ask()
    return FuzzFigures(operations, cases, sum(statuses.values()), dict(sorted(statuses.items())))


def _modes(operation: Any) -> list[GenerationMode]:
    """Return the modes there are: of what has neither body nor parameters nothing is wrong."""
    takes = [*operation.iter_parameters(), *operation.body]
    return [GenerationMode.POSITIVE, GenerationMode.NEGATIVE][: 2 if takes else 1]


def _as_everybody(people: People, case: Case[Any]) -> Iterator[int]:
    asked: Any = requests.Request(**case.as_transport_kwargs(base_url=_HOST)).prepare()
    for who in people.tokens:
        # The page's own header, so that what only the page may ask is asked too.
        headers = dict(asked.headers) | {"x-ecert-page": "1"} | people.headers(who)
        people.client.cookies.clear()
        answer = people.client.request(
            asked.method, asked.url, headers=headers, content=asked.body,
            follow_redirects=False,
        )  # fmt: skip
        told = f"{asked.method} {asked.url} as {who}: {answer.status_code} {answer.text[:200]}"
        assert answer.status_code < 500, told
        yield answer.status_code
