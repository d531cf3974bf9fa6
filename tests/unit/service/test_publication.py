"""What the service publishes, and who it believes about a caller."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

import ecert
from ecert.service.proxied import Proxied
from ecert.service.serve import application
from ecert.store.tokens import SQLTokens
from ecert.workspace import Workspace, webroot
from ecert.workspace.access import Role, new_token
from ecert.workspace.service_settings import PARTS, ServiceSettings
from tests.online.server import serving

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
NUMBER = "510681199003071237"


class Clock:
    """The time; tests move it."""

    now = AT

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def police(tmp_path: Path, clock: Clock) -> Workspace:
    """An office that has issued one licence and published everything."""
    made = Workspace.init(
        tmp_path / "police", region="511600", name="四川省广安市公安局", demo=True, clock=clock
    )
    licence = made.issuer.issue(
        "机动车驾驶证", number=NUMBER, holder=ecert.Holder("张伟", NUMBER),
        fields={"准驾车型": "C1"}, valid_until=date(2031, 6, 1),
    )  # fmt: skip
    made.issuer.file(licence.id)
    made.knowledge.accept_all(made.bundle().documents, roots=(made.bundle().roots,))
    made.knowledge.pin(ecert.demo_roots())
    made.knowledge.accept(ecert.fixture("川渝互认清单"))
    _publish(made)
    return made


def _publish(workspace: Workspace) -> None:
    webroot.write(workspace.path / "published", webroot.documents(workspace, everything=True))


def _client(workspace: Workspace, clock: Clock, **settings: Any) -> TestClient:
    given = ServiceSettings(**settings).in_folder(workspace.path)
    return TestClient(application(workspace, settings=given, clock=clock))


def _number(workspace: Workspace) -> str:
    return max(path.stem for path in (workspace.path / "published").glob("*.jwt"))


def test_a_status_list_may_be_kept_as_long_as_it_says_and_not_past_its_end(
    police: Workspace, clock: Clock
) -> None:
    with _client(police, clock) as client:
        number = _number(police)
        told = client.get(f"/published/{number}")
        assert told.headers["content-type"] == "application/statuslist+jwt"
        assert told.headers["cache-control"] == "public, max-age=3600"
        assert told.content == client.get(f"/published/{number}.jwt").content
        clock.now = AT + timedelta(hours=71, minutes=50)
        assert client.get(f"/published/{number}").headers["cache-control"] == "public, max-age=600"
        clock.now = AT + timedelta(hours=73)
        assert client.get(f"/published/{number}").headers["cache-control"] == "public, max-age=0"


def test_who_has_the_newest_is_told_so_and_a_revocation_changes_the_mark(
    police: Workspace, clock: Clock
) -> None:
    with _client(police, clock) as client:
        path = f"/published/{_number(police)}"
        first = client.get(path)
        mark, modified = first.headers["etag"], first.headers["last-modified"]
        for headers, status in (
            ({"if-none-match": mark}, 304),
            ({"if-none-match": f'"other", W/{mark}'}, 304),
            ({"if-none-match": "*"}, 304),
            ({"if-none-match": '"other"'}, 200),
            ({"if-modified-since": modified}, 304),
            ({"if-modified-since": "yesterday"}, 200),
            ({"if-none-match": '"other"', "if-modified-since": modified}, 200),
        ):
            told = client.get(path, headers=headers)
            assert (told.status_code, told.headers["etag"]) == (status, mark)
            assert bool(told.content) is (status == 200)
        head = client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(first.content))
        licence = police.licences.find("1")
        police.issuer.revoke(licence.id, reason="测试", document="测〔2026〕1号")
        _publish(police)
        assert client.get(path, headers={"if-none-match": mark}).status_code == 200


def test_all_documents_are_there_and_nothing_else(police: Workspace, clock: Clock) -> None:
    (police.path / "published" / "secret.txt").write_text("not for the world")
    (police.path / "published" / "7.jwt").write_text("no list")
    with _client(police, clock) as client:
        for name in (webroot.INDEX, *webroot.OF_ALL):
            assert client.get(f"/published/{name}").headers["content-type"] == "application/json"
        lists = client.get(f"/published/{webroot.RECOGNITION}")
        assert lists.headers["content-type"] == "application/jsonl"
        odd = client.get("/published/7")
        assert odd.headers["cache-control"] == "public, max-age=0"
        for name in ("", "secret.txt", "0", "99", "..%2fecert.toml", "%2e%2e/ecert.toml", "1.jwt/"):
            told = client.get(f"/published/{name}", follow_redirects=False)
            assert told.status_code in {307, 404}, name
            assert "region" not in told.text
        assert client.post("/published/1").status_code == 405


def test_a_window_publishes_nothing_and_what_is_not_asked_for_is_not_there(
    police: Workspace, clock: Clock, tmp_path: Path
) -> None:
    window = Workspace.init(tmp_path / "w", region="500000", name="窗口", clock=clock)
    (window.path / "published").mkdir()
    (window.path / "published" / "index.json").write_text("{}")
    with _client(window, clock) as client:
        assert client.get("/published/index.json").status_code == 404
        assert client.get("/").status_code == 200
        assert client.post("/show/v1/redeem", json={}).status_code == 404
    with _client(police, clock, parts=("publication",)) as client:
        assert client.get("/published/index.json").status_code == 200
        assert [client.get(path).status_code for path in ("/", "/api/window")] == [404, 404]


def test_another_region_syncs_from_a_running_service(
    police: Workspace, clock: Clock, tmp_path: Path
) -> None:
    from dataclasses import replace

    from ecert.workspace.settings import Settings

    with Workspace.init(
        tmp_path / "w", region="500000", name="窗口", demo=True, clock=clock
    ) as made:
        made.accept_bundle(police.bundle().to_bytes())
    with serving(application(police, clock=clock)) as url:
        base = f"{url}/published/"
        replace(
            Settings.read(tmp_path / "w"),
            sources=((base,), (f"{base}{webroot.RECOGNITION}",)), allow_http=True,
        ).write(tmp_path / "w")  # fmt: skip
        licence = police.licences.find("1")
        clock.now = AT + timedelta(minutes=5)
        police.issuer.revoke(licence.id, reason="测试", document="测〔2026〕1号")
        _publish(police)
        with Workspace.open(tmp_path / "w", clock=clock) as window:
            rows = window.sync()
            assert [row.result for row in rows][:2] == ["new", "new"], [r.to_dict() for r in rows]
            assert window.knowledge.recognition.lists
            again = window.sync()
        assert {row.result for row in again} == {"unchanged"}


def test_the_show_service_stands_inside_and_its_log_names_no_address(
    police: Workspace, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "ecert.service")
    with _client(police, clock, parts=PARTS) as client:
        assert client.get("/show/health").json() == {"ok": True}
        told = client.post("/show/v1/redeem", json={"code": "1"})
        assert told.status_code == 400
        assert "code、purpose" in told.json()["error"]["zh"]
    paths = [record.facts["path"] for record in caplog.records]  # type: ignore[attr-defined]
    assert paths == ["/show/health", "/show/v1/redeem"]


# -- behind a web server ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nearest", "told", "caller"),
    [
        ("10.0.0.5", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.5", "6.6.6.6, 203.0.113.7", "203.0.113.7"),  # what the caller wrote comes first
        ("10.0.0.5", "203.0.113.7, 10.0.0.6", "203.0.113.7"),
        ("::ffff:10.0.0.5", "203.0.113.7", "203.0.113.7"),
        ("192.0.2.1", "203.0.113.7", "192.0.2.1"),  # a stranger's word
        ("10.0.0.5", "unknown", "10.0.0.5"),
        ("10.0.0.5", "", "10.0.0.5"),
    ],
)
def test_only_a_trusted_web_server_is_believed_about_a_caller(
    nearest: str, told: str, caller: str
) -> None:
    proxied = Proxied(None, scheme="https", trusted=("10.0.0.0/24",))  # type: ignore[arg-type]
    assert proxied._caller(nearest, told.encode()) == caller


@pytest.mark.parametrize(("behind", "secure"), [("https", True), ("http", False), (None, False)])
def test_the_cookie_is_secure_where_the_settings_say_https_whatever_a_header_says(
    police: Workspace, clock: Clock, behind: str | None, secure: bool
) -> None:
    text, kept = new_token(Role.CLERK, "3号窗口", created=AT, expires=AT + timedelta(days=1))
    SQLTokens(police.engine).add(kept)
    with _client(police, clock, behind=behind) as client:
        told = client.post(
            "/api/session", json={"token": text},
            headers={"x-ecert-page": "1", "x-forwarded-proto": "https"},
        )  # fmt: skip
    assert told.status_code == 200
    assert ("; secure" in told.headers["set-cookie"].lower()) is secure
