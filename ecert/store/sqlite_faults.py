"""What SQLite refuses, by its result code."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from sqlalchemy import exc

from ecert.store.wording import BUSY, DISK, FULL, UNKNOWN, Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

_READ_ONLY: Final = Wording(
    "数据库只能读，不能写",
    "the database can be read but not written",
    "请检查该文件及其所在文件夹的写权限",
    "Check the permissions of this file and of its folder",
)
_WORDING: Final[Mapping[int, Wording]] = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_IOERR: DISK,
    sqlite3.SQLITE_CORRUPT: Wording(
        "数据库文件已损坏",
        "the database file is damaged",
        "请停止使用，由系统管理员从备份恢复",
        "Stop using it; the system administrator restores a backup",
    ),
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_CANTOPEN: Wording(
        "打不开数据库文件",
        "the database file cannot be opened",
        "请检查文件夹是否存在、有没有读写权限",
        "Check that the folder exists and may be read and written",
    ),
    sqlite3.SQLITE_NOTADB: Wording(
        "这不是数据库文件",
        "this is not a database file",
        "请核对文件路径",
        "Check the path",
    ),
}
# An index of the log that cannot grow is a disk without space, not one that is broken.
_NO_SPACE: Final = frozenset({sqlite3.SQLITE_IOERR_SHMSIZE})
# Its other kinds are violated constraints and wrong statements.
_REFUSALS: Final = frozenset({exc.OperationalError, exc.DatabaseError})


def explain(error: exc.DBAPIError) -> tuple[Wording | None, str]:
    """Return the words for an error and SQLite's name for it; no words for a bug."""
    name = getattr(error.orig, "sqlite_errorname", type(error.orig).__name__)
    if type(error) not in _REFUSALS:
        return None, name
    code = int(getattr(error.orig, "sqlite_errorcode", -1))
    if code in _NO_SPACE:
        return FULL, name
    # The low byte is the primary code; the rest says more exactly what an office cannot use.
    return _WORDING.get(code & 0xFF, UNKNOWN), name
