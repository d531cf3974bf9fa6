"""The issuing office's API: a whole life of one licence, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from ecert.service.serve import application
from ecert.store.tokens import SQLTokens
from ecert.workspace import Workspace
from ecert.workspace.access import Role, new_token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
NUMBER = "510681199003071237"
APPLICATION = {
    "type": "机动车驾驶证", "number": NUMBER, "holders": [{"name": "张伟", "number": NUMBER}],
    "fields": {"准驾车型": "C1"}, "valid_until": "2031-06-01", "request": "受理-1",
}  # fmt: skip


@dataclass
class Office:
    """An issuing office's service, and an official who asks it."""

    workspace: Workspace
    client: TestClient
    token: str

    def ask(self, what: str, **body: Any) -> Any:
        """Ask as the official."""
        method, path = "POST" if body else "GET", f"/api/register/{what}"
        shown = {"authorization": f"Bearer {self.token}"}
        return self.client.request(method, path, headers=shown, json=body or None)

    def issued(self, **more: Any) -> str:
        """Issue a licence, and return its id."""
        told = self.ask("issue", **(APPLICATION | more))
        assert told.status_code == 200, told.text
        licence: str = told.json()["licence"]
        return licence


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Guang'an's police."""
    workspace = Workspace.init(
        tmp_path / "office", region="511600", name="四川省广安市公安局", demo=True, clock=lambda: AT
    )
    token, kept = new_token(Role.ISSUER, "李敏", created=AT, expires=AT + timedelta(days=1))
    SQLTokens(workspace.engine).add(kept)
    with TestClient(application(workspace, clock=lambda: AT)) as client:
        yield Office(workspace, client, token)


def test_a_licence_is_issued_found_suspended_and_given_back(office: Office) -> None:
    licence = office.issued()
    assert office.issued() == licence, "the same request is the same licence"
    for query in (
        {"number": NUMBER}, {"holder_number": NUMBER}, {"type": "机动车驾驶证"},
        {"state": "issued"},
    ):  # fmt: skip
        (found,) = office.ask("find", **query).json()["licences"]
        assert (found["licence"], found["number"]) == (licence, "***1237")
        assert "张伟" not in json.dumps(found, ensure_ascii=False)
    moved = office.ask(
        "move", licence=licence, move="suspend", reason="违法记分", document="样例〔2026〕9号",
        request="暂扣-1",
    )  # fmt: skip
    assert moved.json() == {"licence": licence, "state": "suspended"}
    told = office.ask("licence", licence=licence).json()
    assert told["standing"] == "suspended"
    assert told["licence"]["holders"][0]["name"] == "张伟"
    assert [(one["move"], one["actor"]) for one in told["events"]] == [
        ("issue", "李敏"), ("suspend", "李敏"),
    ]  # fmt: skip
    back = office.ask(
        "move", licence=licence, move="reinstate", reason="期满", document="样例〔2026〕10号",
        request="发还-1",
    )  # fmt: skip
    assert back.json()["state"] == "issued"
    assert office.workspace.issuer.licence(licence).state.value == "issued"


def test_pages_go_on_where_the_one_before_ended(office: Office) -> None:
    ids = [office.issued(request=f"受理-{one}") for one in range(3)]
    first = office.ask("find", limit=2).json()
    assert [one["licence"] for one in first["licences"]] == ids[:2]
    second = office.ask("find", limit=2, after=first["next_after"]).json()
    assert [one["licence"] for one in second["licences"]] == ids[2:]
    assert second["next_after"] is None


def test_open_objections_are_told(office: Office) -> None:
    licence = office.issued()
    assert office.ask("objections").json() == {"objections": []}
    office.workspace.issuer.objections.raise_objection(
        licence, ["准驾车型"], raised_by="张伟", statement="应为 C2", at=AT
    )
    (one,) = office.ask("objections").json()["objections"]
    assert (one["licence"], one["statement"]) == (licence, "应为 C2")
    assert office.ask("licence", licence=licence).json()["objections"] == [one]


@pytest.mark.parametrize(
    ("what", "body", "status", "error"),
    [
        ("issue", APPLICATION | {"type": "没有的证"}, 400, "CatalogueError"),
        ("issue", APPLICATION | {"fields": {}}, 400, "FieldsError"),
        ("issue", APPLICATION | {"valid_until": "2031-02-30"}, 400, "FormatError"),
        ("issue", APPLICATION | {"holders": [{"name": "张伟", "number": "51068119900307123X"}]},
         400, "ResidentIdError"),
        ("issue", APPLICATION | {"holders": []}, 422, "malformed-request"),
        ("issue", APPLICATION | {"surplus": 1}, 422, "malformed-request"),
        ("licence", {"licence": "1.2.156.3005.2.x"}, 400, "UnknownLicenceError"),
        ("find", {"state": "lost"}, 400, "FormatError"),
        ("find", {"limit": 101}, 422, "malformed-request"),
        ("move", {"licence": "x", "move": "transfer", "reason": "x", "request": "1"}, 422,
         "malformed-request"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_both_languages_and_nothing_is_recorded(
    office: Office, what: str, body: dict[str, Any], status: int, error: str
) -> None:
    told = office.ask(what, **body)
    assert (told.status_code, told.json()["error"]) == (status, error)
    assert told.json()["zh"]
    assert told.json()["en"]
    assert NUMBER not in told.text
    assert office.ask("find", limit=1).json()["licences"] == []


def test_a_forbidden_move_and_a_request_with_other_content_are_refused(office: Office) -> None:
    licence = office.issued()
    order = {"licence": licence, "reason": "x", "document": "1号", "request": "r"}
    told = office.ask("move", move="reinstate", **order)
    assert (told.status_code, told.json()["error"]) == (400, "ForbiddenMoveError")
    told = office.ask("issue", **(APPLICATION | {"fields": {"准驾车型": "A2"}}))
    assert (told.status_code, told.json()["error"]) == (400, "RequestConflictError")


def test_a_window_that_issues_nothing_has_no_register(tmp_path: Path) -> None:
    workspace = Workspace.init(tmp_path / "window", region="500000", name="窗口")
    with TestClient(application(workspace, clock=lambda: AT)) as client:
        assert client.get("/api/register/objections").status_code == 404
