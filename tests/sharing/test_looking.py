"""Search and metadata: exactly who was asked for, exactly what was granted, and nothing else."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import ecert
from ecert import limits
from tests.sharing.office import AT, NUMBER, ZHANG

if TYPE_CHECKING:
    from tests.sharing.conftest import Asks
    from tests.sharing.office import SharingOffice

OTHER = "510681198505052314"


def _status(answer: dict[str, Any]) -> int:
    status = answer["head"]["status"]
    assert isinstance(status, int)
    return status


def test_a_search_tells_catalogue_data_and_no_field(office: SharingOffice, ask: Asks) -> None:
    answer = ask("queryCert", **office.who)
    assert answer == {
        "head": {"status": 0, "message": "接口调用成功"},
        "data": {
            "total": 1,
            "dataList": [{
                "certificateIdentifier": str(office.licence.id),
                "certificateType": office.type_code, "certificateName": "机动车驾驶证",
                "certificateHolder": "张伟", "certificateHolderCode": NUMBER,
                "certificateHolderType": "111", "certificateNumber": NUMBER,
                "issueDept": "四川省广安市公安局", "issueDeptCode": office.issuer.code,
                "issueDate": "20261122", "certificateValidateStart": "20261122",
                "certificateValidateEnd": "20310601", "certificateStatus": 0,
                "certificateState": "issued", "certificateStateName": "有效",
            }],
        },
    }  # fmt: skip


def test_metadata_hold_the_granted_fields_alone(office: SharingOffice, ask: Asks) -> None:
    one = ask("queryCertInfo", certIdentifier=str(office.licence.id))["data"]["certData"]
    assert (one["ZZBS"], one["CZZTDM"], one["KZ_ZJCX"]) == (str(office.licence.id), NUMBER, "C1")
    assert "滨河路" not in json.dumps(one, ensure_ascii=False)
    (same,) = ask("queryCertInfoByHolderCode", **office.who)["data"]["certData"]
    assert same == one
    office.grant(fields=frozenset())
    none = ask("queryCertInfo", certIdentifier=str(office.licence.id))["data"]["certData"]
    assert not any(name.startswith("KZ_") for name in none)
    office.grant(fields=frozenset({"*"}))
    every = ask("queryCertInfo", certIdentifier=str(office.licence.id))["data"]["certData"]
    assert every["KZ_ZZ"] == "滨河路1号"


def test_whatever_is_not_exactly_there_has_one_answer(office: SharingOffice, ask: Asks) -> None:
    office.issue(holder=ecert.Holder("李娜", OTHER), number=OTHER)
    for changes in (
        {"holder": "张三"}, {"holder": "张"}, {"holder": "张伟伟"},
        {"holder": "王伟", "holderCode": "110101199003070134"},
        {"certNo": "510681199003071238"}, {"certNo": "%"}, {"certNo": "5106%"},
        {"certNo": "' OR '1'='1"}, {"certNo": "_" * 18},
        {"holderCode": "%", "holderTypeCode": "999"},
        {"holderCode": "5106811990030712__", "holderTypeCode": "999"},
        {"holderCode": NUMBER, "holderTypeCode": "414"},
    ):  # fmt: skip
        answer = ask("queryCert", **office.who | changes)
        told = {"head": {"status": 10, "message": "未找到匹配的证照信息"}, "data": None}
        assert answer == told, changes
        assert office.log()[0].missed, changes


def test_a_value_without_its_form_is_named_and_not_repeated(
    office: SharingOffice, ask: Asks
) -> None:
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"holderCode": "510681********1237"}, "holderCode"),
        ({"holderCode": "%"}, "holderCode"),
        ({"holderCode": "５１０６８１１９９００３０７１２３７"}, "holderCode"),
        ({"holder": "张%\u202e"}, "holder"),
        ({"holder": " 张伟"}, "holder"),
        ({"certTypeCode": "机动车驾驶证"}, "certTypeCode"),
        ({"certTypeCode": "%"}, "certTypeCode"),
        ({"certNo": "a\x00b"}, "certNo"),
        ({"certNo": "1" * (limits.MAX_NAME_CHARS + 1)}, "certNo"),
        ({"holderCode": 5106811990}, "holderCode"),
        ({"holder": ["张伟"]}, "holder"),
        ({"pageSize": 100_000}, "data"),
    )
    for changes, member in wrong:
        answer = ask("queryCert", **office.who | changes)
        assert _status(answer) == 102, changes
        assert member in answer["head"]["message"], changes
        assert NUMBER not in answer["head"]["message"]
        assert answer["data"] is None


def test_an_unknown_kind_of_number_has_its_own_status(office: SharingOffice, ask: Asks) -> None:
    assert _status(ask("queryCert", **office.who | {"holderTypeCode": "112"})) == 103


def test_of_several_holders_only_the_one_asked_for_is_told(
    office: SharingOffice, ask: Asks
) -> None:
    shared = office.issue(
        "不动产权证书", number="川(2026)广安市不动产权第0000001号",
        holder=[ZHANG, ecert.Holder("李娜", OTHER)],
        fields={
            "权利类型": "国有建设用地使用权", "坐落": "滨河路1号",
            "不动产单元号": "511602001001GB00001F00010001",
        },
        valid_until=None,
    )  # fmt: skip
    office.grant(type_code=shared.type_code)
    who = office.who | {"certTypeCode": shared.type_code}
    for name in ("queryCert", "queryCertInfoByHolderCode"):
        text = json.dumps(ask(name, **who), ensure_ascii=False)
        assert "张伟" in text
        assert "李娜" not in text
        assert OTHER not in text


@pytest.mark.parametrize(
    ("move", "status", "state"), [("suspend", 23, "suspended"), ("revoke", 21, "revoked")]
)
def test_a_licence_not_in_force_tells_its_state_and_no_more(
    office: SharingOffice, ask: Asks, move: str, status: int, state: str
) -> None:
    getattr(office.issuer, move)(office.licence.id, reason="样例", document="样例〔2026〕1号")
    (entry,) = ask("queryCert", **office.who)["data"]["dataList"]
    assert (entry["certificateStatus"], entry["certificateState"]) == (status, state)
    answer = ask("queryCertInfo", certIdentifier=str(office.licence.id))
    assert _status(answer) == status
    assert answer["data"]["certData"].keys() == {
        "cert_identifier", "certificateStatus", "certificateState", "certificateStateName",
    }  # fmt: skip
    assert _status(ask("queryCertInfoByHolderCode", **office.who)) == status
    # Another one in force beside it: the call as such is done.
    office.issue()
    answer = ask("queryCertInfoByHolderCode", **office.who)
    assert _status(answer) == 0
    assert [one["certificateStatus"] for one in answer["data"]["certData"]] == [0, status]


def test_an_expired_licence_and_one_that_has_not_begun(office: SharingOffice, ask: Asks) -> None:
    early = office.issue(valid_from=date(2026, 12, 1), valid_until=date(2027, 1, 1))
    answer = ask("queryCertInfo", certIdentifier=str(early.id))
    assert (_status(answer), answer["data"]["certData"]["certificateState"]) == (
        23, "not-yet-valid",
    )  # fmt: skip
    office.clock.now = AT + timedelta(days=29)
    office.issuer.suspend(early.id, reason="样例", document="样例〔2026〕2号")
    over = office.issue(valid_until=date(2026, 12, 21))
    office.clock.now = AT + timedelta(days=29, hours=23)
    answer = ask("queryCertInfo", certIdentifier=str(over.id))
    assert (_status(answer), answer["data"]["certData"]["certificateState"]) == (22, "expired")


def test_more_than_a_page_is_not_told_at_all(
    office: SharingOffice, ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_SHARE_FOUND", 2)

    def lawyer(number: str) -> ecert.Licence:
        return office.issue(
            "律师执业证", number=number, fields={"执业机构": "样例律师事务所"}, valid_until=None
        )

    first = lawyer("15116202610000001")
    office.grant(type_code=first.type_code)
    who = office.who | {"certTypeCode": first.type_code}
    lawyer("15116202610000002")
    assert ask("queryCert", **who)["data"]["total"] == 2
    lawyer("15116202610000003")
    answer = ask("queryCert", **who)
    assert (_status(answer), answer["data"]) == (902, None)
    assert ask("queryCert", **who, certNo=first.number)["data"]["total"] == 1


def test_the_names_of_a_types_data_need_no_cause(office: SharingOffice, ask: Asks) -> None:
    bare = dict.fromkeys(
        ("orgName", "username", "itemName", "itemCode", "businessCode", "useCause")
    )
    answer = ask(
        "getCertRemarkInfo", certTypeCode=office.type_code, certName="机动车驾驶证", **bare
    )
    assert answer["data"]["certData"] == {
        "certNo": "证照编号【必填项】", "holder": "持证主体【必填项】",
        "holderCode": "持证主体代码【必填项】", "KZ_ZJCX": "准驾车型",
    }  # fmt: skip
    other = ask("getCertRemarkInfo", certTypeCode=office.type_code, certName="营业执照")
    assert _status(other) == 13
