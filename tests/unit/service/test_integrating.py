"""The check API and the demand for licences inside somebody else's application."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel
from starlette.testclient import TestClient

import ecert
from ecert.errors import CatalogueError, StoreError
from ecert.limits import MAX_PICTURE_BYTES, MAX_REQUEST_BYTES, MAX_TOKEN_CHARS
from ecert.reasons import Outcome
from ecert.service import Accepted, Recognised, router, window_api
from ecert.store.tokens import SQLTokens
from ecert.testing.world import MATTER
from ecert.verify.policy import DemoKeys
from ecert.workspace.access import Role, new_token
from tests.conftest import ROOT

if TYPE_CHECKING:
    from ecert.testing import BadCode, DemoWorld
    from ecert.workspace import Workspace

pytest_plugins = ["ecert.testing.plugin"]


def sign_in(x_user: Annotated[str | None, Header()] = None) -> str | None:
    """Somebody's own sign-in: a name, None, or an exception."""
    if x_user == "banned":
        raise HTTPException(403, "banned")
    return x_user


ME = {"x-user": "window 3"}


def app_with(source: Any, **how: Any) -> TestClient:
    app = FastAPI()
    app.include_router(router(source, **({"sign_in": sign_in} | how)), prefix="/ecert")
    return TestClient(app)


# -- the router -----------------------------------------------------------------------------------


def test_somebodys_own_sign_in_lets_in(
    ecert_verifier: ecert.Verifier, ecert_world: DemoWorld
) -> None:
    counted: list[ecert.Verdict] = []
    client = app_with(ecert_verifier, clock=ecert_world.clock, count=counted.append)
    body = {"code": ecert_world.code(), "matter": MATTER}
    for headers, status in (({}, 401), ({"x-user": ""}, 401), ({"x-user": "banned"}, 403)):
        assert client.post("/ecert/api/verify", json=body, headers=headers).status_code == status
    assert counted == []
    told = client.post("/ecert/api/verify", json=body, headers=ME)
    assert told.json()["outcome"] == "accepted"
    assert [one.outcome for one in counted] == [Outcome.ACCEPTED]
    assert client.get("/ecert/api/window", headers=ME).json()["window"]["demo"] is True
    scenes = client.get("/ecert/api/matters", params={"q": "机动车"}, headers=ME).json()
    assert scenes == {"matters": [], "scenes": [MATTER]}


def test_our_own_tokens_let_in_where_no_sign_in_is_given(
    ecert_workspace: Workspace, ecert_world: DemoWorld
) -> None:
    tokens, at = SQLTokens(ecert_workspace.engine), ecert_world.clock()
    texts: dict[Role | None, str] = {None: "ecert.none.none"}
    for role in (Role.CLERK, Role.AUDITOR):
        texts[role], kept = new_token(role, "3号窗口", created=at, expires=at + timedelta(days=1))
        tokens.add(kept)
    client = app_with(ecert_workspace, sign_in=None)
    body = {"code": ecert_world.code(), "matter": MATTER}
    asked: tuple[tuple[Role | None, int], ...] = (
        (None, 401), (Role.AUDITOR, 403), (Role.CLERK, 200),
    )  # fmt: skip
    for who, status in asked:
        headers = {"authorization": f"Bearer {texts[who]}"}
        assert client.post("/ecert/api/verify", json=body, headers=headers).status_code == status
    with pytest.raises(ValueError, match="sign_in"):
        router(ecert.Verifier("500000"))


def test_several_windows_stand_in_one_application(ecert_world: DemoWorld) -> None:
    """Nothing is global: the other knows nothing, and asks another sign-in."""
    app = FastAPI()
    knowing, empty = ecert_world.verifier, ecert.Verifier("510000", clock=ecert_world.clock)
    app.include_router(router(knowing, sign_in=lambda: "一"), prefix="/a")
    app.include_router(router(empty, sign_in=lambda: None), prefix="/b")
    app.include_router(router(empty, sign_in=lambda: "三"), prefix="/c")
    client = TestClient(app)
    body = {"code": ecert_world.code(), "matter": MATTER}
    assert client.post("/b/api/verify", json=body).status_code == 401
    assert client.post("/c/api/verify", json=body).json()["outcome"] == "undetermined"
    assert client.post("/a/api/verify", json=body).json()["outcome"] == "accepted"
    assert client.get("/c/api/window").json()["window"]["region"] == "510000"


def test_a_router_without_a_desk_answers_nothing(ecert_code: str) -> None:
    app = FastAPI()
    app.include_router(window_api.router)
    with pytest.raises(RuntimeError, match="no desk"):
        TestClient(app).post("/api/verify", json={"code": ecert_code})


