"""The show PIN: few tries, each on disk before its result is told, and none easily guessed."""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING

import pytest

import ecert
from ecert import limits
from ecert.errors import NotHeldError, VaultError, WalletError
from ecert.show import offline
from ecert.wallet import pin as pin_module
from ecert.wallet.pin import PIN_KDF, require_good
from ecert.wallet.vault import CHEAPEST
from tests.unit.wallet.holders import (
    CHILD,
    PASSPHRASE,
    ZHANG,
    Drawer,
    LockedDrawer,
    delivered,
    issue,
    office,
    wallet_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable

PIN = "482915"
WRONG = "915482"
LOCKED = "亮证密码输错次数过多，已锁定"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pin_module, "PIN_KDF", CHEAPEST)


@pytest.fixture
def drawer() -> LockedDrawer:
    return LockedDrawer()


@pytest.fixture
def wallet(drawer: LockedDrawer) -> ecert.Wallet:
    """A wallet with one licence and a PIN."""
    issuer, wallet = office(), wallet_in(drawer)
    wallet.add(delivered(issuer, wallet, issue(issuer)))
    wallet.pin.set(PIN)
    return wallet


def _show(wallet: ecert.Wallet, pin: str | None = None) -> offline.HolderProof:
    proof = offline.read(wallet.show(wallet.licences[0].id, pin=pin).text).proof
    assert proof is not None
    return proof


def _refused(wallet: ecert.Wallet, pin: str | None) -> str:
    with pytest.raises(WalletError) as caught:
        _show(wallet, pin)
    return caught.value.zh


def test_showing_needs_it_once_it_is_set_and_the_code_says_that_it_was_typed(
    wallet: ecert.Wallet,
) -> None:
    assert _refused(wallet, None) == "需要亮证密码"
    assert wallet.pin.tries_left == limits.MAX_PIN_TRIES
    proof = _show(wallet, PIN)
    proof.verify()
    assert proof.pin
    assert [record.pin for record in wallet.log.records] == [True]
    wallet.pin.remove(current=PIN)
    assert not _show(wallet).pin


def test_one_that_is_given_where_none_is_set_is_refused() -> None:
    issuer, wallet = office(), wallet_in(Drawer())
    wallet.add(delivered(issuer, wallet, issue(issuer)))
    assert _refused(wallet, PIN) == "没有设置亮证密码"


def test_five_wrong_tries_lock_it_and_the_right_one_does_not_help_any_more(
    wallet: ecert.Wallet, drawer: LockedDrawer
) -> None:
    said = [_refused(wallet, WRONG) for _ in range(limits.MAX_PIN_TRIES)]
    left = [f"亮证密码不对，还可试{left}次" for left in (4, 3, 2, 1)]
    assert said == [*left, LOCKED]
    assert wallet.pin.tries_left == 0
    for again in (wallet, ecert.Wallet.over(drawer)):
        assert _refused(again, PIN) == LOCKED
    assert wallet.log.records == ()


def test_the_right_one_takes_the_wrong_tries_back(wallet: ecert.Wallet) -> None:
    for _ in range(3):
        for _ in range(limits.MAX_PIN_TRIES - 1):
            _refused(wallet, WRONG)
        assert _show(wallet, PIN).pin
        assert wallet.pin.tries_left == limits.MAX_PIN_TRIES


def test_the_passphrase_unlocks_it(wallet: ecert.Wallet) -> None:
    for _ in range(limits.MAX_PIN_TRIES):
        _refused(wallet, WRONG)
    with pytest.raises(VaultError) as caught:
        wallet.pin.unlock("another passphrase")
    assert caught.value.zh == "口令不对"
    assert _refused(wallet, PIN) == LOCKED
    wallet.pin.unlock(PASSPHRASE)
    assert _show(wallet, PIN).pin


