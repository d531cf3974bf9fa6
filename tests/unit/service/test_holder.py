"""The holder's API without a browser: one holder, one wallet, and nothing of anybody else's."""

from __future__ import annotations

import json
import logging
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from fastapi import FastAPI, Header, HTTPException
from starlette.testclient import TestClient

import ecert
from ecert import limits
from ecert.errors import VaultError
from ecert.service.holder_api import account_router, holder_pages
from ecert.service.holder_sign_in import COOKIE
from ecert.wallet.cards import CardState, cards_of
from ecert.workspace.holder_rates import HolderRates
from tests.operator import AT, COMPANY, NUMBERS, PIN, Office, Operator, caller_at, show_service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.online.desk import ShowDesk

OWN = {"x-ecert-page": "1"}
WRONG = "904128"


class Phone:
    """A holder's browser."""

    def __init__(self, operator: Operator, account: str | None) -> None:
        self.client = TestClient(operator.app(), base_url="https://wallet.example")
        if account is not None:
            entered = self.send("POST", "/session", link=operator.link(account))
            assert entered.status_code == 200

    def get(self, path: str = "", **how: Any) -> Any:
        """Look."""
        return self.client.get(f"/api/wallet{path}", **how)

    def send(self, method: str, path: str, **body: Any) -> Any:
        """Ask for something, as the page does."""
        return self.client.request(method, f"/api/wallet{path}", headers=OWN, json=body)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """What all tests here begin with."""
    return Office.make(tmp_path_factory.mktemp("office"))


@pytest.fixture
def operator(office: Office, tmp_path: Path) -> Iterator[Operator]:
    """An app back end."""
    made = Operator(office, tmp_path)
    yield made
    made.workspace.close()


@pytest.fixture
def zhang(operator: Operator) -> Phone:
    """Zhang, signed in."""
    return Phone(operator, "zhang")


# -- signing in -------------------------------------------------------------------------------


def test_a_link_is_good_once_and_for_two_minutes(operator: Operator) -> None:
    phone, link = Phone(operator, None), operator.link("zhang")
    assert phone.send("POST", "/session", link=link).status_code == 200
    assert phone.get().json()["owner"] == "张*"
    assert phone.send("POST", "/session", link=link).status_code == 401
    late = operator.link("zhang")
    operator.clock.now += limits.HOLDER_LINK_LIFE
    assert phone.send("POST", "/session", link=late).status_code == 401
    in_time = operator.link("zhang")
    operator.clock.now += limits.HOLDER_LINK_LIFE - timedelta(microseconds=1)
    assert phone.send("POST", "/session", link=in_time).status_code == 200


def test_a_session_ends_after_idleness_and_after_its_whole_life(operator: Operator) -> None:
    phone = Phone(operator, "zhang")
    operator.clock.now += limits.HOLDER_SESSION_IDLE - timedelta(microseconds=1)
    assert phone.get().status_code == 200
    operator.clock.now += limits.HOLDER_SESSION_IDLE
    assert phone.get().status_code == 401
    phone = Phone(operator, "zhang")
    begun = operator.clock.now
    while operator.clock.now < begun + limits.HOLDER_SESSION_LIFE - timedelta(minutes=9):
        operator.clock.go(minutes=9)
        assert phone.get().status_code == 200
    operator.clock.now = begun + limits.HOLDER_SESSION_LIFE
    assert phone.get().status_code == 401


def test_the_cookie_is_for_the_page_alone_and_is_kept_as_a_digest(
    operator: Operator, tmp_path: Path
) -> None:
    phone, link = Phone(operator, None), operator.link("zhang")
    told = phone.send("POST", "/session", link=link)
    cookie = told.headers["set-cookie"].lower()
    for word in ("httponly", "samesite=strict", "path=/api/wallet"):
        assert word in cookie
    session = phone.client.cookies[COOKIE]
    stored = b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
    for secret in (link, session, "zhang"):
        assert secret.encode() not in stored
    assert phone.send("DELETE", "/session").status_code == 200
    phone.client.cookies.set(COOKIE, session, path="/api/wallet")
    assert phone.get().status_code == 401


