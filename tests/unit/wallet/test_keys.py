"""Several keys in one wallet: each licence hangs on one, and a code takes those of one."""

from __future__ import annotations

import pytest

import ecert
from ecert import limits
from ecert.errors import VaultError, WalletError
from ecert.show import offline, possession
from tests.unit.wallet.holders import Drawer, delivered, issue, office, wallet_in


def test_a_wallet_begins_with_one_default_key() -> None:
    (key,) = wallet_in(Drawer(), alg="SGD_SM3_SM2").keys
    assert (key.alg, key.default, key.licences) == ("SGD_SM3_SM2", True, ())


def test_es256_and_sm2_stand_side_by_side_and_each_licence_hangs_on_its_own() -> None:
    issuer, drawer = office(), Drawer()
    wallet = wallet_in(drawer)
    sm2 = wallet.keys.add("SGD_SM3_SM2")
    first, second = issue(issuer), issue(issuer)
    wallet.add(delivered(issuer, wallet, first))
    assert wallet.add(delivered(issuer, wallet, second, key=sm2.id[:8])).key == sm2.id
    again = ecert.Wallet.over(drawer)
    assert {key.alg: key.licences for key in again.keys} == {
        "ES256": (str(first.id),),
        "SGD_SM3_SM2": (str(second.id),),
    }
    for licence, alg in ((first, "ES256"), (second, "SGD_SM3_SM2")):
        proof = offline.read(again.show(licence.id).text).proof
        assert proof is not None
        proof.verify()
        assert proof.key.alg == alg


def test_licences_of_two_keys_do_not_go_into_one_code_and_it_says_how_to_mend_that() -> None:
    issuer = office()
    wallet = wallet_in(Drawer())
    other = wallet.keys.add("SGD_SM3_SM2")
    driving = issue(issuer)
    card = issuer.issue(
        "社会保障卡", number=driving.number, holder=driving.holders, valid_until=None,
        fields={"社会保障卡卡号": "SC12345678"},
    )  # fmt: skip
    wallet.add(delivered(issuer, wallet, driving))
    wallet.add(delivered(issuer, wallet, card, key=other.id))
    with pytest.raises(WalletError) as caught:
        wallet.show(driving.id, card.id)
    default = next(key.id for key in wallet.keys if key.default)[:8]
    assert f"密钥 {default} ES256：机动车驾驶证" in caught.value.zh
    assert f"密钥 {other.id[:8]} SGD_SM3_SM2：社会保障卡" in caught.value.zh
    assert caught.value.fix_zh == f"请将其他证照重新送达到密钥 {default}，或分别亮证"
    assert wallet.log.records == ()
    wallet.add(delivered(issuer, wallet, card, key=default))
    assert len(offline.read(wallet.show(driving.id, card.id).text).credentials) == 2


def test_the_default_key_is_what_proofs_name_if_nothing_else_is_said() -> None:
    wallet = wallet_in(Drawer())
    second = wallet.keys.add(default=True)
    third = wallet.keys.add()
    assert _named(wallet) == second.id
    wallet.keys.use(third.id)
    assert _named(wallet) == third.id
    assert [key.default for key in wallet.keys] == [False, False, True]


def _named(wallet: ecert.Wallet) -> str:
    return possession.open_proof(wallet.request("511600.nonce")).key.kid


def test_a_key_that_something_hangs_on_and_the_default_one_stay() -> None:
    issuer = office()
    wallet = wallet_in(Drawer())
    licence = issue(issuer)
    wallet.add(delivered(issuer, wallet, licence))
    first = next(iter(wallet.keys))
    with pytest.raises(WalletError) as caught:
        wallet.keys.remove(first.id)
    assert caught.value.zh == "默认密钥不能删除"
    wallet.keys.add(default=True)
    with pytest.raises(WalletError) as caught:
        wallet.keys.remove(first.id)
    assert caught.value.zh == "还有证照与此密钥绑定，不能删除"
    wallet.remove(licence.id)
    wallet.keys.remove(first.id)
    assert [key.default for key in wallet.keys] == [True]
    with pytest.raises(WalletError):
        wallet.request("511600.nonce", key=first.id)


@pytest.mark.parametrize("name", ["", "short", "A" * 43])
def test_a_key_that_is_not_there_is_told_with_those_that_are(name: str) -> None:
    wallet = wallet_in(Drawer())
    (key,) = wallet.keys
    with pytest.raises(WalletError) as caught:
        wallet.request("511600.nonce", key=name)
    assert caught.value.zh == "卡包中没有这个密钥"
    assert key.id[:8] in caught.value.fix_zh


def test_keys_are_bounded_exactly() -> None:
    wallet = wallet_in(Drawer())
    while len(wallet.keys) < limits.MAX_WALLET_KEYS:
        wallet.keys.add()
    with pytest.raises(WalletError) as caught:
        wallet.keys.add()
    assert caught.value.zh == "一个卡包最多16个密钥"
    assert len(wallet.keys) == limits.MAX_WALLET_KEYS


def test_another_wallets_delivery_fits_none_of_the_keys() -> None:
    issuer = office()
    mine, yours = wallet_in(Drawer()), wallet_in(Drawer())
    mine.keys.add()
    with pytest.raises(WalletError) as caught:
        mine.add(delivered(issuer, yours, issue(issuer)))
    assert caught.value.zh == "此凭证不是发给本卡包的"


def test_two_programs_on_one_vault_see_each_others_changes() -> None:
    issuer, drawer = office(), Drawer()
    one = wallet_in(drawer)
    other = ecert.Wallet.over(drawer)
    licence = issue(issuer)
    one.add(delivered(issuer, one, licence))
    other.keys.add()
    assert [held.id for held in ecert.Wallet.over(drawer).licences] == [str(licence.id)]
    other.pin.set("482915")
    with pytest.raises(WalletError) as caught:
        one.show(licence.id)
    assert caught.value.zh == "需要亮证密码"


def test_a_writer_that_is_quicker_still_loses_nothing() -> None:
    class Contested(Drawer):
        """Somebody always writes between reading and writing."""

        def write(self, payload: bytes) -> None:
            if self.written:
                raise VaultError("文件已被其他程序更改", "changed elsewhere")
            super().write(payload)

    drawer = Contested()
    wallet = wallet_in(drawer)
    with pytest.raises(VaultError):
        wallet.keys.add()
    assert len(wallet.keys) == 1
    assert len(drawer.written) == 1
