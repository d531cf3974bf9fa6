"""Where signing keys live.

A `Signer` is two things: a public key and ``sign(message)``.  A hardware module, a key service
or a device driver is one small class with these two; a key file is `ecert.sign.keys.PrivateKey`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ecert.errors import CustodyError
from ecert.sign.keys import PrivateKey, PublicKey

if TYPE_CHECKING:
    from collections.abc import Callable


class Signer(Protocol):
    """Whatever can sign: the key may or may not be in this process."""

    @property
    def public(self) -> PublicKey:
        """The public half; it fixes the algorithm."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Sign ``message``; returns r‖s of 64 bytes."""
        ...


def open_signer(uri: str, prompt: Callable[[str], str]) -> Signer:
    """Open the signing key at ``uri``; ``file:PATH`` is an encrypted PKCS#8 PEM.

    Args:
        uri: Where the key is.
        prompt: Asked for the passphrase, with the question's text.

    Raises:
        CustodyError: Absent, locked, or an unknown kind of place.
    """
    scheme, _, rest = uri.partition(":")
    if scheme != "file" or not rest:
        raise CustodyError(
            "不认识的密钥位置", "unknown kind of key place", where=uri.split(":", 1)[0],
            fix_zh="请写成 file:路径", fix_en="Write file:PATH",
        )  # fmt: skip
    path = Path(rest)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CustodyError(
            "读不到密钥文件", f"the key file cannot be read ({error.strerror})", where=str(path)
        ) from error
    return PrivateKey.from_pem(data, prompt(f"密钥口令 / passphrase of {path.name}: "))


def save_key(path: Path, key: PrivateKey, passphrase: str) -> None:
    """Write ``key`` as encrypted PKCS#8, readable by the owner only; never overwrites.

    Raises:
        CustodyError: The file exists, or cannot be written; then nothing of it stays.
        ValueError: The passphrase is empty.
    """
    # Before the file is there: a refusal must not leave an empty one that is never overwritten.
    pem = key.to_pem(passphrase)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise _not_written(path, error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _not_written(path, error) from error


def _not_written(path: Path, error: OSError) -> CustodyError:
    return CustodyError(
        "密钥文件写不下去（不会覆盖已有文件）",
        f"the key file cannot be written; it is never overwritten ({error.strerror})",
        where=str(path),
    )
