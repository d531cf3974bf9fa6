"""Replaces the file of an SQLite database, which nobody else may have open meanwhile."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from ecert.errors import StoreError
from ecert.model.calendar import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

# Where SQLite locks a database's file, whatever stands in it: the bytes of its shared lock.
# See "File Locking And Concurrency In SQLite Version 3".
_SHARED_FIRST: Final = 0x40000002
_SHARED_SIZE: Final = 510


@contextmanager
def alone_with(file: Path) -> Iterator[None]:
    """Hold the database in ``file``, if there is one, so that no other program can open it.

    Raises:
        StoreError: Another program has it open.
    """
    if not file.exists():
        yield
        return
    with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as connection:
        try:
            # Leaving WAL mode needs the file for oneself: every open connection holds a lock on
            # it.  It also leaves the database in one file, without a log beside it.
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise _in_use(file) from error
        except sqlite3.DatabaseError:
            # Damaged, which is why it is to be replaced; its locks work all the same.
            _require_unlocked(file)
        yield


def set_aside(file: Path, at: datetime) -> Path | None:
    """Give the database in ``file`` a dated name, and its log with it; return the name."""
    if not file.exists():
        return None
    moment = at.astimezone(SHANGHAI).strftime("%Y%m%dT%H%M%S")
    aside = file.with_name(f"{file.name}.replaced-{moment}")
    count = 1
    while aside.exists():
        count += 1
        aside = file.with_name(f"{file.name}.replaced-{moment}-{count}")
    # The log of the old database must not be found beside the new one.
    for rest in ("-wal", "-shm", "-journal", ""):
        part = file.with_name(file.name + rest)
        if part.exists():
            part.rename(aside.with_name(aside.name + rest))
    return aside


def sync_folder(folder: Path) -> None:
    """See to it that a new name in ``folder`` survives a power cut."""
    if os.name == "nt":
        return  # a folder cannot be opened there
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _require_unlocked(file: Path) -> None:
    if os.name == "nt":
        return  # an open file cannot be renamed there
    import fcntl

    with file.open("r+b") as opened:
        try:
            fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
        except OSError as error:
            raise _in_use(file) from error


def _in_use(file: Path) -> StoreError:
    return StoreError(
        "另一程序打开着这个数据库", "another program has this database open", where=str(file),
        fix_zh="请停止所有使用它的程序（服务、窗口、脚本），然后重试",
        fix_en="Stop all programs that use it (service, windows, scripts), then try again",
    )  # fmt: skip