def test_a_holder_has_so_many_sessions_and_the_oldest_makes_room(operator: Operator) -> None:
    phones = [Phone(operator, "zhang") for _ in range(limits.MAX_HOLDER_SESSIONS)]
    other = Phone(operator, "li")
    assert [one.get().status_code for one in phones] == [200] * len(phones)
    newest = Phone(operator, "zhang")
    assert [one.get().status_code for one in phones] == [401] + [200] * (len(phones) - 1)
    assert newest.get().status_code == other.get().status_code == 200
    assert operator.access.end_all("zhang") == limits.MAX_HOLDER_SESSIONS
    assert newest.get().status_code == 401
    assert other.get().status_code == 200


def test_an_erased_wallet_leaves_no_session_and_no_link(operator: Operator) -> None:
    phone, link = Phone(operator, "zhang"), operator.link("zhang")
    operator.wallets.remove("zhang")
    operator.wallets.create("zhang", clock=operator.clock)
    assert phone.get().status_code == 401
    assert phone.send("POST", "/session", link=link).status_code == 401


def test_nothing_readable_reaches_the_disk(operator: Operator, tmp_path: Path) -> None:
    phone = Phone(operator, "zhang")
    phone.send("PUT", "/pin", new=PIN)
    own = operator.licences["zhang"]
    said = {"to": "重庆车管所", "matter": "机动车业务", "challenge": "12-482913"}
    assert phone.send("POST", "/show", licences=own, pin=PIN, **said).status_code == 200
    assert operator.wallet("zhang").log.records[-1].to == "重庆车管所"
    stored = b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
    readable = ("张伟", NUMBERS["zhang"], own[0], PIN, "重庆车管所", "SC12345678", "12-482913")
    assert [one for one in readable if one.encode() in stored] == []


def test_no_link_is_made_for_an_account_without_a_wallet(operator: Operator) -> None:
    with pytest.raises(VaultError, match="没有这个账户的卡包"):
        operator.access.link("nobody", AT)


# -- one holder never reaches another's wallet ------------------------------------------------

_PATHS = (
    ("GET", ""), ("GET", "/matters?region=500000"), ("POST", "/suggest"), ("POST", "/show"),
    ("POST", "/online"), ("POST", "/online/cancel"), ("POST", "/consent"),
    ("POST", "/consent/pending"), ("POST", "/consent/agree"), ("POST", "/consent/decline"),
    ("GET", "/mandates"), ("POST", "/mandates"), ("POST", "/mandates/agent"),
    ("POST", "/mandates/withdraw"),
    ("GET", "/log"), ("DELETE", "/log"),
    ("POST", "/log/online"), ("PUT", "/pin"), ("DELETE", "/pin"),
)  # fmt: skip


@pytest.mark.parametrize(("method", "path"), _PATHS)
def test_nothing_opens_without_a_session(operator: Operator, method: str, path: str) -> None:
    link = operator.link("zhang")
    answers = set()
    for value in ("", "x", link, "zhang", operator.wallets.handle("zhang").hex()):
        client = TestClient(operator.app(), base_url="https://wallet.example")
        client.cookies.set(COOKIE, value, path="/api/wallet")
        told = client.request(method, f"/api/wallet{path}", headers=OWN, json={})
        answers.add((told.status_code, told.text))
    assert len(answers) == 1
    assert answers.pop()[0] == 401
    # A link that was only tried as a session is not used up.
    assert operator.access.enter(link, operator.clock()) is not None


