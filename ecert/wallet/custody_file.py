"""A key file for hosted wallets: custody keys in a `Vault`, under the operator's passphrase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

import orjson

from ecert.errors import ParseError, VaultError
from ecert.sign.strict import parse_json_object
from ecert.wallet import box
from ecert.wallet.custodian import MemoryCustodian, custody_id
from ecert.wallet.vault import STANDARD, Vault

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from ecert.wallet.vault import KDF

_KIND: Final = "ecert-custody-keys"


class CustodyFile:
    """A `Custodian` whose keys are in an encrypted file; `create` makes it, `open` unlocks it.

    The keys stay in memory as long as the object lives.  Another program may add a custody key
    meanwhile: one that is not known here is looked for in the file once more.
    """

    def __init__(self, vault: Vault, held: MemoryCustodian) -> None:
        self._vault = vault
        self._held = held

    @classmethod
    def create(cls, path: str | os.PathLike[str], passphrase: str, *, kdf: KDF = STANDARD) -> Self:
        """Make a new file with one new custody key; never overwrites.

        Raises:
            VaultError: The file exists, cannot be written, or the passphrase is too short.
        """
        made = cls(Vault.create(path, passphrase, kdf=kdf), MemoryCustodian())
        made._keep(made._held)
        return made

    @classmethod
    def open(cls, path: str | os.PathLike[str], passphrase: str) -> Self:
        """Unlock a file.

        Raises:
            VaultError: It is absent, damaged or no custody key file, or the passphrase is wrong.
        """
        vault = Vault.open(path, passphrase)
        return cls(vault, _read(vault))

    def __repr__(self) -> str:
        return f"CustodyFile({str(self._vault.path)!r})"

    @property
    def ids(self) -> tuple[bytes, ...]:
        """The ids of all custody keys, oldest first."""
        return self._held.ids

    @property
    def newest(self) -> bytes:
        """See `Custodian.newest`."""
        return self._held.newest

    def renew(self) -> bytes:
        """Add a custody key, from now on the newest, and return its id; the old ones stay.

        Raises:
            VaultError: Another program has changed the file, or the disk refuses.
        """
        self._keep(self._held.renewed())
        return self.newest

    def forget(self, ids: Iterable[bytes]) -> None:
        """Destroy custody keys; what is still wrapped under one of them is lost for good.

        Raises:
            ValueError: The newest is among them.
            VaultError: Another program has changed the file, or the disk refuses.
        """
        self._keep(self._held.without(ids))

    def change_passphrase(self, new: str) -> None:
        """Put the file under another passphrase; see `Vault.change_passphrase`.

        Raises:
            VaultError: The new passphrase is too short, or the file has changed.
        """
        self._vault.change_passphrase(new)

    def wrap(self, secret: bytes, context: bytes, *, under: bytes) -> bytes:
        """See `Custodian.wrap`."""
        return self._with(under).wrap(secret, context, under=under)

    def unwrap(self, wrapped: bytes, context: bytes, *, under: bytes) -> bytes:
        """See `Custodian.unwrap`."""
        return self._with(under).unwrap(wrapped, context, under=under)

    def _with(self, under: bytes) -> MemoryCustodian:
        if under not in self._held.ids:
            self._held = _read(self._vault)
        return self._held

    def _keep(self, held: MemoryCustodian) -> None:
        keys = [key.hex() for key in held.keys.values()]
        self._vault.write(orjson.dumps({"kind": _KIND, "keys": keys}))
        self._held = held


def _read(vault: Vault) -> MemoryCustodian:
    try:
        content = parse_json_object(vault.read(), where="custody")
        keys = [bytes.fromhex(key) for key in content["keys"]]
        fits = content["kind"] == _KIND and all(len(key) == box.KEY_BYTES for key in keys)
    except (ParseError, KeyError, TypeError, ValueError):
        keys, fits = [], False
    if not keys or not fits:
        raise VaultError(
            "不是保管密钥文件", "not a file of custody keys", where=str(vault.path),
            fix_zh="请检查是否选错了文件", fix_en="Check whether this is the right file",
        )  # fmt: skip
    return MemoryCustodian({custody_id(key): key for key in keys})
