"""A window asks, a holder answers: both APIs, and the show service between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

import ecert
from ecert import limits
from ecert.client.show_service import Redeemed, ShowServiceClient
from ecert.online.verifiers import new_verifier
from ecert.service.serve import application
from ecert.show.online import OnlineCode, audience_of, transaction_nonce
from ecert.store.tokens import SQLTokens
from ecert.verify.receipts import ReceiptQuery
from ecert.verify.signed_receipt import open_receipt
from ecert.workspace import Workspace
from ecert.workspace.access import Role, new_token
from ecert.workspace.show_services import ShowServices
from tests.operator import AT, PIN, Office, Operator, show_service
from tests.unit.service.test_holder import WRONG, Phone

if TYPE_CHECKING:
    from collections.abc import Iterator

MATTER = "机动车业务"
TYPE = "机动车驾驶证"
CARD = "社会保障卡"
SETTLED = "这次申请的答复已经取过，不再重复取得"


@dataclass
class Town:
    """A window with its service, an app back end, and a show service."""

    operator: Operator
    client: TestClient
    services: ShowServices
    window: Workspace

    def phone(self, account: str = "zhang") -> Phone:
        """Return a holder who has signed in, a while after the one before."""
        self.operator.clock.now += limits.HOLDER_RATE_WINDOW
        return Phone(self.operator, account)

    def ask(self, path: str, code: str, *types: str, **more: Any) -> Any:
        """Ask as the clerk's page does."""
        body = {"code": code, "types": types or [TYPE], "matter": MATTER, "case": "2026-1"}
        return self.client.post(f"/api/consents{path}", json=body | more)

    def begun(self, phone: Phone, *types: str, **more: Any) -> str:
        """Open a code, and let the window ask by it."""
        code: str = phone.send("POST", "/consent", region="511600").json()["digits"]
        told = self.ask("", code, *types, **more)
        assert told.json()["state"] == "waiting", told.text
        return code


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One town for all tests; each opens codes of its own."""
    folder = tmp_path_factory.mktemp("town")
    operator = Operator(Office.make(tmp_path_factory.mktemp("office")), folder)
    window = Workspace.init(
        folder / "window", region="500000", name="重庆市政务服务中心", demo=True,
        clock=operator.clock,
    )  # fmt: skip
    window.knowledge.pin(ecert.demo_roots())
    for document in (
        operator.police.trust_list(), operator.police.status_list(),
        ecert.fixture("川渝互认清单"),
    ):  # fmt: skip
        window.knowledge.accept(document)
    token, kept = new_token(Role.CLERK, "3号窗口", created=AT, expires=AT + timedelta(days=1))
    SQLTokens(window.engine).add(kept)
    with show_service(operator, folder / "show.db") as desk:
        record, secret = new_verifier(region="500000", office="重庆窗口", days=9, at=AT)
        desk.store.add_verifier(record)
        (here,) = operator.desk.services.services
        services = ShowServices((replace(here, token=secret),))
        services.write(window.path)
        headers = {"authorization": f"Bearer {token}"}
        with TestClient(application(window, clock=operator.clock), headers=headers) as client:
            yield Town(operator, client, services, window)
    operator.workspace.close()


def test_what_is_agreed_to_is_judged_like_a_scan_once_and_stands_in_the_log(town: Town) -> None:
    assert town.client.get("/api/window").json()["window"]["asks"] is True
    offered = town.client.get("/api/consents/types", params={"matter": MATTER}).json()["types"]
    assert [one["name"] for one in offered] == [TYPE]
    phone = town.phone()
    assert phone.get().json()["services"] == [{"region": "511600", "name": "四川省广安市"}]
    code = phone.send("POST", "/consent", region="511600").json()["digits"]
    assert phone.send("POST", "/consent/pending", code=code).json()["state"] == "open"
    told = town.ask("", code, offered[0]["code"], TYPE, cause="换证").json()
    assert told == {"state": "waiting", "left_seconds": 300, "types": offered}
    assert town.ask("/answer", code).json() == {"state": "waiting", "reached": True}
    asked = phone.send("POST", "/consent/pending", code=code).json()
    own = town.operator.licences["zhang"][0]
    assert [asked[name] for name in ("state", "left_seconds", "office", "region_name")] == [
        "waiting", 300, "重庆窗口", "重庆市",
    ]  # fmt: skip
    assert [asked[name] for name in ("organisation", "clerk", "matter", "case", "cause")] == [
        "重庆市政务服务中心", "3号窗口", MATTER, "2026-1", "换证",
    ]  # fmt: skip
    ((held,),) = [one["licences"] for one in asked["types"]]
    assert (held["id"], held["fields"], held["portrait"]) == (own, ["准驾车型"], False)
    assert phone.send("POST", "/consent/agree", code=code, licences=[own]).json() == {"types": 1}
    verdict = town.ask("/answer", code, cause="换证", screen=True).json()
    assert (verdict["outcome"], verdict["reason"], verdict["unanswered"]) == (
        "accepted", "ok", False,
    )  # fmt: skip
    (part,) = verdict["parts"]
    assert (part["asked"], part["about"]["type_name"]) == (TYPE, TYPE)
    assert own not in str(verdict), "no licence id is told to a clerk"
    # It was handed over once, and what is said of it later is not that the holder refused.
    town.operator.clock.go(seconds=61)
    again = town.ask("/answer", code, cause="换证")
    assert (again.status_code, again.json()["zh"]) == (400, SETTLED)
    assert "张伟" not in again.text
    rows = phone.get("/log").json()["shown"]
    assert [(row["to"], row["matter"], row["online"]) for row in rows] == [
        ("重庆窗口", MATTER, True), ("", "生成申请码（尚未出示）", True),
    ]  # fmt: skip
    fetched = phone.send("POST", "/log/online").json()["fetched"]
    assert [row["outcome"] for row in fetched[:2]] == ["served", "asked"]


def test_what_is_agreed_to_for_one_case_is_not_fetched_for_another(town: Town) -> None:
    phone, own = town.phone(), town.operator.licences["zhang"][:1]
    code = town.begun(phone)
    phone.send("POST", "/consent/agree", code=code, licences=own)
    told = town.ask("/answer", code, case="2026-2")
    assert (told.status_code, told.json()["zh"]) == (
        400, "调用事由与申请出示时告知持证人的不一致，不能提供",
    )  # fmt: skip
    assert town.ask("/answer", code).json()["outcome"] == "accepted"


def test_what_was_not_asked_for_is_refused_whatever_the_service_says(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, own = town.phone(), town.operator.licences["zhang"][:1]
    licence, card = (town.window.catalogue.require(name).code for name in (TYPE, CARD))
    code = town.begun(phone, CARD, TYPE)
    phone.send("POST", "/consent/agree", code=code, licences=own)
    true = ShowServiceClient.fetch

    def swapped(client: ShowServiceClient, trx: str, wanted: str, purpose: Any) -> Any:
        return true(client, trx, {card: licence, licence: card}[wanted], purpose)

    monkeypatch.setattr(ShowServiceClient, "fetch", swapped)
    told = town.ask("/answer", code, CARD, TYPE).json()
    first, second = told["parts"]
    assert [first[name] for name in ("asked", "outcome", "reason")] == [
        CARD, "refused", "other-type",
    ]  # fmt: skip
    assert first["about"]["type_name"] == TYPE
    assert (second["asked"], second["reason"]) == (TYPE, "consent-declined")
    assert "张伟" not in str(told)


def test_two_licences_in_the_place_of_one_are_refused(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, own = town.phone(), town.operator.licences["zhang"][:1]
    code = town.begun(phone)
    phone.send("POST", "/consent/agree", code=code, licences=own)
    wallet = town.operator.wallet("zhang")
    transaction = OnlineCode.parse(code).transaction
    shown = wallet.present(
        *town.operator.licences["zhang"], audience=audience_of("511600"),
        nonce=transaction_nonce(transaction),
    )  # fmt: skip
    assert len(shown) > 1

    def all_of_them(*_: object) -> Redeemed:
        return Redeemed(shown, "", "")

    monkeypatch.setattr(ShowServiceClient, "fetch", all_of_them)
    told = town.ask("/answer", code).json()
    assert [(one["asked"], one["reason"]) for one in told["parts"]] == [(TYPE, "other-type")]
    assert "张伟" not in str(told)


@pytest.fixture
def keeping(town: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    """The same town, its window keeping receipts."""
    if not town.window.receipts.keys:
        town.window.receipts.new_key(lambda: "")
    settings = replace(town.window.settings, receipts="on")
    monkeypatch.setattr(town.window, "settings", settings)
    return town


def kept(town: Town) -> list[str]:
    """Return the headlines of the window's receipts, in their order."""
    return [
        open_receipt(one.token).receipt.reason for one in town.window.receipts.find(ReceiptQuery())
    ]


