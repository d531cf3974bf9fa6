"""Delivery into a wallet's file, which is not left behind when something goes wrong."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

import pytest

from ecert.errors import CustodyError, ForbiddenMoveError, NotHeldError, VaultError
from ecert.issuers.credentials import require_in_force
from ecert.sign import jws, sm2
from ecert.wallet.vault import CHEAPEST
from ecert.wallet.wallet import Wallet
from ecert.workspace.handover import (
    deliver,
    find_held,
    receiving_wallet,
)
from tests.unit.workspace.conftest import NUMBER, PASSPHRASE, issue

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.workspace import Workspace

OTHER = "510681199003071317"
AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = Wallet.create.__kwdefaults__ or {}
    monkeypatch.setitem(defaults, "kdf", CHEAPEST)


def test_a_wallet_is_made_where_there_is_none(guangan: Workspace, tmp_path: Path) -> None:
    licence = issue(guangan)
    path = tmp_path / "zhang.wallet"
    with receiving_wallet(path, PASSPHRASE) as wallet:
        deliver(guangan.issuer, licence, wallet)
    assert [held.id for held in Wallet.open(path, PASSPHRASE).licences] == [str(licence.id)]


def test_one_that_is_made_has_the_suite_asked_for_and_one_that_is_there_keeps_its_own(
    tmp_path: Path,
) -> None:
    path = tmp_path / "zhang.wallet"
    with receiving_wallet(path, PASSPHRASE, alg="SGD_SM3_SM2") as made:
        assert _alg(made) == "SGD_SM3_SM2"
    with receiving_wallet(path, PASSPHRASE, alg="ES256") as again:
        assert _alg(again) == "SGD_SM3_SM2"


def _alg(wallet: Wallet) -> str:
    return str(jws.parse_header(wallet.request("nonce").partition(".")[0])["alg"])


def test_where_sm2_cannot_sign_no_file_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sm2, "_evp", lambda: None)
    path = tmp_path / "zhang.wallet"
    with pytest.raises(CustodyError), receiving_wallet(path, PASSPHRASE, alg="SGD_SM3_SM2"):
        pytest.fail("there is no key")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("move", ["suspend", "revoke", "cancel", "withdraw"])
def test_only_what_is_in_force_may_be_delivered(guangan: Workspace, move: str) -> None:
    licence = issue(guangan)
    require_in_force(licence, AT)
    moved = getattr(guangan.issuer, move)(licence.id, reason="测试", document="测〔2026〕1号")
    with pytest.raises(ForbiddenMoveError) as caught:
        require_in_force(moved, AT)
    assert moved.state.zh in caught.value.zh
    assert caught.value.where == str(licence.id)


def test_what_has_expired_is_not_delivered(guangan: Workspace) -> None:
    licence = issue(guangan)
    assert licence.valid_until is not None
    day_after = datetime.combine(licence.valid_until, time(16, 1), UTC)
    with pytest.raises(ForbiddenMoveError) as caught:
        require_in_force(licence, day_after)
    assert "已过期" in caught.value.zh


def test_one_made_for_nothing_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "zhang.wallet"
    with pytest.raises(ZeroDivisionError), receiving_wallet(path, PASSPHRASE):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_one_that_was_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "zhang.wallet"
    Wallet.create(path, PASSPHRASE)
    with pytest.raises(ZeroDivisionError), receiving_wallet(path, PASSPHRASE):
        raise ZeroDivisionError
    assert Wallet.open(path, PASSPHRASE).licences == ()


def test_a_wrong_passphrase_touches_nothing(tmp_path: Path) -> None:
    path = tmp_path / "zhang.wallet"
    Wallet.create(path, PASSPHRASE)
    before = path.read_bytes()
    with pytest.raises(VaultError), receiving_wallet(path, "another one"):
        pytest.fail("it does not open")
    assert path.read_bytes() == before


def _filled(workspace: Workspace, path: Path) -> Wallet:
    with receiving_wallet(path, PASSPHRASE) as wallet:
        for number in (NUMBER, OTHER):
            deliver(workspace.issuer, issue(workspace, number), wallet)
    return wallet


def test_a_held_licence_is_found_by_row_number_and_id(guangan: Workspace, tmp_path: Path) -> None:
    wallet = _filled(guangan, tmp_path / "w")
    second = wallet.licences[1]
    assert find_held(wallet, "2") == second
    assert find_held(wallet, OTHER) == second
    assert find_held(wallet, second.id) == second


@pytest.mark.parametrize("name", ["0", "3", "", "510681199003071999"])
def test_what_is_not_held_is_told_with_the_way_to_look(
    guangan: Workspace, tmp_path: Path, name: str
) -> None:
    wallet = _filled(guangan, tmp_path / "w")
    with pytest.raises(NotHeldError) as caught:
        find_held(wallet, name)
    assert "ecert wallet list" in caught.value.fix_zh
    assert name[:-4] not in caught.value.where or len(name) <= 3


def test_two_with_one_number_are_not_confused(guangan: Workspace, tmp_path: Path) -> None:
    with receiving_wallet(tmp_path / "w", PASSPHRASE) as wallet:
        for _ in range(2):
            deliver(guangan.issuer, issue(guangan), wallet)
    with pytest.raises(NotHeldError) as caught:
        find_held(wallet, NUMBER)
    assert "2份" in caught.value.zh
