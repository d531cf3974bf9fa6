"""``ecert wallet``: backup, restore, passphrase, PIN, log, keys, owner and refresh."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING

import pytest

from ecert import limits
from ecert.cli import failures
from ecert.cli.wallet_secrets import NEW_PASSPHRASE, NEW_PIN, PIN
from ecert.show import offline
from ecert.wallet import pin as pin_module
from ecert.wallet.vault import CHEAPEST
from ecert.wallet.wallet import Wallet
from tests.cli.conftest import tree
from tests.cli.people import NUMBER, PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Ran, Runs

FILE = "zhang.wallet"
SHOW = ("show", "--wallet", FILE)
GUANGAN = ("-C", "guangan")
NEW = "another passphrase"
GOOD_PIN = "482915"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cheap PIN, and none of the variables."""
    monkeypatch.setattr(pin_module, "PIN_KDF", CHEAPEST)
    for name in (PIN, NEW_PIN, NEW_PASSPHRASE):
        monkeypatch.delenv(name, raising=False)


def _opened(place: Path, passphrase: str = PASSPHRASE) -> Wallet:
    return Wallet.open(place / FILE, passphrase)


# -- backup and restore -----------------------------------------------------------------------


def test_a_backup_is_made_once_and_restored(ecert: Runs, place: Path) -> None:
    before = tree(place)
    ran = ecert("wallet", "backup", FILE, "copy", "--dry-run", "--json")
    assert (ran.json["dry_run"], tree(place)) == (True, before)
    ran = ecert("wallet", "backup", FILE, "copy", "--json")
    assert (ran.json["licences"], ran.json["state"]) == (1, 2)
    again = ecert("wallet", "backup", FILE, "copy")
    assert again.code == failures.KEY
    assert "不会覆盖" in again.err
    (place / FILE).unlink()
    assert ecert("wallet", "restore", "copy", FILE, "--dry-run").code == 0
    assert not (place / FILE).exists()
    ran = ecert("wallet", "restore", "copy", FILE)
    assert ran.out == "√ 已恢复到 zhang.wallet，共 1 份证照\n"
    assert len(_opened(place).licences) == 1


def test_an_old_backup_comes_back_only_if_that_is_said_twice(ecert: Runs, place: Path) -> None:
    ecert("wallet", "backup", FILE, "copy")
    ecert("wallet", "remove", FILE, "1", "--yes")
    before = tree(place)
    for extra in ((), ("--dry-run",), ("--yes",)):
        ran = ecert("wallet", "restore", "copy", FILE, *extra)
        assert ran.code == failures.REFUSED
        assert "将带回已删除的：机动车驾驶证" in ran.err
        assert "--replace-newer" in ran.err
    ran = ecert("wallet", "restore", "copy", FILE, "--replace-newer")
    assert ran.code == failures.USAGE
    assert "--yes" in ran.err
    assert tree(place) == before
    assert ecert("wallet", "restore", "copy", FILE, "--replace-newer", "--yes").code == 0
    assert len(_opened(place).licences) == 1


