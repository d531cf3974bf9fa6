"""``ecert recognition withdraw``: as the next version for all to sign, or at once by a notice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import orjson
import pytest

import ecert as library
from ecert.cli import failures
from ecert.sign import envelope
from ecert.workspace import Workspace
from tests.cli.people import MATTER, PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Ran, Runs

LIST = "chuan-yu-sample"
WITHDRAW = ("-C", "chongqing", "recognition", "withdraw")
BASIS = ("--basis", "渝府办〔2026〕9号")


@pytest.fixture
def both(ecert: Runs, place: Path) -> Path:
    """Both offices know each other and the list."""
    ecert("-C", "chongqing", "trust", "export", "-o", "chongqing.trust")
    assert ecert("-C", "guangan", "trust", "add", "chongqing.trust", "--yes").code == 0
    assert ecert("-C", "guangan", "recognition", "import", "川渝互认清单", "--yes").code == 0
    return place


def _reason(place: Path) -> str:
    """Scan a code of the driving licence at the window in Chongqing."""
    with Workspace.open(place / "chongqing") as workspace:
        wallet = library.Wallet.open(place / "zhang.wallet", PASSPHRASE)
        code = wallet.show(wallet.licences[0].id).text
        return workspace.verifier.verify(code, matter=MATTER).reason.value


def test_the_next_version_is_a_draft_that_both_must_sign(ecert: Runs, both: Path) -> None:
    ran = ecert(*WITHDRAW, LIST, "川-01", "川-02", *BASIS, "-o", "v2.json", "--json")
    assert (ran.code, ran.json["version"]) == (0, 2)
    draft = orjson.loads((both / "v2.json").read_bytes())
    assert draft["previous"] == envelope.parse(library.fixture("川渝互认清单")).digest
    gone = [one["withdrawn"] for one in draft["entries"] if "withdrawn" in one]
    assert [one["basis"] for one in gone] == ["渝府办〔2026〕9号"] * 2
    assert _reason(both) == "ok", "a draft changes nothing"
    sign = ("recognition", "sign", "v2.json", "-o", "v2.s.json", "--yes")
    assert ecert("-C", "guangan", *sign).code == 0
    told = ecert("-C", "chongqing", *sign)
    assert told.code == 0
    assert "~ 川-01" in told.err
    assert "  川-01：" in told.err
    assert "起撤回" in told.err
    assert ecert("-C", "chongqing", "recognition", "import", "v2.s.json", "--yes").code == 0
    assert _reason(both) == "type-not-listed"


def _notice(ecert: Runs, *arguments: str, office: str = "chongqing") -> Ran:
    return ecert(
        "-C", office, "recognition", "withdraw", LIST, *arguments, *BASIS, "--notice",
        "-o", "notice.json", "--yes", "--json",
    )  # fmt: skip


@pytest.mark.parametrize("office", ["chongqing", "guangan"])
def test_a_notice_takes_effect_on_one_party_s_word(ecert: Runs, both: Path, office: str) -> None:
    ran = _notice(ecert, "川-01", office=office)
    assert (ran.code, ran.json["complete"]) == (0, True), ran.err
    assert _reason(both) == "ok", "until the window has it"
    told = ecert("-C", "chongqing", "recognition", "import", "notice.json", "--yes")
    assert "- 川-01  自 " in told.out
    assert "√ 已启用：撤回通知 第 1 版" in told.out
    assert "- 川-01  自 " in ecert("-C", "chongqing", "recognition", "show").out
    slots = [
        one["slot"]
        for one in ecert("-C", "chongqing", "doctor", "--json").json["workspace"]["lists"]
    ]
    assert any(slot.startswith("ecert-recognition-withdrawal+jws:") for slot in slots)
    assert _reason(both) == "type-not-listed"


def test_the_next_notice_carries_the_one_before_and_the_next_draft_both(
    ecert: Runs, both: Path
) -> None:
    _notice(ecert, "川-01")
    ecert("-C", "chongqing", "recognition", "import", "notice.json", "--yes")
    second = _notice(ecert, "川-02")
    assert (second.json["version"], second.json["withdrawn"]) == (2, ["川-01", "川-02"])
    assert ecert("-C", "chongqing", "recognition", "import", "notice.json", "--yes").code == 0
    ecert(*WITHDRAW, LIST, "川-03", *BASIS, "-o", "v2.json")
    entries = orjson.loads((both / "v2.json").read_bytes())["entries"]
    assert [one["id"] for one in entries if "withdrawn" in one] == ["川-01", "川-02", "川-03"]


def test_who_signs_a_list_that_forgets_its_own_notice_is_told(ecert: Runs, both: Path) -> None:
    _notice(ecert, "川-01")
    ecert("-C", "chongqing", "recognition", "import", "notice.json", "--yes")
    ecert(*WITHDRAW, LIST, "川-02", *BASIS, "-o", "v2.json")
    draft = orjson.loads((both / "v2.json").read_bytes())
    later = orjson.loads(envelope.parse((both / "notice.json").read_bytes()).unverified_payload)
    moment = datetime.fromisoformat(later["issued"]) + timedelta(seconds=1)
    draft["issued"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    del draft["entries"][0]["withdrawn"]
    (both / "v2.json").write_bytes(orjson.dumps(draft))
    ran = ecert("-C", "chongqing", "recognition", "sign", "v2.json", "--dry-run", "--json")
    assert ran.json["restores"] == ["川-01"]
    assert "签名后即恢复认可" in ran.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("no-such-list", "川-01"), failures.USAGE, "no-such-list"),
        ((LIST, "川-99"), failures.USAGE, "川-99"),
    ],
)
def test_what_is_not_there_cannot_be_withdrawn(
    ecert: Runs, place: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    for options in ((), ("--notice",)):
        ran = ecert(*WITHDRAW, *arguments, *BASIS, "-o", "v2.json", "--yes", *options)
        assert ran.code == code
        assert said in ran.err
    assert not (place / "v2.json").exists()


def test_without_consent_or_dry_nothing_is_written(ecert: Runs, place: Path) -> None:
    notice = (*WITHDRAW, LIST, "川-01", *BASIS, "-o", "n.json", "--notice")
    assert ecert(*notice).code == failures.USAGE
    assert ecert(*notice, "--dry-run").code == 0
    assert ecert(*WITHDRAW, LIST, "川-01", *BASIS, "-o", "n.json", "--dry-run").code == 0
    assert not (place / "n.json").exists()


def test_inspect_takes_a_notice_apart(ecert: Runs, place: Path) -> None:
    _notice(ecert, "川-01")
    plain = ecert("inspect", "notice.json", "--json").json
    assert plain["kind"] == "withdrawal-notice"
    assert (plain["facts"]["list_id"], plain["facts"]["withdrawals"]) == (LIST, 1)


def test_a_day_to_come(ecert: Runs, both: Path) -> None:
    assert _notice(ecert, "川-01", "--on", "2190-01-01").code == 0
    told = ecert("-C", "chongqing", "recognition", "import", "notice.json", "--yes")
    assert "自 2190-01-01 起不再认可" in told.out
    assert _reason(both) == "ok"


def test_the_verdict_names_the_notice(ecert: Runs, both: Path) -> None:
    _notice(ecert, "川-01")
    ecert("-C", "chongqing", "recognition", "import", "notice.json", "--yes")
    with Workspace.open(both / "chongqing") as workspace:
        wallet = library.Wallet.open(both / "zhang.wallet", PASSPHRASE)
        code = wallet.show(wallet.licences[0].id).text
        verdict = workspace.verifier.verify(code, matter=MATTER)
    assert "withdrawal-notice" in {use.kind for use in verdict.lists_used}
    assert "撤回通知：川渝电子证照亮证互认实施清单（样例） 第1版" in verdict.explain()


def test_a_notice_s_draft_can_be_signed_by_hand_too(ecert: Runs, both: Path) -> None:
    _notice(ecert, "川-01")
    signed = (both / "notice.json").read_bytes()
    (both / "draft.json").write_bytes(envelope.parse(signed).unverified_payload)
    ran = ecert("-C", "chongqing", "recognition", "sign", "draft.json", "--yes", "--json")
    assert ran.json["complete"]
    assert ran.json["kind"] == "ecert-recognition-withdrawal+jws"
    other = ecert("-C", "guangan", "recognition", "sign", "draft.json", "--yes", "--json")
    assert other.json["error"]["fault"] == "oversteps"
