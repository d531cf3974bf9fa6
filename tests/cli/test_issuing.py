"""``ecert issue``: right applications are recorded and delivered, wrong ones leave nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures
from ecert.errors import VaultError
from ecert.model.codes import make_uscc
from ecert.wallet.wallet import Wallet
from ecert.workspace import Workspace
from tests.cli.people import ISSUE, NUMBER, PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

USCC = make_uscc("92", "511602", "MA6800X1")
FOOD = (
    "-C", "guangan", "issue", "食品经营许可证", "--holder", "好味餐馆", "--number", "JY2511602",
    "-f", "主体业态=餐饮服务经营者", "-f", "经营项目=热食类食品制售", "-f", "经营场所=示例街1号",
    "-f", "法定代表人=李强", "--until", "2029-01-01",
)  # fmt: skip


def _recorded(place: Path) -> list[str]:
    with Workspace.open(place / "guangan") as workspace, workspace.register.view() as view:
        return [str(licence.id) for licence in view.licences()]


def test_the_row_it_tells_is_the_row_it_is_found_by(ecert: Runs, place: Path) -> None:
    ran = ecert(*ISSUE, "--json")
    assert ran.code == 0
    assert ran.json["row"] == 2
    assert ran.json["licence"]["id"] == _recorded(place)[1]
    assert ran.json["code_status"] == "provisional"
    assert "暂定" in ran.err
    assert "第 3 份" in ecert(*ISSUE).out
    assert (
        ecert(
            "-C", "guangan", "revoke", "3", "--reason", "测试", "--document", "测〔2026〕1号"
        ).code
        == 0
    )


def test_it_shows_no_more_of_the_number_than_its_end(ecert: Runs, place: Path) -> None:
    ran = ecert(*ISSUE)
    assert "***1237" in ran.out
    assert NUMBER not in ran.out + ran.err


def test_without_a_wallet_no_passphrase_is_needed(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ECERT_PASSPHRASE")
    assert ecert(*ISSUE).code == 0


@pytest.mark.parametrize("file", ["new.wallet", "zhang.wallet"])
def test_it_delivers_into_a_new_wallet_and_into_one_that_is_there(
    ecert: Runs, place: Path, file: str
) -> None:
    ran = ecert(*ISSUE, "--wallet", file, "--json")
    assert ran.code == 0
    assert ran.json["wallet"] == file
    held = {licence.id for licence in Wallet.open(place / file, PASSPHRASE).licences}
    assert ran.json["licence"]["id"] in held
    assert len(held) == (2 if file == "zhang.wallet" else 1)


def test_a_licence_without_end(ecert: Runs, place: Path) -> None:
    arguments = (*ISSUE[:-2], "--no-end", "--from", "2026-01-01", "--json")
    licence = ecert(*arguments).json["licence"]
    assert (licence["valid_from"], licence["valid_until"]) == ("2026-01-01", None)


def test_an_enterprise_is_named_by_its_own_code(ecert: Runs, place: Path) -> None:
    ran = ecert(*FOOD, "--enterprise", "--holder-number", USCC, "--json")
    assert ran.code == 0, ran.err
    assert ran.json["licence"]["holders"] == [
        {"name": "好味餐馆", "number": USCC, "number_type": "001"}
    ]


def test_a_business_licence_takes_its_number_for_the_holder_s(ecert: Runs, place: Path) -> None:
    ran = ecert(
        "-C", "guangan", "issue", "营业执照", "--holder", "广安市示例有限公司", "--number", USCC,
        "-f", "类型=有限责任公司", "-f", "法定代表人=李强", "-f", "成立日期=2020-01-01",
        "-f", "住所=示例街1号", "--no-end", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert ran.json["licence"]["holders"][0]["number_type"] == "001"


def test_a_foreigner_has_another_kind_of_number(ecert: Runs, place: Path) -> None:
    ran = ecert(*FOOD, "--holder-number", "E12345678", "--holder-type", "414", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["licence"]["holders"][0]["number_type"] == "414"


# -- retries ----------------------------------------------------------------------------------


def test_a_retry_gives_the_same_licence_and_credential(ecert: Runs, place: Path) -> None:
    once = ecert(*ISSUE, "--request-id", "r1", "--json").json
    again = ecert(*ISSUE, "--request-id", "r1", "--json").json
    assert once["licence"]["id"] == again["licence"]["id"]
    assert len(_recorded(place)) == 2


def test_the_same_request_with_other_content_is_refused(ecert: Runs, place: Path) -> None:
    ecert(*ISSUE, "--request-id", "r1")
    other = [argument.replace("C1", "B2") for argument in ISSUE]
    ran = ecert(*other, "--request-id", "r1", "--wallet", "new.wallet")
    assert ran.code == failures.REFUSED
    assert "内容不同" in ran.err
    assert len(_recorded(place)) == 2
    assert not (place / "new.wallet").exists()
    assert "other content" in ecert(*other, "--request-id", "r1", "--lang", "en").err


# -- what is wrong ----------------------------------------------------------------------------


def _with(option: str, value: str) -> tuple[str, ...]:
    position = ISSUE.index(option)
    return (*ISSUE[: position + 1], value, *ISSUE[position + 2 :])


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        ((*ISSUE[:3], "机动车行驶证", *ISSUE[4:]), "没有证照类型", "no licence type"),
        (_with("-f", "准驾车型=Z9"), "准驾车型", "准驾车型"),
        (_with("-f", "性别=男"), "缺少必填项", "required and missing"),
        (_with("-f", "准驾车型＝C1"), "名称=值", "name=value"),
        ((*ISSUE, "-f", "准驾车型=C2"), "填了两次", "twice"),
        ((*ISSUE, "-f", "血型=A"), "没有这一照面信息", "no such field"),
        (_with("--number", "５10681199003071237"), "U+FF15", "U+FF15"),
        (_with("--number", "510681199003071238"), "校验码不符", "check character"),
        (_with("--holder", "张\u202e伟"), "U+202E", "U+202E"),
        (_with("--until", "2031-02-30"), "没有这一天", "no such day"),
        (_with("--until", "20310601"), "2031-06-01", "2031-06-01"),
        ((*ISSUE, "--no-end"), "--no-end", "--no-end"),
        (ISSUE[:-2], "有效期", "validity"),
        ((*ISSUE, "--from", "2032-01-01"), "早于", "before"),
        (FOOD, "--holder-number", "--holder-number"),
        ((*FOOD, "--enterprise", "--holder-number", "915116020000000000"), "统一社会信用代码",
         "check character"),
        ((*FOOD, "--enterprise", "--holder-number", USCC, "--holder-type", "111"), "矛盾",
         "contradict"),
        ((*FOOD, "--holder-number", "X", "--holder-type", "777"), "没有这种代码", "no such kind"),
    ],
)  # fmt: skip
def test_a_wrong_application_is_told_and_leaves_nothing(
    ecert: Runs, place: Path, arguments: tuple[str, ...], zh: str, en: str
) -> None:
    before = _recorded(place)
    ran = ecert(*arguments, "--wallet", "new.wallet")
    assert ran.code == failures.USAGE
    assert zh in ran.err
    assert en in ecert(*arguments, "--lang", "en").err
    assert ran.out == ""
    assert _recorded(place) == before
    assert not (place / "new.wallet").exists()


def test_every_fault_of_one_application_is_told_at_once(ecert: Runs, place: Path) -> None:
    ran = ecert(*_with("-f", "性别=无"), "-f", "初次领证日期=昨天", "--json")
    assert ran.json["error"]["kind"] == "FieldsError"
    for place_of_fault in ("准驾车型", "性别", "初次领证日期"):
        assert place_of_fault in ran.err


def test_a_wrong_wallet_passphrase_is_found_before_anything_is_recorded(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _recorded(place)
    monkeypatch.setenv("ECERT_PASSPHRASE", "another one")
    ran = ecert(*ISSUE, "--wallet", "zhang.wallet", "--json")
    assert ran.code == failures.KEY
    assert ran.json["error"]["kind"] == VaultError.__name__
    assert _recorded(place) == before


def test_a_damaged_wallet_is_found_before_anything_is_recorded(ecert: Runs, place: Path) -> None:
    before = _recorded(place)
    wallet = place / "zhang.wallet"
    wallet.write_bytes(wallet.read_bytes()[:-1])
    ran = ecert(*ISSUE, "--wallet", "zhang.wallet")
    assert ran.code == failures.KEY
    assert "损坏" in ran.err
    assert _recorded(place) == before


def test_a_locked_licence_key_is_found_before_anything_is_recorded(
    ecert: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = make_uscc("11", "511600", "00000013")
    ecert("init", "guangan", "--region", "511600", "--name", "局", "--code", code)
    monkeypatch.setenv("ECERT_PASSPHRASE", "another one")
    ran = ecert(*ISSUE, "--wallet", "new.wallet")
    assert ran.code == failures.KEY
    assert "licence-1.pem" in ran.err
    assert _recorded(tmp_path) == []
    assert not (tmp_path / "new.wallet").exists()


def test_dry_run_checks_everything_and_records_nothing(ecert: Runs, place: Path) -> None:
    before = _recorded(place)
    ran = ecert(*ISSUE, "--wallet", "new.wallet", "--dry-run", "--json")
    assert ran.code == 0
    assert (ran.json["row"], ran.json["dry_run"]) == (None, True)
    assert ecert(*_with("-f", "准驾车型=Z9"), "--dry-run").code == failures.USAGE
    assert _recorded(place) == before
    assert not (place / "new.wallet").exists()
