"""Webhooks against a real receiver: one that fails, hangs, sends elsewhere, and then takes them."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

import ecert
from ecert import limits
from ecert.client.receivers import AllowedReceivers
from ecert.client.sending import require_receiver
from ecert.errors import CustodyError, FetchError, FormatError, SignatureError, WorkspaceError
from ecert.faults import FetchFault
from ecert.issuers.changes import carry_out_in
from ecert.issuers.lifecycle import Move
from ecert.service.webhook_running import deliver_until, delivering
from ecert.webhooks import KINDS, WebhookEvent, open_webhook, sign_webhook
from ecert.workspace import Workspace
from ecert.workspace.webhooks import SECRET_FILE, WebhookDesk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.issuers.changes import Order

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
NUMBER = "510681199003071237"


class Clock:
    """The time; tests move it."""

    now = AT

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **step: float) -> None:
        self.now += timedelta(**step)


class Receiver:
    """Somebody else's server: answers what it is told to, and keeps what it took."""

    def __init__(self) -> None:
        self.plan: list[str] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.elsewhere: list[str] = []
        self.let_go = threading.Event()
        self.url = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["content-length"]))
        if handler.path == "/elsewhere":
            self.elsewhere.append(handler.path)
        what = self.plan.pop(0) if self.plan else "200"
        if what == "hang":
            self.let_go.wait(20)
            return
        if what == "drop":
            handler.connection.close()
            return
        handler.send_response(int(what))
        if what.startswith("3"):
            handler.send_header("location", f"{self.url}/elsewhere")
        handler.send_header("content-length", "0")
        handler.end_headers()
        if what.startswith("2"):
            headers = {name.lower(): value for name, value in handler.headers.items()}
            self.got.append((headers, body))


@contextmanager
def listening(receiver: Receiver) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        receiver.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    with listening(made):
        yield made


@pytest.fixture
def office(tmp_path: Path, clock: Clock) -> Iterator[Workspace]:
    with Workspace.init(
        tmp_path / "office", region="511600", name="四川省广安市公安局", demo=True, clock=clock
    ) as made:
        # The receivers of these tests are on this very machine.
        made.settings = replace(made.settings, webhook_networks=("127.0.0.1",))
        made.settings.write(made.path)
        yield made


def issue(office: Workspace) -> ecert.Licence:
    return office.issuer.issue(
        "机动车驾驶证", number=NUMBER, holder=ecert.Holder("张伟", NUMBER),
        fields={"准驾车型": "C1"}, valid_until=date(2031, 6, 1),
    )  # fmt: skip


def revoke(office: Workspace, licence: ecert.Licence) -> None:
    office.issuer.revoke(licence.id, reason="违法", document="样例〔2026〕9号")


def settled(desk: WebhookDesk) -> list[str]:
    return [one.state for one in desk.store.deliveries()]


# -- what is told ----------------------------------------------------------------------------------


def test_every_change_of_state_is_told_signed_and_without_anything_of_the_holder(
    office: Workspace, clock: Clock, receiver: Receiver
) -> None:
    desk = WebhookDesk(office)
    added, secret = desk.add(f"{receiver.url}/hook", KINDS)
    licence = issue(office)
    office.issuer.suspend(licence.id, reason="调查", document="样例〔2026〕7号")
    clock.advance(seconds=1)
    office.issuer.reinstate(licence.id, reason="查清", document="样例〔2026〕8号")
    clock.advance(seconds=1)
    revoke(office, licence)
    assert desk.run_once().delivered == 3
    told = [open_webhook(headers, body, secret, at=clock()) for headers, body in receiver.got]
    assert [(one.kind, one.detail) for one in told] == [
        ("licence.suspended", "suspended"), ("licence.reinstated", "issued"),
        ("licence.revoked", "revoked"),
    ]  # fmt: skip
    assert {one.subject for one in told} == {str(licence.id)}
    assert len({one.id for one in told}) == 3
    for _, body in receiver.got:
        for personal in ("张伟", NUMBER, "违法", "样例"):
            assert personal.encode() not in body
    assert added.digest not in receiver.got[0][1]


