"""``ecert mandate``: a whole mandate in the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures
from tests.cli.people import MATTER, NUMBER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

ZHANG = ("--wallet", "zhang.wallet")
LI = ("--wallet", "li.wallet")
ASK = ("ask", *LI, "-o", "x")


@pytest.fixture
def asked(ecert: Runs, place: Path) -> Path:
    """Li Na has a wallet and has asked for a mandate."""
    assert ecert("wallet", "create", "li.wallet").code == 0
    ran = ecert(
        "mandate", "ask", *LI, "--name", "李娜", "--last-four", "123X", "-o", "li.agent"
    )  # fmt: skip
    assert ran.code == 0, ran.err
    return place


def enter(ecert: Runs) -> str:
    ran = ecert("-C", "guangan", "mandate", "enter", "1", *ZHANG, "--json")
    assert ran.code == 0, ran.err
    return str(ran.json["place"])


def make(ecert: Runs, *more: str) -> str:
    ran = ecert(
        "mandate", "make", *ZHANG, "--agent", "li.agent", "--place", enter(ecert),
        "--for", MATTER, "-o", "zhang.mandate", "--yes", "--json", *more,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    return str(ran.json["mandate"])


def publish(ecert: Runs) -> None:
    assert ecert("-C", "guangan", "trust", "export", "-o", "guangan.trust").code == 0
    assert ecert("-C", "chongqing", "trust", "add", "guangan.trust", "--yes").code == 0


def check(ecert: Runs, *options: str, matter: str = MATTER) -> tuple[int, str]:
    shown = ecert("show", *LI, "--mandate", "1", *options)
    assert shown.code == 0, shown.err
    ran = ecert("-C", "chongqing", "verify", shown.out.strip(), "--for", matter)
    return ran.code, ran.out


def test_from_the_request_to_the_window_and_back(ecert: Runs, asked: Path) -> None:
    make(ecert)
    assert ecert("mandate", "add", "zhang.mandate", *LI).code == 0
    publish(ecert)
    code, out = check(ecert)
    assert code == 0
    assert "代办人：李娜（号码后四位 123X）" in out
    assert "持证主体：张伟（号码后四位 1237）" in out
    assert "请核对代办人身份证件：姓名和号码后四位" in out
    code, out = check(ecert, matter="图书借阅")
    assert (code, "E125" in out, "李娜" in out) == (failures.REFUSED, True, False)

    ran = ecert("-C", "guangan", "mandate", "withdraw", "1", *ZHANG, "--dry-run")
    assert (ran.code, "可以撤回" in ran.out) == (0, True)
    assert ecert("-C", "guangan", "mandate", "withdraw", "1", *ZHANG).code == 0
    publish(ecert)
    code, out = check(ecert)
    assert (code, "E129" in out) == (failures.REFUSED, True)


def test_the_agent_gives_it_back(ecert: Runs, asked: Path) -> None:
    make(ecert)
    ecert("mandate", "add", "zhang.mandate", *LI)
    assert ecert("-C", "guangan", "mandate", "withdraw", "1", *LI).code == 0
    kinds = ecert("-C", "guangan", "licence", "credentials", "1", "--json").out
    assert '"mandate"' in kinds


@pytest.mark.parametrize("by", [ZHANG, LI], ids=["principal", "agent"])
def test_either_side_may_have_made_another_key_the_default_since(
    ecert: Runs, asked: Path, by: tuple[str, str]
) -> None:
    for wallet in (ZHANG[1], LI[1]):
        assert ecert("wallet", "keys", "add", wallet).code == 0
    assert ecert("wallet", "keys", "use", ZHANG[1], "2").code == 0
    make(ecert)
    assert ecert("mandate", "add", "zhang.mandate", *LI).code == 0
    assert ecert("wallet", "keys", "use", LI[1], "2").code == 0
    ran = ecert("-C", "guangan", "mandate", "withdraw", "1", *by)
    assert ran.code == 0, ran.err


def test_lists_tell_both_sides_what_they_gave_and_got(ecert: Runs, asked: Path) -> None:
    mandate = make(ecert, "--profile", "minimal", "--profile", "full")
    ecert("mandate", "add", "zhang.mandate", *LI)
    given = ecert("mandate", "list", *ZHANG, "--json").json["mandates"]
    got = ecert("mandate", "list", *LI, "--json").json["mandates"]
    assert (given[0]["given"], got[0]["given"]) == (True, False)
    assert given[0]["id"] == got[0]["id"] == mandate
    assert got[0]["licences"][0]["profiles"] == ["minimal", "full"]
    assert "发出" in ecert("mandate", "list", *ZHANG).out
    assert ecert("mandate", "remove", mandate, *LI, "--yes").code == 0
    assert ecert("mandate", "list", *LI, "--json").json["mandates"] == []


def test_inspect_tells_a_mandate_as_unproven_and_names_nobody(ecert: Runs, asked: Path) -> None:
    make(ecert)
    ran = ecert("inspect", "zhang.mandate", "--json")
    assert (ran.json["kind"], ran.json["verified"]) == ("mandate", False)
    assert ran.json["facts"]["matters"] == [MATTER]
    assert "李娜" not in ran.out
    assert NUMBER not in ran.out
    told = ecert("inspect", "zhang.mandate", "--json", "--show-personal").json
    assert told["personal"] == {"agent": "李娜", "agent_number": "123X"}
    ecert("mandate", "add", "zhang.mandate", *LI)
    code = ecert("show", *LI, "--mandate", "1").out.strip()
    facts = ecert("inspect", code, "--json").json["facts"]
    assert facts["mandate"]["matters"] == [MATTER]
    assert facts["mandate"]["agent_key"] != facts["holder_key"]


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (("add", "zhang.mandate", *ZHANG), 0, "已收下"),  # its own: kept already
        (("add", "li.agent", *LI), failures.USAGE, "不是委托书文件"),
        (("remove", "7", *LI, "--yes"), failures.REFUSED, "没有这份委托"),
        ((*ASK, "--name", "李娜！", "--last-four", "123X"), failures.USAGE, "姓名"),
        ((*ASK, "--name", "李娜", "--last-four", "123x"), failures.USAGE, "后四位"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told(
    ecert: Runs, asked: Path, command: tuple[str, ...], code: int, said: str
) -> None:
    make(ecert)
    ran = ecert("mandate", *command)
    assert ran.code == code, ran.err
    assert said in ran.out + ran.err


def test_make_says_what_is_missing(ecert: Runs, asked: Path) -> None:
    where = enter(ecert)
    start = ("mandate", "make", *ZHANG, "--agent", "li.agent", "-o", "m", "--yes")
    ran = ecert(*start, "--place", where)
    assert (ran.code, "委托事项" in ran.err) == (failures.USAGE, True)
    ran = ecert(*start, "--place", "1-2", "--for", "*")
    assert (ran.code, "不是委托登记号" in ran.err) == (failures.USAGE, True)
    ran = ecert(*start, "--place", where, "--for", "*", "--until", "2099-01-01")
    assert (ran.code, "不超过一年" in ran.err) == (failures.USAGE, True)


def test_enter_is_for_the_wallet_that_holds_the_licence(ecert: Runs, asked: Path) -> None:
    ran = ecert("-C", "guangan", "mandate", "enter", "1", *LI)
    assert ran.code != 0
    assert "此卡包没有这份证照" in ran.err
    ran = ecert("-C", "guangan", "mandate", "enter", "1", *ZHANG, "--dry-run")
    assert (ran.code, "可以登记" in ran.out) == (0, True)
    kinds = ecert("-C", "guangan", "licence", "credentials", "1").out
    assert "委托" not in kinds
