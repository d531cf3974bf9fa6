"""Verification: claimed data, files and show codes, in the numbers of the interface."""

from __future__ import annotations

import base64
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import ecert
from ecert.issuers.purpose import Purpose
from ecert.limits import MAX_SHARE_MEMBERS, MAX_TOKEN_CHARS
from ecert.show.online import OnlineCode
from ecert.wallet.vault import CHEAPEST
from ecert.workspace.show_services import ShowServiceAddress, ShowServices
from tests.sharing.office import AT, NUMBER, SharingOffice

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from starlette.testclient import TestClient

    from tests.sharing.conftest import Asks

DATA = {"certNo": NUMBER, "holder": "张伟", "holderCode": NUMBER}


def _result(answer: dict[str, Any]) -> str:
    assert answer["head"]["status"] == 0
    result = answer["data"]["result"]
    assert isinstance(result, str)
    return result


def _wallet(office: SharingOffice, folder: Path) -> ecert.Wallet:
    wallet = ecert.Wallet.create(folder / "w", "a passphrase", kdf=CHEAPEST, clock=office.clock)
    request = wallet.request(office.issuer.nonce())
    wallet.add(office.issuer.deliver(office.licence.id, request))
    return wallet


def test_claimed_data_are_compared_with_the_register(office: SharingOffice, ask: Asks) -> None:
    licence_id = str(office.licence.id)
    for data, result in (
        (DATA, "0"),
        (DATA | {"holderTypeCode": "111", "准驾车型": "C1"}, "0"),
        (DATA | {"KZ_ZJCX": "C1"}, "0"),
        (DATA | {"KZ_ZJCX": "A1"}, "7"),
        (DATA | {"holder": "张三"}, "5"),
        (DATA | {"certNo": "1"}, "5"),
        ({"certNo": NUMBER, "certIdentifier": licence_id}, "0"),
        ({"certNo": NUMBER, "certIdentifier": licence_id, "holder": "张伟"}, "0"),
        ({"certNo": NUMBER, "certIdentifier": licence_id, "holder": "张三"}, "5"),
        ({"certNo": NUMBER, "certIdentifier": licence_id, "holderCode": "x"}, "5"),
        ({"certNo": "x", "certIdentifier": licence_id}, "5"),
        ({}, "6"),
        ({"certNo": ""}, "6"),
    ):
        answer = ask("verifyCertInfo", certTypeCode=office.type_code, certData=data)
        assert _result(answer) == result, data
        assert answer["data"].keys() == {"result", "message"}


def test_what_is_missing_of_claimed_data_has_its_own_number(
    office: SharingOffice, ask: Asks
) -> None:
    for data, status in (
        ({"holder": "张伟", "holderCode": NUMBER}, 109),
        ({"certNo": NUMBER, "holder": "张伟"}, 110),
        ({"certNo": NUMBER, "holderCode": NUMBER}, 111),
        (DATA | {"holderTypeCode": "000"}, 103),
        (DATA | {"holderCode": "510681********1237"}, 102),
        (DATA | {"certNo": 1}, 102),
        (DATA | {"certIdentifier": "1.2.3"}, 102),
        # Fields that are not granted cannot be found out by guessing, nor whether there are any.
        (DATA | {"住址": "滨河路1号"}, 102),
        (DATA | {"档案编号": "1"}, 102),
        (DATA | {"没有": "1"}, 102),
    ):
        answer = ask("verifyCertInfo", certTypeCode=office.type_code, certData=data)
        assert (answer["head"]["status"], answer["data"]) == (status, None), data
    assert ask("verifyCertInfo", certTypeCode=office.type_code)["head"]["status"] == 12
    for count, status in ((MAX_SHARE_MEMBERS, 109), (MAX_SHARE_MEMBERS + 1, 102)):
        many = {f"x{one}": "x" for one in range(count)}
        answer = ask("verifyCertInfo", certTypeCode=office.type_code, certData=many)
        assert answer["head"]["status"] == status


def test_the_state_stands_in_the_result(office: SharingOffice, ask: Asks) -> None:
    asked = {"certTypeCode": office.type_code, "certData": DATA}
    office.issuer.suspend(office.licence.id, reason="样例", document="样例〔2026〕1号")
    assert _result(ask("verifyCertInfo", **asked)) == "2"
    # Of several the one in force is meant; two of them cannot be told apart.
    office.issue()
    assert _result(ask("verifyCertInfo", **asked)) == "0"
    office.issue()
    assert _result(ask("verifyCertInfo", **asked)) == "4"


def test_guesses_are_counted_but_codes_are_not(office: SharingOffice, ask: Asks) -> None:
    office.grant(misses=2)
    asked: dict[str, Any] = {"certTypeCode": office.type_code}
    assert _result(ask("verifyQRcode", **asked, qrcode="123")) == "4"
    assert _result(ask("verifyCertInfo", **asked, certData=DATA | {"KZ_ZJCX": "A1"})) == "7"
    assert _result(ask("verifyCertInfo", **asked, certData=DATA | {"holder": "张三"})) == "5"
    assert ask("verifyCertInfo", **asked, certData=DATA)["head"]["status"] == 901
    office.clock.now = AT + timedelta(hours=1)
    assert _result(ask("verifyCertInfo", **asked, certData=DATA)) == "0"


