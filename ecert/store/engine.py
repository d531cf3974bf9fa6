"""Opens a database, SQLite or PostgreSQL, and gives transactions on it.

What the two do differently stands in `ecert.store.sqlite` and `ecert.store.postgres`.  On both
there is one writer at a time, and what is committed survives a power cut (ADR 14).
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol, Self

from ecert.store import revisions
from ecert.store.addresses import SQLITE, kind_of, read_address
from ecert.store.faults import busy, faults_as_store_errors
from ecert.store.savepoints import SURVIVES_REFUSALS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import sqlalchemy
    from sqlalchemy import URL, Connection

# How long a transaction waits for another program's.
DEFAULT_PATIENCE: Final = timedelta(seconds=10)


def open_engine(
    url: str | Path, *, patience: timedelta = DEFAULT_PATIENCE, make: bool = True
) -> Engine:
    """Open the database at ``url``, and make its tables if it is empty.

    Args:
        url: A path, ``sqlite:///relative/path``, ``sqlite:////absolute/path``, or
            ``postgresql://user@host:port/name``.  An SQLite file that does not exist is made,
            mode 0600; a database on a server is its administrator's to make.
        patience: How long to wait for other programs that write.
        make: Whether an empty database may become one of ours.

    Raises:
        StoreError: Not an address, another program's database, of another revision, empty
            though ``make`` is False, read-only, not reliable, the driver is absent, or it cannot
            be opened.  Nothing has been changed then.
    """
    engine = _open(url, patience, make=make)
    try:
        engine.prepare(make=make)
    except BaseException:
        engine.close()
        raise
    return engine


def open_as_it_is(url: str | Path, *, patience: timedelta = DEFAULT_PATIENCE) -> Engine:
    """Open a database without looking at its revision, to tell it or to change it.

    Raises:
        StoreError: Not an address, there is no such file, or the driver is absent.
    """
    return _open(url, patience, make=False)


def unmake(url: str | Path) -> None:
    """Take our tables away again from a database that this program has just made them in.

    Raises:
        StoreError: It is busy, or cannot be opened.
    """
    with open_as_it_is(url) as engine, engine.write() as connection:
        revisions.drop_schema(connection)


class Database(Protocol):
    """What SQLite and PostgreSQL do differently."""

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgresql``."""

    @property
    def name(self) -> str:
        """The database, as errors name it: never with a password."""

    @property
    def survives_refusals(self) -> bool:
        """Whether a refused statement leaves its transaction as it was."""

    def connect(self) -> sqlalchemy.Engine:
        """Return SQLAlchemy's engine; no connection is made yet."""

    def begin_write(self, connection: Connection) -> None:
        """Begin a transaction that no other writer is in."""

    def begin_read(self, connection: Connection) -> None:
        """Begin a transaction that sees one moment."""

    def begin_upgrade(self, connection: Connection) -> None:
        """Begin a transaction that changes the schema."""

    def begin_erasure(self, connection: Connection) -> None:
        """Begin a transaction after which what it deletes is nowhere in the database's files."""

    def finish_erasure(self, connection: Connection) -> None:
        """Clear away what is left of the former content after the commit, as far as can be."""

    def settle(self, connection: Connection) -> None:
        """Bring what was loaded to its place, as far as nobody is in the way."""

    def find_place(self, *, make: bool) -> None:
        """Require the place where the database is, or make it."""

    def require_fit(self, connection: Connection) -> None:
        """Require a server that keeps what it acknowledges, before anything is changed."""

    def make_reliable(self, connection: Connection) -> None:
        """Require that a database of ours can be written, and see to it that this is reliable."""

    def require_whole(self, connection: Connection) -> None:
        """Require that an upgrade has left no row referring to nothing."""

    def size(self, connection: Connection) -> int:
        """Return how many bytes the database takes."""


