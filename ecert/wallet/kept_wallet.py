"""A wallet and the vault that keeps it: made, opened, backed up, restored, and whose it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Self

from ecert.clock import Clock, system_clock
from ecert.sign.keys import PrivateKey
from ecert.wallet import backup as backups
from ecert.wallet import owner as owners
from ecert.wallet.content import Content, OwnKey, WalletKind
from ecert.wallet.keeping import Keeping
from ecert.wallet.key_ring import KeyRing
from ecert.wallet.pin import ShowPIN
from ecert.wallet.vault import STANDARD, Vault

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.model.holders import Holder
    from ecert.wallet.vault import KDF
    from ecert.wallet.vault_like import VaultLike


class KeptWallet:
    """What a `Wallet` is before it receives and shows: a content in a vault."""

    def __init__(self, keeping: Keeping, clock: Clock) -> None:
        self._keeping = keeping
        self._clock = clock
        self.keys = KeyRing(keeping)
        self.pin = ShowPIN(keeping)

    @classmethod
    def create(
        cls,
        path: str | Path,
        passphrase: str,
        *,
        alg: str = "ES256",
        kind: str = WalletKind.PERSONAL,
        owner: Holder | None = None,
        kdf: KDF = STANDARD,
        clock: Clock = system_clock,
    ) -> Self:
        """Make a new wallet with a new key; never overwrites a file.

        Args:
            path: Where.
            passphrase: Of at least eight characters.
            alg: The suite of the wallet's key, ``ES256`` or ``SGD_SM3_SM2``.
            kind: ``personal`` (一人一码) or ``enterprise`` (一企一码).
            owner: Whose it is; then it refuses licences of others.
            kdf: Cost of the passphrase.
            clock: Where the time of proofs and codes comes from.

        Raises:
            VaultError: The file exists, or the passphrase is too short.
            WalletError: ``owner`` is a person and ``kind`` a body's, or the reverse.
        """
        content = _new_content(alg, kind, owner).next()
        vault = Vault.holding(path, passphrase, content.to_bytes(), kdf=kdf)
        return cls(Keeping.over(vault, str(path)), clock)

    @classmethod
    def found(
        cls,
        vault: VaultLike,
        *,
        alg: str = "ES256",
        kind: str = WalletKind.PERSONAL,
        owner: Holder | None = None,
        where: str = "wallet",
        clock: Clock = system_clock,
    ) -> Self:
        """Make a new wallet with a new key in an empty vault.

        Arguments and Raises as `create`; VaultError also if the vault is not empty, or refuses.
        ``where`` is how errors name it.
        """
        if vault.read():
            raise backups.not_empty(where)
        return cls(Keeping.new(vault, where, _new_content(alg, kind, owner)), clock)

    @classmethod
    def open(cls, path: str | Path, passphrase: str, *, clock: Clock = system_clock) -> Self:
        """Open a wallet.

        Raises:
            VaultError: Wrong passphrase, damaged, or not a wallet.
        """
        return cls.over(Vault.open(path, passphrase), where=str(path), clock=clock)

    @classmethod
    def over(cls, vault: VaultLike, *, where: str = "wallet", clock: Clock = system_clock) -> Self:
        """Open the wallet that a vault keeps.

        Args:
            vault: An unlocked vault.
            where: How errors name it.
            clock: Where the time of proofs and codes comes from.

        Raises:
            VaultError: What it keeps is not a wallet, or it cannot be read.
        """
        return cls(Keeping.over(vault, where), clock)

    # -- backup and restore ---------------------------------------------------------------------

    @classmethod
    def restore(
        cls,
        backup: str | Path,
        passphrase: str,
        path: str | Path,
        *,
        current_passphrase: str | None = None,
        replace_newer: bool = False,
        clock: Clock = system_clock,
    ) -> Self:
        """Bring a backup back; the wallet keeps the passphrase that it has where it is.

        Args:
            backup: The backup's file, which stays as it is.
            passphrase: Of the backup.
            path: Where the wallet shall be: a free name, or the same wallet in another state.
            current_passphrase: Of the wallet that is there, if it was changed since.
            replace_newer: Whether that wallet may be newer than the backup.
            clock: As for `open`.

        Raises:
            VaultError: Backup or present wallet does not open.
            WalletError: The present wallet is another one, or newer: it tells what would be lost.
        """
        keeping = backups.restore(
            backup, passphrase, path,
            current_passphrase=current_passphrase, replace_newer=replace_newer,
        )  # fmt: skip
        return cls(keeping, clock)

    def backup(
        self, path: str | Path, *, passphrase: str | None = None, kdf: KDF = STANDARD
    ) -> backups.BackupCopy:
        """Write an encrypted copy into a new file, and prove that it opens.

        Args:
            path: A free name.
            passphrase: Of the copy; the wallet's own if left out.
            kdf: Cost of that passphrase.

        Raises:
            VaultError: The name is taken, the passphrase too short, or the copy does not open.
        """
        return backups.back_up(self._keeping, path, passphrase, kdf)

    def change_passphrase(self, current: str, new: str) -> None:
        """Change the passphrase of a wallet in a file; its older backups keep theirs.

        Raises:
            VaultError: The current one is wrong, or the new one too short.
            ValueError: The wallet is not in a file.
        """
        backups.change_passphrase(self._keeping, current, new)

    # -- whose it is ----------------------------------------------------------------------------

    @property
    def kind(self) -> WalletKind:
        """A person's wallet, or a body's."""
        return self._keeping.content.kind

    @property
    def owner(self) -> Holder | None:
        """Whose it is, if it was told."""
        return self._keeping.content.owner

    def set_owner(self, owner: Holder | None, *, kind: str | None = None) -> None:
        """Tell the wallet whose it is, or that it shall not ask.

        Raises:
            WalletError: ``owner`` does not fit the kind of wallet.
        """
        content = self._keeping.now()
        chosen = content.kind if kind is None else WalletKind(kind)
        owners.require_fitting(chosen, owner)
        self._keeping.save(replace(content, kind=chosen, owner=owner))


def _new_content(alg: str, kind: str, owner: Holder | None) -> Content:
    chosen = WalletKind(kind)
    owners.require_fitting(chosen, owner)
    return Content.new(OwnKey.of(PrivateKey.generate(alg)), chosen, owner)