def test_a_file_is_judged_as_a_window_judges_it(office: SharingOffice, ask: Asks) -> None:
    def judged(text: str | bytes, **changes: str) -> dict[str, Any]:
        data = text if isinstance(text, bytes) else text.encode()
        content = base64.b64encode(data).decode()
        said = {"certTypeCode": office.type_code, "contentType": "base64", "content": content}
        return ask("verifyFile", **said | changes)

    file = office.issuer.file(office.licence.id)
    assert _result(judged(file)) == "0"
    assert judged(file)["data"]["number"] == "E000"
    # Nothing of the licence comes back, however good it is.
    assert "张伟" not in str(judged(file))
    head, payload, signature = file.split("~")[0].split(".")
    forged = file.replace(signature, signature[:-8] + "AAAAAAAA")
    assert (_result(judged(forged)), judged(forged)["data"]["reason"]) == ("7", "signature")
    assert _result(judged(f"{head}.{payload}~")) == "7"
    assert _result(judged("no file")) == "7"
    assert _result(judged("~" * (MAX_TOKEN_CHARS + 1))) == "7"
    assert judged(file, contentType="hex")["head"]["status"] == 102
    assert judged(file, content="*")["head"]["status"] == 102
    assert judged("证照~".encode())["head"]["status"] == 102
    stranger = ecert.Issuer.demo("浙江省杭州市公安局", region="330100", clock=office.clock)
    foreign = stranger.issue(
        "机动车驾驶证", number=NUMBER, holder=ecert.Holder("张伟", NUMBER),
        fields={"准驾车型": "C1"}, valid_until=None,
    )  # fmt: skip
    answer = judged(stranger.file(foreign.id))
    assert (_result(answer), answer["data"]["reason"]) == ("4", "trust-list-missing")


def test_a_file_of_another_type_than_named_is_wrong(office: SharingOffice, ask: Asks) -> None:
    other = office.issue(
        "律师执业证", number="1", fields={"执业机构": "样例律师事务所"}, valid_until=None
    )
    content = base64.b64encode(office.issuer.file(other.id).encode()).decode()
    asked = {"certTypeCode": office.type_code, "contentType": "base64", "content": content}
    answer = ask("verifyFile", **asked)
    assert answer["data"] == {"result": "7", "message": "部分信息有误或不完整"}


def test_a_list_that_no_trust_list_names_yet_holds_up_no_other(
    office: SharingOffice, ask: Asks
) -> None:
    file = office.issuer.file(office.licence.id)
    for year in range(2027, 2031):
        purpose = Purpose("样例", "样例", date(year, 6, 1))
        office.issuer.purpose_copy(office.licence.id, purpose)
    content = base64.b64encode(file.encode()).decode()
    asked = {"certTypeCode": office.type_code, "contentType": "base64", "content": content}
    office.issuer.suspend(office.licence.id, reason="样例", document="样例〔2026〕1号")
    answer = ask("verifyFile", **asked)
    assert _result(answer) in {"2", "4"}
    office.workspace.bundle()
    answer = ask("verifyFile", **asked)
    assert (_result(answer), answer["data"]["reason"]) == ("2", "suspended")


def test_the_register_knows_before_any_list(
    office: SharingOffice, client: TestClient, ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = office.issuer.file(office.licence.id)
    content = base64.b64encode(file.encode()).decode()
    asked = {"certTypeCode": office.type_code, "contentType": "base64", "content": content}
    assert _result(ask("verifyFile", **asked)) == "0"
    # Nobody brings the lists up to date.
    desk = client.app.state.sharing  # type: ignore[attr-defined]
    monkeypatch.setattr(desk.__class__, "_take_over", lambda *_: None)
    office.issuer.suspend(office.licence.id, reason="样例", document="样例〔2026〕1号")
    assert _result(ask("verifyFile", **asked)) == "2"
    monkeypatch.undo()
    answer = ask("verifyFile", **asked)
    assert (_result(answer), answer["data"]["reason"]) == ("2", "suspended")


def test_a_show_code_is_used_up_by_its_check(
    office: SharingOffice, ask: Asks, tmp_path: Path
) -> None:
    wallet = _wallet(office, tmp_path)
    asked = {"certTypeCode": office.type_code, "qrcode": wallet.show(office.licence.id).text}
    assert _result(ask("verifyQRcode", **asked)) == "0"
    answer = ask("verifyQRcode", **asked)
    assert (_result(answer), answer["data"]["reason"]) == ("7", "replayed")
    late = wallet.show(office.licence.id).text
    office.clock.now = AT + timedelta(minutes=5)
    answer = ask("verifyQRcode", **asked | {"qrcode": late})
    assert (_result(answer), answer["data"]["reason"]) == ("7", "code-expired")
    file = office.issuer.file(office.licence.id)
    assert _result(ask("verifyQRcode", **asked | {"qrcode": file})) == "7"


def test_an_online_code_is_not_fetched_for_a_platform(office: SharingOffice, ask: Asks) -> None:
    at = ShowServiceAddress(region="511600", url="http://127.0.0.1:9", token="t", allow_http=True)
    ShowServices((at,)).write(office.workspace.path)
    code = OnlineCode.new("511600").text
    answer = ask("verifyQRcode", certTypeCode=office.type_code, qrcode=code)
    assert (_result(answer), answer["data"]["reason"]) == ("4", "service-unreachable")
    assert [one.service for one in office.log()] == ["verifyQRcode"]