def test_anothers_licence_is_not_there_whatever_is_asked(operator: Operator, zhang: Phone) -> None:
    theirs, own = operator.licences["li"], operator.licences["zhang"]
    region = {"matter": "机动车业务", "region": "500000"}
    for told in (
        zhang.send("POST", "/show", licences=[theirs[0]]),
        zhang.send("POST", "/show", licences=[own[0], theirs[1]]),
        zhang.send("POST", "/suggest", licences=[theirs[0]], **region),
        zhang.send("POST", "/online", licence=theirs[0]),
    ):
        assert told.status_code == 404, told.text
        assert "李" not in told.text
    assert theirs[0] not in zhang.get().text
    assert operator.wallet("li").log.records == ()
    assert operator.wallet("zhang").log.records == ()


@pytest.mark.parametrize(
    "more",
    [{"account": "li"}, {"holder": "li"}, {"handle": "00"}, {"owner": "li"}],
    ids=["account", "holder", "handle", "owner"],
)
def test_nothing_in_a_request_chooses_the_wallet(
    operator: Operator, zhang: Phone, more: dict[str, str]
) -> None:
    more = {
        name: value.replace("00", operator.wallets.handle("li").hex())
        for name, value in more.items()
    }
    assert zhang.get(params=more).json()["owner"] == "张*"
    told = zhang.send("POST", "/show", licences=[operator.licences["zhang"][0]], **more)
    assert told.status_code == 422
    for path in ("/li", "/../li", "/%2e%2e/li", f"/{operator.wallets.handle('li').hex()}"):
        told = zhang.get(path)
        assert told.status_code in {404, 405}
        assert told.json()["zh"]
    for unreadable in (b"\xff", b"[" * 10_000):
        told = zhang.client.post("/api/wallet/show", headers=OWN, content=unreadable)
        assert told.status_code in {400, 422}
        assert told.json()["zh"] == "请求格式不对"


def test_the_schema_has_no_pattern_that_other_languages_do_not_read(operator: Operator) -> None:
    told = json.dumps(operator.app().openapi())
    assert '"pattern": "^[0-9]{6}$"' in told
    for anchor in "AzZ":
        assert rf"\\{anchor}" not in told


def test_swapped_cookies_bring_ones_own_and_a_cookie_alone_changes_nothing(
    operator: Operator, zhang: Phone
) -> None:
    li = Phone(operator, "li")
    cookie = li.client.cookies[COOKIE]
    # A form of another site brings the cookie, but not the header.
    bare = li.client.post("/api/wallet/show", json={"licences": [operator.licences["li"][0]]})
    assert bare.status_code == 403
    assert li.client.delete("/api/wallet/log").status_code == 403
    assert operator.wallet("li").log.records == ()
    half = zhang.client.cookies[COOKIE][:20] + cookie[20:]
    zhang.client.cookies.clear()
    zhang.client.cookies.set(COOKIE, half, path="/api/wallet")
    assert zhang.get().status_code == 401


# -- looking and showing ----------------------------------------------------------------------


def test_the_list_tells_no_more_than_it_must(operator: Operator, zhang: Phone) -> None:
    told = zhang.get()
    plain = told.json()
    assert [one["type_name"] for one in plain["cards"]] == ["机动车驾驶证", "社会保障卡"]
    assert plain["cards"][0]["profiles"][0]["zh"] == ["姓名", "号码后四位", "准驾车型"]
    for secret in (NUMBERS["zhang"], "张伟", "C1", "SC12345678", "sd_jwt"):
        assert secret not in told.text
    assert told.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2030, 1, 1), CardState.CURRENT), (date(2031, 5, 1), CardState.CURRENT),
        (date(2031, 5, 2), CardState.EXPIRING), (date(2031, 6, 1), CardState.EXPIRING),
        (date(2031, 6, 2), CardState.EXPIRED), (date(2026, 11, 21), CardState.NOT_YET),
    ],
)  # fmt: skip
def test_a_card_says_how_it_stands_by_its_dates(
    operator: Operator, today: date, state: CardState
) -> None:
    at = AT.replace(year=today.year, month=today.month, day=today.day)
    found = cards_of(operator.wallet("zhang"), at, operator.desk.catalogue)
    assert {one.type_name: one.state for one in found}["机动车驾驶证"] is state


