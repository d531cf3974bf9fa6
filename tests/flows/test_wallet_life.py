"""What people live through with a wallet: a lost telephone, a backup, a PIN that is guessed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

import ecert
from ecert import limits
from ecert.errors import VaultError, WalletError
from ecert.issuers.lifecycle import Move
from ecert.reasons import Reason
from ecert.wallet import pin as pin_module
from ecert.wallet.vault import CHEAPEST
from tests.flows.world import ZHANG, refuses

if TYPE_CHECKING:
    from pathlib import Path

    from tests.flows.world import World

PASSPHRASE = "nothing secret here"
PIN = "482915"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pin_module, "PIN_KDF", CHEAPEST)


def test_a_lost_telephone_is_cut_off_and_the_backup_goes_on_after_a_new_delivery(
    world: World, tmp_path: Path
) -> None:
    world.wallet.backup(tmp_path / "usb-stick")
    thief = world.wallet
    (lost,) = world.police.credentials(world.licence.id)
    world.police.withdraw_credential(lost.id, reason="手机遗失")
    world.clock.advance(minutes=5)
    world.sync()
    refuses(world.verify(thief.show(world.licence.id).text), Reason.CREDENTIAL_WITHDRAWN)
    # The backup brings back the same credential, which is cut off as well: collected again.
    world.wallet = ecert.Wallet.restore(
        tmp_path / "usb-stick", PASSPHRASE, tmp_path / "new.wallet", clock=world.clock
    )
    refuses(world.verify(), Reason.CREDENTIAL_WITHDRAWN)
    proof = world.wallet.request(world.police.nonce())
    done = world.wallet.refresh(world.police.deliver(world.licence.id, proof))
    assert done.replaced == (str(world.licence.id),)
    world.clock.advance(minutes=5)
    world.sync()
    assert world.verify().accepted
    refuses(world.verify(thief.show(world.licence.id).text), Reason.CREDENTIAL_WITHDRAWN)


def test_restoring_an_old_backup_is_stopped_and_even_then_the_window_sees_what_is_current(
    world: World, tmp_path: Path
) -> None:
    world.wallet.backup(tmp_path / "copy")
    old = world.licence
    new = world.police.replace(
        old.id, Move.RENEW, {"valid_until": date(2036, 6, 1)}, reason="到期换证"
    )
    proof = world.wallet.request(world.police.nonce())
    world.wallet.refresh(world.police.deliver(new.id, proof))
    path = tmp_path / "zhang.wallet"
    with pytest.raises(WalletError) as caught:
        ecert.Wallet.restore(tmp_path / "copy", PASSPHRASE, path)
    assert "将带回已删除的：机动车驾驶证" in caught.value.zh
    world.wallet = ecert.Wallet.restore(
        tmp_path / "copy", PASSPHRASE, path, replace_newer=True, clock=world.clock
    )
    world.clock.advance(minutes=5)
    world.sync()
    refuses(world.verify(world.wallet.show(old.id).text), Reason.SUPERSEDED)


def test_whoever_borrows_an_open_wallet_guesses_five_times_and_no_more(
    world: World, tmp_path: Path
) -> None:
    world.wallet.pin.set(PIN)
    for guess in ("730264", "915482", "264730", "548291", "829154"):
        with pytest.raises(WalletError):
            world.wallet.show(world.licence.id, pin=guess)
    for wallet in (
        world.wallet,
        # Starting the app anew gives no more tries, nor does the right number now.
        ecert.Wallet.open(tmp_path / "zhang.wallet", PASSPHRASE, clock=world.clock),
    ):
        with pytest.raises(WalletError) as caught:
            wallet.show(world.licence.id, pin=PIN)
        assert "已锁定" in caught.value.zh
    assert world.wallet.log.records == ()
    world.wallet.pin.unlock(PASSPHRASE)
    assert world.verify(world.wallet.show(world.licence.id, pin=PIN).text).accepted
    assert world.wallet.pin.tries_left == limits.MAX_PIN_TRIES


def test_the_holder_reads_what_was_shown_where_and_nobody_else_does(
    world: World, tmp_path: Path
) -> None:
    code = world.wallet.show(world.licence.id, to="渝中区政务服务大厅三号窗口", matter="机动车业务")
    assert world.verify(code.text).accepted
    (record,) = world.wallet.log.records
    assert (record.at, record.to) == (world.clock(), "渝中区政务服务大厅三号窗口")
    assert "三号窗口".encode() not in (tmp_path / "zhang.wallet").read_bytes()
    with pytest.raises(VaultError):
        ecert.Wallet.open(tmp_path / "zhang.wallet", "somebody else's")


def test_a_mother_keeps_her_childs_licence_beside_her_own(world: World) -> None:
    world.wallet.set_owner(ZHANG)
    child = ecert.Holder("张小雨", "510681201805200029")
    card = world.police.issue(
        "社会保障卡", number=child.number, holder=child, valid_until=None,
        fields={"社会保障卡卡号": "SC12345678"},
    )  # fmt: skip
    delivery = world.police.deliver(card.id, world.wallet.request(world.police.nonce()))
    with pytest.raises(WalletError):
        world.wallet.add(delivery)
    world.wallet.add(delivery, of_another=True)
    verdict = world.verify(world.wallet.show(card.id).text, matter=None)
    # The window sees whose it is, whatever wallet shows it.
    assert verdict.about is not None
    assert verdict.about.type_name == "社会保障卡"


def test_a_wallet_says_in_time_what_will_expire_and_showing_it_late_is_refused(
    world: World,
) -> None:
    assert world.wallet.due() == ()
    world.clock.now = world.clock.now.replace(year=2031, month=5, day=20)
    (due,) = world.wallet.due()
    assert due.reason == "expiring"
    world.clock.now += timedelta(days=14)
    (due,) = world.wallet.due()
    assert due.reason == "expired"


def test_es256_and_sm2_licences_of_one_wallet_are_both_accepted(world: World) -> None:
    key = world.wallet.keys.add("SGD_SM3_SM2")
    proof = world.wallet.request(world.police.nonce(), key=key.id)
    second = world.police.issue(
        "机动车驾驶证", number=ZHANG.number, holder=ZHANG, fields={"准驾车型": "C1"},
        valid_until=date(2031, 6, 1),
    )  # fmt: skip
    world.wallet.add(world.police.deliver(second.id, proof))
    for licence in (world.licence, second):
        world.sync()
        assert world.verify(world.wallet.show(licence.id).text).accepted
    with pytest.raises(WalletError) as caught:
        world.wallet.show(world.licence.id, second.id)
    assert "只能放同一密钥的证照" in caught.value.zh