def test_a_try_is_on_disk_before_it_is_compared(
    wallet: ecert.Wallet, drawer: LockedDrawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program killed at the comparison, again and again, has no sixth try."""
    tries = []

    class KilledError(BaseException):
        """The process is gone."""

    def killed(*_: object) -> bool:
        tries.append(json.loads(drawer.payload)["pin"]["tries"])
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(hmac, "compare_digest", killed)
        for _ in range(limits.MAX_PIN_TRIES):
            with pytest.raises(KilledError):
                _show(ecert.Wallet.over(drawer), PIN)
    assert tries == [1, 2, 3, 4, 5]
    assert _refused(ecert.Wallet.over(drawer), PIN) == LOCKED


def test_where_the_try_cannot_be_written_nothing_is_told(
    wallet: ecert.Wallet, drawer: LockedDrawer
) -> None:
    def refuse(payload: bytes) -> None:
        raise VaultError("磁盘已满", "the disk is full")

    drawer.write = refuse  # type: ignore[method-assign]
    assert [_refused(wallet, pin) for pin in (PIN, WRONG)] == ["磁盘已满", "磁盘已满"]


def test_typing_errors_and_misses_of_other_kinds_cost_no_try(wallet: ecert.Wallet) -> None:
    for pin in ("", "48291", "4829150", "48291a", "四八二九一五"):
        assert _refused(wallet, pin) == "亮证密码是6位数字"
    with pytest.raises(NotHeldError):
        wallet.show("no such licence", pin=WRONG)
    assert wallet.pin.tries_left == limits.MAX_PIN_TRIES
    # An input method's full-width digits are digits.
    assert _show(wallet, "４８２９１５").pin


def test_changing_and_removing_take_the_old_one_or_the_passphrase(
    wallet: ecert.Wallet, drawer: LockedDrawer
) -> None:
    for how in ({}, {"current": WRONG}, {"passphrase": "another one"}):
        with pytest.raises(WalletError):
            wallet.pin.set("730264", **how)  # type: ignore[arg-type]
        with pytest.raises(WalletError):
            wallet.pin.remove(**how)  # type: ignore[arg-type]
    # Each of the two with a wrong PIN was a try.
    assert wallet.pin.tries_left == limits.MAX_PIN_TRIES - 2
    wallet.pin.set("730264", current=PIN)
    assert _show(wallet, "730264").pin
    wallet.pin.set(PIN, passphrase=PASSPHRASE)
    assert _show(wallet, PIN).pin
    wallet.pin.remove(passphrase=PASSPHRASE)
    assert not ecert.Wallet.over(drawer).pin.is_set
    assert wallet.pin.tries_left is None
    for act in (wallet.pin.remove, wallet.pin.unlock):
        with pytest.raises(WalletError) as caught:
            act()
        assert caught.value.zh == "没有设置亮证密码"


def test_where_a_vault_has_no_passphrase_its_keeper_vouches_for_the_holder() -> None:
    wallet = wallet_in(Drawer())
    wallet.pin.set(PIN)
    with pytest.raises(WalletError) as caught:
        wallet.pin.unlock(PASSPHRASE)
    assert caught.value.zh == "须先由保管卡包的服务方核实本人"
    wallet.pin.unlock(proven=True)
    wallet.pin.remove(proven=True)
    locked = wallet_in(LockedDrawer())
    locked.pin.set(PIN)
    with pytest.raises(ValueError, match="has a passphrase"):
        locked.pin.remove(proven=True)
    assert locked.pin.is_set


@pytest.mark.parametrize(
    "pin",
    ["111111", "123456", "654321", "012345", "890123", "135791", "121212", "123123", "123321",
     "112112", "111222", "100001", "520131", "１２３４５６"],
)  # fmt: skip
def test_patterns_are_refused(pin: str) -> None:
    wallet = wallet_in(Drawer())
    with pytest.raises(WalletError) as caught:
        wallet.pin.set(pin)
    assert caught.value.zh == "亮证密码太容易被猜到"
    assert not wallet.pin.is_set


@pytest.mark.parametrize("pin", ["900307", "030790", "070390", "199003", "510681", "071237"])
def test_the_digits_of_a_holders_number_are_refused(pin: str) -> None:
    issuer = office()
    held = wallet_in(Drawer())
    held.add(delivered(issuer, held, issue(issuer)))
    for wallet in (held, wallet_in(Drawer(), owner=ZHANG)):
        with pytest.raises(WalletError) as caught:
            wallet.pin.set(pin)
        assert caught.value.zh == "亮证密码太容易被猜到"
        assert pin not in str(caught.value)
    wallet_in(Drawer(), owner=CHILD).pin.set("900307")


def test_of_all_pins_hardly_any_is_refused() -> None:
    def taken(number: int) -> bool:
        try:
            require_good(f"{number:06d}", [ZHANG.number])
        except WalletError:
            return False
        return True

    refused = sum(not taken(number) for number in range(0, 1_000_000, 7))
    assert 0 < refused / (1_000_000 / 7) < 0.01


def test_neither_pin_nor_its_bare_hash_stands_in_the_content(
    wallet: ecert.Wallet, drawer: LockedDrawer
) -> None:
    assert PIN.encode() not in drawer.payload
    first = json.loads(drawer.payload)["pin"]
    wallet.pin.set(PIN, current=PIN)
    assert json.loads(drawer.payload)["pin"]["hash"] != first["hash"]


def test_its_cost_is_memory_hard() -> None:
    assert PIN_KDF.memory_kib >= 19 * 1024
    assert PIN_KDF.iterations >= 2


class ContendedDrawer(LockedDrawer):
    """The same, in which somebody else is faster at writes that are named."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: set[int] = set()
        self.beside: Callable[[], None] | None = None

    def write(self, payload: bytes) -> None:
        self.refused = {number - 1 for number in self.refused}
        if 0 in self.refused:
            if self.beside is not None:
                self.beside()
            raise VaultError("卡包已被其他程序更改", "another program has changed the wallet")
        super().write(payload)


@pytest.mark.parametrize("lost", [{2}, {2, 3, 4}])
def test_the_right_one_shows_where_another_program_wrote_in_between(lost: set[int]) -> None:
    drawer = ContendedDrawer()
    issuer, wallet = office(), wallet_in(drawer)
    wallet.add(delivered(issuer, wallet, issue(issuer)))
    wallet.pin.set(PIN)
    for shown in range(1, limits.MAX_PIN_TRIES + 2):
        # The first write counts the try, the second would note the show.
        drawer.refused = set(lost)
        assert _show(wallet, PIN).pin
        assert ecert.Wallet.over(drawer).pin.tries_left == limits.MAX_PIN_TRIES
        assert len(ecert.Wallet.over(drawer).log.records) == shown


def test_what_another_program_wrote_in_between_is_kept() -> None:
    drawer = ContendedDrawer()
    issuer, wallet = office(), wallet_in(drawer)
    wallet.add(delivered(issuer, wallet, issue(issuer)))
    wallet.pin.set(PIN)

    def beside() -> None:
        other = ecert.Wallet.over(drawer)
        drawer.beside = None
        other.keys.add()

    drawer.refused, drawer.beside = {2}, beside
    assert _show(wallet, PIN).pin
    kept = ecert.Wallet.over(drawer)
    assert (len(kept.keys), len(kept.log.records)) == (2, 1)


def test_a_pin_that_was_changed_in_between_is_asked_for_anew() -> None:
    drawer = ContendedDrawer()
    issuer, wallet = office(), wallet_in(drawer)
    wallet.add(delivered(issuer, wallet, issue(issuer)))
    wallet.pin.set(PIN)

    def beside() -> None:
        other = ecert.Wallet.over(drawer)
        drawer.beside = None
        other.pin.set("915482", passphrase=PASSPHRASE)

    drawer.refused, drawer.beside = {2}, beside
    with pytest.raises(VaultError, match="another program"):
        _show(wallet, PIN)
    assert ecert.Wallet.over(drawer).log.records == ()


def test_a_vault_that_always_refuses_shows_nothing() -> None:
    drawer = ContendedDrawer()
    issuer, wallet = office(), wallet_in(drawer)
    wallet.add(delivered(issuer, wallet, issue(issuer)))
    wallet.pin.set(PIN)
    drawer.refused = set(range(2, 100))
    with pytest.raises(VaultError, match="another program"):
        _show(wallet, PIN)
    assert ecert.Wallet.over(drawer).log.records == ()


def test_a_wrong_one_is_not_taken_back_whoever_writes_in_between() -> None:
    drawer = ContendedDrawer()
    issuer, wallet = office(), wallet_in(drawer)
    wallet.add(delivered(issuer, wallet, issue(issuer)))
    wallet.pin.set(PIN)
    drawer.refused = {2, 3}
    assert _refused(wallet, WRONG) == "亮证密码不对，还可试4次"
    assert ecert.Wallet.over(drawer).pin.tries_left == limits.MAX_PIN_TRIES - 1