def test_an_enterprise_is_named_in_full(operator: Operator) -> None:
    told = Phone(operator, "company").get().json()
    assert (told["kind"], told["owner"]) == ("enterprise", COMPANY.name)


def test_a_shown_code_is_accepted_and_one_with_too_much_is_refused_in_words(
    operator: Operator, zhang: Phone
) -> None:
    told = zhang.send("POST", "/show", licences=operator.licences["zhang"], profiles={})
    assert told.status_code == 200
    assert told.json()["life_seconds"] == limits.SHOW_CODE_LIFE.total_seconds()
    assert told.json()["svg"].startswith("<svg")
    unknown = zhang.send(
        "POST", "/show", licences=operator.licences["zhang"][:1],
        profiles={operator.licences["zhang"][0]: "everything"},
    )  # fmt: skip
    assert unknown.status_code == 404
    assert "亮证方式" in unknown.json()["zh"]


@pytest.mark.parametrize("typed", ["12-482913", "12482913", "１２－４８２９１３"])
def test_a_windows_number_is_taken_as_it_is_typed(
    operator: Operator, zhang: Phone, typed: str
) -> None:
    own = operator.licences["zhang"][:1]
    assert zhang.send("POST", "/show", licences=own, challenge=typed).status_code == 200
    assert operator.wallet("zhang").log.records[-1].challenge == "12-482913"
    bad = zhang.send("POST", "/show", licences=own, challenge="hello")
    assert bad.status_code == 400
    assert "12-482913" in bad.json()["fix_zh"]


def test_what_is_shown_is_one_line_as_long_as_it_goes_on(operator: Operator, zhang: Phone) -> None:
    own = operator.licences["zhang"]
    for licence, pause in ((own[0], 50), (own[0], 120), (own[0], 121), (own[0], 50), (own[1], 0)):
        zhang.send("POST", "/show", licences=[licence], to="3号窗口", matter="换证")
        operator.clock.go(seconds=pause)
    rows = zhang.get("/log").json()["shown"]
    assert [(row["licences"], row["codes"]) for row in rows] == [
        (["社会保障卡"], 1), (["机动车驾驶证"], 1), (["机动车驾驶证"], 3),
    ]  # fmt: skip
    assert (rows[2]["from"], rows[2]["until"]) == (
        "2026-11-22T02:00:00+00:00", "2026-11-22T02:02:50+00:00",
    )  # fmt: skip


# -- the show PIN -----------------------------------------------------------------------------


def test_five_wrong_pins_lock_it_for_every_process_and_only_the_operator_unlocks(
    operator: Operator, zhang: Phone
) -> None:
    assert zhang.send("PUT", "/pin", new=PIN).status_code == 200
    own = {"licences": operator.licences["zhang"][:1]}
    assert zhang.send("POST", "/show", **own).json() == {"error": "pin-needed", "tries_left": 5}
    other = Phone(operator, "zhang")
    for count, phone in enumerate((zhang, other, zhang, other), start=1):
        told = phone.send("POST", "/show", pin=WRONG, **own)
        assert (told.status_code, told.json()["error"]) == (403, "pin-wrong")
        assert told.json()["tries_left"] == 5 - count
    # A wrong one anywhere counts: changing it, removing it.
    assert zhang.send("PUT", "/pin", new="735190", current=WRONG).json()["error"] == "pin-locked"
    for told in (
        zhang.send("POST", "/show", pin=PIN, **own), zhang.send("DELETE", "/pin", current=PIN),
        zhang.send("PUT", "/pin", new="735190", current=PIN),
        zhang.send("PUT", "/pin", new="735190"),
    ):  # fmt: skip
        assert (told.status_code, told.json()) == (403, {"error": "pin-locked", "tries_left": 0})
    assert operator.wallet("zhang").log.records == ()
    operator.wallet("zhang").pin.unlock(proven=True)
    assert zhang.send("POST", "/show", pin=PIN, **own).status_code == 200
    assert zhang.send("DELETE", "/pin", current=PIN).status_code == 200
    assert zhang.send("POST", "/show", **own).status_code == 200


