"""SQLite: one file, in WAL mode with ``synchronous=FULL``.

What is committed survives a power cut, and readers do not hold up the writer.
"""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy
from sqlalchemy import create_engine, event, update
from sqlalchemy.exc import OperationalError

from ecert.errors import StoreError
from ecert.store import tables
from ecert.store.addresses import SQLITE, name_of
from ecert.store.faults import is_busy

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

# Bytes to which the write-ahead log shrinks after a long reader let it grow.
_WAL_BYTES: Final = 32 * 1024 * 1024
_CACHE_KIB: Final = 64 * 1024
# Of 4 KiB each.
_CHECKPOINT_PAGES: Final = 8_192
_PAUSE_SECONDS: Final = 0.01
_TURN_SECONDS: Final = 0.001
_BEGIN_WRITE: Final = "BEGIN IMMEDIATE"


class SQLite:
    """See `ecert.store.engine.Database`."""

    kind = SQLITE
    survives_refusals = True

    def __init__(self, address: URL, patience: float) -> None:
        self.name = name_of(address)
        self._address = address
        self._patience = patience

    def connect(self) -> sqlalchemy.Engine:
        """See `Database.connect`."""
        engine = create_engine(
            self._address,
            # The driver must not begin transactions by itself: it does so only before some
            # statements, and never IMMEDIATE.
            connect_args={"isolation_level": None, "timeout": self._patience},
            pool_timeout=self._patience,
            # Parameters are licences; they must not reach an error text.
            hide_parameters=True,
            # The connection used last has its pages in memory still.
            pool_use_lifo=True,
        )
        event.listen(engine, "connect", _set_pragmas)
        return engine

    def begin_write(self, connection: Connection) -> None:
        """See `Database.begin_write`."""
        # IMMEDIATE: a transaction that reads first and then wants to write would be refused,
        # however patient, if another had written in between.
        if not self._wait_for_turn(connection):
            connection.exec_driver_sql(_BEGIN_WRITE)

    def begin_read(self, connection: Connection) -> None:
        """See `Database.begin_read`."""
        connection.exec_driver_sql("BEGIN")

    def begin_upgrade(self, connection: Connection) -> None:
        """See `Database.begin_upgrade`."""
        # A table is changed by making it anew, which takes its rows from under those that refer
        # to it; the switch has no effect inside a transaction.
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        self.begin_write(connection)

    def begin_erasure(self, connection: Connection) -> None:
        """See `Database.begin_erasure`."""
        # What is deleted is overwritten with zeros, instead of being left in free pages.
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
        self.begin_write(connection)

    def finish_erasure(self, connection: Connection) -> None:
        """See `Database.finish_erasure`."""
        connection.exec_driver_sql("PRAGMA secure_delete = OFF")
        # The log has the pages from before.  With a reader in it, it stays until a later erasure.
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def settle(self, connection: Connection) -> None:
        """See `Database.settle`."""
        # Whoever reads is not waited for: what is left in the log goes into the file later.
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        try:
            # First as much as holds up nobody who writes; then there is little left that would.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(self._patience * 1000)}")
            connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            connection.exec_driver_sql(f"PRAGMA journal_size_limit = {_WAL_BYTES}")

    def find_place(self, *, make: bool) -> None:
        """See `Database.find_place`."""
        if self.name.startswith("file:"):
            return
        if not make:
            # The driver would make a file that is not there.
            _require_file(self.name)
            return
        # SQLite would make the file readable for everyone.  Only a new file is opened here:
        # closing one that SQLite has open in this process would drop SQLite's locks on it
        # (POSIX).
        try:
            os.close(os.open(self.name, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return
        except OSError as error:
            raise StoreError(
                f"建不了数据库文件（{error.strerror}）",
                f"the database file cannot be made ({error.strerror})",
                where=self.name,
                fix_zh="请检查文件夹是否存在、有没有写权限",
                fix_en="Check that the folder exists and may be written",
            ) from error

    def require_fit(self, connection: Connection) -> None:
        """See `Database.require_fit`: there is nothing to configure wrongly."""

    def make_reliable(self, connection: Connection) -> None:
        """See `Database.make_reliable`."""
        self._require_writable(connection)
        self._use_write_ahead_log(connection)

    def require_whole(self, connection: Connection) -> None:
        """See `Database.require_whole`."""
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise RuntimeError("the upgrade left rows that refer to nothing")

    def size(self, connection: Connection) -> int:
        """See `Database.size`."""
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        return int(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one())

    def _wait_for_turn(self, connection: Connection) -> bool:
        """Begin as soon as no other writes; False if the patience is over, or it is refused."""
        driver: Any = connection.connection.driver_connection
        deadline = time.monotonic() + self._patience
        # SQLite itself would look again after up to a tenth of a second, while nobody writes.
        driver.execute("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    driver.execute(_BEGIN_WRITE)
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                        return False
                else:
                    return True
                if time.monotonic() > deadline:
                    return False
                time.sleep(_TURN_SECONDS)
        finally:
            driver.execute(f"PRAGMA busy_timeout = {int(self._patience * 1000)}")

    def _require_writable(self, connection: Connection) -> None:
        # SQLite opens a file that it may not write without a word, and tells at the first
        # change.  Another writer's lock is answer enough, so there is no waiting for it.
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.execute(update(tables.schema).values(version=tables.schema.c.version))
        except OperationalError as error:
            if not is_busy(error):
                raise
        finally:
            connection.rollback()
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(self._patience * 1000)}")

    def _use_write_ahead_log(self, connection: Connection) -> None:
        # The mode is kept in the file, so as a rule there is nothing to do.  SQLite does not
        # wait for other connections when it changes the mode, so the waiting is done here.
        deadline = time.monotonic() + self._patience
        while connection.exec_driver_sql("PRAGMA journal_mode").scalar() != "wal":
            try:
                mode = connection.exec_driver_sql("PRAGMA journal_mode = WAL").scalar()
            except OperationalError as error:
                if not is_busy(error) or time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                _require_wal(mode, self.name)


def _require_file(name: str) -> None:
    if not Path(name).exists():
        raise StoreError(
            "没有这个数据库文件", "there is no such database file", where=name,
            fix_zh="请核对文件路径，或从备份恢复", fix_en="Check the path, or restore a backup",
        )  # fmt: skip


def _set_pragmas(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    # FULL: a commit is on the disk before it is acknowledged (a power cut loses nothing).
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
    # The keys of licences are random, so a large register's indexes are written all over: pages
    # that stay in memory, and in the log for a while, are written once and not again and again.
    cursor.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    cursor.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    # A schema edited by someone else must not run functions on our behalf.
    cursor.execute("PRAGMA trusted_schema = OFF")
    cursor.close()


def _require_wal(mode: object, name: str) -> None:
    if mode != "wal":
        raise StoreError(
            "这个位置不支持可靠的写入方式（WAL）",
            "this place does not support reliable writing (WAL)",
            where=name,
            fix_zh="请把数据库放在本机磁盘上，不要放在网络盘",
            fix_en="Keep the database on a local disk, not on a network drive",
        )
