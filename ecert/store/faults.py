"""The one seam at which a database's errors become `StoreError`, with a way out."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import exc

from ecert.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Wording(NamedTuple):
    zh: str
    en: str
    fix_zh: str
    fix_en: str


_BUSY: Final = _Wording(
    "数据库正忙，另一程序正在写入",
    "the database is busy: another program is writing",
    "本次操作没有生效，请稍后重试",
    "Nothing was changed; try again in a moment",
)
_READ_ONLY: Final = _Wording(
    "数据库只能读，不能写",
    "the database can be read but not written",
    "请检查该文件及其所在文件夹的写权限",
    "Check the permissions of this file and of its folder",
)
_UNKNOWN: Final = _Wording(
    "数据库拒绝了操作",
    "the database refused the operation",
    "本次操作没有生效，请联系系统管理员",
    "Nothing was changed; ask the system administrator",
)
_WORDING: Final = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_IOERR: _Wording(
        "磁盘读写出错",
        "reading or writing the disk failed",
        "本次操作没有生效；请停止签发，由系统管理员检查磁盘后重试",
        "Nothing was changed; stop issuing until the disk has been checked, then try again",
    ),
    sqlite3.SQLITE_CORRUPT: _Wording(
        "数据库文件已损坏",
        "the database file is damaged",
        "请停止使用，由系统管理员从备份恢复",
        "Stop using it; the system administrator restores a backup",
    ),
    sqlite3.SQLITE_FULL: _Wording(
        "磁盘已满",
        "the disk is full",
        "本次操作没有生效；请腾出空间后重试",
        "Nothing was changed; free some space, then try again",
    ),
    sqlite3.SQLITE_CANTOPEN: _Wording(
        "打不开数据库文件",
        "the database file cannot be opened",
        "请检查文件夹是否存在、有没有读写权限",
        "Check that the folder exists and may be read and written",
    ),
    sqlite3.SQLITE_NOTADB: _Wording(
        "这不是数据库文件",
        "this is not a database file",
        "请核对文件路径",
        "Check the path",
    ),
}


@contextmanager
def faults_as_store_errors(where: str) -> Iterator[None]:
    """Turn what the database refuses into `StoreError`; misuse of SQL passes, as a bug.

    Args:
        where: The database, as the error names it.

    Raises:
        StoreError: The database is busy, full, read-only, damaged, or otherwise refuses.
    """
    try:
        yield
    except exc.TimeoutError as error:
        raise busy(where) from error
    except exc.DatabaseError as error:
        # Its subclasses other than these are violated constraints and wrong statements, which
        # are either expected, and caught nearer, or bugs.
        if type(error) not in {exc.OperationalError, exc.DatabaseError}:
            raise
        raise _store_error(error, where) from error


def busy(where: str) -> StoreError:
    """Return the refusal to wait any longer for other writers."""
    return StoreError(_BUSY.zh, _BUSY.en, where=where, fix_zh=_BUSY.fix_zh, fix_en=_BUSY.fix_en)


def is_busy(error: exc.DatabaseError) -> bool:
    """Whether the database refuses only because another connection holds a lock."""
    return _WORDING.get(_code(error)) is _BUSY


def _code(error: exc.DatabaseError) -> int:
    # The low byte is the primary code; the rest says more exactly what an office cannot use.
    return int(getattr(error.orig, "sqlite_errorcode", -1)) & 0xFF


def _store_error(error: exc.DatabaseError, where: str) -> StoreError:
    wording = _WORDING.get(_code(error), _UNKNOWN)
    name = getattr(error.orig, "sqlite_errorname", type(error.orig).__name__)
    return StoreError(
        f"{wording.zh}（{name}）",
        f"{wording.en} ({name})",
        where=where,
        fix_zh=wording.fix_zh,
        fix_en=wording.fix_en,
    )
