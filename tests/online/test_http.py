"""The show service over HTTP: what it takes, what it answers, what it hides."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from ecert import limits
from ecert.errors import StoreError
from ecert.service.guards import HEADERS
from ecert.service.show import make_app
from ecert.show.online import OnlineCode, audience_of, transaction_nonce
from tests.online.office import REGION, WORDS, Office
from tests.online.server import client_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx


@pytest.fixture
def client(office: Office) -> Iterator[httpx.Client]:
    with client_of(make_app(office.desk, clock=office.world.clock)) as client:
        yield client


def redeem(
    client: httpx.Client, office: Office, code: str, token: str | None = None, **more: str
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {office.token if token is None else token}"} | more
    return client.post("/v1/redeem", json={"code": code, "purpose": WORDS}, headers=headers)


def deposit(client: httpx.Client, office: Office) -> OnlineCode:
    code = OnlineCode.new(REGION)
    body = {"code": code.text, "tokens": list(office.present(code)), "life": 300}
    answer = client.post("/v1/codes", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"expires": "2026-11-22T02:05:00+00:00"}
    return code


def test_deposit_redeem_and_log(client: httpx.Client, office: Office) -> None:
    code = deposit(client, office)
    answer = redeem(client, office, code.text)
    assert answer.status_code == 200
    said = answer.json()
    assert said.keys() == {"tokens", "audience", "nonce"}
    assert (said["audience"], said["nonce"]) == (audience_of(REGION), code.nonce)
    assert redeem(client, office, code.text).status_code == 404
    log = client.post("/v1/log", json={"request": office.ask("log")}).json()["entries"]
    assert [one["outcome"] for one in log] == ["missed", "served"]
    assert log[1]["purpose"] == WORDS


def test_misses_are_byte_for_byte_the_same(client: httpx.Client, office: Office) -> None:
    used, cancelled, good = (deposit(client, office) for _ in range(3))
    redeem(client, office, used.text)
    request = {"request": office.ask("cancel", cancelled.text)}
    assert client.post("/v1/codes/cancel", json=request).json() == {"cancelled": True}
    answers = [
        redeem(client, office, used.text),
        redeem(client, office, cancelled.text),
        redeem(client, office, OnlineCode.new(REGION).text),
        redeem(client, office, "1"),
        redeem(client, office, good.text, token="wrong"),
        client.post("/v1/redeem", json={"code": good.text, "purpose": WORDS}),
    ]
    office.world.clock.advance(seconds=300)
    answers.append(redeem(client, office, good.text))
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.content for answer in answers} == {
        b'{"reason":"not-redeemable","number":"E110"}'
    }
    told = [{name: text for name, text in one.headers.items() if name != "date"} for one in answers]
    assert all(one == told[0] for one in told)


def test_a_region_that_is_not_covered_is_told_so(client: httpx.Client, office: Office) -> None:
    code = deposit(client, office)
    answer = redeem(client, office, code.text, token=office.verifier("110000"))
    assert (answer.status_code, answer.json()["reason"]) == (403, "list-missing")
    assert redeem(client, office, code.text).status_code == 200


def test_who_guesses_must_wait(client: httpx.Client, office: Office) -> None:
    for _ in range(limits.MAX_MISSES_OF_VERIFIER):
        assert redeem(client, office, OnlineCode.new(REGION).text).status_code == 404
    code = deposit(client, office)
    answer = redeem(client, office, code.text)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert answer.json() == {"reason": "service-busy", "number": "E923"}


def test_false_proofs_count_against_their_address(client: httpx.Client, office: Office) -> None:
    for _ in range(limits.MAX_MISSES_OF_ADDRESS):
        answer = client.post("/v1/log", json={"request": "x.y.z"})
        assert answer.status_code == 403
    answer = client.post("/v1/log", json={"request": office.ask("log")})
    assert answer.status_code == 429


def test_consent_over_http(client: httpx.Client, office: Office) -> None:
    code, bearer = OnlineCode.new(REGION), {"Authorization": f"Bearer {office.token}"}
    licence = office.world.licence

    def post(path: str, headers: dict[str, str] | None = None, **body: Any) -> dict[str, Any]:
        answer = client.post(f"/v1/consents{path}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        plain: dict[str, Any] = answer.json()
        return plain

    post("", code=code.text, tokens=list(office.present(code, ())))
    assert post("/pending", request=office.ask("pending", code.text))["verifyStatus"] == "0"
    begun = post("/begin", bearer, code=code.text, types=[licence.type_code], purpose=WORDS)
    assert post("/status", bearer, trxId=begun["trxId"]) == {"verifyStatus": "1"}
    found = post("/pending", request=office.ask("pending", code.text))
    assert (found["verifyStatus"], found["asked"]["purpose"]) == ("1", WORDS)
    shown = office.world.wallet.present(
        licence.id, audience=audience_of(REGION), nonce=transaction_nonce(found["trxId"])
    )
    assert post("/agree", request=office.ask("agree", code.text), tokens=list(shown)) == {
        "types": [licence.type_code]
    }
    assert post("/status", bearer, trxId=begun["trxId"]) == {"verifyStatus": "2"}
    body = {"trxId": begun["trxId"], "certTypeCode": licence.type_code, "purpose": WORDS}
    assert post("/fetch", bearer, **body)["tokens"] == list(shown)
    assert client.post("/v1/consents/fetch", json=body, headers=bearer).status_code == 404
    other = OnlineCode.new(REGION)
    post("", code=other.text, tokens=list(office.present(other, ())))
    post("/begin", bearer, code=other.text, types=[licence.type_code], purpose=WORDS)
    assert post("/decline", request=office.ask("decline", other.text)) == {"declined": True}
    assert post("/status", bearer, trxId=other.transaction) == {"verifyStatus": "3"}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"x", b"[]", b"{}", b'{"request":1}', b'{"request":"x","request":"x"}',
        b'{"request":"x","more":1}', b"\xff", b'{"request":NaN}', b'{"request":["x"]}',
    ],
)  # fmt: skip
def test_another_shape_is_refused_before_anything_is_asked(
    client: httpx.Client, office: Office, body: bytes
) -> None:
    answer = client.post("/v1/log", content=body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    # Nobody has scanned anything here.
    assert "亮证码" not in error["zh"]
    assert error["where"]
    assert error["fix_zh"]
    assert error["fix_en"]


def test_a_purpose_with_a_word_missing_is_refused_and_the_code_stays_good(
    client: httpx.Client, office: Office
) -> None:
    code = deposit(client, office)
    less = {name: word for name, word in WORDS.items() if name != "useCause"}
    headers = {"Authorization": f"Bearer {office.token}"}
    answer = client.post("/v1/redeem", json={"code": code.text, "purpose": less}, headers=headers)
    error = answer.json()["error"]
    assert (answer.status_code, error["where"]) == (400, "useCause")
    assert "businessCode" in error["fix_zh"]
    assert redeem(client, office, code.text).status_code == 200


@pytest.mark.parametrize(("extra", "status"), [(0, 400), (1, 413)])
@pytest.mark.parametrize("told", [True, False], ids=["told", "chunked"])
def test_a_body_is_bounded(client: httpx.Client, extra: int, told: bool, status: int) -> None:
    body = b" " * (limits.MAX_SERVICE_BYTES + extra)
    content = body if told else iter([body[: len(body) // 2], body[len(body) // 2 :]])
    assert client.post("/v1/log", content=content).status_code == status


def test_every_answer_has_the_headers_and_there_is_no_page(client: httpx.Client) -> None:
    for answer in (
        client.get("/health"), client.get("/docs"), client.get("/openapi.json"),
        client.get("/v1/redeem"), client.post("/v1/log", content=b"x"),
        client.post("/v1/log", content=b" " * (limits.MAX_SERVICE_BYTES + 1)),
    ):  # fmt: skip
        assert {name.decode(): answer.headers[name.decode()] for name, _ in HEADERS} == {
            name.decode(): value.decode() for name, value in HEADERS
        }
        assert answer.status_code in {200, 400, 404, 405, 413}
    assert client.get("/docs").status_code == client.get("/openapi.json").status_code == 404


def test_nothing_personal_is_logged(
    client: httpx.Client, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        code = deposit(client, office)
        redeem(client, office, code.text)
        client.post("/v1/log", content=orjson.dumps({"request": "张伟"}))
    ours = "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("httpx")
    )
    assert not any(word in ours for word in ("张伟", code.text, office.token, "李四"))


def test_upkeep_runs_while_the_service_does(office: Office) -> None:
    done: list[int] = []

    def upkeep() -> None:
        done.append(1)
        raise StoreError("数据库不在", "the database is away")

    app = make_app(
        office.desk, clock=office.world.clock, upkeep=upkeep, every=timedelta(milliseconds=1)
    )
    with client_of(app) as client:
        for _ in range(2_000):
            assert client.get("/health").status_code == 200
            if len(done) > 1:
                break
    assert len(done) > 1, "what fails once is tried again, and the service goes on"
