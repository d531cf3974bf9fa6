"""The vault's file: bounded reading, one writer at a time, and replacement all or nothing.

What passes through here is already encrypted; no clear text ever reaches the disk.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ecert import limits
from ecert.errors import VaultError

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OWNER_ONLY = 0o600
# Windows would otherwise translate line ends inside the ciphertext.
_NEW_FILE = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)


@contextmanager
def reserved(path: Path) -> Iterator[None]:
    """Take the name with an empty file, for the block to fill; give it up if that fails.

    Raises:
        VaultError: The name is taken, or the folder cannot be written to.
    """
    with _told(path):
        os.close(os.open(path, _NEW_FILE, _OWNER_ONLY))
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def read(path: Path) -> bytes:
    """Return the whole file, at most `limits.MAX_VAULT_BYTES`.

    Raises:
        VaultError: The file is absent, not a regular file, unreadable or too large.
    """
    with _told(path):
        # A pipe would block, a device never end.
        if not stat.S_ISREG(path.stat().st_mode):
            raise VaultError(
                "不是普通文件", "not a regular file", where=str(path),
                fix_zh="请检查路径", fix_en="Check the path",
            )  # fmt: skip
        with path.open("rb") as file:
            data = file.read(limits.MAX_VAULT_BYTES + 1)
    if len(data) > limits.MAX_VAULT_BYTES:
        mebibytes = limits.MAX_VAULT_BYTES // 2**20
        raise VaultError(
            f"文件超过{mebibytes} MB，不是卡包文件",
            f"more than {mebibytes} MiB, so not a wallet file",
            where=str(path),
            fix_zh="请检查是否选错了文件",
            fix_en="Check whether this is the right file",
        )
    return data


def replace(path: Path, data: bytes) -> None:
    """Put ``data`` in the place of the file: durable, mode 0600, and either wholly or not at all.

    Raises:
        VaultError: The disk or the folder refuses.
    """
    with _told(path):
        with _written_beside(path, data) as temporary:
            temporary.replace(path)
        _sync_folder(path.parent)


def place_new(path: Path, data: bytes) -> None:
    """Put ``data`` under a name that is free: durable, mode 0600, and wholly or not at all.

    Raises:
        VaultError: The name is taken, or the disk or the folder refuses.
    """
    with _told(path):
        with _written_beside(path, data) as temporary:
            try:
                os.link(temporary, path)
            except FileExistsError:
                raise
            except OSError:
                # A memory stick has no second names; there the name is taken first, and a power
                # cut in between leaves an empty file, which is told as such.
                os.close(os.open(path, _NEW_FILE, _OWNER_ONLY))
                temporary.replace(path)
            else:
                temporary.unlink()
        _sync_folder(path.parent)


@contextmanager
def _written_beside(path: Path, data: bytes) -> Iterator[Path]:
    """Write ``data`` durably into a temporary file beside ``path``, removed if the block fails."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        with os.fdopen(os.open(temporary, _NEW_FILE, _OWNER_ONLY), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":  # has no such thing
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network folders cannot; there the server decides.
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep every other writer of the file out for the length of the block; wait for one at work.

    On Windows there is no such lock; the vault's check of the file's state remains.

    Raises:
        VaultError: The file is gone or may not be written to.
    """
    with _told(path):
        descriptor = _lock(path, wait=True)
    try:
        yield
    finally:
        _unlock(descriptor)


def remove_leftovers(path: Path) -> None:
    """Delete the temporary files of writers that have crashed, unless one is at work now."""
    pattern = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{16}}\.tmp")
    # Tidying must not keep anyone from a wallet that can be read.
    with suppress(OSError):
        leftovers = [item for item in path.parent.iterdir() if pattern.fullmatch(item.name)]
        descriptor = _lock(path, wait=False) if leftovers else None
        if descriptor is None:
            return
        try:
            for leftover in leftovers:
                leftover.unlink(missing_ok=True)
        finally:
            _unlock(descriptor)


def _lock(path: Path, *, wait: bool) -> int | None:
    """Return a descriptor that holds the lock, or None if another holds it (or on Windows)."""
    if sys.platform == "win32":
        return None
    while True:
        descriptor = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            # The file may have been replaced while we waited; then its lock means nothing.
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                held, descriptor = descriptor, -1
                return held
        except BlockingIOError:
            return None
        finally:
            if descriptor >= 0:
                os.close(descriptor)


def _unlock(descriptor: int | None) -> None:
    if descriptor is not None:
        os.close(descriptor)


def taken(path: Path) -> VaultError:
    """Return the refusal to overwrite a file."""
    return VaultError(
        "文件已存在，不会覆盖",
        "the file exists and is not overwritten",
        where=str(path),
        fix_zh="请换一个文件名，或打开已有的卡包",
        fix_en="Choose another name, or open the existing wallet",
    )


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses into a `VaultError` that names the file."""
    try:
        yield
    except FileExistsError as error:
        raise taken(path) from error
    except FileNotFoundError as error:
        raise VaultError(
            "文件或所在文件夹不存在",
            "there is no such file or folder",
            where=str(path),
            fix_zh="请检查路径，或先创建卡包",
            fix_en="Check the path, or create the wallet first",
        ) from error
    except OSError as error:
        raise VaultError(
            f"无法读写文件（{error.strerror}）",
            f"the file cannot be read or written ({error.strerror})",
            where=str(path),
            fix_zh="请检查权限和磁盘空间后重试",
            fix_en="Check permissions and free space, then try again",
        ) from error
