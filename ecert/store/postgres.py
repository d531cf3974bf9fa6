"""PostgreSQL through psycopg 3: one writer at a time per database, as on SQLite (ADR 14)."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy
from sqlalchemy import create_engine, event, text

from ecert.errors import StoreError
from ecert.store import tables
from ecert.store.addresses import POSTGRESQL, name_of
from ecert.store.savepoints import SAVEPOINT

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

# The key of the lock that every writer takes first: "ecert" and a number, as 64 bits.  Locks of
# this kind are the database's own, so that databases of one server do not wait for each other.
WRITER_KEY: Final = int.from_bytes(b"ecert\0\0\1", "big")
# How long a client may keep the lock, and a reader its view, without saying anything.
_IDLE_WRITER_MS: Final = 60_000
_IDLE_READER_MS: Final = 600_000
_LEAST_CONNECT_SECONDS: Final = 2

_LOCK: Final = f"SELECT pg_advisory_xact_lock({WRITER_KEY})"
# Statements after the lock see what the writer before committed: each looks anew.  All in one
# round trip.
_BEGIN: Final = "BEGIN ISOLATION LEVEL READ COMMITTED"
_BEGIN_WRITE: Final = (
    f"{_BEGIN}; SET LOCAL idle_in_transaction_session_timeout = {_IDLE_WRITER_MS}; "
    f"{_LOCK}; {SAVEPOINT}"
)
_BEGIN_UPGRADE: Final = f"{_BEGIN}; {_LOCK}; {SAVEPOINT}"
_BEGIN_READ: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_SESSION: Final = """
    SELECT set_config('lock_timeout', %s, false),
           set_config('idle_in_transaction_session_timeout', %s, false),
           set_config('synchronous_commit', CASE current_setting('synchronous_commit')
                      WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)
"""
_SERVER: Final = text("""
    SELECT current_setting('fsync') AS fsync, current_setting('server_encoding') AS encoding
""")

# A condition of an index is written once, for SQLite.  Written there for PostgreSQL too, it would
# load that dialect in every program.
for _table in tables.metadata.tables.values():
    for _index in _table.indexes:
        _where = _index.kwargs.get("sqlite_where")
        if _where is not None:
            _index.kwargs["postgresql_where"] = _where


class Postgres:
    """See `ecert.store.engine.Database`."""

    kind = POSTGRESQL
    # A refused statement spoils its whole transaction unless a savepoint stands before it.
    survives_refusals = False

    def __init__(self, address: URL, patience: float) -> None:
        self.name = name_of(address)
        self._address = address
        self._patience = patience
        if find_spec("psycopg") is None:
            raise StoreError(
                "缺少 PostgreSQL 的驱动程序", "the driver for PostgreSQL is not installed",
                where=self.name,
                fix_zh="请安装：pip install 'ecert[postgres]'",
                fix_en="Install it: pip install 'ecert[postgres]'",
            )  # fmt: skip

    def connect(self) -> sqlalchemy.Engine:
        """See `Database.connect`."""
        engine = create_engine(
            self._address,
            connect_args=self.arguments(),
            pool_timeout=self._patience,
            # Parameters are licences; they must not reach an error text.
            hide_parameters=True,
            # Asking for a type that is not used costs a round trip.
            use_native_hstore=False,
        )
        event.listen(engine, "connect", self._prepare_session)
        return engine

    def begin_write(self, connection: Connection) -> None:
        """See `Database.begin_write`."""
        connection.exec_driver_sql(_BEGIN_WRITE)

    def begin_read(self, connection: Connection) -> None:
        """See `Database.begin_read`."""
        connection.exec_driver_sql(_BEGIN_READ)

    def begin_upgrade(self, connection: Connection) -> None:
        """See `Database.begin_upgrade`."""
        connection.exec_driver_sql(_BEGIN_UPGRADE)

    def begin_erasure(self, connection: Connection) -> None:
        """See `Database.begin_erasure`."""
        self.begin_write(connection)

    def finish_erasure(self, connection: Connection) -> None:
        """See `Database.finish_erasure`: rows that are dead the server clears away in its time."""

    def settle(self, connection: Connection) -> None:
        """See `Database.settle`: the server does so in its time."""

    def find_place(self, *, make: bool) -> None:
        """See `Database.find_place`: a database on a server is its administrator's to make."""

    def require_fit(self, connection: Connection) -> None:
        """See `Database.require_fit`."""
        server = connection.execute(_SERVER).one()
        if server.fsync != "on":
            raise _unfit(
                self.name, "fsync = off",
                "不保证已确认的内容在断电后仍在", "what is acknowledged may be lost in a power cut",
                "请管理员改为 fsync = on", "Have the administrator set fsync = on",
            )  # fmt: skip
        if server.encoding != "UTF8":
            raise _unfit(
                self.name, server.encoding,
                "编码不是 UTF8，存不下生僻字", "its encoding is not UTF8 and lacks characters",
                "请用 createdb -E UTF8 -T template0 另建数据库",
                "Make another one with createdb -E UTF8 -T template0",
            )  # fmt: skip

    def make_reliable(self, connection: Connection) -> None:
        """See `Database.make_reliable`."""
        # So it is on a standby, and where the administrator made it the default.
        asked = connection.exec_driver_sql("SELECT current_setting('transaction_read_only')")
        if asked.scalar_one() == "on":
            # The server's own refusal has the words for it.
            connection.execute(tables.schema.update().values(version=tables.schema.c.version))

    def require_whole(self, connection: Connection) -> None:
        """See `Database.require_whole`: constraints are never switched off here."""

    def size(self, connection: Connection) -> int:
        """See `Database.size`."""
        return int(
            connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()
        )

    def arguments(self) -> dict[str, Any]:
        """Return what every connection is asked for beside the address."""
        usual: dict[str, Any] = {
            # The driver must not begin transactions by itself: it cannot take the lock.
            "autocommit": True,
            "client_encoding": "utf8",
            "application_name": "ecert",
            "connect_timeout": max(_LEAST_CONNECT_SECONDS, round(self._patience)),
            # A server whose cable was pulled is noticed within a minute.
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": 60_000,
        }
        # What the address says goes before.
        return {name: value for name, value in usual.items() if name not in self._address.query}

    def _prepare_session(self, connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        values = (str(max(1, round(self._patience * 1000))), str(_IDLE_READER_MS))
        cursor.execute(_SESSION, values)
        cursor.close()


def _unfit(name: str, what: str, zh: str, en: str, fix_zh: str, fix_en: str) -> StoreError:
    return StoreError(
        f"这个 PostgreSQL 数据库不适用：{zh}（{what}）",
        f"this PostgreSQL database is not fit for use: {en} ({what})",
        where=name, fix_zh=fix_zh, fix_en=fix_en,
    )  # fmt: skip