def test_it_looks_after_itself_in_a_bare_application(
    ecert_verifier: ecert.Verifier, ecert_code: str
) -> None:
    """No middleware, no handlers: bodies are bounded, and what was scanned is not sent back."""
    client = app_with(ecert_verifier)
    post = client.post
    bad = post("/ecert/api/verify", json={"code": ecert_code, "张伟": "1"}, headers=ME)
    assert bad.status_code == 422
    assert ecert_code not in bad.text
    assert bad.headers["cache-control"] == "no-store"
    head = ME | {"content-type": "application/json"}
    for unreadable in (b"\xff", b"[" * 100_000):
        told = post("/ecert/api/verify", content=unreadable, headers=head)
        assert (told.status_code, told.json()["zh"]) == (400, "请求格式不对")
    for size, status in ((MAX_REQUEST_BYTES, 422), (MAX_REQUEST_BYTES + 1, 413)):
        body = b"{" + b" " * (size - 2) + b"}"
        assert post("/ecert/api/verify", content=body, headers=head).status_code == status
    octets = ME | {"content-type": "application/octet-stream"}
    for size, status in ((MAX_PICTURE_BYTES, 200), (MAX_PICTURE_BYTES + 1, 413)):
        told = post("/ecert/api/verify/picture", content=bytes(size), headers=octets)
        assert told.status_code == status


# -- the demand ------------------------------------------------------------------------------------


class Wish(BaseModel):
    """An application's own body, which holds the code among others."""

    code: str
    wish: str


def demanding(source: Any, **how: Any) -> TestClient:
    needed = Recognised(source, matter=how.pop("matter", MATTER), **how)
    app = FastAPI()

    def answer(shown: Accepted = Depends(needed)) -> dict[str, Any]:  # noqa: B008
        return {
            "types": [one.type_name for one in shown.licences], "matter": shown.matter,
            "demo": shown.verdict.demo, "receipt": shown.receipt is not None,
        }  # fmt: skip

    def wished(wish: Wish, shown: Accepted = Depends(needed)) -> str:  # noqa: B008
        return f"{wish.wish} {shown.licences[0].type_name}"

    app.post("/do")(answer)
    app.post("/wish")(wished)
    return TestClient(app)


def test_a_good_code_passes_from_header_or_body(ecert_world: DemoWorld) -> None:
    client = demanding(ecert_world.verifier, types=["机动车驾驶证"], clock=ecert_world.clock)
    told = client.post("/do", headers={"x-ecert-code": ecert_world.code()})
    assert told.json() == {
        "types": ["机动车驾驶证"], "matter": MATTER, "demo": True, "receipt": False,
    }  # fmt: skip
    assert client.post("/do", json={"code": ecert_world.code()}).status_code == 200
    told = client.post("/wish", json={"code": ecert_world.code(), "wish": "换证"})
    assert told.json() == "换证 机动车驾驶证"


def test_a_bad_code_never_passes(ecert_bad_code: BadCode, ecert_world: DemoWorld) -> None:
    client = demanding(ecert_world.verifier, matter=ecert_bad_code.matter, clock=ecert_world.clock)
    told = client.post("/do", json={"code": ecert_bad_code.code})
    undetermined = {422} if ecert_bad_code.name in {
        "incomplete-scan", "no-code", "too-large",
    } else {503}  # fmt: skip
    wanted = undetermined if ecert_bad_code.outcome is Outcome.UNDETERMINED else {403}
    assert told.status_code in wanted
    detail = told.json()["detail"]
    reason = ecert_bad_code.reason
    assert (detail["reason"], detail["number"]) == (reason.value, reason.number)
    assert (detail["zh"], detail["en"]) == (reason.zh, reason.en)
    assert detail["outcome"] == ecert_bad_code.outcome.value
    assert "张伟" not in told.text
    assert told.headers["cache-control"] == "no-store"


def test_a_code_is_used_up_by_one_request(ecert_world: DemoWorld) -> None:
    client = demanding(ecert_world.verifier, clock=ecert_world.clock)
    other = demanding(ecert_world.verifier, clock=ecert_world.clock, types=["营业执照"])
    code = ecert_world.code()
    assert client.post("/do", json={"code": code}).status_code == 200
    for again in (client, other):
        assert again.post("/do", json={"code": code}).json()["detail"]["reason"] == "replayed"