def test_an_issue_is_no_change_of_state_and_only_what_was_asked_for_is_told(
    office: Workspace, receiver: Receiver
) -> None:
    desk = WebhookDesk(office)
    desk.add(f"{receiver.url}/hook", ("licence.revoked",))
    licence = issue(office)
    office.issuer.suspend(licence.id, reason="调查", document="样例〔2026〕7号")
    assert desk.store.deliveries() == []
    revoke(office, licence)
    assert [one.event.kind for one in desk.store.deliveries()] == ["licence.revoked"]


def test_what_was_not_committed_is_not_told(office: Workspace, receiver: Receiver) -> None:
    desk = WebhookDesk(office)
    desk.add(f"{receiver.url}/hook", KINDS)
    licence = issue(office)
    order: Order = {"reason": "违法", "document": "样例〔2026〕9号", "actor": "办件人"}

    def revoke_and_crash() -> None:
        with office.register.transaction() as tx:
            carry_out_in(tx, str(licence.id), Move.REVOKE, order, AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        revoke_and_crash()
    assert desk.store.deliveries() == []


def test_a_list_that_changes_and_one_that_ends_are_told_once(
    office: Workspace, clock: Clock, receiver: Receiver
) -> None:
    desk = WebhookDesk(office)
    _, secret = desk.add(f"{receiver.url}/hook", ("list.changed", "list.expired"))
    office.knowledge.pin(ecert.demo_roots())
    office.knowledge.accept(ecert.fixture("川渝互认清单"))
    office.knowledge.accept(ecert.fixture("川渝互认清单"))
    while desk.run_once().delivered:
        pass
    told = [open_webhook(headers, body, secret, at=clock()) for headers, body in receiver.got]
    assert [one.kind for one in told].count("list.changed") == len(told)
    (changed,) = [one for one in told if "recognition" in one.subject]
    receiver.got.clear()
    clock.advance(days=4000)
    while desk.run_once().delivered:
        pass
    ended = [open_webhook(headers, body, secret, at=clock()) for headers, body in receiver.got]
    assert {one.kind for one in ended} == {"list.expired"}
    assert changed.subject in {one.subject for one in ended}
    receiver.got.clear()
    assert desk.run_once().delivered == 0
    assert receiver.got == []


# -- how it is sent --------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["500", "404", "drop", "302", "307"])
def test_what_is_not_taken_is_sent_again_later(
    office: Workspace, clock: Clock, receiver: Receiver, how: str
) -> None:
    desk = WebhookDesk(office)
    _, secret = desk.add(f"{receiver.url}/hook", KINDS)
    revoke(office, issue(office))
    receiver.plan = [how]
    assert desk.run_once().failed == 1
    (waiting,) = desk.store.deliveries()
    assert (waiting.state, waiting.attempts) == ("open", 1)
    assert waiting.said
    first = limits.WEBHOOK_FIRST_PAUSE
    assert first / 2 <= waiting.due - clock() <= first
    # Not before its time; and nobody was followed elsewhere.
    assert desk.run_once() == type(desk.run_once())()
    assert receiver.elsewhere == []
    clock.advance(seconds=first.total_seconds())
    assert desk.run_once().delivered == 1
    ((headers, body),) = receiver.got
    assert open_webhook(headers, body, secret, at=clock()).kind == "licence.revoked"
    assert settled(desk) == ["delivered"]


def test_a_receiver_that_hangs_ends_at_the_deadline(
    office: Workspace, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WEBHOOK_DEADLINE", timedelta(seconds=0.3))
    desk = WebhookDesk(office)
    desk.add(f"{receiver.url}/hook", KINDS)
    revoke(office, issue(office))
    receiver.plan = ["hang"]
    assert desk.run_once().failed == 1
    assert "FetchError" in desk.store.deliveries()[0].said


def test_after_days_it_is_given_up_told_in_a_list_and_can_be_tried_again(
    office: Workspace, clock: Clock, receiver: Receiver
) -> None:
    desk = WebhookDesk(office, days=1)
    _, secret = desk.add(f"{receiver.url}/hook", KINDS)
    revoke(office, issue(office))
    receiver.plan = ["500"] * 1000
    attempts = 0
    while settled(desk) != ["dead"]:
        attempts += desk.run_once().failed
        clock.advance(hours=1)
    # Pauses that double up to an hour: within a day some thirty, not thousands.
    assert 20 <= attempts <= 60
    (dead,) = desk.store.deliveries(state="dead")
    assert "500" in dead.said
    assert desk.store.again(clock()) == 1
    receiver.plan.clear()
    assert desk.run_once().delivered == 1
    ((headers, body),) = receiver.got
    event = open_webhook(headers, body, secret, at=clock())
    # The same event, with the time that it happened.
    assert (event.id, event.at) == (dead.event.id, AT)
    assert desk.prune() == 0
    clock.advance(days=31)
    assert desk.prune() == 1


def test_two_processes_never_send_the_same_side_by_side(
    office: Workspace, clock: Clock, tmp_path: Path, receiver: Receiver
) -> None:
    WebhookDesk(office).add(f"{receiver.url}/hook", KINDS)
    licences = [issue(office) for _ in range(6)]
    for licence in licences:
        revoke(office, licence)
    others = [Workspace.open(tmp_path / "office", clock=clock) for _ in range(3)]
    rounds = [0] * 3

    def work(number: int) -> None:
        desk = WebhookDesk(others[number])
        while done := desk.run_once().delivered:
            rounds[number] += done

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        other.close()
    assert sum(rounds) == len(licences) == len(receiver.got)
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == len(licences)


def test_what_a_dead_process_had_taken_goes_out_when_its_lease_ends(
    office: Workspace, clock: Clock, receiver: Receiver
) -> None:
    desk = WebhookDesk(office)
    desk.add(f"{receiver.url}/hook", KINDS)
    revoke(office, issue(office))
    assert len(desk.store.take(clock())) == 1  # and then it dies
    assert desk.run_once().delivered == 0
    clock.advance(seconds=limits.WEBHOOK_LEASE.total_seconds() - 1)
    assert desk.run_once().delivered == 0
    clock.advance(seconds=1)
    assert desk.run_once().delivered == 1


def test_a_withdrawn_receiver_is_told_no_more(
    office: Workspace, clock: Clock, receiver: Receiver
) -> None:
    desk = WebhookDesk(office)
    added, _ = desk.add(f"{receiver.url}/hook", KINDS)
    revoke(office, issue(office))
    desk.withdraw(added.id)
    assert desk.run_once().delivered == 0
    assert settled(desk) == ["dead"]
    assert desk.store.again(clock()) == 0
    with pytest.raises(WorkspaceError):
        desk.withdraw(added.id)
    with pytest.raises(WorkspaceError):
        desk.test(added.id)


def test_a_test_is_sent_now_and_says_what_is_wrong(
    office: Workspace, clock: Clock, receiver: Receiver
) -> None:
    desk = WebhookDesk(office)
    added, secret = desk.add(f"{receiver.url}/hook", ("licence.revoked",))
    desk.test(added.id)
    ((headers, body),) = receiver.got
    assert open_webhook(headers, body, secret, at=clock()).kind == "test"
    receiver.plan = ["302"]
    with pytest.raises(FetchError) as caught:
        desk.test(added.id)
    assert caught.value.fault is FetchFault.REDIRECTED


def test_a_refused_target_is_kept_with_the_reason_and_told_loudly(
    office: Workspace, clock: Clock, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    points_at = ["203.0.113.9", "10.9.8.7"]  # the second look-up is answered otherwise

    async def resolve(host: str, port: int) -> list[str]:
        assert (host, port) == ("receiver.example", 443)
        return points_at[-1:]

    desk = WebhookDesk(office, resolve=resolve)
    desk.add("https://receiver.example/hook", KINDS)
    revoke(office, issue(office))
    with caplog.at_level("ERROR", "ecert.service"):
        turns = iter([False, True])
        deliver_until(desk, lambda: next(turns), lambda _: None)
    (told,) = caplog.records
    assert "it points at the inner address 10.9.8.7" in told.getMessage()
    (waiting,) = desk.store.deliveries()
    assert (waiting.state, waiting.attempts) == ("open", 1)
    assert "it points at the inner address 10.9.8.7" in waiting.said
    # It stays so until it is given up; then it is listed with its reason.
    while settled(desk) != ["dead"]:
        clock.advance(hours=12)
        (reason,) = desk.run_once().refused
        assert "webhook_networks" in reason.fix_zh
    assert "10.9.8.7" in desk.store.deliveries(state="dead")[0].said


# -- secrets and addresses -------------------------------------------------------------------------


def test_the_database_holds_no_secret_and_another_machines_is_not_used(
    office: Workspace, tmp_path: Path, receiver: Receiver
) -> None:
    desk = WebhookDesk(office)
    added, secret = desk.add(f"{receiver.url}/hook", KINDS)
    path = tmp_path / "office" / "keys" / SECRET_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    stored = b"".join(one.read_bytes() for one in (tmp_path / "office").glob("ecert.db*"))
    assert secret.removeprefix("whsec_").encode() not in stored
    assert path.read_bytes() not in stored
    path.write_bytes(b"x" * 32)
    with pytest.raises(CustodyError, match="another"):
        desk.test(added.id)
    path.unlink()
    with pytest.raises(CustodyError, match="not on this machine"):
        desk.test(added.id)
    assert receiver.got == []


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.example/hook", "ftp://receiver.example/", "https://user:x@receiver.example/",
        "https://169.254.169.254/latest/meta-data", "https://[fe80::1]/", "https://0.0.0.0/",
        "https://224.0.0.1/", "file:///etc/passwd", "https://receiver.example/?a=1", "https://",
        "http://127.0.0.1.example/", "https://10.1.2.3/hook", "http://[::1]/hook",
    ],
)  # fmt: skip
def test_addresses_that_are_not_sent_to(office: Workspace, url: str) -> None:
    with pytest.raises(FetchError) as caught:
        WebhookDesk(office).add(url, KINDS)
    assert caught.value.fault is FetchFault.ADDRESS


def test_http_is_for_this_machine_or_where_the_settings_allow_it() -> None:
    allowed = AllowedReceivers.read(["127.0.0.1", "10.0.0.0/8"])
    assert require_receiver("http://127.0.0.1:8080/hook", allowed=allowed)
    assert require_receiver("http://10.1.2.3/hook", allow_http=True, allowed=allowed)
    with pytest.raises(FetchError):
        require_receiver("http://10.1.2.3/hook", allowed=allowed)
    with pytest.raises(FetchError):
        require_receiver("http://169.254.169.254/", allow_http=True)


def test_as_many_receivers_as_may_be(office: Workspace) -> None:
    desk = WebhookDesk(office)
    for number in range(limits.MAX_WEBHOOKS):
        desk.add(f"https://receiver.example/{number}", ("licence.revoked",))
    with pytest.raises(FormatError, match="50"):
        desk.add("https://receiver.example/more", ("licence.revoked",))
    with pytest.raises(FormatError, match="no such event"):
        desk.add("https://receiver.example/more", ("licence.eaten",))
    with pytest.raises(ValueError, match="30 days"):
        WebhookDesk(office, days=limits.MAX_WEBHOOK_DAYS + 1)
    WebhookDesk(office, days=limits.MAX_WEBHOOK_DAYS)


# -- the receiver's side ---------------------------------------------------------------------------

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EVENT = WebhookEvent("evt_1", "licence.revoked", AT, "1.2.156.3005.2.x", "revoked")


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example of the specification's own libraries."""
    headers = sign_webhook(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', SECRET,
        at=datetime.fromtimestamp(1614265330, UTC),
    )  # fmt: skip
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_refuses_what_is_not_proven_now() -> None:
    body = EVENT.to_body()
    headers = sign_webhook("evt_1", body, SECRET, at=AT)
    assert open_webhook(headers, body, SECRET, at=AT) == EVENT
    upper = {name.upper(): value for name, value in headers.items()}
    old = "whsec_" + "QUJD" * 8
    assert open_webhook(upper, body, [old, SECRET], at=AT) == EVENT
    wrongs: tuple[dict[str, Any], ...] = (
        {"body": body + b" "}, {"secrets": old}, {"headers": headers | {"webhook-id": "evt_2"}},
        {"headers": headers | {"webhook-timestamp": str(int(AT.timestamp()) + 1)}},
        {"headers": headers | {"webhook-signature": ""}}, {"headers": {}},
        {"headers": headers | {"webhook-timestamp": "-1"}},
        {"headers": headers | {"webhook-signature": "v1,é"}},
        {"headers": headers | {"webhook-signature": "v1,\udce9"}},
    )  # fmt: skip
    for wrong in wrongs:
        given = {"headers": headers, "body": body, "secrets": SECRET} | wrong
        with pytest.raises(SignatureError):
            open_webhook(**given, at=AT)


def test_the_receivers_window_at_its_limit_and_beyond() -> None:
    body = EVENT.to_body()
    headers = sign_webhook("evt_1", body, SECRET, at=AT)
    for way in (1, -1):
        assert open_webhook(headers, body, SECRET, at=AT + way * limits.WEBHOOK_WINDOW) == EVENT
        late = limits.WEBHOOK_WINDOW + timedelta(seconds=1)
        with pytest.raises(SignatureError, match="these minutes"):
            open_webhook(headers, body, SECRET, at=AT + way * late)
    over = b" " * (limits.MAX_WEBHOOK_BYTES + 1)
    with pytest.raises(SignatureError, match="too large"):
        open_webhook(sign_webhook("e", over, SECRET, at=AT), over, SECRET, at=AT)
    most = over[:-1]
    with pytest.raises(ecert.EcertError) as caught:
        open_webhook(sign_webhook("e", most, SECRET, at=AT), most, SECRET, at=AT)
    assert "too large" not in caught.value.en


# -- in the service's background -------------------------------------------------------------------


def test_the_service_sends_where_the_settings_ask_for_it(
    office: Workspace, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:

    WebhookDesk(office).add(f"{receiver.url}/hook", KINDS)
    revoke(office, issue(office))
    with delivering(office):
        assert not [one for one in threading.enumerate() if "deliver_until" in one.name]
    monkeypatch.setattr(office, "settings", replace(office.settings, webhooks="deliver"))
    with delivering(office):
        until = time.monotonic() + 20
        while not receiver.got and time.monotonic() < until:
            time.sleep(0.01)
    assert len(receiver.got) == 1


def test_the_settings_know_two_ways(office: Workspace) -> None:
    deliver = replace(office.settings, webhooks="deliver")
    assert 'webhooks = "deliver"' in deliver.to_toml()
    # Left out while it is off, so that an older program reads the file.
    assert "webhooks" not in office.settings.to_toml()
    assert 'webhook_networks = ["127.0.0.1"]' in office.settings.to_toml()
    assert "webhook" not in replace(office.settings, webhook_networks=()).to_toml()
    with pytest.raises(FormatError, match="neither a network"):
        replace(office.settings, webhook_networks=("10.0.0.0/99",))
    with pytest.raises(FormatError, match="no such setting"):
        replace(office.settings, webhooks="on")
