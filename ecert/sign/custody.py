"""Where signing keys live.

A `Signer` is two things: a public key and ``sign(message)``.  A hardware module, a key service
or a device driver is one small class with these two; a key file is `ecert.sign.keys.PrivateKey`.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from ecert.errors import CustodyError
from ecert.sign.keys import PrivateKey, PublicKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ecert.sign.pkcs11_uri import TokenURI

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PEM: Final = b"-----BEGIN "
# No PIN is longer, and nobody's log file is read by mistake.
_MAX_PIN_BYTES: Final = 1024


class Signer(Protocol):
    """Whatever can sign: the key may or may not be in this process."""

    @property
    def public(self) -> PublicKey:
        """The public half; it fixes the algorithm."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Sign ``message``; returns r‖s of 64 bytes."""
        ...


class Wrapping(Protocol):
    """A key that wraps other keys, in the sense of RFC 3394: authenticated, without a context."""

    @property
    def name(self) -> bytes:
        """What its place calls it."""
        ...

    def wrap(self, data: bytes) -> bytes:
        """Wrap ``data``, a multiple of eight bytes; raises `CustodyError`."""
        ...

    def unwrap(self, wrapped: bytes) -> bytes | None:
        """Return what was wrapped, None if it was altered; raises `CustodyError`."""
        ...


def open_signer(uri: str, prompt: Callable[[str], str]) -> Signer:
    """Open the signing key at ``uri``.

    Args:
        uri: Where the key is.  ``file:PATH`` and ``env:NAME`` hold an encrypted PKCS#8 PEM, a
            variable also its base64; ``pkcs11:…`` (RFC 7512) names a key on a token.
        prompt: Asked for the passphrase or PIN, with the question's text.

    Raises:
        CustodyError: Absent, locked, or an unknown kind of place.
    """
    scheme, _, rest = uri.partition(":")
    if scheme not in _PLACES or not rest:
        raise CustodyError(
            "不认识的密钥位置", "unknown kind of key place", where=scheme,
            fix_zh="请写成 file:路径、env:变量名 或 pkcs11:…",
            fix_en="Write file:PATH, env:NAME or pkcs11:…",
        )  # fmt: skip
    return _PLACES[scheme](rest, prompt)


def _open_file(name: str, prompt: Callable[[str], str]) -> Signer:
    path = Path(name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CustodyError(
            "读不到密钥文件", f"the key file cannot be read ({error.strerror})", where=str(path)
        ) from error
    return PrivateKey.from_pem(data, prompt(f"密钥口令 / passphrase of {path.name}: "))


def _open_variable(name: str, prompt: Callable[[str], str]) -> Signer:
    value = os.environ.get(name) if _VARIABLE.fullmatch(name) else None
    if value is None:
        raise CustodyError(
            "没有这个环境变量", "there is no such variable", where=f"env:{name}",
            fix_zh="请在启动前设置", fix_en="Set it before the program starts",
        )  # fmt: skip
    pem = _unwrapped(value.encode("utf-8", "surrogateescape"))
    if pem is None:
        raise CustodyError(
            "变量里不是 PEM，也不是它的 base64", "it holds neither PEM nor the base64 of PEM",
            where=f"env:{name}", fix_zh="请用 base64 -w0 密钥文件 的输出",
            fix_en="Use what `base64 -w0 KEYFILE` prints",
        )  # fmt: skip
    try:
        return PrivateKey.from_pem(pem, prompt(f"密钥口令 / passphrase of env:{name}: "))
    except CustodyError as error:
        raise CustodyError(
            error.zh, error.en, where=f"env:{name}", fix_zh=error.fix_zh, fix_en=error.fix_en
        ) from error


def _unwrapped(value: bytes) -> bytes | None:
    if _PEM in value:
        return value
    try:
        decoded = base64.b64decode(b"".join(value.split()), validate=True)
    except binascii.Error:
        return None
    return decoded if _PEM in decoded else None


def _open_token(rest: str, prompt: Callable[[str], str]) -> Signer:
    from ecert.sign import pkcs11_uri

    uri = pkcs11_uri.parse(rest)
    with _extra_needed():
        from ecert.sign.pkcs11 import open_token_key
    return open_token_key(uri, _pin(uri, prompt))


def open_wrapping_key(uri: str, prompt: Callable[[str], str]) -> Wrapping:
    """Open the AES key at ``uri`` that wraps other keys on a token.

    Args:
        uri: ``pkcs11:…`` (RFC 7512).
        prompt: Asked for the PIN, with the question's text.

    Raises:
        CustodyError: Absent, locked, of another kind, or another kind of place.
    """
    from ecert.sign import pkcs11_uri

    scheme, _, rest = uri.partition(":")
    if scheme != "pkcs11":
        raise CustodyError(
            "包裹密钥只能在令牌上", "keys that wrap others are on tokens only", where=scheme,
            fix_zh="请写成 pkcs11:…", fix_en="Write pkcs11:…",
        )  # fmt: skip
    place = pkcs11_uri.parse(rest)
    with _extra_needed():
        from ecert.sign.pkcs11 import open_token_wrapping
    return open_token_wrapping(place, _pin(place, prompt))


@contextmanager
def _extra_needed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"pkcs11", "asn1crypto"}:
            raise
        raise CustodyError(
            "使用密码设备需要附加组件 hsm", "a token needs the extra hsm", where="pkcs11",
            fix_zh='请执行 pip install "ecert[hsm]"', fix_en='Run pip install "ecert[hsm]"',
        ) from error  # fmt: skip


def _pin(uri: TokenURI, prompt: Callable[[str], str]) -> str:
    if uri.pin_source is None:
        pin = prompt(f"令牌 PIN / PIN of {uri.token or uri.serial}: ")
    else:
        try:
            with uri.pin_source.open("rb") as file:
                pin = file.read(_MAX_PIN_BYTES).partition(b"\n")[0].rstrip(b"\r").decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            detail = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise CustodyError(
                "读不到 PIN 文件", f"the PIN's file cannot be read ({detail})",
                where=str(uri.pin_source), fix_zh="请检查路径和权限", fix_en="Check the path",
            ) from error  # fmt: skip
    if not pin:
        # It would only count as one more wrong try.
        raise CustodyError(
            "PIN 是空的", "the PIN is empty", where=str(uri.pin_source or uri.place),
            fix_zh="请输入 PIN", fix_en="Enter the PIN",
        )  # fmt: skip
    return pin


_PLACES: Final[dict[str, Callable[[str, Callable[[str], str]], Signer]]] = {
    "file": _open_file,
    "env": _open_variable,
    "pkcs11": _open_token,
}


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
