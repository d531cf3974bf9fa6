"""What tests take out of a wallet that its holder never would: to forge with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.wallet.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ecert
    from ecert.sign.keys import PrivateKey


def key_of(wallet: ecert.Wallet) -> PrivateKey:
    """Return the wallet's key."""
    return wallet.keys.signer()


def held_by(wallet: ecert.Wallet, licence_id: object) -> Mapping[str, bytes]:
    """Return the compact credentials of a licence by profile."""
    return wallet.delivery(str(licence_id)).compact


def vault_of(wallet: ecert.Wallet) -> Vault:
    """Return where the wallet is kept."""
    vault = wallet._keeping.vault
    assert isinstance(vault, Vault)
    return vault