class Engine:
    """One open database.  Safe for several threads; of one process only.

    Attributes:
        name: The database, as errors name it: a path, or an address without its password.
        kind: ``sqlite`` or ``postgresql``.
        made: Whether opening it made its tables.
    """

    def __init__(self, database: Database, *, patience: timedelta) -> None:
        self.name = database.name
        self.kind = database.kind
        self.made = False
        self._database = database
        self._patience = patience.total_seconds()
        self._pid = os.getpid()
        self._closed = False
        self._thread = threading.local()
        # There is one writer at a time.  Threads of one process queue here instead of at the
        # database, which is quicker and fair, and takes one connection.
        self._writing = threading.Lock()
        self._engine = database.connect().execution_options(
            **{SURVIVES_REFUSALS: database.survives_refusals}
        )

    def prepare(self, *, make: bool) -> None:
        """Check that the database is ours, or make it so if it is empty; see `open_engine`."""
        with self.read() as connection:
            self._database.require_fit(connection)
            revision = revisions.read_revision(connection, self.name)
        if revision is None:
            if not make:
                raise revisions.empty(self.name)
            with self.write() as connection:
                # Another process may have been faster since.
                revision = revisions.read_revision(connection, self.name)
                if revision is None:
                    revisions.make_schema(connection)
                    self.made = True
        if revision is not None:
            revisions.require_head(revision, self.name)
        with faults_as_store_errors(self.name), self._engine.connect() as connection:
            self._database.make_reliable(connection)

    def revision(self) -> str | None:
        """Return the revision of the schema; None if the database is empty.

        Raises:
            StoreError: It is another program's, or cannot be opened.
        """
        with self.read() as connection:
            return revisions.read_revision(connection, self.name)

    def size(self) -> int:
        """Return how many bytes the database takes.

        Raises:
            StoreError: It cannot be opened.
        """
        with self.read() as connection:
            return self._database.size(connection)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that may write: committed at the end, undone by any exception.

        Raises:
            StoreError: The database is busy, full, read-only, damaged, gone, or otherwise
                refuses.
            RuntimeError: Another process, a transaction open in this thread, or closed.
        """
        with self._alone(self._database.begin_write) as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one moment and holds up no writer.

        Raises:
            StoreError: The database is damaged, gone, or otherwise refuses.
            RuntimeError: Another process, a transaction open in this thread, or closed.
        """
        with self._entered(), self._transaction(self._database.begin_read) as connection:
            yield connection

    @contextmanager
    def upgrading(self) -> Iterator[Connection]:
        """Open a transaction that changes the schema; close the engine after it.

        Raises:
            StoreError: As `write`.
        """
        with self._alone(self._database.begin_upgrade) as connection:
            yield connection
            self._database.require_whole(connection)

    @contextmanager
    def erasing(self) -> Iterator[Connection]:
        """Open a transaction as `write`, which leaves as little as can be of what it deletes."""
        with self._alone(self._database.begin_erasure) as connection:
            yield connection
        with faults_as_store_errors(self.name), self._engine.connect() as connection:
            self._database.finish_erasure(connection)

    def settle(self) -> None:
        """Bring what was loaded in bulk to its place; it is durable before."""
        with faults_as_store_errors(self.name), self._engine.connect() as connection:
            self._database.settle(connection)

    def close(self) -> None:
        """Close all connections; what was committed is in the database."""
        self._closed = True
        # A connection inherited by a child process is the parent's to close.
        self._engine.dispose(close=os.getpid() == self._pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _alone(self, begin: Callable[[Connection], None]) -> Iterator[Connection]:
        with self._entered():
            if not self._writing.acquire(timeout=self._patience):
                raise busy(self.name)
            try:
                with self._transaction(begin) as connection:
                    yield connection
            finally:
                self._writing.release()

    @contextmanager
    def _transaction(self, begin: Callable[[Connection], None]) -> Iterator[Connection]:
        with (
            faults_as_store_errors(self.name),
            self._engine.connect() as connection,
            connection.begin(),
        ):
            begin(connection)
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


def _open(url: str | Path, patience: timedelta, *, make: bool) -> Engine:
    database = _database(read_address(url), patience.total_seconds())
    database.find_place(make=make)
    return Engine(database, patience=patience)


def _database(address: URL, patience: float) -> Database:
    if kind_of(address) == SQLITE:
        from ecert.store.sqlite import SQLite

        return SQLite(address, patience)
    from ecert.store.postgres import Postgres

    return Postgres(address, patience)
