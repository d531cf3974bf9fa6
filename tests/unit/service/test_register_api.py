"""The issuing office's API: a whole life of one licence, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from ecert.errors import StoreError, UnfitTextError
from ecert.issuers.archive import Archive
from ecert.limits import MAX_OBJECTION_CHARS, MAX_SAFE_INTEGER
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
    assert office.ask("find", after=MAX_SAFE_INTEGER).json()["licences"] == []
    assert office.ask("find", after=MAX_SAFE_INTEGER + 1).status_code == 422


@pytest.mark.parametrize(("kind", "status"), [(StoreError, 503), (UnfitTextError, 400)])
def test_a_text_that_a_database_cannot_keep_is_no_fault_of_the_service(
    office: Office, monkeypatch: pytest.MonkeyPatch, kind: type[StoreError], status: int
) -> None:
    def refuse(*_: object, **__: object) -> object:
        raise kind("不能", "cannot")

    monkeypatch.setattr(Archive, "find", refuse)
    assert office.ask("find", number="x\0").status_code == status


def test_open_objections_are_told(office: Office) -> None:
    licence = office.issued()
    assert office.ask("objections").json() == {"objections": []}
    office.workspace.issuer.objections.raise_objection(
        licence, ["准驾车型"], raised_by="张伟", statement="应为 C2", at=AT
    )
    (one,) = office.ask("objections").json()["objections"]
    assert (one["licence"], one["statement"]) == (licence, "应为 C2")
    assert office.ask("licence", licence=licence).json()["objections"] == [one]


def _raised(office: Office) -> tuple[str, str]:
    """Issue a licence that somebody objects to; return both ids."""
    licence = office.issued()
    raised = office.workspace.issuer.objections.raise_objection(
        licence, ["准驾车型"], raised_by="张伟", statement="应为 C2", at=AT
    )
    return licence, raised.id


def test_an_objection_is_upheld_by_a_corrected_version_once(office: Office) -> None:
    licence, key = _raised(office)
    told = office.ask(f"objections/{key}").json()
    assert (told["objection"]["state"], told["corrected"]) == ("open", None)
    assert told["licence"]["fields"]["准驾车型"] == "C1"
    order = {
        "fields": {"准驾车型": "C2"}, "valid_until": None, "reason": "录入有误",
        "document": "样例〔2026〕11号", "request": "更正-1",
    }  # fmt: skip
    upheld = office.ask(f"objections/{key}/uphold", **order).json()
    new = upheld["licence"]
    assert (upheld["objection"]["state"], upheld["objection"]["decided_by"]) == ("upheld", "李敏")
    assert upheld["objection"]["correction"] == new != licence
    assert office.ask(f"objections/{key}/uphold", **order).json() == upheld
    told = office.ask(f"objections/{key}").json()
    assert told["corrected"]["fields"]["准驾车型"] == "C2"
    assert told["corrected"]["valid_until"] is None
    assert office.ask("objections").json() == {"objections": []}
    # The version before is kept; who corrected it, why and by what stands in the history.
    before = office.ask("licence", licence=licence).json()
    assert (before["standing"], before["licence"]["fields"]["准驾车型"]) == ("superseded", "C1")
    last = before["events"][-1]
    assert (last["actor"], last["reason"], last["document"]) == (
        "李敏", "录入有误", "样例〔2026〕11号",
    )  # fmt: skip
    assert office.workspace.issuer.archive.check_audit().clean


def test_what_is_left_out_of_a_correction_stays_and_holders_can_be_corrected(
    office: Office,
) -> None:
    _, key = _raised(office)
    new = office.ask(
        f"objections/{key}/uphold", holders=[{"name": "张玮", "number": NUMBER}],
        reason="姓名有误", request="更正-1",
    ).json()["licence"]  # fmt: skip
    found = office.workspace.issuer.licence(new)
    assert [one.name for one in found.holders] == ["张玮"]
    assert (found.fields["准驾车型"], str(found.valid_until)) == ("C1", "2031-06-01")


def test_an_objection_is_dismissed_with_the_reason_once(office: Office) -> None:
    licence, key = _raised(office)
    order = {"reason": "与档案一致", "request": "驳回-1"}
    told = office.ask(f"objections/{key}/dismiss", **order).json()
    assert (told["objection"]["state"], told["objection"]["decision"]) == (
        "dismissed", "与档案一致",
    )  # fmt: skip
    assert office.ask(f"objections/{key}/dismiss", **order).json() == told
    found = office.ask("licence", licence=licence).json()
    assert (found["standing"], found["events"][-1]["move"]) == ("issued", "dismiss")
    assert found["events"][-1]["actor"] == "李敏"


@pytest.mark.parametrize(
    ("what", "body", "status", "error"),
    [
        ("uphold", {"fields": {"准驾车型": "Z9"}}, 400, "FieldsError"),
        ("uphold", {"fields": {"没有的": "1"}}, 400, "FieldsError"),
        ("uphold", {"valid_until": "2031-02-30"}, 400, "FormatError"),
        ("uphold", {}, 422, "malformed-request"),
        ("uphold", {"number": "1", "licence": "x"}, 422, "malformed-request"),
        ("uphold", {"number": "1", "reason": ""}, 422, "malformed-request"),
        ("dismiss", {"reason": ""}, 422, "malformed-request"),
        ("dismiss", {"reason": "错" * (MAX_OBJECTION_CHARS + 1)}, 422, "malformed-request"),
        ("dismiss", {"reason": " "}, 400, "ForbiddenMoveError"),
    ],
)  # fmt: skip
def test_a_decision_that_cannot_stand_leaves_the_objection_open(
    office: Office, what: str, body: dict[str, Any], status: int, error: str
) -> None:
    licence, key = _raised(office)
    told = office.ask(f"objections/{key}/{what}", **{"reason": "x", "request": "1"} | body)
    assert (told.status_code, told.json()["error"]) == (status, error)
    assert told.json()["zh"]
    assert told.json()["en"]
    (one,) = office.ask("objections").json()["objections"]
    assert one["id"] == key
    assert office.ask("licence", licence=licence).json()["standing"] == "issued"


def test_an_objection_is_decided_once_and_an_unknown_one_not_at_all(office: Office) -> None:
    _, key = _raised(office)
    office.ask(f"objections/{key}/dismiss", reason="错" * MAX_OBJECTION_CHARS, request="1")
    for what, body, error in (
        ("uphold", {"number": "1", "request": "2"}, "RegisterError"),
        ("dismiss", {"request": "3"}, "RegisterError"),
        ("dismiss", {"request": "1"}, "RequestConflictError"),
    ):
        told = office.ask(f"objections/{key}/{what}", reason="x", **body)
        assert (told.status_code, told.json()["error"]) == (400, error)
    for told in (
        office.ask("objections/none"),
        office.ask("objections/none/dismiss", reason="x", request="4"),
    ):
        assert (told.status_code, told.json()["error"]) == (400, "RegisterError")


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