def test_what_is_asked_again_is_told_again_and_leaves_one_receipt(keeping: Town) -> None:
    town, phone, own = keeping, keeping.phone(), keeping.operator.licences["zhang"][:1]
    before = len(kept(town))
    code = town.begun(phone)
    phone.send("POST", "/consent/agree", code=code, licences=own)
    first, again = (town.ask("/answer", code).json() for _ in range(2))
    assert (first["outcome"], again["outcome"]) == ("accepted", "accepted")
    assert first["receipt"] == again["receipt"]
    # Another process, or later: what the window's database remembers.
    town.operator.clock.go(seconds=61)
    told = town.ask("/answer", code)
    assert (told.status_code, told.json()["zh"]) == (400, SETTLED)
    code = town.begun(town.phone())
    phone.send("POST", "/consent/decline", code=code)
    first, again = (town.ask("/answer", code).json() for _ in range(2))
    assert (first["reason"], first["receipt"]) == ("consent-declined", again["receipt"])
    assert len(kept(town)) == before + 2


def test_a_request_for_as_many_types_as_there_may_be_leaves_its_receipt(keeping: Town) -> None:
    town, phone, own = keeping, keeping.phone(), keeping.operator.licences["zhang"][:1]
    others = [one for one in town.window.catalogue if one.name != TYPE]
    types = [*(one.name for one in others), TYPE][-limits.MAX_CONSENT_TYPES :]
    assert len(types) > limits.MAX_LICENCES_PER_CODE
    code = town.begun(phone, *types)
    phone.send("POST", "/consent/agree", code=code, licences=own)
    told = town.ask("/answer", code, *types).json()
    left_out = ["consent-declined"] * (len(types) - 1)
    assert [one["reason"] for one in told["parts"]] == [*left_out, "ok"]
    said = open_receipt(town.window.receipts.require(told["receipt"]["number"]).token).receipt
    assert [str(one.outcome) for one in said.parts] == [*["refused"] * len(left_out), "accepted"]


