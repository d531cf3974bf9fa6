"""The vault's header: what it costs to unlock the file, and which state the file is in.

Fifty bytes, integers big-endian, all of them authenticated by the box that follows::

    magic 8 ‖ version 2 ‖ memory in KiB 4 ‖ iterations 4 ‖ lanes 4 ‖ salt 16 ‖ nonce 12
"""

from __future__ import annotations

import dataclasses
import secrets
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from ecert.errors import VaultError

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC = b"ECVAULT\x1a"
_VERSION = 1
_PREFIX = struct.Struct(">8sH")
_LAYOUT = struct.Struct(">8sHIII16s12s")
_SALT_BYTES = 16
_NONCE_BYTES = 12
HEADER_BYTES = _LAYOUT.size
# Of AES-GCM, which follows the header even if the payload is empty.
TAG_BYTES = 16
# A file from a stranger must not make this machine allocate or compute without end.
_MAX_MEMORY_KIB = 1024 * 1024
_MAX_ITERATIONS = 20
_MAX_LANES = 16


@dataclass(frozen=True, slots=True)
class KDF:
    """What Argon2id costs (RFC 9106 section 3.1).

    Attributes:
        memory_kib: Memory in KiB, at least 8 a lane, at most 1 GiB.
        iterations: Passes over the memory, 1 to 20.
        lanes: Threads that share the work, 1 to 16.

    Raises:
        ValueError: A value is out of its range.
    """

    memory_kib: int
    iterations: int
    lanes: int

    def __post_init__(self) -> None:
        if not (
            1 <= self.lanes <= _MAX_LANES
            and 1 <= self.iterations <= _MAX_ITERATIONS
            and 8 * self.lanes <= self.memory_kib <= _MAX_MEMORY_KIB
        ):
            raise ValueError(f"cost of Argon2id out of range: {self}")


STANDARD = KDF(memory_kib=128 * 1024, iterations=3, lanes=4)
"""For every real vault: RFC 9106's second choice with twice its memory; 0.4 s on two cores."""

CHEAPEST = KDF(memory_kib=8, iterations=1, lanes=1)
"""For tests only, and never chosen unless passed: 0.1 ms, which protects nothing."""


def require_strong(kdf: KDF) -> None:
    """Refuse a cost below `STANDARD`, unless it is `CHEAPEST`, which nobody passes by mistake.

    Raises:
        ValueError: It is weaker.
    """
    strong = kdf.memory_kib >= STANDARD.memory_kib and kdf.iterations >= STANDARD.iterations
    if not strong and kdf != CHEAPEST:
        raise ValueError(f"weaker than STANDARD: {kdf}")


@dataclass(frozen=True, slots=True)
class Header:
    """The header of one state of one vault; the salt changes with the passphrase."""

    kdf: KDF
    salt: bytes
    nonce: bytes

    @classmethod
    def fresh(cls, kdf: KDF) -> Self:
        """Return the header for a new key."""
        return cls(kdf, secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES))

    def next(self) -> Self:
        """Return the header of the next state; no nonce serves twice under one key."""
        return dataclasses.replace(self, nonce=secrets.token_bytes(_NONCE_BYTES))

    def pack(self) -> bytes:
        """Return the fifty bytes."""
        cost = (self.kdf.memory_kib, self.kdf.iterations, self.kdf.lanes)
        return _LAYOUT.pack(_MAGIC, _VERSION, *cost, self.salt, self.nonce)

    @classmethod
    def parse(cls, data: bytes, path: Path) -> Self:
        """Read the header at the beginning of a vault's file.

        Raises:
            VaultError: ``data`` is empty, not a vault, cut off, of a newer version or of
                unreasonable cost; it names ``path``.
        """
        if not data:
            raise _refusal(path, _EMPTY)
        if not data.startswith(_MAGIC[: len(data)]):
            raise _refusal(path, _NOT_A_VAULT)
        if len(data) >= _PREFIX.size:
            _require_version(_PREFIX.unpack_from(data)[1], path)
        if len(data) < HEADER_BYTES + TAG_BYTES:
            raise _refusal(path, _CUT_OFF)
        _, _, memory_kib, iterations, lanes, salt, nonce = _LAYOUT.unpack_from(data)
        try:
            kdf = KDF(memory_kib, iterations, lanes)
        except ValueError as error:
            raise _refusal(path, _UNREASONABLE) from error
        return cls(kdf, salt, nonce)


def _require_version(version: int, path: Path) -> None:
    if version > _VERSION:
        raise _refusal(path, _NEWER)
    if version < _VERSION:
        raise _refusal(path, _NOT_A_VAULT)


# What is wrong in Chinese and English, and how to mend it.
_EMPTY = (
    "文件是空的，可能是创建时中断",
    "the file is empty; creating it may have been interrupted",
    "请删除后重新创建卡包",
    "Delete it and create the wallet again",
)
_NOT_A_VAULT = (
    "不是卡包文件",
    "not a wallet file",
    "请检查是否选错了文件",
    "Check whether this is the right file",
)
_CUT_OFF = ("文件不完整", "the file is cut off", "请改用备份", "Use a backup")
_NEWER = (
    "文件由更高版本的软件写成",
    "the file was written by newer software",
    "请升级 ecert",
    "Upgrade ecert",
)
_UNREASONABLE = (
    "文件要求的解锁开销不合理，可能已损坏或被改动",
    "the file asks for an unreasonable cost; it may be damaged or altered",
    "请改用备份",
    "Use a backup",
)


def _refusal(path: Path, wording: tuple[str, str, str, str]) -> VaultError:
    zh, en, fix_zh, fix_en = wording
    return VaultError(zh, en, where=str(path), fix_zh=fix_zh, fix_en=fix_en)