def test_a_pin_that_is_easily_guessed_is_refused_in_words(zhang: Phone) -> None:
    told = zhang.send("PUT", "/pin", new="123456")
    assert told.status_code == 400
    assert told.json()["zh"] == "亮证密码太容易被猜到"
    assert zhang.get().json()["pin"] == {"set": False, "tries_left": None}


def test_so_many_codes_a_minute_and_no_more(operator: Operator, zhang: Phone) -> None:
    own = {"licences": operator.licences["zhang"][:1]}
    for _ in range(limits.MAX_HOLDER_CODES):
        assert zhang.send("POST", "/show", **own).status_code == 200
    told = zhang.send("POST", "/show", **own)
    assert (told.status_code, told.json()["error"]) == (429, "too-often")
    assert told.headers["retry-after"] == "60"
    assert (
        Phone(operator, "li")
        .send("POST", "/show", licences=operator.licences["li"][:1])
        .status_code
        == 200
    )
    operator.clock.now += limits.HOLDER_RATE_WINDOW
    assert zhang.send("POST", "/show", **own).status_code == 200


def test_rates_are_remembered_of_so_many_holders() -> None:
    rates = HolderRates()
    assert rates.take(b"first", "show", 1, AT) is None
    for number in range(limits.MAX_HOLDERS_RATED - 1):
        rates.take(number.to_bytes(4), "show", 1, AT)
    assert rates.take(b"first", "show", 1, AT) == limits.HOLDER_RATE_WINDOW
    rates.take(b"one more", "show", 1, AT)
    assert rates.take((0).to_bytes(4), "show", 1, AT) is None  # forgotten
    assert rates.take(b"first", "show", 1, AT) is not None


# -- what is sent, and what is logged ---------------------------------------------------------


def test_bodies_are_bounded_and_never_repeated(zhang: Phone) -> None:
    head = OWN | {"content-type": "application/json"}
    for size, status in (
        (limits.MAX_HOLDER_REQUEST_BYTES, 422), (limits.MAX_HOLDER_REQUEST_BYTES + 1, 413),
    ):  # fmt: skip
        body = b"{" + b" " * (size - 2) + b"}"
        told = zhang.client.post("/api/wallet/show", content=body, headers=head)
        assert told.status_code == status
    told = zhang.send("POST", "/show", licences=["张伟510681199003071237"], more="x")
    assert told.status_code == 422
    assert "张伟" not in told.text
    over = ["x"] * (limits.MAX_LICENCES_PER_CODE + 1)
    assert zhang.send("POST", "/show", licences=over).status_code == 422
    assert zhang.send("POST", "/show", licences=over[1:]).status_code == 404


