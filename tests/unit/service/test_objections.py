"""Objections at a window: taken for a licence that this window has checked, and for no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import ecert
from ecert.errors import FormatError, SignatureError
from ecert.limits import (
    MAX_NAME_CHARS,
    MAX_OBJECTION_CHARS,
    MAX_PARTS_OF_CHECK,
    NAMED_CHECK_LIFE,
)
from ecert.store.tables import receipt, receipt_licence, receipt_window, window_objection
from ecert.verify.receipt import ReceiptHead
from ecert.verify.receipts import ReceiptQuery
from ecert.workspace.access import Role, new_token
from ecert.workspace.named_checks import NamedCheck, NamedChecks
from ecert.workspace.objections import ObjectionDesk
from tests.unit.service.test_api import AT, MATTER, NUMBER, Office

if TYPE_CHECKING:
    from collections.abc import Iterator

ELSEWHERE = "本窗口近期没有做过这次核验，不能据此提出异议"
NOT_ACCEPTED = "这次核验中没有这份予以认可的证照"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One window for all tests: to set one up takes longer than to object."""
    made = Office(tmp_path_factory.mktemp("hall"))
    made.workspace.receipts.new_key(lambda: "")
    with made.client:
        yield made


@pytest.fixture
def office(hall: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A window that keeps no receipts, and has taken nothing yet."""
    monkeypatch.setattr(hall.clock, "now", AT)
    with hall.workspace.engine.write() as connection:
        for table in (window_objection, receipt_licence, receipt, receipt_window):
            connection.execute(table.delete())
    return hall


@pytest.fixture
def keeping(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A window that keeps receipts."""
    settings = replace(office.workspace.settings, receipts="on")
    monkeypatch.setattr(office.workspace, "settings", settings)
    return office


def checked(office: Office, matter: str = MATTER) -> dict[str, Any]:
    """Check a fresh code, and return what the page is told."""
    body = {"code": office.code(), "matter": matter}
    told: dict[str, Any] = office.ask("POST", "/api/verify", json=body).json()
    return told


def objection(**changed: Any) -> dict[str, Any]:
    """Return the body of an objection."""
    return {
        "fields": ["准驾车型"], "raised_by": "张伟", "statement": "应为 B2", "evidence": "",
    } | changed  # fmt: skip


def object_to(office: Office, **named: Any) -> Any:
    return office.ask("POST", "/api/objections", json=objection(**named))


def refused(told: Any, zh: str) -> None:
    assert (told.status_code, told.json()["zh"]) == (400, zh)
    assert told.json()["en"].isascii()


def kept(office: Office) -> list[str]:
    return [one.licence_id for one in ObjectionDesk(office.workspace).kept()]


# -- which check is meant ---------------------------------------------------------------------


def test_without_receipts_a_check_is_named_by_the_windows_memory(office: Office) -> None:
    told = checked(office)
    assert "receipt" not in told
    taken = object_to(office, check=told["check"]).json()
    assert taken["own"] is False
    assert kept(office) == [str(office.licence.id)]


def test_with_receipts_a_check_is_named_by_its_number(keeping: Office) -> None:
    told = checked(keeping)
    assert "check" not in told
    assert object_to(keeping, receipt=told["receipt"]["number"]).status_code == 200
    assert kept(keeping) == [str(keeping.licence.id)]


def test_a_receipt_that_could_not_be_kept_leaves_the_check_nameable(
    keeping: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise FormatError("磁盘已满", "the disk is full")

    monkeypatch.setattr(keeping.workspace.receipts.store, "append", full)
    told = checked(keeping)
    assert told["receipt_fault"]["zh"] == "磁盘已满"
    assert object_to(keeping, check=told["check"]).status_code == 200


def test_no_licence_id_is_taken_from_a_page(office: Office) -> None:
    named = checked(office)["check"]
    told = object_to(office, check=named, licence=str(office.licence.id))
    assert told.status_code == 422
    assert told.json()["where"] == [{"at": "body.licence", "what": "extra_forbidden"}]


@pytest.mark.parametrize("named", [{}, {"check": "x", "receipt": 1}], ids=["none", "both"])
def test_one_check_is_named(office: Office, named: dict[str, Any]) -> None:
    assert object_to(office, **named).status_code == 422


@pytest.mark.parametrize("named", [{"check": "0" * 32}, {"receipt": 7}], ids=str)
def test_a_check_that_this_window_has_not_made_is_refused(
    office: Office, named: dict[str, Any]
) -> None:
    refused(object_to(office, **named), ELSEWHERE)
    assert kept(office) == []


@pytest.mark.parametrize("late", [timedelta(0), timedelta(microseconds=1)], ids=["last", "late"])
@pytest.mark.parametrize("with_receipt", [True, False], ids=["receipt", "memory"])
def test_a_check_can_be_named_for_half_an_hour(
    office: Office, request: pytest.FixtureRequest, late: timedelta, *, with_receipt: bool
) -> None:
    if with_receipt:
        request.getfixturevalue("keeping")
    told = checked(office)
    named = {"receipt": told["receipt"]["number"]} if with_receipt else {"check": told["check"]}
    office.clock.now = AT + NAMED_CHECK_LIFE + late
    if late:
        refused(object_to(office, **named), ELSEWHERE)
    else:
        assert object_to(office, **named).status_code == 200


@pytest.mark.parametrize("with_receipt", [True, False], ids=["receipt", "memory"])
def test_another_clerks_check_is_not_named(
    office: Office, request: pytest.FixtureRequest, *, with_receipt: bool
) -> None:
    if with_receipt:
        request.getfixturevalue("keeping")
    told = checked(office)
    named = {"receipt": 1} if with_receipt else {"check": told["check"]}
    text, other = new_token(Role.CLERK, "4号窗口", created=AT, expires=AT + timedelta(days=1))
    office.tokens.add(other)
    headers = {"authorization": f"Bearer {text}"}
    refused(office.client.post("/api/objections", json=objection(**named), headers=headers),
            ELSEWHERE)  # fmt: skip


def test_a_receipt_of_another_window_is_not_named(
    keeping: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(keeping)
    (mine,) = keeping.workspace.receipts.find(ReceiptQuery())
    desk = keeping.workspace.receipts
    named = NamedChecks(desk)
    assert named.licence(NamedCheck(receipt=1), clerk="3号窗口", at=AT) == str(keeping.licence.id)
    settings = replace(keeping.workspace.settings, window_name="4号厅")
    monkeypatch.setattr(keeping.workspace, "settings", settings)
    with pytest.raises(FormatError, match=ELSEWHERE):
        named.licence(NamedCheck(receipt=1), clerk="3号窗口", at=AT)
    # Nor one that was brought into this window's chain by somebody who can write the database.
    with keeping.workspace.engine.write() as connection:
        connection.exec_driver_sql("UPDATE receipt_window SET name = '4号厅'")
    assert desk.heads() == (ReceiptHead("4号厅", 1, mine.open().digest),)
    with pytest.raises(FormatError, match=ELSEWHERE):
        named.licence(NamedCheck(receipt=1), clerk="3号窗口", at=AT)


def test_a_receipt_that_this_window_did_not_sign_proves_no_check(keeping: Office) -> None:
    checked(keeping)
    (mine,) = keeping.workspace.receipts.find(ReceiptQuery())
    forged = mine.token[:-8] + ("A" * 7 if mine.token[-8] != "A" else "B" * 7) + mine.token[-1]
    with keeping.workspace.engine.write() as connection:
        connection.execute(receipt.update().values(token=forged))
    with pytest.raises(SignatureError):
        NamedChecks(keeping.workspace.receipts).licence(
            NamedCheck(receipt=1), clerk="3号窗口", at=AT
        )


def test_only_a_licence_that_was_accepted_is_objected_to(keeping: Office) -> None:
    told = checked(keeping, "社会保险业务")
    assert told["outcome"] == "not-recognised"
    refused(object_to(keeping, receipt=told["receipt"]["number"]), NOT_ACCEPTED)


def test_what_was_not_accepted_is_not_even_remembered(office: Office) -> None:
    assert "check" not in checked(office, "社会保险业务")


@pytest.mark.parametrize(
    ("part", "status"),
    [(1, 200), (2, 400), (MAX_PARTS_OF_CHECK, 400), (MAX_PARTS_OF_CHECK + 1, 422), (0, 422)],
)
def test_a_part_is_one_of_the_code(office: Office, part: int, status: int) -> None:
    told = object_to(office, check=checked(office)["check"], part=part)
    assert told.status_code == status
    if status == 400:
        refused(told, NOT_ACCEPTED)


@pytest.mark.parametrize(("most", "known"), [(2, True), (1, False)])
def test_the_windows_memory_is_bounded_and_the_oldest_make_room(
    office: Office, most: int, *, known: bool
) -> None:
    verdict = office.workspace.checks.check(office.code(), matter=MATTER, at=AT).verdict
    memory = NamedChecks(office.workspace.receipts, most=most)
    first, last = (memory.note(verdict, clerk="王") for _ in range(2))
    licence = str(office.licence.id)
    assert memory.licence(NamedCheck(check=last), clerk="王", at=AT) == licence
    if known:
        assert memory.licence(NamedCheck(check=first), clerk="王", at=AT) == licence
    else:
        with pytest.raises(FormatError, match=ELSEWHERE):
            memory.licence(NamedCheck(check=first), clerk="王", at=AT)


# -- what is taken ----------------------------------------------------------------------------


def test_an_objection_to_another_offices_licence_is_kept_to_be_sent(office: Office) -> None:
    told = object_to(office, check=checked(office)["check"]).json()
    assert told["own"] is False
    desk = ObjectionDesk(office.workspace)
    (one,) = desk.kept(only_new=True)
    assert (one.id, one.clerk, one.window) == (told["id"], "3号窗口", "重庆市政务服务中心")
    (sent,) = desk.export([one])["offices"]
    assert sent["issuer"] == office.licence.id.issuer
    assert sent["objections"][0]["statement"] == "应为 B2"
    desk.mark_exported([one], at=AT)
    assert desk.kept(only_new=True) == []
    assert desk.kept()[0].exported == AT


@pytest.mark.parametrize("with_receipt", [False, True], ids=["memory", "receipt"])
def test_an_objection_to_an_own_licence_is_opened_in_the_register(
    office: Office,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    *,
    with_receipt: bool,
) -> None:
    if with_receipt:
        request.getfixturevalue("keeping")
    issuer = office.workspace.issuer
    own = issuer.issue(
        "机动车驾驶证", number=NUMBER, holder=ecert.Holder("张伟", NUMBER),
        fields={"准驾车型": "C1"}, valid_until=date(2031, 6, 1),
    )  # fmt: skip
    office.wallet.add(issuer.deliver(own.id, office.wallet.request(issuer.nonce())))
    office.workspace.accept_bundle(office.workspace.bundle().to_bytes())
    monkeypatch.setattr(office, "licence", own)
    told = checked(office)
    assert told["outcome"] == "accepted", told
    named = {"receipt": told["receipt"]["number"]} if with_receipt else {"check": told["check"]}
    taken = object_to(office, **named, request=str(named)).json()
    assert taken["own"] is True
    (opened,) = issuer.objections.of(own.id)
    assert (opened.id, opened.licence_id) == (taken["id"], str(own.id))
    assert kept(office) == []
    # The clerk who is signed in took it, whoever's name the clerk has written down.
    event = issuer.events(own.id)[-1]
    assert (opened.raised_by, event.actor, event.related) == ("张伟", "3号窗口", opened.id)
    assert event.document == ("重庆市政务服务中心 核验回执 1" if with_receipt else "")
    # A lost answer, and the same once more.
    assert object_to(office, **named, request=str(named)).json() == taken
    assert issuer.objections.of(own.id) == (opened,)
    assert issuer.archive.check_audit().clean


def test_the_same_request_again_is_the_same_objection(office: Office) -> None:
    named = checked(office)["check"]
    first = object_to(office, check=named, request="a1").json()
    office.clock.now = AT + timedelta(minutes=1)
    assert object_to(office, check=named, request="a1").json() == first
    assert len(kept(office)) == 1
    other = object_to(office, check=named, request="a1", statement="应为 A2")
    assert (other.status_code, other.json()["zh"]) == (400, "此申请号已用于另一份内容不同的申请")
    assert object_to(office, check=named, request="a2").json()["id"] != first["id"]
    assert object_to(office, check=named).status_code == 200
    assert len(kept(office)) == 3
    for wrong in ("", "a" * (MAX_NAME_CHARS + 1)):
        assert object_to(office, check=named, request=wrong).status_code == 422
    assert object_to(office, check=named, request="a" * MAX_NAME_CHARS).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [{"statement": " "}, {"raised_by": "张\u202e伟"}, {"fields": [" "]}],
    ids=["statement", "name", "field"],
)
def test_an_objection_that_says_nothing_is_refused(
    office: Office, changed: dict[str, Any]
) -> None:  # fmt: skip
    told = object_to(office, check=checked(office)["check"], **changed)
    assert told.status_code == 400
    assert kept(office) == []


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 422)])
def test_an_objection_is_bounded(office: Office, more: int, status: int) -> None:
    body = {"statement": "错" * (MAX_OBJECTION_CHARS + more)}
    assert object_to(office, check=checked(office)["check"], **body).status_code == status