def test_a_part_is_a_right_and_a_refusal_is_told(town: Town) -> None:
    phone, own = town.phone(), town.operator.licences["zhang"]
    code = town.begun(phone, TYPE, CARD)
    assert phone.send("POST", "/consent/agree", code=code, licences=own[:1]).status_code == 200
    told = town.ask("/answer", code, TYPE, CARD).json()
    assert [(one["asked"], one["reason"]) for one in told["parts"]] == [
        (TYPE, "ok"), (CARD, "consent-declined"),
    ]  # fmt: skip
    assert told["outcome"] == "refused"
    code = town.begun(phone)
    assert phone.send("POST", "/consent/decline", code=code).status_code == 200
    told = town.ask("/answer", code).json()
    assert (told["reason"], told["unanswered"]) == ("consent-declined", False)
    # Nobody agrees afterwards, to what was not asked for, or to what another wallet has.
    late = phone.send("POST", "/consent/agree", code=code, licences=own[:1])
    assert (late.status_code, late.json()["zh"]) == (409, "没有等待答复的请求")
    code = town.begun(phone)
    assert phone.send("POST", "/consent/agree", code=code, licences=own[1:]).status_code == 400
    theirs = town.operator.licences["li"][:1]
    assert phone.send("POST", "/consent/agree", code=code, licences=theirs).status_code == 404
    other = town.phone("li")
    for path, more in (("pending", {}), ("decline", {}), ("agree", {"licences": theirs})):
        told = other.send("POST", f"/consent/{path}", code=code, **more)
        assert told.status_code == 409, told.text
    assert town.ask("/answer", code).json() == {"state": "waiting", "reached": True}


