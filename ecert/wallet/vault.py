"""The vault: one file that keeps a wallet's content encrypted under a passphrase.

The file is its header, then AES-256-GCM(key, nonce, payload) with the whole header as
associated data; the key is Argon2id (RFC 9106) of the passphrase.  Every write draws a new
nonce, which also marks the state of the file: a writer that has not seen the newest state
is refused.  The length of the payload is not hidden, and that someone put back an older copy
of the file cannot be seen here.
"""

from __future__ import annotations

import hmac
import os
import unicodedata
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from ecert import limits
from ecert.errors import VaultError
from ecert.wallet import vault_file
from ecert.wallet.vault_header import (
    CHEAPEST,
    HEADER_BYTES,
    KDF,
    STANDARD,
    TAG_BYTES,
    Header,
    require_strong,
)

__all__ = ["CHEAPEST", "KDF", "STANDARD", "Vault"]

_KEY_BYTES = 32
_MAX_PAYLOAD_BYTES = limits.MAX_VAULT_BYTES - HEADER_BYTES - TAG_BYTES


class Vault:
    """One opaque payload in one encrypted file; `create` makes it, `open` unlocks it.

    The derived key stays in memory as long as the object lives.  An object is for one
    thread; several processes may hold the same file and are kept from losing data.

    Attributes:
        path: The file, symbolic links resolved.
    """

    __slots__ = ("_header", "_key", "path")

    def __init__(self, path: Path, header: Header, key: bytes) -> None:
        self.path = path
        self._header = header
        self._key = key

    @classmethod
    def create(cls, path: str | os.PathLike[str], passphrase: str, *, kdf: KDF = STANDARD) -> Self:
        """Make a new vault with an empty payload, for its owner's eyes only (mode 0600).

        Args:
            path: The file to make.
            passphrase: At least `limits.MIN_PASSPHRASE_CHARS` characters.
            kdf: What guessing shall cost; no less than `STANDARD`, or `CHEAPEST` in tests.

        Raises:
            VaultError: The file exists, its folder is absent or not to be written to, or the
                passphrase is too short.
            ValueError: ``kdf`` is weaker than `STANDARD` and is not `CHEAPEST`.
        """
        where = Path(os.path.realpath(path))
        require_strong(kdf)
        _require_passphrase(passphrase, where)
        header = Header.fresh(kdf)
        key = stretch(passphrase, header.salt, header.kdf)
        with vault_file.reserved(where), vault_file.locked(where):
            vault_file.replace(where, _encrypt(key, header, b""))
        return cls(where, header, key)

    @classmethod
    def holding(
        cls,
        path: str | os.PathLike[str],
        passphrase: str,
        payload: bytes,
        *,
        kdf: KDF = STANDARD,
    ) -> Self:
        """Make a new vault with a payload; it appears whole or not at all.

        Raises as `create`; VaultError also if the payload is too large.
        """
        where = Path(os.path.realpath(path))
        require_strong(kdf)
        _require_passphrase(passphrase, where)
        _require_fits(payload, where)
        if where.exists():
            raise vault_file.taken(where)  # before the passphrase costs its time
        header = Header.fresh(kdf)
        key = stretch(passphrase, header.salt, header.kdf)
        vault_file.place_new(where, _encrypt(key, header, payload))
        return cls(where, header, key)

    @classmethod
    def open(cls, path: str | os.PathLike[str], passphrase: str) -> Self:
        """Unlock a vault, and clear away what a crash while writing has left beside it.

        Raises:
            VaultError: The file is absent, empty, not a vault, cut off, of a newer version or
                of unreasonable cost; or the passphrase is wrong or the file damaged, which
                nobody can tell apart.
        """
        where = Path(os.path.realpath(path))
        data = vault_file.read(where)
        header = Header.parse(data, where)
        key = stretch(passphrase, header.salt, header.kdf)
        _decrypt(key, header, data, where)
        vault_file.remove_leftovers(where)
        return cls(where, header, key)

    def __repr__(self) -> str:
        return f"Vault({str(self.path)!r})"

    def read(self) -> bytes:
        """Return the payload as it stands in the file now; the next `write` builds on it.

        Raises:
            VaultError: The file is gone or damaged, or its passphrase was changed elsewhere.
        """
        data = vault_file.read(self.path)
        header = Header.parse(data, self.path)
        if header.salt != self._header.salt:
            raise _changed(self.path)
        payload = _decrypt(self._key, header, data, self.path)
        self._header = header
        return payload

    def write(self, payload: bytes) -> None:
        """Replace the payload, durably and either wholly or not at all.

        Raises:
            VaultError: The file has changed since this object last read or wrote it; the
                payload is too large; or the disk refuses.
        """
        _require_fits(payload, self.path)
        header = self._header.next()
        with vault_file.locked(self.path):
            self._current()
            vault_file.replace(self.path, _encrypt(self._key, header, payload))
        self._header = header

    def change_passphrase(self, new: str) -> None:
        """Encrypt the payload under another passphrase, with a new salt, at the same cost.

        Copies made of the file before still open with the old passphrase.

        Raises:
            VaultError: The new passphrase is too short; the file has changed since this
                object last read or wrote it; or the disk refuses.
        """
        _require_passphrase(new, self.path)
        header = Header.fresh(self._header.kdf)
        key = stretch(new, header.salt, header.kdf)
        with vault_file.locked(self.path):
            payload = _decrypt(self._key, self._header, self._current(), self.path)
            vault_file.replace(self.path, _encrypt(key, header, payload))
        self._header, self._key = header, key

    def opens_with(self, passphrase: str) -> bool:
        """Tell whether this is the passphrase, at the full cost of trying it."""
        header = self._header
        return hmac.compare_digest(stretch(passphrase, header.salt, header.kdf), self._key)

    def copy_to(self, path: str | os.PathLike[str]) -> bytes:
        """Copy the file, encrypted as it stands, to a free name, and prove that the copy opens.

        Returns:
            The payload, as read back from the copy.

        Raises:
            VaultError: The name is taken; the file has changed since this object last read or
                wrote it; the copy cannot be written, or does not open, and is removed again.
        """
        where = Path(os.path.realpath(path))
        data = self._current()
        vault_file.place_new(where, data)
        try:
            return _decrypt(self._key, self._header, vault_file.read(where), where)
        except VaultError:
            where.unlink(missing_ok=True)
            raise

    def _current(self) -> bytes:
        """Return the file's bytes if it is still in the state that this object knows."""
        data = vault_file.read(self.path)
        if data[:HEADER_BYTES] != self._header.pack():
            raise _changed(self.path)
        return data


