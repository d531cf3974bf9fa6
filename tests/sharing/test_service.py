"""Over HTTP: whose token opens it, what is written down, and what nobody's message can break."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
from starlette.testclient import TestClient

from ecert.errors import StoreError
from ecert.issuers.sharing.access import ShareGrant, ShareRates, ShareService
from ecert.model.identifiers import LicenceId
from ecert.service.serve import application
from ecert.store.sharing import SQLShareStore
from ecert.store.tokens import SQLTokens
from ecert.workspace import Workspace
from ecert.workspace.access import Role, new_token
from ecert.workspace.sharing.requests import INTERFACES, ShareRefusal, read
from tests.online.server import serving
from tests.sharing.office import ALL, AT, NUMBER, WORDS, Clock

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.sharing.conftest import Asks
    from tests.sharing.office import SharingOffice

REFUSED = {"head": {"status": 11, "message": "身份验证不通过"}, "data": None}


def _post(client: TestClient, name: str, message: object, **headers: str) -> Any:
    told = client.post(f"/CertShare/{name}", json=message, headers=headers)
    assert told.status_code == 200
    return told.json()


def test_no_other_role_opens_it_and_a_partner_opens_nothing_else(
    office: SharingOffice, client: TestClient
) -> None:
    for role in Role:
        text, kept = office.token(role)
        office.grant(kept.id)
        head = {"accessId": kept.id, "accessToken": text}
        told = _post(client, "queryCert", {"head": head, "data": WORDS | office.who})
        opens = role in {Role.PARTNER, Role.ADMINISTRATOR}
        assert (told != REFUSED) == opens, role
    headers = {"authorization": f"Bearer {office.text}"}
    for method, path in (
        ("POST", "/api/verify"), ("GET", "/api/window"), ("GET", "/api/matters?q=a"),
        ("GET", "/metrics"),
    ):  # fmt: skip
        told = client.request(method, path, headers=headers, json={"code": "1"})
        assert told.status_code == 403, path


def test_whatever_is_wrong_with_a_token_has_one_answer(
    office: SharingOffice, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "ecert.service")
    expired, old = office.token(days=1)
    withdrawn, gone = office.token()
    office.tokens.withdraw(gone.id, AT)
    office.clock.now = AT + timedelta(days=2)
    data = WORDS | office.who
    heads: tuple[Any, ...] = (
        None, {}, {"accessId": office.partner.id}, {"accessId": "0", "accessToken": "x"},
        {"accessId": office.partner.id, "accessToken": office.text[:-1]},
        {"accessId": old.id, "accessToken": expired},
        {"accessId": gone.id, "accessToken": withdrawn},
        {"accessId": old.id, "accessToken": office.text},
        {"accessId": office.partner.id, "accessToken": 1},
        {"accessId": [], "accessToken": office.text}, {"accessId": {}, "accessToken": office.text},
        {"accessId": 1, "accessToken": office.text},
        {"accessId": office.partner.id, "accessToken": f"ecert.\x00.{office.text}"},
        {"accessId": office.partner.id, "accessToken": "ecert.x." + "y" * 200},
        {"accessId": office.partner.id, "accessToken": ["x"]}, "x", [],
    )  # fmt: skip
    for head in heads:
        assert _post(client, "queryCert", {"head": head, "data": data}) == REFUSED
    assert office.log() == ()
    why = {record.facts["why"] for record in caplog.records}  # type: ignore[attr-defined]
    assert {"malformed", "unknown", "expired", "withdrawn", "another accessId"} <= why
    named = {record.facts["token"] for record in caplog.records}  # type: ignore[attr-defined]
    assert named == {None, old.id, gone.id, office.partner.id}  # whose secret did fit
    assert office.text.split(".")[2] not in caplog.text


def test_a_header_will_do_in_place_of_the_head(office: SharingOffice, client: TestClient) -> None:
    message = {"data": WORDS | office.who}
    told = _post(client, "queryCert", message, authorization=f"Bearer {office.text}")
    assert told["head"]["status"] == 0


def test_what_was_not_granted_is_refused_whatever_there_is(
    office: SharingOffice, ask: Asks
) -> None:
    refused = {
        "head": {"status": 100, "message": "该用户无访问该证的权限，请先申请"}, "data": None,
    }  # fmt: skip
    lawyer = office.issue(
        "律师执业证", number="1", fields={"执业机构": "样例律师事务所"}, valid_until=None
    )
    missing = str(lawyer.id).replace(lawyer.id.serial, "NONE")
    answers = [
        ask("queryCert", **office.who | {"certTypeCode": lawyer.type_code}),
        ask("queryCert", **office.who | {"certTypeCode": lawyer.type_code, "holder": "无人"}),
        ask("queryCertInfo", certIdentifier=str(lawyer.id)),
        ask("downloadFile", certIdentifier=str(lawyer.id)),
    ]
    assert answers == [refused] * 4
    assert ask("queryCertInfo", certIdentifier=missing)["head"]["status"] == 102
    # Another's id of a granted type is simply not there.
    made = LicenceId.make(office.type_code, "115000000000000000", "X1")
    assert ask("queryCertInfo", certIdentifier=str(made))["head"]["status"] == 10
    unknown = "1" * 21
    assert ask("queryCert", **office.who | {"certTypeCode": unknown})["head"]["status"] == 13
    # One service of a type, and only until its end.
    office.grant(services=frozenset({ShareService.QUERY}), expires=AT + timedelta(hours=1))
    assert ask("queryCert", **office.who)["head"]["status"] == 0
    for name, data in (
        ("queryCertInfoByHolderCode", office.who), ("downloadFileByHolderCode", office.who),
        ("verifyCertInfo", {"certTypeCode": office.type_code, "certData": {"certNo": NUMBER}}),
    ):  # fmt: skip
        assert ask(name, **data) == refused, name
    office.clock.now = AT + timedelta(hours=1)
    assert ask("queryCert", **office.who) == refused


def test_no_call_is_answered_without_its_purpose(office: SharingOffice, ask: Asks) -> None:
    for name, interface in INTERFACES.items():
        if interface.request is None or name == "getCertRemarkInfo":
            continue
        for word in WORDS:
            for value in (None, "", " ", "\u3000"):
                answer = ask(name, **office.who | {word: value})
                assert (answer["head"]["status"], answer["data"]) == (12, None), (name, word)
                assert answer["head"]["message"].endswith(word)


def test_a_purpose_is_bounded_and_visible(office: SharingOffice, ask: Asks) -> None:
    for word in WORDS:
        assert ask("queryCert", **office.who, **{word: "字" * 200})["head"]["status"] == 0
        for value in ("字" * 201, "a\u202eb", "a\nb", 1, ["x"], {"a": "b"}):
            answer = ask("queryCert", **office.who | {word: value})
            assert answer["head"]["status"] == 102, (word, value)
            assert word in answer["head"]["message"]


def test_every_call_is_written_down_without_a_field(office: SharingOffice, ask: Asks) -> None:
    ask("queryCertInfo", certIdentifier=str(office.licence.id))
    ask("verifyCertInfo", certTypeCode=office.type_code, certData={
        "certNo": NUMBER, "holder": "张三", "holderCode": NUMBER,
    })  # fmt: skip
    ask("queryCert", **office.who | {"useCause": ""})
    ask("getDateByQRcode")
    refused, missing, verified, told = office.log()
    assert [refused.status, missing.status, verified.result, told.status] == [2, 12, 5, 0]
    assert told.licences == (str(office.licence.id),)
    assert told.purpose == WORDS
    assert (told.caller, told.token) == ("重庆市政务服务平台", office.partner.id)
    assert (verified.subject, verified.missed) == ("1237", True)
    with office.workspace.engine.read() as connection:
        rows = str(connection.exec_driver_sql("SELECT * FROM share_access").all())
    assert "张" not in rows
    assert NUMBER not in rows
    assert "C1" not in rows


def test_what_cannot_be_written_down_is_not_handed_out(
    office: SharingOffice, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> bool:
        raise StoreError("磁盘已满", "the disk is full")

    store = client.app.state.sharing._store  # type: ignore[attr-defined]
    monkeypatch.setattr(store.__class__, "record", full)
    told = client.post("/CertShare/queryCert", json=office.message(**office.who))
    assert (told.status_code, told.json()["head"]["status"]) == (503, 904)
    assert "张伟" not in told.text


def test_who_asks_too_often_waits_whatever_is_asked(
    office: SharingOffice, client: TestClient, ask: Asks
) -> None:
    client.app.state.sharing._rates = ShareRates(calls=3)  # type: ignore[attr-defined]
    assert [ask("queryCert", **office.who)["head"]["status"] for _ in range(5)] == [
        0, 0, 0, 901, 901,
    ]  # fmt: skip
    assert ask("getDateByQRcode")["head"]["status"] == 901
    assert len(office.log()) == 3


def test_a_message_without_its_form_is_told_so(office: SharingOffice, client: TestClient) -> None:
    head = json.dumps(office.message()["head"])
    for body in (
        b"", b"x", b"[]", b"null", b'{"head":1', b'{"a":1,"a":2}', b"\xff\xfe", b'"\\ud800"',
        f'{{"head":{head}}}'.encode(), f'{{"head":{head},"data":[]}}'.encode(),
        f'{{"head":{head},"data":{{}},"more":1}}'.encode(),
        f'{{"head":{head},"data":{{"certNo":"\\ud800"}}}}'.encode(), b"[" * 10_000,
    ):  # fmt: skip
        told = client.post("/CertShare/queryCert", content=body)
        assert (told.status_code, told.json()["head"]["status"]) == (200, 900), body[:40]
    told = client.post("/CertShare/queryCert", content=b"x" * (512 * 1024 + 1))
    assert told.status_code == 413
    assert client.post("/CertShare/none", json={}).status_code == 404
    assert client.get("/CertShare/queryCert").status_code == 405


def test_every_interface_stands_in_the_document_for_tools(client: TestClient) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    assert {f"/CertShare/{name}" for name in INTERFACES} <= paths.keys()
    body = paths["/CertShare/queryCert"]["post"]["requestBody"]["content"]["application/json"]
    data = body["schema"]["properties"]["data"]
    assert {"useCause", "holder", "holderCode", "certTypeCode"} <= set(data["required"])
    assert "certNo" not in data["required"]


def test_a_window_verifies_and_offers_nothing_else(tmp_path: Path) -> None:
    clock = Clock()
    with Workspace.init(tmp_path / "w", region="500000", name="窗口", clock=clock) as window:
        type_code = window.catalogue.require("机动车驾驶证").code
        text, kept = new_token(Role.PARTNER, "平台", created=AT, expires=AT + timedelta(days=1))
        SQLTokens(window.engine).add(kept)
        grant = ShareGrant(
            token=kept.id, type_code=type_code, services=ALL, created=AT,
            expires=AT + timedelta(days=1),
        )  # fmt: skip
        SQLShareStore(window.engine).set_grant(grant)
        with TestClient(application(window, clock=clock)) as client:
            head = {"accessId": kept.id, "accessToken": text}
            who = {"holder": "张伟", "holderCode": NUMBER, "holderTypeCode": "111"}
            data = WORDS | {"certTypeCode": type_code}
            told = _post(client, "queryCert", {"head": head, "data": data | who})
            assert told["head"]["status"] == 2
            told = _post(client, "verifyQRcode", {"head": head, "data": data | {"qrcode": "1"}})
            assert told["data"]["result"] == "4"


# -- every naughty string in every member -----------------------------------------------------


def _strings(vectors: Path) -> list[str]:
    found: list[str] = json.loads((vectors / "naughty-strings.json").read_text("utf-8"))
    return found


def test_every_naughty_string_in_every_member_is_read_or_refused(vectors: Path) -> None:
    strings = _strings(vectors)
    for name, interface in INTERFACES.items():
        if interface.request is None:
            continue
        members = interface.request.model_json_schema(by_alias=True)["properties"]
        good = WORDS | {
            "certTypeCode": "1" * 21, "certData": {"certNo": "1"}, "holder": "张伟",
            "holderCode": NUMBER, "holderTypeCode": "111", "qrcode": "1", "content": "YQ==",
            "contentType": "base64", "certIdentifier": "1",
        }  # fmt: skip
        good = {one: value for one, value in good.items() if one in members or one in WORDS}
        for member in (*members, *WORDS):
            for text in strings:
                value = {text or "x": text} if member == "certData" else text
                told = read(interface.request, good | {member: value})
                if isinstance(told, ShareRefusal):
                    assert int(told.status) in {12, 102}, (name, member, text)
                    # What was sent does not come back, but for what a member is called.
                    assert told.where in {member, "data", "x"} or member == "certData"


def test_no_naughty_string_breaks_a_running_service(office: SharingOffice, vectors: Path) -> None:
    office.grant(daily=1_000_000, misses=10_000, fields=frozenset({"*"}))
    app = office.app()
    app.state.sharing._rates = ShareRates(calls=1_000_000)
    seen: set[int] = set()
    with serving(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        for number, text in enumerate(_strings(vectors)):
            word = list(WORDS)[number % len(WORDS)]
            kind = ("sd-jwt", "pdf")[number % 2]
            several: tuple[tuple[str, dict[str, Any]], ...] = (
                ("queryCert", office.who | {"certNo": text, word: text or "x"}),
                ("queryCert", office.who | {
                    "holder": text, "holderCode": text, "holderTypeCode": "999",
                }),
                ("verifyCertInfo", {
                    "certTypeCode": office.type_code,
                    "certData": {"certNo": text, "holder": "张", "holderCode": NUMBER, text: text},
                }),
                ("downloadFile", {"certIdentifier": text, "fileType": kind, "expiryTime": text}),
                ("verifyQRcode", {"certTypeCode": office.type_code, "qrcode": text}),
            )  # fmt: skip
            name, data = several[number % len(several)]
            told = client.post(f"/CertShare/{name}", json=office.message(**data))
            assert told.status_code == 200, (name, text)
            seen.add(told.json()["head"]["status"])
    assert {0, 10, 102} <= seen
