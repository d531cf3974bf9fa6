"""Backups are proven to open, overwrite nothing, and do not bring the past back unawares."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

import ecert
from ecert import limits
from ecert.errors import VaultError, WalletError
from ecert.wallet import vault_file
from ecert.wallet.vault import CHEAPEST, Vault
from tests.unit.wallet.holders import AT, PASSPHRASE, Drawer, delivered, issue, office, wallet_in

if TYPE_CHECKING:
    from pathlib import Path

NEW = "another passphrase"


@pytest.fixture
def issuer() -> ecert.Issuer:
    return office()


@pytest.fixture
def wallet(tmp_path: Path, issuer: ecert.Issuer) -> ecert.Wallet:
    """A wallet in a file, with one licence."""
    wallet = ecert.Wallet.create(
        tmp_path / "zhang.wallet", PASSPHRASE, kdf=CHEAPEST, clock=lambda: AT
    )
    _take(issuer, wallet)
    return wallet


def _take(issuer: ecert.Issuer, wallet: ecert.Wallet) -> str:
    return wallet.add(delivered(issuer, wallet, issue(issuer))).id


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# -- backing up -----------------------------------------------------------------------------------


def test_a_backup_opens_by_itself_and_holds_everything(
    wallet: ecert.Wallet, tmp_path: Path
) -> None:
    wallet.show(wallet.licences[0].id, to="三号窗口")
    made = wallet.backup(tmp_path / "copy")
    assert (made.state, made.licences) == (3, 1)
    copy = ecert.Wallet.open(made.path, PASSPHRASE)
    assert (copy.licences, copy.log) == (wallet.licences, wallet.log)
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert _names(tmp_path) == ["copy", "zhang.wallet"]
    assert b"5106811990" not in made.path.read_bytes()


def test_a_backup_may_have_a_passphrase_of_its_own(wallet: ecert.Wallet, tmp_path: Path) -> None:
    wallet.backup(tmp_path / "copy", passphrase=NEW, kdf=CHEAPEST)
    assert ecert.Wallet.open(tmp_path / "copy", NEW).licences == wallet.licences
    with pytest.raises(VaultError):
        ecert.Wallet.open(tmp_path / "copy", PASSPHRASE)
    with pytest.raises(VaultError) as caught:
        wallet.backup(tmp_path / "third", passphrase="short", kdf=CHEAPEST)
    assert "口令太短" in caught.value.zh
    assert _names(tmp_path) == ["copy", "zhang.wallet"]


@pytest.mark.parametrize("passphrase", [None, NEW])
def test_a_backup_overwrites_nothing(
    wallet: ecert.Wallet, tmp_path: Path, passphrase: str | None
) -> None:
    (tmp_path / "copy").write_bytes(b"precious")
    for name in ("copy", "zhang.wallet"):
        with pytest.raises(VaultError) as caught:
            wallet.backup(tmp_path / name, passphrase=passphrase, kdf=CHEAPEST)
        assert caught.value.zh == "文件已存在，不会覆盖"
    assert (tmp_path / "copy").read_bytes() == b"precious"
    assert _names(tmp_path) == ["copy", "zhang.wallet"]


@pytest.mark.parametrize("passphrase", [None, NEW])
def test_a_copy_that_does_not_open_is_no_backup_and_is_told(
    wallet: ecert.Wallet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passphrase: str | None
) -> None:
    """A disk that returns something else than was written."""
    place_new = vault_file.place_new

    def bad_disk(path: Path, data: bytes) -> None:
        place_new(path, data[:-1] + bytes([data[-1] ^ 1]))

    monkeypatch.setattr(vault_file, "place_new", bad_disk)
    with pytest.raises(VaultError) as caught:
        wallet.backup(tmp_path / "copy", passphrase=passphrase, kdf=CHEAPEST)
    assert "文件已损坏" in caught.value.zh
    assert _names(tmp_path) == ["zhang.wallet"]


def test_where_files_have_no_second_names_a_backup_works_too(
    wallet: ecert.Wallet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a memory stick."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    wallet.backup(tmp_path / "copy")
    assert ecert.Wallet.open(tmp_path / "copy", PASSPHRASE).licences == wallet.licences
    with pytest.raises(VaultError) as caught:
        wallet.backup(tmp_path / "copy")
    assert caught.value.zh == "文件已存在，不会覆盖"
    assert _names(tmp_path) == ["copy", "zhang.wallet"]


def test_a_wallet_in_another_vault_is_backed_up_into_a_file_with_a_passphrase(
    issuer: ecert.Issuer, tmp_path: Path
) -> None:
    wallet = wallet_in(Drawer())
    _take(issuer, wallet)
    with pytest.raises(ValueError, match="needs a passphrase"):
        wallet.backup(tmp_path / "copy")
    wallet.backup(tmp_path / "copy", passphrase=NEW, kdf=CHEAPEST)
    assert ecert.Wallet.open(tmp_path / "copy", NEW).licences == wallet.licences


# -- restoring ------------------------------------------------------------------------------------


def test_a_lost_wallet_comes_back_whole_and_goes_on(wallet: ecert.Wallet, tmp_path: Path) -> None:
    wallet.backup(tmp_path / "copy")
    (tmp_path / "zhang.wallet").unlink()
    back = ecert.Wallet.restore(
        tmp_path / "copy", PASSPHRASE, tmp_path / "zhang.wallet", clock=lambda: AT
    )
    assert back.show(back.licences[0].id).text.isdigit()
    assert ecert.Wallet.open(tmp_path / "zhang.wallet", PASSPHRASE).log == back.log
    assert _names(tmp_path) == ["copy", "zhang.wallet"]


def test_an_older_backup_does_not_replace_a_newer_wallet_unawares(
    wallet: ecert.Wallet, issuer: ecert.Issuer, tmp_path: Path
) -> None:
    first = wallet.licences[0].id
    wallet.backup(tmp_path / "copy")
    wallet.remove(first)
    second = _take(issuer, wallet)
    wallet.show(second)
    wallet.keys.add()
    before = (tmp_path / "zhang.wallet").read_bytes()
    with pytest.raises(WalletError) as caught:
        ecert.Wallet.restore(tmp_path / "copy", PASSPHRASE, tmp_path / "zhang.wallet")
    assert caught.value.zh == (
        "现有卡包比备份新（状态 6，备份为 2；将丢失：机动车驾驶证；"
        "将带回已删除的：机动车驾驶证；将丢失1个密钥），未作恢复"
    )
    assert "--replace-newer" in caught.value.fix_zh
    assert (tmp_path / "zhang.wallet").read_bytes() == before
    back = ecert.Wallet.restore(
        tmp_path / "copy", PASSPHRASE, tmp_path / "zhang.wallet", replace_newer=True
    )
    assert [held.id for held in back.licences] == [first]
    # What was shown was shown.
    assert back.log == wallet.log
    # Whatever is compared with this later: it is newer than both.
    assert back.backup(tmp_path / "third").state == 7


def test_a_backup_as_new_as_the_wallet_is_restored_without_a_question(
    wallet: ecert.Wallet, tmp_path: Path
) -> None:
    wallet.backup(tmp_path / "copy")
    back = ecert.Wallet.restore(tmp_path / "copy", PASSPHRASE, tmp_path / "zhang.wallet")
    assert back.licences == wallet.licences


def test_two_wallets_that_went_apart_are_noticed_though_the_backup_counts_higher(
    wallet: ecert.Wallet, issuer: ecert.Issuer, tmp_path: Path
) -> None:
    wallet.backup(tmp_path / "copy")
    apart = ecert.Wallet.restore(tmp_path / "copy", PASSPHRASE, tmp_path / "other")
    for _ in range(4):
        apart.set_owner(None)
    apart.backup(tmp_path / "later")
    _take(issuer, wallet)
    with pytest.raises(WalletError) as caught:
        ecert.Wallet.restore(tmp_path / "later", PASSPHRASE, tmp_path / "zhang.wallet")
    assert "将丢失：机动车驾驶证" in caught.value.zh


def test_another_wallet_is_never_replaced(wallet: ecert.Wallet, tmp_path: Path) -> None:
    wallet.backup(tmp_path / "copy")
    other = tmp_path / "li.wallet"
    ecert.Wallet.create(other, PASSPHRASE, kdf=CHEAPEST)
    before = other.read_bytes()
    with pytest.raises(WalletError) as caught:
        ecert.Wallet.restore(tmp_path / "copy", PASSPHRASE, other, replace_newer=True)
    assert caught.value.zh == "此处是另一个卡包，不会覆盖"
    assert other.read_bytes() == before


def test_a_wallet_that_does_not_open_is_left_for_its_holder_to_move_away(
    wallet: ecert.Wallet, tmp_path: Path
) -> None:
    wallet.backup(tmp_path / "copy")
    path = tmp_path / "zhang.wallet"
    path.write_bytes(path.read_bytes()[:-1])
    before = path.read_bytes()
    with pytest.raises(VaultError) as caught:
        ecert.Wallet.restore(tmp_path / "copy", PASSPHRASE, path, replace_newer=True)
    assert caught.value.zh.startswith("现有卡包打不开，未作恢复")
    assert "移到别处" in caught.value.fix_zh
    assert path.read_bytes() == before


def test_the_present_passphrase_stays_in_force(wallet: ecert.Wallet, tmp_path: Path) -> None:
    wallet.backup(tmp_path / "copy")
    wallet.change_passphrase(PASSPHRASE, NEW)
    path = tmp_path / "zhang.wallet"
    with pytest.raises(VaultError):
        ecert.Wallet.restore(tmp_path / "copy", PASSPHRASE, path)
    ecert.Wallet.restore(tmp_path / "copy", PASSPHRASE, path, current_passphrase=NEW)
    assert ecert.Wallet.open(path, NEW).licences == wallet.licences
    with pytest.raises(VaultError):
        ecert.Wallet.open(path, PASSPHRASE)


def test_a_damaged_backup_or_the_wrong_passphrase_restores_nothing(
    wallet: ecert.Wallet, tmp_path: Path
) -> None:
    copy = wallet.backup(tmp_path / "copy").path
    target = tmp_path / "back"
    with pytest.raises(VaultError):
        ecert.Wallet.restore(copy, NEW, target)
    copy.write_bytes(copy.read_bytes()[:-1] + b"\0")
    with pytest.raises(VaultError):
        ecert.Wallet.restore(copy, PASSPHRASE, target)
    Vault.create(tmp_path / "empty", PASSPHRASE, kdf=CHEAPEST)
    with pytest.raises(VaultError) as caught:
        ecert.Wallet.restore(tmp_path / "empty", PASSPHRASE, target)
    assert caught.value.zh == "保险库内容不是卡包"
    assert not target.exists()


def test_a_backup_is_not_restored_onto_itself(wallet: ecert.Wallet, tmp_path: Path) -> None:
    copy = wallet.backup(tmp_path / "copy").path
    with pytest.raises(VaultError) as caught:
        ecert.Wallet.restore(copy, PASSPHRASE, copy, replace_newer=True)
    assert caught.value.zh == "文件已存在，不会覆盖"


def test_logs_are_put_together_and_stay_bounded(
    wallet: ecert.Wallet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_SHOW_RECORDS", 3)
    licence = wallet.licences[0].id
    wallet.show(licence, to="1")
    wallet.backup(tmp_path / "copy")
    apart = ecert.Wallet.restore(tmp_path / "copy", PASSPHRASE, tmp_path / "other")
    for number in "23":
        wallet.show(licence, to=number)
    apart.show(licence, to="4", at=AT.replace(hour=3))
    apart.backup(tmp_path / "later")
    back = ecert.Wallet.restore(
        tmp_path / "later", PASSPHRASE, tmp_path / "zhang.wallet", replace_newer=True
    )
    assert [record.to for record in back.log.records] == ["2", "3", "4"]
    assert back.log.dropped == 1


# -- another passphrase ---------------------------------------------------------------------------


def test_changing_the_passphrase_takes_the_present_one(
    wallet: ecert.Wallet, tmp_path: Path
) -> None:
    path = tmp_path / "zhang.wallet"
    before = path.read_bytes()
    with pytest.raises(VaultError) as caught:
        wallet.change_passphrase("not the passphrase", NEW)
    assert caught.value.zh == "原口令不对"
    assert path.read_bytes() == before
    wallet.change_passphrase(PASSPHRASE, NEW)
    assert ecert.Wallet.open(path, NEW).licences == wallet.licences
    wallet.show(wallet.licences[0].id)
    with pytest.raises(ValueError, match="in a file"):
        wallet_in(Drawer()).change_passphrase(PASSPHRASE, NEW)
