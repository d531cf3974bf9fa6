"""Links and sessions of the holder's page in SQL, the same for every process of a back end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, delete, insert, or_, select, update

from ecert import limits
from ecert.issuers.records import require_aware
from ecert.store.tables import holder_session as table

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from ecert.store.engine import Engine

_LINK: Final = "link"
_SESSION: Final = "session"
_ADD: Final = insert(table)
_ONE: Final = (table.c.digest == bindparam("of")) & (table.c.kind == bindparam("what"))
_FIND: Final = select(table.c.handle, table.c.seen, table.c.expires).where(_ONE)
_SEEN: Final = update(table).where(_ONE).values(seen=bindparam("at"))
_REMOVE: Final = delete(table).where(_ONE)
_OVER: Final = delete(table).where(
    or_(
        table.c.expires <= bindparam("at"),
        (table.c.kind == _SESSION) & (table.c.seen <= bindparam("idle")),
    )
)
_OF_HOLDER: Final = (
    select(table.c.seq).where(table.c.handle == bindparam("its")).order_by(table.c.seq)
)
_FORGET: Final = delete(table).where(table.c.seq.in_(bindparam("rows", expanding=True)))
_ALL_OF_HOLDER: Final = delete(table).where(table.c.handle == bindparam("its"))
# A request within this share of the idle time after the last one noted is not noted anew: each
# note is a durable write.
_NOTED: Final = limits.HOLDER_SESSION_IDLE / 20


class SQLHolderSessions:
    """Who is signed in.  Of a link or session only the digest is kept, and whose wallet it opens.

    Args:
        engine: The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add_link(self, digest: bytes, handle: bytes, at: datetime) -> datetime:
        """Keep a link, and return when it ends; what has ended is deleted.

        Raises:
            StoreError: The database refuses.
        """
        expires = at + limits.HOLDER_LINK_LIFE
        with self._engine.write() as connection:
            _tidy(connection, at)
            _add(connection, _LINK, digest, handle, at, expires)
        return expires

    def enter(self, link: bytes, session: bytes, at: datetime) -> bytes | None:
        """Put a session in the place of a link; return whose, or None if the link is not good.

        Raises:
            StoreError: The database refuses.
        """
        require_aware(at)
        with self._engine.write() as connection:
            row = connection.execute(_FIND, {"of": link, "what": _LINK}).one_or_none()
            # There is one writer, so nobody else uses it in between.
            connection.execute(_REMOVE, {"of": link, "what": _LINK})
            if row is None or not row.seen <= at < row.expires:
                return None
            handle: bytes = row.handle
            _add(connection, _SESSION, session, handle, at, at + limits.HOLDER_SESSION_LIFE)
            return handle

    def find(self, digest: bytes, at: datetime) -> bytes | None:
        """Return whose session it is, and note that it was used; None if there is none, or no more.

        Raises:
            StoreError: The database refuses.
        """
        require_aware(at)
        key = {"of": digest, "what": _SESSION}
        with self._engine.read() as connection:
            row = connection.execute(_FIND, key).one_or_none()
        if row is None or at >= row.expires or at - row.seen >= limits.HOLDER_SESSION_IDLE:
            return None
        if at - row.seen >= _NOTED:
            with self._engine.write() as connection:
                connection.execute(_SEEN, key | {"at": at})
        handle: bytes = row.handle
        return handle

    def end(self, digest: bytes) -> None:
        """End a session.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.write() as connection:
            connection.execute(_REMOVE, {"of": digest, "what": _SESSION})

    def end_all(self, handle: bytes) -> int:
        """End all links and sessions of a holder; return how many there were.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.write() as connection:
            return int(connection.execute(_ALL_OF_HOLDER, {"its": handle}).rowcount)


def _tidy(connection: Connection, at: datetime) -> None:
    require_aware(at)
    connection.execute(_OVER, {"at": at, "idle": at - limits.HOLDER_SESSION_IDLE})


def _add(
    connection: Connection, kind: str, digest: bytes, handle: bytes, at: datetime, expires: datetime
) -> None:
    rows = [row.seq for row in connection.execute(_OF_HOLDER, {"its": handle})]
    surplus = rows[: max(0, len(rows) - limits.MAX_HOLDER_SESSIONS + 1)]
    if surplus:
        connection.execute(_FORGET, {"rows": surplus})
    values: dict[str, Any] = {
        "digest": digest, "kind": kind, "handle": handle, "seen": at, "expires": expires,
    }  # fmt: skip
    connection.execute(_ADD, values)
