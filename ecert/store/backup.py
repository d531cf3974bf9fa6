"""Copies of an SQLite database, made while others write, and their way back.

A database on a server is its administrator's to back up, with PostgreSQL's own tools.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from ecert.errors import StoreError
from ecert.store import revisions
from ecert.store.addresses import SQLITE, kind_of, name_of, read_address
from ecert.store.engine import open_as_it_is
from ecert.store.faults import faults_as_store_errors
from ecert.store.forgotten import end_lists, skip_what_is_forgotten, versions_reached
from ecert.store.replacing import alone_with, set_aside, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class DatabaseCopy:
    """What a backup or a restoration did.

    Attributes:
        file: The file that was made.
        size: Its bytes.
        revision: Its revision of the schema.
        aside: Where the file that it replaced is now; None if there was none.
    """

    file: Path
    size: int
    revision: str
    aside: Path | None = None


def backup(url: str | Path, target: Path, *, overwrite: bool = False) -> DatabaseCopy:
    """Copy an SQLite database, as it is at one moment, while other programs go on writing.

    The copy is one file, mode 0600, whole and on the disk before it has its name.

    Args:
        url: The database.
        target: The file to be made.
        overwrite: Replace ``target`` if there is one.

    Raises:
        StoreError: The database is not SQLite, not ours or damaged; ``target`` is there already,
            or cannot be written.
    """
    source = _file_of(url, "pg_dump")
    _require_free(target, overwrite=overwrite)
    # Opened like any other program's, so that its log is tidied away if nobody else has it open.
    with _copied(source, target, mode="rw") as (made, revision):
        with _driver_faults(target):
            # However it comes back, be it by `cp`: it must not go on where the register goes on.
            end_lists(made)
        size = made.stat().st_size
        _give_name(made, target, overwrite=overwrite)
    return DatabaseCopy(target, size, revision)


def restore(source: Path, url: str | Path, *, at: datetime, dry_run: bool = False) -> DatabaseCopy:
    """Put a backup in a database's place; what was there is kept beside it under a dated name.

    Args:
        source: The backup.
        url: The database that it becomes.
        at: Now.
        dry_run: Check everything, and change nothing.

    Raises:
        StoreError: The database is not SQLite, or another program has it open; the backup is not
            ours, not whole, or of an unknown revision.  Nothing has been changed then.
    """
    target = _file_of(url, "pg_restore")
    if target.exists() and source.exists() and target.samefile(source):
        raise StoreError(
            "备份文件就是数据库自身", "the backup is the database itself", where=str(source),
            fix_zh="请另选备份文件", fix_en="Choose another file",
        )  # fmt: skip
    with _copied(source, target, mode="ro") as (made, revision):
        size = made.stat().st_size
        before = versions_reached(target)
        with alone_with(target), _disk_faults(target):
            aside = None
            if not dry_run:
                skip_what_is_forgotten(made, before)
                aside = set_aside(target, at)
                made.rename(target)
                sync_folder(target.parent)
    return DatabaseCopy(target, size, revision, aside)


@contextmanager
def _copied(source: Path, target: Path, *, mode: str) -> Iterator[tuple[Path, str]]:
    """Copy ``source`` to a file beside ``target``, proven whole; it is gone afterwards."""
    with open_as_it_is(source):
        pass  # tells that there is no such file
    made = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        with _disk_faults(target):
            os.close(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with _driver_faults(source):
            _copy(source, made, mode)
            _require_whole(made, source)
        with open_as_it_is(made) as engine, engine.read() as connection:
            revision = revisions.read_revision(connection, str(source))
        if revision is None:
            raise _not_ours(source)
        revisions.require_known(revision, str(source))
        with _disk_faults(target), made.open("rb") as file:
            os.fsync(file.fileno())
        yield made, revision
    finally:
        for rest in ("", "-wal", "-shm", "-journal"):
            made.with_name(made.name + rest).unlink(missing_ok=True)


def _copy(source: Path, made: Path, mode: str) -> None:
    # A connection of its own: the copy is one read transaction, which in WAL mode holds up no
    # writer.  In steps it would begin again whenever another program writes in between.
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode={mode}", uri=True)) as one,
        closing(sqlite3.connect(made)) as other,
    ):
        one.backup(other, pages=-1)
        # The copy shall be one file, without a log beside it.
        other.execute("PRAGMA journal_mode = DELETE")


def _require_whole(made: Path, source: Path) -> None:
    with closing(sqlite3.connect(made)) as connection:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()
        orphans = connection.execute("PRAGMA foreign_key_check").fetchone()
    if found != ("ok",) or orphans is not None:
        raise StoreError(
            "数据库已损坏，没有复制", "the database is damaged and was not copied",
            where=str(source),
            fix_zh="请停止使用，由系统管理员从更早的备份恢复",
            fix_en="Stop using it; the system administrator restores an earlier backup",
        )  # fmt: skip


def _give_name(made: Path, target: Path, *, overwrite: bool) -> None:
    with _disk_faults(target):
        if overwrite:
            made.replace(target)
        else:
            try:
                # Unlike renaming, it refuses a name that has been taken meanwhile.
                target.hardlink_to(made)
            except FileExistsError:
                raise _taken(target) from None
            except OSError:  # a file system without links
                _require_free(target, overwrite=False)
                made.replace(target)
        sync_folder(target.parent)


def _file_of(url: str | Path, tool: str) -> Path:
    address = read_address(url)
    if kind_of(address) == SQLITE:
        return Path(name_of(address))
    raise StoreError(
        "这个命令只用于 SQLite，PostgreSQL 有自己的备份工具",
        "this is for SQLite; PostgreSQL has tools of its own",
        where=name_of(address),
        fix_zh=f"请由数据库管理员用 {tool} 备份或恢复",
        fix_en=f"Have the database's administrator use {tool}",
    )


def _require_free(target: Path, *, overwrite: bool) -> None:
    if target.exists() and not (overwrite and target.is_file()):
        raise _taken(target)


def _taken(target: Path) -> StoreError:
    return StoreError(
        "文件已存在，没有覆盖", "the file exists and was not overwritten", where=str(target),
        fix_zh="请换一个文件名", fix_en="Choose another name",
    )  # fmt: skip


def _not_ours(source: Path) -> StoreError:
    return StoreError(
        "这是空的数据库，不是备份", "this database is empty: it is no backup", where=str(source),
        fix_zh="请核对文件路径", fix_en="Check the path",
    )  # fmt: skip


@contextmanager
def _driver_faults(where: Path) -> Iterator[None]:
    """Turn what the driver says into what `faults_as_store_errors` says."""
    with faults_as_store_errors(str(where)):
        try:
            yield
        except sqlite3.Error as error:
            kind = DBAPIError.instance("", None, error, sqlite3.Error, hide_parameters=True)
            raise kind from error


@contextmanager
def _disk_faults(where: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"文件写不成（{error.strerror}）", f"the file cannot be written ({error.strerror})",
            where=str(where), fix_zh="请检查文件夹、权限和磁盘空间",
            fix_en="Check folder, permissions and space",
        ) from error  # fmt: skip
