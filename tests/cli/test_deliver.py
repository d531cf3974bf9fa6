"""``ecert deliver``, and the passphrase that is a wallet's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures
from ecert.wallet.wallet import Wallet
from tests.cli.conftest import tree
from tests.cli.people import ISSUE, NUMBER, PASSPHRASE
from tests.cli.test_office import REAL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

DELIVER = ("-C", "guangan", "deliver")
OWN = "a wallet's own 卡包"


@pytest.mark.parametrize("name", ["1", NUMBER])
def test_what_was_issued_before_comes_into_a_new_wallet(
    ecert: Runs, place: Path, name: str
) -> None:
    ran = ecert(*DELIVER, name, "--wallet", "new", "--json")
    assert ran.code == 0, ran.err
    held = Wallet.open(place / "new", PASSPHRASE).licences
    assert [one.id for one in held] == [ran.json["licence"]]
    code = ecert("show", "--wallet", "new").out.strip()
    ecert("-C", "guangan", "trust", "export", "-o", "g")
    ecert("-C", "chongqing", "trust", "add", "g", "--yes")
    assert ecert("-C", "chongqing", "verify", code, "--for", "机动车业务").code == 0


def test_delivered_again_it_is_held_once(ecert: Runs, place: Path) -> None:
    for _ in range(2):
        assert ecert(*DELIVER, "1", "--wallet", "zhang.wallet").code == 0
    assert len(Wallet.open(place / "zhang.wallet", PASSPHRASE).licences) == 1


def test_it_tells_no_more_of_the_number_than_its_end(ecert: Runs, place: Path) -> None:
    ran = ecert(*DELIVER, NUMBER, "--wallet", "new")
    assert "***1237" in ran.out
    assert NUMBER not in ran.out + ran.err


def test_dry_run_changes_nothing(ecert: Runs, place: Path) -> None:
    before = tree(place)
    ran = ecert(*DELIVER, "1", "--wallet", "new", "--dry-run", "--json")
    assert ran.code == 0
    assert ran.json["dry_run"] is True
    assert tree(place) == before


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_what_is_not_in_force_is_not_delivered_and_makes_no_wallet(
    ecert: Runs, place: Path, more: tuple[str, ...]
) -> None:
    assert (
        ecert(
            "-C", "guangan", "revoke", "1", "--reason", "测试", "--document", "测〔2026〕1号"
        ).code
        == 0
    )
    ran = ecert(*DELIVER, "1", "--wallet", "new", *more, "--json")
    assert ran.code == failures.REFUSED
    assert ran.json["error"]["kind"] == "ForbiddenMoveError"
    assert "吊销" in ran.json["error"]["zh"]
    assert not (place / "new").exists()


def test_what_is_not_in_the_register_is_told(ecert: Runs, place: Path) -> None:
    ran = ecert(*DELIVER, "7", "--wallet", "new")
    assert ran.code == failures.REFUSED
    assert "没有这份证照" in ran.err
    assert not (place / "new").exists()


# -- two passphrases --------------------------------------------------------------------------


def test_a_wallet_s_variable_goes_before_the_common_one(
    ecert: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys open with one passphrase and wallets with another, in one command."""
    assert ecert(*REAL).code == 0
    monkeypatch.setenv("ECERT_WALLET_PASSPHRASE", OWN)
    assert ecert("-C", "linshui", *ISSUE[2:], "--wallet", "w").code == 0
    assert ecert("-C", "linshui", "deliver", "1", "--wallet", "again").code == 0
    assert ecert("wallet", "create", "empty").code == 0
    for name in ("w", "again", "empty"):
        Wallet.open(tmp_path / name, OWN)
    assert ecert("show", "--wallet", "w").code == 0
    monkeypatch.delenv("ECERT_WALLET_PASSPHRASE")
    assert ecert("wallet", "list", "w").code == failures.KEY, "it is not the keys' passphrase"


def test_a_wallet_s_variable_opens_no_key(
    ecert: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ecert(*REAL)
    monkeypatch.setenv("ECERT_WALLET_PASSPHRASE", PASSPHRASE)
    monkeypatch.delenv("ECERT_PASSPHRASE")
    ran = ecert("-C", "linshui", "trust", "export", "-o", "x")
    assert ran.code == failures.KEY
    assert "ECERT_PASSPHRASE" in ran.err
    assert "ECERT_WALLET_PASSPHRASE" not in ran.err


def test_a_passphrase_file_goes_before_both(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECERT_WALLET_PASSPHRASE", OWN)
    (place / "secret").write_text(f"{PASSPHRASE}\n", "utf-8")
    assert ecert("wallet", "list", "zhang.wallet", "--passphrase-file", "secret").code == 0
    assert ecert("wallet", "list", "zhang.wallet").code == failures.KEY
