"""Downloads: a signed copy for the stated cause, with what is granted; the same if repeated."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ecert import limits
from ecert.errors import CustodyError, ExtraMissingError
from ecert.sign import sdjwt
from tests.sharing.office import AT, WORDS, content_of

if TYPE_CHECKING:
    import pytest

    from tests.sharing.conftest import Asks
    from tests.sharing.office import SharingOffice


def _claims(file: dict[str, Any]) -> dict[str, Any]:
    return sdjwt.parse(content_of(file).decode("ascii")).unverified_claims()


def test_a_file_is_a_purpose_copy_with_what_is_granted(office: SharingOffice, ask: Asks) -> None:
    answer = ask("downloadFile", certIdentifier=str(office.licence.id))
    file = answer["data"]
    assert (file["contentType"], file["fileType"], file["expiryTime"]) == (
        "base64", "sd-jwt", "20261222",
    )  # fmt: skip
    claims = _claims(file)
    assert claims["purpose_copy"] == {
        "purpose": WORDS["useCause"], "maker": "重庆市政务服务平台",
        "made_at": int(AT.timestamp()), "valid_until": "2026-12-22",
    }  # fmt: skip
    assert claims["fields"] == {"准驾车型": "C1"}
    assert "滨河路" not in json.dumps(claims, ensure_ascii=False)
    verdict = office.workspace.verifier.verify_file(content_of(file).decode(), matter="机动车业务")
    assert verdict.accepted
    assert verdict.licence.purpose is not None
    assert verdict.licence.purpose.purpose == WORDS["useCause"]


def test_by_holder_there_is_one_file_for_each_licence(
    office: SharingOffice, ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = office.issue()
    files = ask("downloadFileByHolderCode", **office.who)["data"]
    assert [one["certIdentifier"] for one in files] == [str(second.id), str(office.licence.id)]
    # One that is not in force is left out of them.
    office.issuer.suspend(second.id, reason="样例", document="样例〔2026〕1号")
    (left,) = ask("downloadFileByHolderCode", **office.who)["data"]
    assert left["certIdentifier"] == str(office.licence.id)
    monkeypatch.setattr(limits, "MAX_SHARE_FILES", 1)
    assert ask("downloadFileByHolderCode", **office.who)["head"]["status"] == 0
    office.issue()
    answer = ask("downloadFileByHolderCode", **office.who)
    assert (answer["head"]["status"], answer["data"]) == (902, None)


def test_the_same_call_again_gives_the_same_copy(office: SharingOffice, ask: Asks) -> None:
    asked = {"certIdentifier": str(office.licence.id)}
    first = ask("downloadFile", **asked)["data"]
    office.clock.now = AT + timedelta(hours=1)
    assert ask("downloadFile", **asked)["data"] == first
    assert len(office.issuer.credentials(office.licence.id)) == 1
    # Another cause is another copy, and so is the next day's.
    assert ask("downloadFile", **asked, useCause="办理年审")["data"] != first
    office.clock.now = AT + timedelta(days=1)
    assert ask("downloadFile", **asked)["data"] != first
    assert len(office.issuer.credentials(office.licence.id)) == 3
    # What is repeated after the end is not handed out again.
    office.issuer.revoke(office.licence.id, reason="样例", document="样例〔2026〕1号")
    answer = ask("downloadFile", **asked)
    assert answer["head"]["status"] == 21
    assert answer["data"].keys() == {
        "certIdentifier", "certificateStatus", "certificateState", "certificateStateName",
    }  # fmt: skip


def test_a_sheet_is_signed_for_the_cause_too(office: SharingOffice, ask: Asks) -> None:
    file = ask("downloadFile", certIdentifier=str(office.licence.id), fileType="PDF")["data"]
    assert (file["fileType"], content_of(file)[:5]) == ("pdf", b"%PDF-")
    (kept,) = office.issuer.credentials(office.licence.id)
    assert kept.kind.value == "paper"


def test_without_what_draws_a_sheet_it_is_not_offered(
    office: SharingOffice, ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(*_: object, **__: object) -> object:
        raise ExtraMissingError("未安装打印组件", "not installed")

    monkeypatch.setattr("ecert.show.fonts.FontChain.__init__", absent)
    answer = ask("downloadFile", certIdentifier=str(office.licence.id), fileType="pdf")
    assert answer["head"] == {
        "status": 2, "message": "证照源未提供此服务接口：fileType：未安装打印组件",
    }  # fmt: skip
    assert office.issuer.credentials(office.licence.id) == ()


def test_without_a_key_nothing_is_handed_out(
    office: SharingOffice, ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object, **__: object) -> object:
        raise CustodyError("需要密钥口令", "a passphrase is needed")

    monkeypatch.setattr(office.issuer._keyring.__class__, "signer", locked)
    answer = ask("downloadFile", certIdentifier=str(office.licence.id))
    assert (answer["head"]["status"], answer["data"]) == (903, None)
    assert office.log()[0].status == 903


def test_what_cannot_be_made_is_named(office: SharingOffice, ask: Asks) -> None:
    last = AT.date() + timedelta(days=limits.MAX_SHARE_COPY_DAYS)
    office.grant(daily=limits.MAX_SHARE_DAILY)
    for changes, status, member in (
        ({"fileType": "ofd"}, 102, "fileType"),
        ({"fileType": "png"}, 102, "fileType"),
        ({"expiryTime": last.strftime("%Y%m%d")}, 0, ""),
        ({"expiryTime": last.isoformat()}, 0, ""),
        ({"expiryTime": (last + timedelta(days=1)).strftime("%Y%m%d")}, 102, "expiryTime"),
        ({"expiryTime": "20261121"}, 102, "expiryTime"),
        ({"expiryTime": "2026-W48-1"}, 102, "expiryTime"),
        ({"expiryTime": "明年"}, 102, "expiryTime"),
        # As the other interface of the same system spells them.
        ({"certificateCopyExpiringTime": "20261123"}, 0, ""),
        ({"certificateCopyCause": "办理年审", "useCause": None}, 0, ""),
        ({"certificateCopyCause": "办理年审"}, 102, "useCause"),
        ({"expiryTime": "''"}, 102, "expiryTime"),
    ):
        answer = ask("downloadFile", certIdentifier=str(office.licence.id), **changes)
        assert answer["head"]["status"] == status, changes
        assert member in answer["head"]["message"], changes


def test_a_copy_ends_with_its_licence(office: SharingOffice, ask: Asks) -> None:
    soon = office.issue(valid_until=AT.date() + timedelta(days=3))
    file = ask("downloadFile", certIdentifier=str(soon.id))["data"]
    assert file["expiryTime"] == "20261125"
    answer = ask("downloadFile", certIdentifier=str(soon.id), expiryTime="20261126")
    assert answer["head"]["status"] == 102
