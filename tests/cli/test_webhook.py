"""``ecert webhook``, against a receiver of its own."""

from __future__ import annotations

from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures
from ecert.clock import system_clock
from ecert.webhooks import open_webhook
from ecert.workspace.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Runs


class Took:
    """A receiver that takes everything, or refuses it."""

    def __init__(self) -> None:
        self.status = 204
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.url = ""


@pytest.fixture
def took() -> Iterator[Took]:
    """A server of this machine."""
    made = Took()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.got.append((dict(self.headers.items()), body))
            self.send_response(made.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_receiver_is_added_tested_told_and_withdrawn(
    ecert: Runs, place: Path, took: Took
) -> None:
    at = ("-C", place / "guangan")
    inside = ecert(*at, "webhook", "add", took.url)
    assert inside.code != 0
    assert "webhook_networks" in inside.err
    settings = Settings.read(place / "guangan")
    replace(settings, webhook_networks=("127.0.0.1",)).write(place / "guangan")
    dry = ecert(*at, "webhook", "add", took.url, "--dry-run", "--json").json
    assert (dry["secret"], dry["dry_run"]) == (None, True)
    added = ecert(*at, "webhook", "add", took.url, "--json").json
    secret = added["secret"]
    listed = ecert(*at, "webhook", "list", "--json").json["webhooks"]
    assert [(one["id"], one["url"]) for one in listed] == [(added["id"], took.url)]
    assert secret not in ecert(*at, "webhook", "list").out
    assert ecert(*at, "webhook", "test", added["id"]).code == 0
    headers, body = took.got[-1]
    assert open_webhook(headers, body, secret, at=system_clock()).kind == "test"
    assert ecert(*at, "webhook", "run", "--once", "--json").json["failed"] == 0
    took.status = 500
    failed = ecert(*at, "webhook", "test", added["id"])
    assert failed.code != 0
    assert "500" in failed.err
    assert ecert(*at, "webhook", "deliveries", "--dead", "--json").json["deliveries"] == []
    assert ecert(*at, "webhook", "deliveries", "--again").code == 0
    dry = ecert(*at, "webhook", "withdraw", added["id"], "--dry-run", "--json").json
    assert dry["dry_run"]
    assert ecert(*at, "webhook", "withdraw", added["id"], "--yes").code == 0
    again = ecert(*at, "webhook", "withdraw", added["id"], "--yes")
    assert again.code == failures.USAGE
    assert "webhook list" in again.err


@pytest.mark.parametrize(
    "more",
    [("https://a.example/x?y=1",), ("http://a.example/",), ("https://a.example/", "--event", "x")],
)
def test_what_may_not_be_added_is_not(ecert: Runs, place: Path, more: tuple[str, ...]) -> None:
    ran = ecert("-C", place / "guangan", "webhook", "add", *more)
    assert ran.code != 0
    assert ran.err
    assert ecert("-C", place / "guangan", "webhook", "list", "--json").json == {"webhooks": []}