def test_nobody_answers_in_time(town: Town) -> None:
    phone = town.phone()
    code = town.begun(phone)
    assert town.ask("", code).json()["state"] == "waiting", "sent again, it waits on"
    told = town.ask("/answer", code, last=True).json()
    assert (told["outcome"], told["reason"], told["unanswered"]) == (
        "refused", "not-redeemable", True,
    )  # fmt: skip
    town.operator.clock.now += limits.ONLINE_CODE_LIFE
    own = town.operator.licences["zhang"][:1]
    phone = town.phone()
    assert phone.send("POST", "/consent/pending", code=code).json()["left_seconds"] == 0
    assert phone.send("POST", "/consent/agree", code=code, licences=own).status_code == 409
    assert town.ask("/answer", code).json()["unanswered"] is True
    # A code that was asked by is used.
    told = town.ask("", code).json()
    assert (told["reason"], "unanswered" in told) == ("not-redeemable", False)


def test_without_a_network_it_waits_and_then_nothing_is_said_of_the_licence(town: Town) -> None:
    code = town.begun(town.phone())
    (here,) = town.services.services
    ShowServices((replace(here, url="http://127.0.0.1:9"),)).write(town.window.path)
    try:
        assert town.ask("/answer", code).json() == {"state": "waiting", "reached": False}
        for told in (town.ask("/answer", code, last=True).json(), town.ask("", code).json()):
            assert (told["outcome"], told["reason"]) == ("undetermined", "service-unreachable")
    finally:
        town.services.write(town.window.path)
    assert town.ask("/answer", code).json() == {"state": "waiting", "reached": True}


def test_the_pin_is_demanded_for_a_code_and_for_a_yes(town: Town) -> None:
    phone, own = town.phone("li"), town.operator.licences["li"][:1]
    phone.send("PUT", "/pin", new=PIN)
    needed = phone.send("POST", "/consent", region="511600")
    assert (needed.status_code, needed.json()["error"]) == (403, "pin-needed")
    code = phone.send("POST", "/consent", region="511600", pin=PIN).json()["digits"]
    town.ask("", code)
    for pin, error in ((None, "pin-needed"), (WRONG, "pin-wrong")):
        told = phone.send("POST", "/consent/agree", code=code, licences=own, pin=pin)
        assert (told.status_code, told.json()["error"]) == (403, error)
    assert town.ask("/answer", code).json()["state"] == "waiting"
    told = phone.send("POST", "/consent/agree", code=code, licences=own, pin=PIN)
    assert told.status_code == 200
    assert town.ask("/answer", code).json()["outcome"] == "accepted"
    # To refuse takes no PIN.
    code = phone.send("POST", "/consent", region="511600", pin=PIN).json()["digits"]
    town.ask("", code)
    assert phone.send("POST", "/consent/decline", code=code).status_code == 200
    phone.send("DELETE", "/pin", current=PIN)


def test_what_cannot_be_asked_says_so_before_anybody_is_asked(town: Town) -> None:
    phone = town.phone()
    code = phone.send("POST", "/consent", region="511600").json()["digits"]
    told = town.ask("", "510681199003071237")
    assert (told.status_code, told.json()["zh"]) == (
        400, "这不是持证人的申请码（32 位数字），或没有读全",
    )  # fmt: skip
    told = town.ask("", code, "没有的证照")
    assert told.status_code == 400
    assert "目录中没有证照类型" in told.json()["zh"]
    assert phone.send("POST", "/consent", region="110000").status_code == 404
    assert phone.send("POST", "/consent/pending", code=code).json()["state"] == "open"
    assert town.client.get("/api/consents/types", params={"matter": "没有"}).json() == {"types": []}


@pytest.mark.parametrize(("more", "status"), [(0, 400), (1, 422)])
def test_a_request_is_bounded(town: Town, more: int, status: int) -> None:
    most = limits.MAX_CONSENT_TYPES + more
    assert town.ask("", "x", *[f"t{one}" for one in range(most)]).status_code == status
    assert town.ask("", "x" * (limits.MAX_SCANNED_CODE_CHARS + more)).status_code == status
    assert town.ask("", "x", cause="x" * (limits.MAX_PURPOSE_CHARS + more)).status_code == status
    phone, long = town.phone(), "1" * (limits.MAX_SCANNED_CODE_CHARS + more)
    assert phone.send("POST", "/consent/pending", code=long).status_code == status
    many = ["x"] * most
    told = phone.send("POST", "/consent/agree", code="1", licences=many)
    assert told.status_code == status
