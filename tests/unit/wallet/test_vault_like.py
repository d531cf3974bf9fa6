"""A wallet lives in whatever reads and writes one payload."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.errors import VaultError
from ecert.show import possession
from ecert.wallet.wallet import Wallet

if TYPE_CHECKING:
    from ecert.wallet.vault_like import VaultLike


class Drawer:
    """A vault in memory, which counts what is written."""

    def __init__(self, payload: bytes = b"") -> None:
        self.payload = payload
        self.writes = 0

    def read(self) -> bytes:
        return self.payload

    def write(self, payload: bytes) -> None:
        self.payload = payload
        self.writes += 1


@pytest.mark.parametrize("alg", ["ES256", "SGD_SM3_SM2"])
def test_a_wallet_founded_in_a_vault_is_opened_over_it_again(alg: str) -> None:
    drawer = Drawer()
    vault: VaultLike = drawer
    nonce = "511600.nonce"
    wallet = Wallet.found(vault, alg=alg)
    assert drawer.writes == 1
    again = Wallet.over(vault)
    assert again.licences == wallet.licences == ()
    assert _key(again.request(nonce)) == _key(wallet.request(nonce))


def _key(proof: str) -> object:
    return possession.open_proof(proof).key


def test_a_vault_that_holds_something_is_not_overwritten() -> None:
    drawer = Drawer(b"something")
    with pytest.raises(VaultError) as caught:
        Wallet.found(drawer)
    assert caught.value.zh == "保险库中已有内容，不会覆盖"
    assert drawer.payload == b"something"


@pytest.mark.parametrize("payload", [b"", b"{}", b"[]", b'{"key": {}, "credentials": []}'])
def test_what_is_not_a_wallet_is_told_and_named(payload: bytes) -> None:
    with pytest.raises(VaultError) as caught:
        Wallet.over(Drawer(payload), where="holder 17")
    assert caught.value.zh == "保险库内容不是卡包"
    assert caught.value.where == "holder 17"