def test_logs_hold_nothing_personal(
    operator: Operator, zhang: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    link = operator.link("li")
    zhang.send("PUT", "/pin", new=PIN)
    zhang.send("POST", "/show", licences=operator.licences["zhang"][:1], pin=WRONG, to="某人")
    zhang.send("POST", "/session", link=link)
    zhang.get("/matters", params={"q": "张伟", "region": "500000"})
    logged = "".join(str(one.__dict__) for one in caplog.records if one.name.startswith("ecert"))
    assert "/api/wallet/show" in logged
    secrets = (link, PIN, WRONG, "某人", "张伟", "zhang", operator.licences["zhang"][0])
    assert [one for one in secrets if one in logged] == []


def test_the_application_serves_the_holders_page_and_no_other(zhang: Phone) -> None:
    page = zhang.client.get("/wallet")
    assert "我的证照" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    named = [part.split('"')[0] for part in page.text.split("static/")[1:]]
    assert named
    for name in named:
        assert zhang.client.get(f"/static/{name}").status_code == 200, name
    for path in ("/", "/static/clerk.js", "/static/clerk.html", "/static/../x", "/api/verify"):
        assert zhang.client.get(path).status_code == 404


# -- in somebody else's application -----------------------------------------------------------


def test_an_application_with_its_own_sign_in_may_take_the_router(operator: Operator) -> None:
    def signed_in(x_user: Annotated[str | None, Header()] = None) -> str:
        if x_user is None:
            raise HTTPException(401, {"error": "theirs"})
        return x_user

    app = FastAPI()
    app.include_router(account_router(operator.desk, signed_in), prefix="/mine")
    app.include_router(holder_pages(), prefix="/mine")
    client = TestClient(app)
    assert client.get("/mine/wallet").status_code == 200
    nobody = client.get("/mine/api/wallet")
    assert (nobody.status_code, nobody.json()) == (401, {"error": "theirs"})
    assert client.get("/mine/api/wallet", headers={"x-user": "li"}).json()["owner"] == "李*英"
    own = {"licences": operator.licences["li"][:1]}
    zhang, li = OWN | {"x-user": "zhang"}, OWN | {"x-user": "li"}
    assert client.post("/mine/api/wallet/show", headers=zhang, json=own).status_code == 404
    assert client.post("/mine/api/wallet/show", headers=li, json=own).status_code == 200
    # Refusals are the router's own, whatever handlers the application has.
    bad = client.post("/mine/api/wallet/show", headers=li, json={"licences": 5})
    assert (bad.status_code, bad.json()["error"]) == (422, "malformed-request")
    gone = client.get("/mine/api/wallet", headers={"x-user": "nobody"})
    assert (gone.status_code, gone.json()["error"]) == (409, "busy")


# -- online codes -----------------------------------------------------------------------------


@pytest.fixture
def online(operator: Operator, tmp_path: Path) -> Iterator[ShowDesk]:
    """A show service in Guang'an that the operator knows."""
    with show_service(operator, tmp_path / "show.db") as desk:
        yield desk


def test_an_online_code_hands_over_what_was_told_and_is_cancelled(
    operator: Operator, online: ShowDesk
) -> None:
    phone, other = Phone(operator, "zhang"), Phone(operator, "li")
    own = operator.licences["zhang"][0]
    assert phone.get().json()["online"] is True
    first = phone.send("POST", "/online", licence=own).json()
    assert len(first["digits"].replace(" ", "")) == 32
    caller = caller_at(online)
    handed = online.redeem(first["digits"].replace(" ", ""), caller, at=AT)
    (token,) = handed.tokens  # type: ignore[union-attr]
    claims = json.dumps(ecert.sign.sdjwt.parse(token).unverified_claims(), ensure_ascii=False)
    assert "C1" in claims
    # Nobody else cancels it, and its holder does once.
    second = phone.send("POST", "/online", licence=own).json()["digits"]
    assert other.send("POST", "/online/cancel", code=second).json().get("cancelled") is not True
    assert phone.send("POST", "/online/cancel", code=second).json() == {"cancelled": True}
    assert phone.send("POST", "/online/cancel", code=second).json() == {"cancelled": False}
    gone = online.redeem(second.replace(" ", ""), caller, at=AT)
    assert gone.reason is ecert.Reason.NOT_REDEEMABLE  # type: ignore[union-attr]
    fetched = phone.send("POST", "/log/online").json()["fetched"]
    assert (fetched[-1]["office"], fetched[-1]["outcome"]) == ("窗口", "served")
    assert other.send("POST", "/log/online").json()["fetched"] == []
    (row,) = phone.get("/log").json()["shown"]
    assert (row["online"], row["service"]) == (True, "四川省广安市")


def test_without_a_show_service_there_is_no_online_code(operator: Operator, zhang: Phone) -> None:
    told = zhang.send("POST", "/online", licence=operator.licences["zhang"][0])
    assert told.status_code == 400
    assert told.json()["zh"] == "没有设置颁发地区的亮证服务"
    assert "fix_zh" not in told.json()  # a command of the operator's is nothing for a holder
