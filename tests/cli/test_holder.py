"""``ecert wallet`` and ``ecert show``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from ecert import limits
from ecert.cli import failures
from ecert.show import offline, scan
from ecert.wallet.wallet import Wallet
from tests.cli.conftest import tree
from tests.cli.people import ISSUE, NUMBER, PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

SHOW = ("show", "--wallet", "zhang.wallet")


# -- wallets ----------------------------------------------------------------------------------


def test_create_makes_an_empty_wallet_and_never_overwrites(ecert: Runs, tmp_path: Path) -> None:
    assert ecert("wallet", "create", "w").code == 0
    before = tree(tmp_path)
    ran = ecert("wallet", "create", "w")
    assert ran.code == failures.USAGE
    assert "已存在" in ran.err
    assert tree(tmp_path) == before
    assert Wallet.open(tmp_path / "w", PASSPHRASE).licences == ()


def test_create_dry_run_and_a_short_passphrase_leave_nothing(
    ecert: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ecert("wallet", "create", "w", "--dry-run").code == 0
    monkeypatch.setenv("ECERT_PASSPHRASE", "short")
    ran = ecert("wallet", "create", "w")
    assert ran.code == failures.KEY
    assert "口令太短" in ran.err
    assert tree(tmp_path) == {}


def test_list_tells_rows_but_nothing_of_the_holder(ecert: Runs, place: Path) -> None:
    ran = ecert("wallet", "list", "zhang.wallet")
    assert ran.out == "1\t机动车驾驶证\t四川省广安市公安局\tminimal full\n"
    plain = ecert("wallet", "list", "zhang.wallet", "--json").json["licences"]
    assert plain[0]["profiles"] == ["minimal", "full"]


@pytest.mark.parametrize("name", ["1", NUMBER])
def test_show_tells_the_holder_everything(ecert: Runs, place: Path, name: str) -> None:
    ran = ecert("wallet", "show", "zhang.wallet", name)
    for told in (f"持证主体：张伟（{NUMBER}）", "准驾车型：C1", "有效期至：2031-06-01"):
        assert told in ran.out


def test_remove_takes_one_away_for_good(ecert: Runs, place: Path) -> None:
    assert ecert("wallet", "remove", "zhang.wallet", "1", "--dry-run").code == 0
    assert len(Wallet.open(place / "zhang.wallet", PASSPHRASE).licences) == 1
    assert ecert("wallet", "remove", "zhang.wallet", "1", "--yes").code == 0
    assert Wallet.open(place / "zhang.wallet", PASSPHRASE).licences == ()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: data[:-1], "损坏"),
        (lambda data: data[:40], "不完整"),
        (lambda _data: b"", "空的"),
        (lambda data: b"PK\x03\x04" + data, "不是卡包文件"),
    ],
)
@pytest.mark.parametrize("command", [("wallet", "list", "zhang.wallet"), SHOW])
def test_a_damaged_wallet_is_told_and_not_touched(
    ecert: Runs, place: Path, command: tuple[str, ...], damage: object, said: str
) -> None:
    wallet = place / "zhang.wallet"
    assert callable(damage)
    wallet.write_bytes(damage(wallet.read_bytes()))
    before = tree(place)
    ran = ecert(*command)
    assert ran.code == failures.KEY
    assert said in ran.err
    assert tree(place) == before


def test_a_wrong_passphrase(ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECERT_PASSPHRASE", "another one")
    ran = ecert(*SHOW, "--lang", "en")
    assert ran.code == failures.KEY
    assert "wrong passphrase" in ran.err


def test_a_wallet_that_is_not_there_is_a_usage_error(ecert: Runs, tmp_path: Path) -> None:
    ran = ecert("show", "--wallet", "no.wallet")
    assert ran.code == failures.USAGE
    assert "没有这个文件" in ran.err


# -- show codes -------------------------------------------------------------------------------


def test_a_program_gets_the_digits_and_a_person_their_number_and_life(
    ecert: Runs, place: Path
) -> None:
    ran = ecert(*SHOW)
    code = ran.out.strip()
    assert offline.read(code).proof is not None
    assert f"{len(code)} 位数字" in ran.err
    assert "60 秒" in ran.err


def test_a_terminal_gets_a_drawing(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecert.cli.handing_out.sys.stdout.isatty", lambda: True, raising=False)
    coloured = ecert(*SHOW).out
    assert "\x1b[" in coloured
    coloured.encode("gbk")
    monkeypatch.setenv("NO_COLOR", "1")
    plain = ecert(*SHOW).out
    assert "\x1b" not in plain
    assert "██" in plain
    assert ecert(*SHOW, "-o", "-").out.strip().isdigit()


@pytest.mark.parametrize("name", ["code.png", "code.svg", "code.txt"])
def test_it_writes_the_kind_of_file_that_its_name_says(ecert: Runs, place: Path, name: str) -> None:
    ran = ecert(*SHOW, "-o", name, "--json")
    assert ran.json["file"] == name
    assert ran.json["digits"] == len(ran.json["code"])
    data = (place / name).read_bytes()
    if name.endswith("png"):
        assert scan.read(data) == ran.json["code"]
    elif name.endswith("svg"):
        assert data.startswith(b"<svg ")
    else:
        assert data.decode().strip() == ran.json["code"]


def test_an_unknown_kind_of_file_is_refused_before_the_wallet_is_opened(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECERT_PASSPHRASE", "another one")
    before = tree(place)
    ran = ecert(*SHOW, "-o", "code.pdf")
    assert ran.code == failures.USAGE
    assert ".png" in ran.err
    assert tree(place) == before


def test_with_several_licences_one_must_be_named(ecert: Runs, place: Path) -> None:
    ecert(*ISSUE, "--wallet", "zhang.wallet")
    ran = ecert(*SHOW)
    assert ran.code == failures.USAGE
    assert "2份" in ran.err
    both = ecert(*SHOW, "1", "2", "--json").json["code"]
    assert len(offline.read(both).credentials) == 2
    once = ecert(*SHOW, "1", "1", "--json").json["code"]
    assert len(offline.read(once).credentials) == 1


def test_profiles_and_challenges_reach_the_code(ecert: Runs, place: Path) -> None:
    code = ecert(*SHOW, "--profile", "full", "--challenge", "7313").out.strip()
    shown = offline.read(code)
    assert shown.proof is not None
    assert shown.proof.challenge == "7313"
    assert shown.credentials[0].claims.holders == (("张伟", NUMBER),)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--profile", "everything"), failures.REFUSED, "minimal"),
        (("2",), failures.REFUSED, "没有这份证照"),
        (("--challenge", ""), failures.USAGE, "--challenge"),
        (("--challenge", "x" * (limits.MAX_CHALLENGE_CHARS + 1)), failures.USAGE, "64"),
    ],
)
def test_what_cannot_be_shown_is_told(
    ecert: Runs, place: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ran = ecert(*SHOW, *arguments)
    assert ran.code == code
    assert said in ran.err
    assert ran.out == ""


def test_people_see_that_opening_takes_a_moment(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "正在打开" not in ecert(*SHOW).err
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert "正在打开" in ecert(*SHOW).err