def stretch(secret: str, salt: bytes, kdf: KDF) -> bytes:
    """Return 32 bytes made of a secret at a cost: Argon2id of its NFC form in UTF-8."""
    # NFC, so that a passphrase typed on another system is the same (RFC 8265 section 4.2.2).
    data = unicodedata.normalize("NFC", secret).encode("utf-8", "surrogatepass")
    return Argon2id(
        salt=salt,
        length=_KEY_BYTES,
        iterations=kdf.iterations,
        lanes=kdf.lanes,
        memory_cost=kdf.memory_kib,
    ).derive(data)


def _encrypt(key: bytes, header: Header, payload: bytes) -> bytes:
    head = header.pack()
    return head + AESGCM(key).encrypt(header.nonce, payload, head)


def _decrypt(key: bytes, header: Header, data: bytes, path: Path) -> bytes:
    try:
        return AESGCM(key).decrypt(header.nonce, data[HEADER_BYTES:], data[:HEADER_BYTES])
    except InvalidTag as error:
        raise VaultError(
            "口令不对，或文件已损坏",
            "wrong passphrase, or the file is damaged",
            where=str(path),
            fix_zh="请重新输入口令；仍不行请改用备份",
            fix_en="Type the passphrase again; if that fails, use a backup",
        ) from error


def _require_passphrase(passphrase: str, path: Path) -> None:
    least = limits.MIN_PASSPHRASE_CHARS
    if len(unicodedata.normalize("NFC", passphrase)) < least:
        raise VaultError(
            f"口令太短，至少要{least}个字符",
            f"the passphrase is too short, at least {least} characters",
            where=str(path),
            fix_zh="请设置更长的口令，例如几个不相关的词",
            fix_en="Choose a longer one, such as several unrelated words",
        )


def _require_fits(payload: bytes, path: Path) -> None:
    if len(payload) > _MAX_PAYLOAD_BYTES:
        mebibytes = limits.MAX_VAULT_BYTES // 2**20
        raise VaultError(
            f"内容超过{mebibytes} MB，一个卡包放不下",
            f"the content is over {mebibytes} MiB, too much for one wallet",
            where=str(path),
            fix_zh="请删去不用的证照，或另建卡包",
            fix_en="Remove licences no longer used, or create another wallet",
        )


def _changed(path: Path) -> VaultError:
    return VaultError(
        "文件已被其他程序更改，为免丢失内容，未作操作",
        "another program has changed the file; nothing was done, so that nothing is lost",
        where=str(path),
        fix_zh="请重新打开卡包后再操作",
        fix_en="Open the wallet again and repeat",
    )
