"""The service without a browser: who may ask what, and what is never told."""

from __future__ import annotations

import json
import logging
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

import ecert
from ecert.errors import StoreError
from ecert.limits import (
    MAX_CASE_CHARS,
    MAX_PICTURE_BYTES,
    MAX_REQUEST_BYTES,
    MAX_TOKEN_CHARS,
)
from ecert.service.serve import application, create
from ecert.show.online import OnlineCode
from ecert.store.receipts import SQLReceipts
from ecert.store.tokens import SQLTokens
from ecert.verify.receipts import ReceiptQuery
from ecert.wallet.vault import CHEAPEST
from ecert.workspace import Workspace
from ecert.workspace.access import Role, find_token, new_token
from ecert.workspace.settings import Settings
from ecert.workspace.show_services import ShowServiceAddress, ShowServices

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
NUMBER = "510681199003071237"
MATTER = "机动车业务"


class Clock:
    """The time; tests move it."""

    now = AT

    def __call__(self) -> datetime:
        return self.now


class Office:
    """A window's service, and a wallet before it."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.folder = Clock(), folder
        self.workspace = Workspace.init(
            folder / "window", region="500000", name="重庆市政务服务中心", demo=True,
            clock=self.clock,
        )  # fmt: skip
        with Workspace.init(
            folder / "police", region="511600", name="四川省广安市公安局", demo=True,
            clock=self.clock,
        ) as police:  # fmt: skip
            licence = police.issuer.issue(
                "机动车驾驶证", number=NUMBER, holder=ecert.Holder("张伟", NUMBER),
                fields={"准驾车型": "C1"}, valid_until=date(2031, 6, 1),
            )  # fmt: skip
            self.wallet = ecert.Wallet.create(
                folder / "w", "a passphrase", kdf=CHEAPEST, clock=self.clock
            )
            self.wallet.add(
                police.issuer.deliver(licence.id, self.wallet.request(police.issuer.nonce()))
            )
            self.workspace.accept_bundle(police.bundle().to_bytes())
        self.workspace.knowledge.accept(ecert.fixture("川渝互认清单"))
        self.licence = licence
        self.tokens = SQLTokens(self.workspace.engine)
        self.client = TestClient(application(self.workspace, clock=self.clock))

    def token(self, role: Role = Role.CLERK, days: int = 1) -> str:
        """Make a token."""
        text, kept = new_token(role, "3号窗口", created=AT, expires=AT + timedelta(days=days))
        self.tokens.add(kept)
        return text

    def ask(self, method: str, path: str, role: Role | None = Role.CLERK, **how: Any) -> Any:
        """Ask with a token of ``role``."""
        headers = {} if role is None else {"authorization": f"Bearer {self.token(role)}"}
        return self.client.request(method, path, headers=headers | how.pop("headers", {}), **how)

    def code(self) -> str:
        """Make a fresh show code."""
        return self.wallet.show(self.licence.id).text


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """One office."""
    made = Office(tmp_path)
    with made.client:
        yield made


# -- checking ---------------------------------------------------------------------------------


def test_a_code_is_checked_with_the_same_verdict_as_by_the_library(office: Office) -> None:
    told = office.ask("POST", "/api/verify", json={"code": office.code(), "matter": MATTER})
    assert told.status_code == 200
    plain = told.json()
    assert (plain["outcome"], plain["reason"]) == ("accepted", "ok")
    assert plain["parts"][0]["licence"]["holders"] == [["张伟", "1237"]]
    assert plain["took_ms"] >= 0
    again = office.ask("POST", "/api/verify", json={"code": office.code()}).json()
    assert (again["outcome"], again["reason"]) == ("not-recognised", "matter-not-covered")
    assert "licence" not in again["parts"][0]


def test_a_code_is_accepted_once(office: Office) -> None:
    body = {"code": office.code(), "matter": MATTER}
    assert office.ask("POST", "/api/verify", json=body).json()["reason"] == "ok"
    assert office.ask("POST", "/api/verify", json=body).json()["reason"] == "replayed"


def test_a_picture_is_checked(office: Office) -> None:
    picture = office.wallet.show(office.licence.id).png()
    told = office.ask(
        "POST", "/api/verify/picture", content=picture, params={"matter": MATTER},
        headers={"content-type": "application/octet-stream"},
    )  # fmt: skip
    assert told.json()["reason"] == "ok"
    blank = office.ask(
        "POST", "/api/verify/picture", content=b"no picture",
        headers={"content-type": "application/octet-stream"},
    )  # fmt: skip
    assert (blank.json()["outcome"], blank.json()["reason"]) == ("undetermined", "unreadable")


def test_new_lists_are_taken_over_while_it_serves(office: Office, tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "police", clock=office.clock) as police:
        police.issuer.revoke(office.licence.id, reason="违法", document="样例〔2026〕9号")
        bundle = police.bundle().to_bytes()
    with Workspace.open(tmp_path / "window", clock=office.clock) as other:
        other.accept_bundle(bundle)
    office.client.app.state.desk._pace = lambda: 1e9  # type: ignore[attr-defined]
    told = office.ask("POST", "/api/verify", json={"code": office.code(), "matter": MATTER})
    assert told.json()["reason"] == "revoked"


def test_the_window_tells_how_old_its_lists_are(office: Office) -> None:
    told = office.ask("GET", "/api/window").json()
    assert told["window"]["region_name"] == "重庆市"
    kinds = {one["kind"] for one in told["lists"]}
    assert {"status-list", "recognition-list", "trust-list"} <= kinds
    office.clock.now = AT + timedelta(days=3_000)
    told = office.ask("GET", "/health", role=None)
    assert told.json()["status"] == "ok"


def test_a_broken_memory_of_used_codes_accepts_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> bool:
        raise StoreError("数据库已满", "the database is full")

    monkeypatch.setattr(office.workspace.verifier._replay, "claim", refuse)
    told = office.ask("POST", "/api/verify", json={"code": office.code(), "matter": MATTER})
    assert told.status_code == 503
    assert told.json() == {"error": "StoreError", "zh": "数据库已满", "en": "the database is full"}


def test_where_receipts_are_required_the_service_keeps_them_too(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(office.workspace.settings, receipts="required")
    monkeypatch.setattr(office.workspace, "settings", settings)
    code = office.code()
    told = office.ask("POST", "/api/verify", json={"code": code, "matter": MATTER})
    assert told.json()["outcome"] == "accepted"
    (kept,) = office.workspace.receipts.find(ReceiptQuery())
    assert kept.open().receipt.clerk == "3号窗口"

    def full(*_: object, **__: object) -> object:
        raise StoreError("磁盘已满", "the disk is full")

    monkeypatch.setattr(office.workspace.receipts.store, "append", full)
    told = office.ask("POST", "/api/verify", json={"code": office.code(), "matter": MATTER})
    assert told.status_code == 503
    assert "张伟" not in told.text


def test_a_service_that_nobody_sits_at_opens_its_receipt_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = tmp_path / "real"
    with Workspace.init(window, region="500000", name="窗口") as made:
        made.receipts.new_key(lambda: "a long passphrase")
    settings = Settings.read(window)
    replace(settings, receipts="required").write(window)
    monkeypatch.setenv("ECERT_WORKSPACE", str(window))
    for secret, status, why in (
        (None, 400, "需要密钥口令"),
        ("a long passphrase", 200, "incomplete-scan"),
    ):
        if secret is not None:
            monkeypatch.setenv("ECERT_PASSPHRASE", secret)
        app = create()
        with TestClient(app) as client:
            at = app.state.desk.now()
            text, kept = new_token(Role.CLERK, "王", created=at, expires=at + timedelta(days=1))
            app.state.tokens.add(kept)
            told = client.post(
                "/api/verify", json={"code": "123"}, headers={"authorization": f"Bearer {text}"}
            )
            assert told.status_code == status, told.text
            assert why in told.text


def test_the_service_takes_no_file_for_a_number(office: Office) -> None:
    with Workspace.open(office.folder / "police", clock=office.clock) as police:
        file = police.issuer.file(office.licence.id)
    told = office.ask(
        "POST", "/api/verify", json={"code": file, "matter": MATTER, "challenge": "12-482913"}
    ).json()
    assert (told["outcome"], told["reason"]) == ("refused", "audience")


# -- who may ask ------------------------------------------------------------------------------

_CLOSED = (
    ("POST", "/api/verify"),
    ("POST", "/api/verify/picture"),
    ("GET", "/api/window"),
    ("GET", "/api/matters?q=a"),
    ("GET", "/metrics"),
    ("GET", "/api/session"),
)


@pytest.mark.parametrize(("method", "path"), _CLOSED)
def test_nothing_opens_without_a_good_token(
    office: Office, method: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "ecert.service")
    good = office.token()
    _, token_id, secret = good.split(".")
    expired, kept = new_token(Role.CLERK, "x", created=AT - timedelta(2), expires=AT)
    office.tokens.add(kept)
    withdrawn = office.token()
    office.tokens.withdraw(withdrawn.split(".")[1], AT)
    answers = set()
    for text in (
        "", "x", f"ecert.{token_id}.", f"ecert.{token_id}.{secret}x", f"ecert.0.{secret}",
        f"other.{token_id}.{secret}", expired, withdrawn, "ecert.\x7f.é",
    ):  # fmt: skip
        header = {b"authorization": f"Bearer {text}".encode()}
        told = office.client.request(method, path, headers=header, json={"code": "1"})
        answers.add((told.status_code, told.text))
    # Whoever is refused cannot tell why; the log can.
    assert {status for status, _ in answers} == {401}
    assert len(answers) == 1
    reasons = [record.facts["why"] for record in caplog.records]  # type: ignore[attr-defined]
    assert {"malformed", "unknown", "expired", "withdrawn"} <= set(reasons)
    assert secret not in caplog.text


@pytest.mark.parametrize("role", [Role.ISSUER, Role.AUDITOR, Role.LIST_KEEPER])
def test_a_role_opens_its_own_and_nothing_else(office: Office, role: Role) -> None:
    told = office.ask("POST", "/api/verify", role=role, json={"code": office.code()})
    assert told.status_code == 403
    metrics = office.ask("GET", "/metrics", role=role)
    assert metrics.status_code == (200 if role is Role.AUDITOR else 403)
    assert office.ask("GET", "/metrics").status_code == 403
    assert office.ask("GET", "/metrics", role=Role.ADMINISTRATOR).status_code == 200


def test_the_cookie_works_for_the_page_alone(office: Office) -> None:
    token = office.token()
    assert office.client.post("/api/session", json={"token": token}).status_code == 401
    own = {"x-ecert-page": "1"}
    signed = office.client.post("/api/session", json={"token": token}, headers=own)
    assert signed.status_code == 200
    cookie = signed.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    body = {"code": office.code(), "matter": MATTER}
    # A form of another site cannot set the header.
    assert office.client.post("/api/verify", json=body).status_code == 401
    assert office.client.post("/api/verify", json=body, headers=own).json()["reason"] == "ok"
    office.client.request("DELETE", "/api/session", headers=own)
    assert office.client.post("/api/verify", json=body, headers=own).status_code == 401


def test_a_withdrawn_token_is_named_when_somebody_signs_in_with_it(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "ecert.service")
    token = office.token()
    _, token_id, secret = token.split(".")
    office.tokens.withdraw(token_id, AT)
    for shown in (token, f"ecert.{token_id}.made-up"):
        told = office.client.post(
            "/api/session", json={"token": shown}, headers={"x-ecert-page": "1"}
        )
        assert told.status_code == 401
    facts = [vars(one)["facts"] for one in caplog.records]
    assert [(one["why"], one["token"]) for one in facts] == [
        ("withdrawn", token_id), ("unknown", None)
    ]  # fmt: skip
    assert secret not in caplog.text


def test_a_token_is_kept_so_that_nobody_can_make_it_again(office: Office, tmp_path: Path) -> None:
    text = office.token()
    secret = text.split(".")[2]
    stored = b"".join(
        path.read_bytes() for path in (tmp_path / "window").rglob("*") if path.is_file()
    )
    assert secret.encode() not in stored
    assert find_token(text, office.tokens, AT)[0] is not None
    assert find_token(text, office.tokens, AT + timedelta(days=1))[1] == "expired"
    assert find_token(text, office.tokens, AT - timedelta(seconds=1))[1] == "expired"


# -- what is asked ----------------------------------------------------------------------------


def test_bodies_are_bounded(office: Office) -> None:
    head = {"content-type": "application/json"}
    most = json.dumps({"code": "1" * MAX_TOKEN_CHARS}).encode()
    assert office.ask("POST", "/api/verify", content=most, headers=head).status_code == 200
    over = json.dumps({"code": "1" * (MAX_TOKEN_CHARS + 1)}).encode()
    assert office.ask("POST", "/api/verify", content=over, headers=head).status_code == 422
    for size, status in ((MAX_REQUEST_BYTES, 422), (MAX_REQUEST_BYTES + 1, 413)):
        body = b"{" + b" " * (size - 2) + b"}"
        told = office.ask("POST", "/api/verify", content=body, headers=head)
        assert told.status_code == status
    octets = {"content-type": "application/octet-stream"}
    for size, status in ((MAX_PICTURE_BYTES, 200), (MAX_PICTURE_BYTES + 1, 413)):
        told = office.ask("POST", "/api/verify/picture", content=bytes(size), headers=octets)
        assert told.status_code == status


@pytest.mark.parametrize(
    "body",
    [{}, {"code": ""}, {"code": 5}, {"code": "1", "more": 1}, [], {"code": "1", "matter": ""}],
)
def test_a_malformed_body_is_a_mistake_of_the_caller(office: Office, body: object) -> None:
    told = office.ask("POST", "/api/verify", json=body)
    assert told.status_code == 422
    # What was sent is not sent back: it may be somebody's code.
    assert told.json().keys() == {"error", "zh", "en", "where"}
    assert told.json()["where"]
    secret = office.ask("POST", "/api/verify", json={"code": "12345", "张伟": "1"})
    assert "12345" not in secret.text


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/verify", b"\xff", 400), ("POST", "/api/verify", b"[" * 100_000, 400),
        ("POST", "/api/verify", b'{"code": %s}' % (b"1" * 5_000), 400),
        ("GET", "/api/nothing", None, 404), ("GET", "/api/verify", None, 405),
        ("POST", "/api/challenge", None, 400),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_both_languages_with_how_to_mend_it(
    office: Office, method: str, path: str, body: bytes | None, status: int
) -> None:
    head = {"content-type": "application/json"}
    told = office.ask(method, path, content=body, headers=head)
    assert told.status_code == status
    plain = told.json()
    assert plain.keys() == {"error", "zh", "en", "fix_zh", "fix_en"}
    for name, text in plain.items():
        assert text.isascii() is (not name.endswith("zh")), plain


def test_every_answer_carries_the_headers_that_protect_the_page(office: Office) -> None:
    for path in ("/", "/static/clerk.js", "/static/nothing", "/health", "/api/window"):
        headers = office.client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "'unsafe-inline'" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] in {"no-store", "no-cache"}
    assert office.client.get("/api/window").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "name", ["../serve.py", "..%2fserve.py", "%2e%2e/serve.py", "zxing-LICENSE"]
)
def test_only_the_pages_own_files_are_served(office: Office, name: str) -> None:
    assert office.client.get(f"/static/{name}").status_code == 404


def test_a_file_that_has_not_changed_is_not_sent_again(office: Office) -> None:
    first = office.client.get("/static/clerk.js")
    again = office.client.get("/static/clerk.js", headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_logs_and_metrics_hold_nothing_personal(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    code = office.code()
    office.ask("POST", "/api/verify", json={"code": code, "matter": MATTER})
    office.ask("GET", "/api/matters", params={"q": "张伟510681199003071237"})
    metrics = office.ask("GET", "/metrics", role=Role.AUDITOR).text
    assert 'ecert_verdicts_total{outcome="accepted",reason="ok"} 1.0' in metrics
    ours = [record for record in caplog.records if record.name.startswith("ecert")]
    assert ours
    logged = "".join(str(record.__dict__) for record in ours)
    for secret in (code, "张伟", NUMBER, MATTER):
        assert secret not in logged
        assert secret not in metrics


# -- at the counter ---------------------------------------------------------------------------


def with_settings(office: Office, **settings: Any) -> TestClient:
    """Serve the same window anew with other settings."""
    replace(office.workspace.settings, **settings).write(office.workspace.path)
    again = Workspace.open(office.workspace.path, clock=office.clock)
    return TestClient(application(again, clock=office.clock))


def bearer(office: Office) -> dict[str, str]:
    """Return the header of a clerk."""
    return {"authorization": f"Bearer {office.token()}"}


def test_only_a_screen_is_told_what_a_screen_needs_and_only_of_what_is_accepted(
    office: Office,
) -> None:
    body = {"code": office.code(), "matter": "社会保险业务"}
    told = office.ask("POST", "/api/verify", json=body | {"screen": True})
    assert told.json()["outcome"] == "not-recognised"
    assert str(office.licence.id) not in told.text
    body = {"code": office.code(), "matter": MATTER}
    (part,) = office.ask("POST", "/api/verify", json=body | {"screen": True}).json()["parts"]
    assert part["licence"]["portrait_jpeg"] is None
    assert part["headline"]["zh"] == "核验通过 · 予以认可"
    body = {"code": office.code(), "matter": MATTER}
    told = office.ask("POST", "/api/verify", json=body)
    assert "portrait_jpeg" not in told.json()["parts"][0]["licence"]
    # The licence id is told to nobody: what it is needed for, the window does itself.
    assert str(office.licence.id) not in told.text


def test_a_case_number_and_the_receipt_are_told_where_receipts_are_kept(office: Office) -> None:
    body = {"code": office.code(), "matter": MATTER, "case": "2026-1"}
    assert "receipt" not in office.ask("POST", "/api/verify", json=body).json()
    office.workspace.receipts.new_key(lambda: "")
    with with_settings(office, receipts="on") as client:
        told = client.post(
            "/api/verify", json=body | {"code": office.code()}, headers=bearer(office)
        ).json()
    assert told["receipt"]["number"] == 1
    (kept,) = office.workspace.receipts.find(ReceiptQuery(case="2026-1"))
    assert kept.number == 1


def test_a_receipt_that_could_not_be_kept_is_told(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("磁盘已满", "the disk is full")

    monkeypatch.setattr(SQLReceipts, "append", full)
    with with_settings(office, receipts="on") as client:
        body = {"code": office.code(), "matter": MATTER}
        told = client.post("/api/verify", json=body, headers=bearer(office)).json()
    assert (told["outcome"], "receipt" in told) == ("accepted", False)
    assert told["receipt_fault"]["zh"] == "磁盘已满"


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 422)])
def test_a_case_number_is_bounded(office: Office, more: int, status: int) -> None:
    body = {"code": office.code(), "matter": MATTER, "case": "1" * (MAX_CASE_CHARS + more)}
    assert office.ask("POST", "/api/verify", json=body).status_code == status


def test_a_window_without_a_number_gives_none_out_and_one_with_a_number_is_answered(
    office: Office,
) -> None:
    told = office.ask("POST", "/api/challenge")
    assert (told.status_code, told.json()["zh"]) == (400, "还不知道这是几号窗口")
    with with_settings(office, window=3) as client:
        given = client.post("/api/challenge", headers=bearer(office)).json()
        assert given["challenge"] == f"3-{given['number']}"
        assert given["left_seconds"] == 120
        assert b64decode(given["qr_png"]).startswith(b"\x89PNG")
        assert client.get("/api/window", headers=bearer(office)).json()["window"]["number"] == 3
        code = office.wallet.show(office.licence.id, challenge=given["challenge"]).text
        body = {"code": code, "matter": MATTER, "challenge": given["challenge"]}
        for expected in ("ok", "replayed"):
            told = client.post("/api/verify", json=body, headers=bearer(office))
            assert told.json()["reason"] == expected


def test_an_online_code_without_a_service_or_a_network_is_undetermined(office: Office) -> None:
    body = {"code": OnlineCode.new("511600").text, "matter": MATTER, "case": "2026-1"}
    assert office.ask("POST", "/api/verify", json=body).json()["outcome"] == "undetermined"
    gone = ShowServiceAddress(region="511600", url="http://127.0.0.1:9", token="t", allow_http=True)
    ShowServices((gone,)).write(office.workspace.path)
    told = office.ask("POST", "/api/verify", json=body).json()
    assert (told["outcome"], told["reason"]) == ("undetermined", "service-unreachable")
    del body["case"]
    told = office.ask("POST", "/api/verify", json=body)
    assert (told.status_code, "办件编号" in told.json()["zh"]) == (400, True)


@pytest.mark.parametrize("path", ["/api/challenge", "/api/objections"])
def test_an_auditor_acts_at_no_counter(office: Office, path: str) -> None:
    assert office.ask("POST", path, Role.AUDITOR, json={}).status_code == 403
    assert office.ask("POST", path, None, json={}).status_code == 401
