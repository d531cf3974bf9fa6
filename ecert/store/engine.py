"""Opens a database and gives transactions on it.

SQLite runs in WAL mode with ``synchronous=FULL``: what is committed survives a power cut, and
readers do not hold up the writer.  Other databases are absent here; the statements of this room
are portable SQL, but nothing is promised that no test has seen.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from sqlalchemy import URL, create_engine, event, insert, inspect, make_url, select, update
from sqlalchemy.exc import ArgumentError, OperationalError

from ecert.errors import StoreError
from ecert.store import tables
from ecert.store.faults import busy, faults_as_store_errors, is_busy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

# How long a transaction waits for another program's.
DEFAULT_PATIENCE: Final = timedelta(seconds=10)
# Bytes to which the write-ahead log shrinks after a long reader let it grow.
_WAL_BYTES: Final = 16 * 1024 * 1024
_PAUSE_SECONDS: Final = 0.01
_OURS: Final = tables.SCHEMA_VERSION


def open_engine(url: str | Path, *, patience: timedelta = DEFAULT_PATIENCE) -> Engine:
    """Open the SQLite database at ``url``; a file that does not exist is made, mode 0600.

    Args:
        url: A path, or ``sqlite:///relative/path`` or ``sqlite:////absolute/path``.
        patience: How long to wait for other programs that write.

    Raises:
        StoreError: Not SQLite, another program's database, of another schema version,
            read-only, or it cannot be opened.  Nothing has been changed then.
    """
    engine = Engine(_address(url), patience=patience)
    try:
        engine.prepare()
    except BaseException:
        engine.close()
        raise
    return engine


class Engine:
    """One open database.  Safe for several threads; of one process only."""

    def __init__(self, url: URL, *, patience: timedelta) -> None:
        self.name = url.database or ""
        """The database, as errors name it."""
        self._patience = patience.total_seconds()
        self._pid = os.getpid()
        self._closed = False
        self._thread = threading.local()
        # SQLite has one writer at a time and lets others poll; threads of one process queue
        # here instead, which is quicker and fair.
        self._writing = threading.Lock()
        self._engine = create_engine(
            url,
            # The driver must not begin transactions by itself: it does so only before some
            # statements, and never IMMEDIATE.
            connect_args={"isolation_level": None, "timeout": self._patience},
            pool_timeout=self._patience,
            # Parameters are licences; they must not reach an error text.
            hide_parameters=True,
        )
        event.listen(self._engine, "connect", _set_pragmas)

    def prepare(self) -> None:
        """Check that the database is ours, or make it so if it is empty."""
        _make_private_file(self.name)
        with self.read() as connection:
            version = self._schema_version(connection)
        if version is None:
            with self.write() as connection:
                # Another process may have been faster since.
                version = self._schema_version(connection)
                if version is None:
                    tables.metadata.create_all(connection, checkfirst=False)
                    connection.execute(insert(tables.schema).values(id=1, version=_OURS))
                    version = _OURS
        if version != _OURS:
            raise _wrong_version(version, self.name)
        with faults_as_store_errors(self.name), self._engine.connect() as connection:
            self._require_writable(connection)
            self._use_write_ahead_log(connection)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that may write: committed at the end, undone by any exception.

        Raises:
            StoreError: The database is busy, full, read-only, damaged, or otherwise refuses.
            RuntimeError: Another process, a transaction open in this thread, or closed.
        """
        with self._entered():
            if not self._writing.acquire(timeout=self._patience):
                raise busy(self.name)
            try:
                # IMMEDIATE: a transaction that reads first and then wants to write would be
                # refused, however patient, if another had written in between.
                with self._transaction("BEGIN IMMEDIATE") as connection:
                    yield connection
            finally:
                self._writing.release()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one moment and holds up no writer.

        Raises:
            StoreError: The database is damaged, or otherwise refuses.
            RuntimeError: Another process, a transaction open in this thread, or closed.
        """
        with self._entered(), self._transaction("BEGIN") as connection:
            yield connection

    def close(self) -> None:
        """Close all connections; what was committed is in the file."""
        self._closed = True
        # A connection inherited by a child process is the parent's to close.
        self._engine.dispose(close=os.getpid() == self._pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        with (
            faults_as_store_errors(self.name),
            self._engine.connect() as connection,
            connection.begin(),
        ):
            connection.exec_driver_sql(begin)
            yield connection

    @contextmanager
    def _entered(self) -> Iterator[None]:
        if os.getpid() != self._pid:
            raise RuntimeError("a database must be opened anew in each process (fork)")
        if self._closed:
            raise RuntimeError("this database is closed")
        if getattr(self._thread, "inside", False):
            raise RuntimeError("this thread has a transaction or view open already")
        self._thread.inside = True
        try:
            yield
        finally:
            self._thread.inside = False

    def _schema_version(self, connection: Connection) -> int | None:
        names = inspect(connection).get_table_names()
        if not names:
            return None
        if tables.schema.name not in names:
            raise StoreError(
                "这是其他程序的数据库", "this is another program's database", where=self.name,
                fix_zh="请核对文件路径", fix_en="Check the path",
            )  # fmt: skip
        return connection.execute(select(tables.schema.c.version)).scalar_one_or_none() or 0

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


def _address(url: str | Path) -> URL:
    if isinstance(url, Path):
        return URL.create("sqlite", database=str(url))
    with suppress(ArgumentError):
        address = make_url(url)
        if address.drivername == "sqlite" and address.database not in {None, "", ":memory:"}:
            return address
    # The address itself is absent from the error: it may hold a password.
    raise StoreError(
        "数据库地址不对，目前只支持 SQLite 文件",
        "this is not the address of an SQLite file, the only database supported so far",
        where="url",
        fix_zh="请写成 sqlite:////绝对路径/文件名.db",
        fix_en="Write sqlite:////absolute/path/file.db",
    )


def _make_private_file(name: str) -> None:
    if name.startswith("file:"):
        return
    # SQLite would make the file readable for everyone.  Only a new file is opened here: closing
    # one that SQLite has open in this process would drop SQLite's locks on it (POSIX).
    try:
        os.close(os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(
            f"建不了数据库文件（{error.strerror}）",
            f"the database file cannot be made ({error.strerror})",
            where=name,
            fix_zh="请检查文件夹是否存在、有没有写权限",
            fix_en="Check that the folder exists and may be written",
        ) from error


def _set_pragmas(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    # FULL: a commit is on the disk before it is acknowledged (a power cut loses nothing).
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
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


def _wrong_version(version: int, name: str) -> StoreError:
    if version > tables.SCHEMA_VERSION:
        return StoreError(
            f"数据库由更新的软件版本建立（结构第 {version} 版，本软件为第 {_OURS} 版）",
            f"a newer program made this database (schema {version}, this program knows {_OURS})",
            where=name,
            fix_zh="请升级本软件",
            fix_en="Upgrade this program",
        )
    return StoreError(
        f"数据库结构第 {version} 版不能使用（本软件为第 {_OURS} 版）",
        f"schema {version} cannot be used (this program knows {_OURS})",
        where=name,
        fix_zh="请联系系统管理员",
        fix_en="Ask the system administrator",
    )
