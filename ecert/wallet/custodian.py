"""Custody keys: what every hosted wallet's own key is wrapped under.

A `Custodian` is ``newest``, ``wrap`` and ``unwrap``.  `MemoryCustodian` is here, a file under a
passphrase is `ecert.wallet.custody_file`, a key on a token `ecert.wallet.custody_token`; a key
service is one more small class.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, Protocol

from ecert.errors import VaultError
from ecert.wallet import box

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CUSTODY_ID_BYTES: Final = 8
_LABEL: Final = b"ecert custody key\x00"


class Custodian(Protocol):
    """Whatever wraps keys: the custody key may or may not be in this process.

    A custody key is known by an id of eight bytes, which stands in the database beside all that
    is wrapped under it, so that several generations can be in use at a time.
    """

    @property
    def newest(self) -> bytes:
        """The id of the custody key that rotation brings everything under."""
        ...

    def wrap(self, secret: bytes, context: bytes, *, under: bytes) -> bytes:
        """Encrypt and authenticate ``secret`` (32 bytes) as what ``context`` says.

        Raises:
            VaultError: There is no custody key with the id ``under``.
            CustodyError: The token or the key service refuses.
        """
        ...

    def unwrap(self, wrapped: bytes, context: bytes, *, under: bytes) -> bytes:
        """Return what was wrapped in this context.

        Raises:
            VaultError: There is no custody key with this id, or it was altered or belongs
                elsewhere.
            CustodyError: The token or the key service refuses.
        """
        ...


class MemoryCustodian:
    """Custody keys in this process's memory: behind a key file, and by itself in tests.

    Args:
        keys: The keys by id, oldest first; a new one if left out.
    """

    def __init__(self, keys: Mapping[bytes, bytes] | None = None) -> None:
        self._keys = dict(keys) if keys is not None else _with_new({})

    def __repr__(self) -> str:
        return f"MemoryCustodian({', '.join(one.hex() for one in self._keys)})"

    @property
    def ids(self) -> tuple[bytes, ...]:
        """The ids of all custody keys, oldest first."""
        return tuple(self._keys)

    @property
    def keys(self) -> dict[bytes, bytes]:
        """The keys by id, oldest first: secret, for whoever keeps them."""
        return dict(self._keys)

    @property
    def newest(self) -> bytes:
        """See `Custodian.newest`."""
        return self.ids[-1]

    def renewed(self) -> MemoryCustodian:
        """Return a custodian with one more key, the newest."""
        return MemoryCustodian(_with_new(self._keys))

    def without(self, ids: Iterable[bytes]) -> MemoryCustodian:
        """Return a custodian that has forgotten these custody keys.

        Raises:
            ValueError: The newest is among them.
        """
        gone = set(ids)
        if self.newest in gone:
            raise ValueError("the newest custody key is in use")
        return MemoryCustodian({one: key for one, key in self._keys.items() if one not in gone})

    def wrap(self, secret: bytes, context: bytes, *, under: bytes) -> bytes:
        """See `Custodian.wrap`."""
        return box.lock(self._key(under), secret, context)

    def unwrap(self, wrapped: bytes, context: bytes, *, under: bytes) -> bytes:
        """See `Custodian.unwrap`."""
        secret = box.unlock(self._key(under), wrapped, context)
        if secret is None or len(secret) != box.KEY_BYTES:
            raise altered()
        return secret

    def _key(self, under: bytes) -> bytes:
        key = self._keys.get(under)
        if key is None:
            raise no_such_key(under)
        return key


def custody_id(name: bytes) -> bytes:
    """Return the id of a custody key: of the key itself, or of what a token calls it."""
    return hashlib.sha256(_LABEL + name).digest()[:CUSTODY_ID_BYTES]


def _with_new(keys: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    key = box.new_key()
    return {**keys, custody_id(key): key}


def no_such_key(under: bytes) -> VaultError:
    """Return the refusal of an id that names no custody key here."""
    # What stands in a database is anyone's writing.
    told = under.hex() if len(under) == CUSTODY_ID_BYTES else "?"
    return VaultError(
        f"没有这把保管密钥（{told}），或记录已损坏",
        f"there is no such custody key ({told}), or the record is damaged",
        fix_zh="请核对保管密钥文件是否为该数据库所用，或从备份恢复",
        fix_en="Check that this is the database's custody key, or restore a backup",
    )


def altered() -> VaultError:
    """Return the refusal of a wrapped key that does not open as what it should be."""
    return VaultError(
        "密钥记录已损坏、被改动或被调换",
        "the record of a key is damaged, altered or another's",
        fix_zh="请从备份恢复", fix_en="Restore a backup",
    )  # fmt: skip