def test_each_type_must_be_shown_or_one_of_several(ecert_world: DemoWorld) -> None:
    client = demanding(
        ecert_world.verifier, clock=ecert_world.clock, matter="开办理发店",
        types=[("居民身份证", "社会保障卡"), "营业执照"],
    )  # fmt: skip
    told = client.post("/do", json={"code": ecert_world.code("居民身份证")})
    assert told.status_code == 422
    assert told.json()["detail"]["missing"] == ["营业执照"]
    both = ecert_world.code("居民身份证", "营业执照")
    assert client.post("/do", json={"code": both}).json()["types"] == ["居民身份证", "营业执照"]
    with pytest.raises(CatalogueError):
        demanding(ecert_world.verifier, types=["没有的证"])


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({}, "malformed-request"),
        ({"json": {}}, "code-missing"),
        ({"json": {"code": ""}}, "code-missing"),
        ({"json": {"code": 5}}, "malformed-request"),
        ({"json": {"code": ["1"]}}, "malformed-request"),
        ({"json": {"code": "1", "challenge": 5}}, "malformed-request"),
        ({"json": []}, "malformed-request"),
        ({"content": b'{"code":"1","code":"2"}'}, "malformed-request"),
        ({"json": {"code": "1" * (MAX_TOKEN_CHARS + 1)}}, "malformed-request"),
        ({"content": b"code=1", "headers": {"content-type": "text/plain"}}, "code-missing"),
    ],
)
def test_a_request_without_a_code_is_told_so(
    ecert_verifier: ecert.Verifier, how: dict[str, Any], reason: str
) -> None:
    headers = {"content-type": "application/json"} | how.pop("headers", {})
    told = demanding(ecert_verifier).post("/do", headers=headers, **how)
    assert told.status_code == 422
    assert told.json()["detail"]["reason"] == reason


def test_as_much_as_may_be_sent_is_judged(ecert_verifier: ecert.Verifier) -> None:
    told = demanding(ecert_verifier).post("/do", json={"code": "1" * MAX_TOKEN_CHARS})
    assert told.json()["detail"]["reason"] == "too-large"
    body = b'{"code":"' + b"1" * MAX_REQUEST_BYTES
    headers = {"content-type": "application/json"}
    assert demanding(ecert_verifier).post("/do", content=body, headers=headers).status_code == 413


def test_what_cannot_be_remembered_does_not_pass(
    ecert_workspace: Workspace, ecert_world: DemoWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = demanding(ecert_workspace)

    def refuse(*_: object, **__: object) -> bool:
        raise StoreError("数据库已满", "the database is full")

    monkeypatch.setattr(ecert_workspace.verifier._replay, "claim", refuse)
    told = client.post("/do", json={"code": ecert_world.code()})
    assert told.status_code == 503
    assert told.json()["detail"]["en"] == "the database is full"


def test_no_case_passes_without_its_receipt(
    ecert_workspace: Workspace, ecert_world: DemoWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = FastAPI()
    needed = Recognised(ecert_workspace, matter=MATTER, clerk="程序", case="case")

    def answer(shown: Accepted = Depends(needed)) -> tuple[bool, bool]:  # noqa: B008
        return shown.receipt is not None, shown.case_copy is not None

    app.post("/cases/{case}")(answer)
    client = TestClient(app)
    kept = client.post("/cases/2026-1", json={"code": ecert_world.code()})
    assert (kept.status_code, kept.json()) == (200, [True, True])

    def refuse(*_: object, **__: object) -> object:
        raise StoreError("数据库已满", "the database is full")

    monkeypatch.setattr(ecert_workspace.receipts.store, "append", refuse)
    told = client.post("/cases/2026-2", json={"code": ecert_world.code()})
    assert told.status_code == 503
    assert told.json()["detail"]["en"] == "the database is full"


def test_a_crash_in_a_check_is_a_crash_and_no_acceptance(
    ecert_world: DemoWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = demanding(ecert_world.verifier)

    def crash(*_: object, **__: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr(ecert_world.verifier, "verify", crash)
    with pytest.raises(ZeroDivisionError):
        client.post("/do", json={"code": ecert_world.code()})


def test_its_sign_in_is_asked_first(ecert_world: DemoWorld) -> None:
    client = demanding(ecert_world.verifier, sign_in=sign_in, clock=ecert_world.clock)
    code = ecert_world.code()
    assert client.post("/do", json={"code": code}).status_code == 401
    assert client.post("/do", json={"code": code}, headers={"x-user": "banned"}).status_code == 403
    assert client.post("/do", json={"code": code}, headers=ME).status_code == 200


def test_demonstration_keys_do_not_pass_where_it_is_not_a_demonstration(
    ecert_world: DemoWorld,
) -> None:
    strict = ecert.Verifier(
        "500000", knowledge=ecert_world.verifier.knowledge, clock=ecert_world.clock,
        policy=ecert.Policy(demo=DemoKeys.REFUSE),
    )  # fmt: skip
    told = demanding(strict, clock=ecert_world.clock).post("/do", json={"code": ecert_world.code()})
    assert (told.status_code, told.json()["detail"]["number"]) == (403, "E402")


# -- the example -----------------------------------------------------------------------------------


def test_the_examples_own_tests_pass() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "ecert.testing.plugin", "-p",
         "no:cacheprovider", "-c", ROOT / "pyproject.toml", ROOT / "examples"],
        capture_output=True, encoding="utf-8", check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
