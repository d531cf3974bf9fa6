"""All routes by all roles: what opens for whom is what the table says, and nothing else."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import pytest

from ecert.service.authentication import REFUSED
from ecert.service.journal import _Lines
from ecert.workspace.access import Role
from tests.unit.service.openings import OPENINGS, PARTNER, PUBLIC
from tests.unit.service.people import STRANGERS, everybody, routes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.service.people import People

_WHY = {
    "nobody": "malformed", "unknown": "unknown", "expired": "expired", "withdrawn": "withdrawn",
}  # fmt: skip
_GUARDED = sorted(route for route, opening in OPENINGS.items() if opening not in (PUBLIC, PARTNER))
every_guarded = pytest.mark.parametrize(
    ("method", "path"), _GUARDED, ids=[" ".join(one) for one in _GUARDED]
)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """One service for the whole table."""
    with everybody(tmp_path_factory.mktemp("hall")) as made:
        yield made


def _ask(people: People, method: str, path: str, who: str) -> Any:
    address = re.sub(r"{[^}]*}", "x", path)
    # What it asks for does not matter: who may ask comes first.
    body: dict[str, object] | None = None if method in {"GET", "DELETE"} else {}
    return people.client.request(method, address, headers=people.headers(who), json=body)


def test_every_route_stands_in_the_table_and_the_table_names_no_other(people: People) -> None:
    assert routes_of(people.app) == sorted(OPENINGS)


@every_guarded
def test_a_role_opens_what_the_table_says_and_nothing_else(
    people: People, method: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "ecert.service")
    opening, opened, told = OPENINGS[method, path], set(), set()
    for role in Role:
        answer = _ask(people, method, path, role.value)
        assert answer.status_code < 500
        assert answer.status_code != 401
        if answer.status_code == 403:
            told.add(answer.content)
        else:
            opened.add(role)
    assert opened == {*opening, Role.ADMINISTRATOR}
    assert len(told) == (0 if opened == set(Role) else 1)
    kept_out = [f"role {role.value}" for role in Role if role not in opened]
    assert [_facts(one)["why"] for one in caplog.records] == kept_out
    assert {_facts(one)["path"] for one in caplog.records} <= {path}


@every_guarded
def test_whose_token_is_no_good_is_refused_with_one_body_and_noted(
    people: People, method: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "ecert.service")
    answers = [_ask(people, method, path, who) for who in STRANGERS]
    assert {one.status_code for one in answers} == {401}
    assert {one.content for one in answers} == {answers[0].content}
    assert answers[0].json()["detail"] == REFUSED
    assert [_facts(one)["why"] for one in caplog.records] == [_WHY[who] for who in STRANGERS]
    assert {_facts(one)["path"] for one in caplog.records} == {path}
    for record, who in zip(caplog.records, STRANGERS, strict=True):
        line, token = _Lines().format(record), people.tokens[who]
        if token:
            _, token_id, secret = token.split(".")
            assert secret not in line
            # Whose token was stolen has to be told; of what somebody made up nothing is kept.
            known = token_id if who in {"expired", "withdrawn"} else None
            assert _facts(record).get("token") == known, line


@pytest.mark.parametrize(
    "route",
    sorted(route for route, opening in OPENINGS.items() if opening is PUBLIC),
    ids=" ".join,
)
def test_what_is_public_needs_no_token(people: People, route: tuple[str, str]) -> None:
    for who in people.tokens:
        assert _ask(people, *route, who).status_code not in {401, 403}


def test_made_up_methods_are_one_figure(people: People) -> None:
    for method in ("SPY", "SPY2", "张".encode().hex()):
        people.client.request(method, "/health")
    lines = people.app.state.metrics.text({}).decode()
    assert 'method="-"' in lines
    assert "SPY" not in lines


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    facts: dict[str, Any] = vars(record)["facts"]
    return facts