def test_the_passphrase_is_changed_and_a_backup_keeps_its_own(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ecert("wallet", "backup", FILE, "copy")
    ran = ecert("wallet", "passwd", FILE)
    assert ran.code == failures.KEY
    assert NEW_PASSPHRASE in ran.err
    monkeypatch.setenv(NEW_PASSPHRASE, "short")
    assert "口令太短" in ecert("wallet", "passwd", FILE).err
    monkeypatch.setenv(NEW_PASSPHRASE, NEW)
    assert ecert("wallet", "passwd", FILE, "--dry-run").code == 0
    assert ecert("wallet", "list", FILE).code == 0
    assert ecert("wallet", "passwd", FILE).code == 0
    assert len(_opened(place, NEW).licences) == 1
    # The backup opens with the passphrase of its day; the wallet keeps that of today.
    assert ecert("wallet", "restore", "copy", FILE, "--yes").code == 0
    assert len(_opened(place, NEW).licences) == 1


# -- show PIN -------------------------------------------------------------------------------------


def test_a_pin_is_asked_without_echo_and_never_an_argument(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def typed(question: str) -> str:
        asked.append(question)
        return GOOD_PIN

    monkeypatch.setattr(getpass, "getpass", typed)

    def watched(*arguments: str) -> Ran:
        with monkeypatch.context() as patch:
            patch.setattr("ecert.cli.wallet_secrets._is_watched", lambda: True)
            return ecert(*arguments)

    assert watched("wallet", "pin", "set", FILE).code == 0
    assert asked == ["zhang.wallet 的新亮证密码（6位数字）：", "再输一遍："]
    shown = watched(*SHOW, "--pin")
    proof = offline.read(shown.out.strip()).proof
    assert proof is not None
    assert proof.pin
    assert asked[2:] == ["zhang.wallet 的亮证密码："]
    assert ecert(*SHOW, "--pin", GOOD_PIN).code != 0


def test_with_a_pin_showing_asks_for_it_and_five_wrong_ones_lock(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "没有设置亮证密码" in _with(ecert, monkeypatch, PIN, GOOD_PIN, *SHOW, "--pin").err
    assert ecert("wallet", "pin", "set", FILE).code == failures.KEY
    assert (
        "太容易" in _with(ecert, monkeypatch, NEW_PIN, "123456", "wallet", "pin", "set", FILE).err
    )
    assert _with(ecert, monkeypatch, NEW_PIN, GOOD_PIN, "wallet", "pin", "set", FILE).code == 0
    monkeypatch.delenv(NEW_PIN)
    monkeypatch.delenv(PIN, raising=False)
    ran = ecert(*SHOW)
    assert ran.code == failures.KEY
    assert PIN in ran.err
    assert ran.out == ""
    assert _with(ecert, monkeypatch, PIN, GOOD_PIN, *SHOW).code == 0
    for _ in range(limits.MAX_PIN_TRIES):
        ran = _with(ecert, monkeypatch, PIN, "915482", *SHOW)
        assert ran.code == failures.REFUSED
    assert "已锁定" in ran.err
    assert "wallet pin unlock" in ran.err
    assert _with(ecert, monkeypatch, PIN, GOOD_PIN, *SHOW).code == failures.REFUSED
    assert ecert("wallet", "pin", "unlock", FILE).code == 0
    assert ecert(*SHOW).code == 0


def _with(ecert: Runs, patch: pytest.MonkeyPatch, name: str, value: str, *arguments: str) -> Ran:
    patch.setenv(name, value)
    return ecert(*arguments)


def test_a_forgotten_pin_is_changed_and_removed_by_the_passphrase(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NEW_PIN, GOOD_PIN)
    ecert("wallet", "pin", "set", FILE)
    monkeypatch.setenv(PIN, "915482")
    for command in ("set", "remove"):
        assert ecert("wallet", "pin", command, FILE).code == failures.REFUSED
        assert ecert("wallet", "pin", command, FILE, "--dry-run").code == 0
    assert _opened(place).pin.tries_left == limits.MAX_PIN_TRIES - 2
    monkeypatch.setenv(NEW_PIN, "730264")
    assert ecert("wallet", "pin", "set", FILE, "--with-passphrase").code == 0
    monkeypatch.setenv(PIN, "730264")
    assert ecert(*SHOW).code == 0
    assert ecert("wallet", "pin", "remove", FILE).code == 0
    assert not _opened(place).pin.is_set


# -- log ------------------------------------------------------------------------------------------


def test_the_log_tells_what_was_shown_to_whom_and_is_cleared(ecert: Runs, place: Path) -> None:
    ecert(*SHOW, "--to", "渝中区三号窗口", "--matter", "机动车业务", "--challenge", "4821")
    ecert(*SHOW, "--profile", "full")
    plain = ecert("wallet", "log", FILE, "--json").json
    assert [one["profile"] for one in plain["records"]] == ["full", "minimal"]
    assert plain["records"][1]["to"] == "渝中区三号窗口"
    assert plain["records"][1]["licences"][0]["type_name"] == "机动车驾驶证"
    assert plain["dropped"] == 0
    line = ecert("wallet", "log", FILE).out.splitlines()[1].split("\t")
    assert line[1:6] == ["机动车驾驶证", "minimal", "4821", "渝中区三号窗口", "机动车业务"]
    assert NUMBER not in ecert("wallet", "log", FILE).out
    assert ecert("wallet", "log", FILE, "--clear", "--dry-run").code == 0
    assert ecert("wallet", "log", FILE, "--clear").code == failures.USAGE
    assert len(_opened(place).log.records) == 2
    assert ecert("wallet", "log", FILE, "--clear", "--yes").code == 0
    assert _opened(place).log.records == ()


# -- keys -----------------------------------------------------------------------------------------


def test_keys_are_added_used_listed_and_removed(ecert: Runs, place: Path) -> None:
    made = ecert("wallet", "keys", "add", FILE, "--alg", "SM2", "--json").json["key"]
    ran = ecert("wallet", "keys", "list", FILE)
    rows = [line.split("\t") for line in ran.out.splitlines()]
    assert [row[2:] for row in rows] == [
        ["ES256", "√", "机动车驾驶证"],
        ["SGD_SM3_SM2", "", ""],
    ]
    assert ecert("wallet", "keys", "use", FILE, "2").code == 0
    plain = ecert("wallet", "keys", "list", FILE, "--json").json["keys"]
    assert [one["default"] for one in plain] == [False, True]
    assert plain[1]["id"] == made
    ran = ecert("wallet", "keys", "remove", FILE, "1", "--yes")
    assert ran.code == failures.REFUSED
    assert "绑定" in ran.err
    ran = ecert(*GUANGAN, "deliver", "1", "--wallet", FILE, "--key", made[:8])
    assert ran.code == 0
    assert ecert("wallet", "keys", "remove", FILE, "1", "--dry-run").code == 0
    assert len(_opened(place).keys) == 2
    assert ecert("wallet", "keys", "remove", FILE, "1").code == failures.USAGE
    assert ecert("wallet", "keys", "remove", FILE, "1", "--yes").code == 0
    proof = offline.read(ecert(*SHOW).out.strip()).proof
    assert proof is not None
    assert proof.key.alg == "SGD_SM3_SM2"
    assert ecert("wallet", "keys", "add", FILE, "--dry-run").code == 0
    assert ecert("wallet", "keys", "use", FILE, "7").code == failures.REFUSED


# -- owner ----------------------------------------------------------------------------------------

CHILD = "510681201805200029"
ISSUE_TO_CHILD = (
    *GUANGAN, "issue", "社会保障卡", "--holder", "张小雨", "--number", CHILD, "--no-end",
    "-f", "社会保障卡卡号=SC12345678",
)  # fmt: skip


def test_a_wallet_of_a_known_owner_takes_a_childs_licence_only_if_that_is_said(
    ecert: Runs, place: Path
) -> None:
    assert ecert("wallet", "owner", FILE, "--owner", "张伟").code == failures.USAGE
    assert ecert("wallet", "owner", FILE).code == failures.USAGE
    ran = ecert("wallet", "owner", FILE, "--owner", "张伟", "--owner-number", NUMBER)
    assert ran.out == "√ 已登记：个人卡包，所有人 ***1237\n"
    ran = ecert(*ISSUE_TO_CHILD, "--wallet", FILE)
    assert ran.code == failures.REFUSED
    assert "不是本卡包所有人" in ran.err
    # Nothing was issued that could not be delivered.
    assert ecert(*GUANGAN, "licence", "show", "2").code != 0
    assert ecert(*ISSUE_TO_CHILD).code == 0
    assert ecert(*GUANGAN, "deliver", "2", "--wallet", FILE).code == failures.REFUSED
    assert ecert(*GUANGAN, "deliver", "2", "--wallet", FILE, "--of-another").code == 0
    assert len(_opened(place).licences) == 2
    assert ecert("wallet", "owner", FILE, "--none", "--json").json["owner"] == ""
    assert _opened(place).owner is None


def test_an_enterprises_wallet_is_made_as_such(ecert: Runs, tmp_path: Path) -> None:
    uscc = "91511600MA62A0004U"
    ran = ecert(
        "wallet", "create", FILE, "--enterprise", "--owner", "广安某公司", "--owner-number", uscc,
        "--json",
    )  # fmt: skip
    assert ran.json["kind"] == "enterprise"
    wallet = Wallet.open(tmp_path / FILE, PASSPHRASE)
    assert wallet.owner is not None
    assert (wallet.kind, wallet.owner.number) == ("enterprise", uscc)


# -- refresh --------------------------------------------------------------------------------------


def test_due_tells_what_ends_soon(ecert: Runs, place: Path) -> None:
    assert ecert("wallet", "due", FILE, "--at", "2027-01-01", "--json").json["due"] == []
    (due,) = ecert("wallet", "due", FILE, "--at", "2031-05-20", "--json").json["due"]
    assert (due["reason"], due["valid_until"], due["days_left"]) == ("expiring", "2031-06-01", 12)
    ran = ecert("wallet", "due", FILE, "--at", "2031-07-01")
    assert ran.out == "机动车驾驶证\t四川省广安市公安局\t已过期\t2031-06-01\n"


def test_refresh_brings_the_version_that_was_issued_meanwhile(ecert: Runs, place: Path) -> None:
    ran = ecert(*GUANGAN, "wallet", "refresh", FILE)
    assert ran.out == "△ 机动车驾驶证：已是最新\n"
    old = _opened(place).licences[0].id
    renewed = ecert(
        *GUANGAN, "renew", "1", "--cause", "renew", "--until", "2036-06-01", "--reason", "到期",
    )  # fmt: skip
    assert renewed.code == 0
    ran = ecert(*GUANGAN, "wallet", "refresh", FILE, "--dry-run")
    assert ran.out == "可更新 机动车驾驶证：已有新版本\n"
    assert _opened(place).licences[0].id == old
    plain = ecert(*GUANGAN, "wallet", "refresh", FILE, "1", "--json").json
    (held,) = _opened(place).licences
    assert plain["licences"][0]["new"] == held.id != old
    assert ecert("wallet", "show", FILE, "1").out.count("2036-06-01") == 1


def test_refresh_leaves_alone_what_has_ended_or_is_another_offices(
    ecert: Runs, place: Path
) -> None:
    ecert(*GUANGAN, "revoke", "1", "--reason", "测试", "--document", "测〔2026〕1号")
    before = (place / FILE).read_bytes()
    assert ecert(*GUANGAN, "wallet", "refresh", FILE).out == "△ 机动车驾驶证：已失效，无新版本\n"
    assert (
        ecert("init", "other", "--region", "511600", "--name", "广安市民政局", "--demo").code == 0
    )
    ran = ecert("-C", "other", "wallet", "refresh", FILE)
    assert "不是本机构颁发" in ran.out
    assert (place / FILE).read_bytes() == before


def test_people_see_the_names_of_what_is_asked_in_their_language(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not sys.stdin.isatty()
    ran = ecert("wallet", "passwd", FILE, "--lang", "en")
    assert f"Set the variable {NEW_PASSPHRASE}" in ran.err
