"""Hosted wallets in SQL: rows that a wallet's room has encrypted before they come here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from ecert.store.savepoints import refusable
from ecert.store.tables import holder_session as session
from ecert.store.tables import hosted_wallet as wallet
from ecert.store.tables import hosting as once
from ecert.wallet.hosted_rows import HostedRow, Hosting, RowChange, WrappedKey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from ecert.store.engine import Engine

_ONCE: Final = 1
_KEY: Final = (wallet.c.handle, wallet.c.key_number, wallet.c.custody, wallet.c.wrapped_key)
_WHOLE: Final = (*_KEY, wallet.c.state, wallet.c.box)
_GET: Final = select(*_WHOLE).where(wallet.c.handle == bindparam("handle"))
_AFTER: Final = (
    select(*_WHOLE)
    .where(wallet.c.handle > bindparam("handle"))
    .order_by(wallet.c.handle)
    .limit(bindparam("most"))
)
_REMOVE: Final = delete(wallet).where(wallet.c.handle == bindparam("handle"))
_COUNTS: Final = select(wallet.c.custody, func.count()).group_by(wallet.c.custody)
_NEXT: Final = (
    select(wallet.c.custody)
    .where(wallet.c.custody > bindparam("after"))
    .order_by(wallet.c.custody)
    .limit(1)
)
# The state before, under the key that the writer has: nobody wrote in between.
_IN_STATE: Final = update(wallet).where(
    wallet.c.handle == bindparam("of"), wallet.c.state == bindparam("before")
)
_WRITE: Final = _IN_STATE.where(wallet.c.key_number == bindparam("under")).values(
    state=bindparam("state"), box=bindparam("box")
)
_RENEW: Final = _IN_STATE.values(
    state=bindparam("state"),
    box=bindparam("box"),
    key_number=bindparam("key_number"),
    custody=bindparam("custody"),
    wrapped_key=bindparam("wrapped_key"),
)
_REWRAP: Final = (
    update(wallet)
    .where(wallet.c.handle == bindparam("of"), wallet.c.wrapped_key == bindparam("before"))
    .values(custody=bindparam("custody"), wrapped_key=bindparam("wrapped_key"))
)


class SQLHostedRows:
    """`HostedRows` in a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def name(self) -> str:
        """See `HostedRows.name`."""
        return self._engine.name

    def hosting(self) -> Hosting | None:
        """See `HostedRows.hosting`."""
        with self._engine.read() as connection:
            return _hosting(connection)

    def set_up(self, hosting: Hosting) -> bool:
        """See `HostedRows.set_up`."""
        with self._engine.write() as connection:
            if _hosting(connection) is not None:
                return False
            connection.execute(insert(once), {"id": _ONCE, **_plain(hosting)})
            return True

    def move(self, old: Hosting, new: Hosting) -> bool:
        """See `HostedRows.move`."""
        with self._engine.write() as connection:
            if _hosting(connection) != old:
                return False
            connection.execute(update(once), _plain(new))
            return True

    def get(self, handle: bytes) -> HostedRow | None:
        """See `HostedRows.get`."""
        with self._engine.read() as connection:
            found = connection.execute(_GET, {"handle": handle}).one_or_none()
        return None if found is None else _row(found)

    def add(self, row: HostedRow) -> RowChange:
        """See `HostedRows.add`."""
        with self._engine.write() as connection:
            if not _is_under(connection, row.key):
                return RowChange.MOVED
            values = {"handle": row.key.handle, **_key(row.key), "state": row.state, "box": row.box}
            try:
                with refusable(connection):
                    connection.execute(insert(wallet), values)
            except IntegrityError:
                return RowChange.TAKEN
            return RowChange.DONE

    def write(self, row: HostedRow) -> RowChange:
        """See `HostedRows.write`."""
        with self._engine.write() as connection:
            done = connection.execute(_WRITE, {**_state(row), "under": row.key.number})
            return RowChange.DONE if done.rowcount else RowChange.CHANGED

    def renew(self, row: HostedRow) -> RowChange:
        """See `HostedRows.renew`."""
        with self._engine.write() as connection:
            if not _is_under(connection, row.key):
                return RowChange.MOVED
            done = connection.execute(_RENEW, {**_state(row), **_key(row.key)})
            return RowChange.DONE if done.rowcount else RowChange.CHANGED

    def remove(self, handle: bytes) -> bool:
        """See `HostedRows.remove`."""
        with self._engine.erasing() as connection:
            connection.execute(delete(session).where(session.c.handle == handle))
            return bool(
                connection.execute(delete(wallet).where(wallet.c.handle == handle)).rowcount
            )

    def counts(self) -> dict[bytes, int]:
        """See `HostedRows.counts`."""
        with self._engine.read() as connection:
            counts: dict[bytes, int] = {}
            for custody, count in connection.execute(_COUNTS):
                # SQLite keeps whatever an administrator writes into a column.
                one = custody if isinstance(custody, bytes) else b""
                counts[one] = counts.get(one, 0) + count
            return counts

    def under_others(self, custody: bytes, most: int) -> list[WrappedKey]:
        """See `HostedRows.under_others`."""
        with self._engine.read() as connection:
            # One key after the other, each by the index: "not this one" would read every row.
            found: list[WrappedKey] = []
            for one in _custodies(connection):
                if one == custody:
                    continue
                asked = select(*_KEY).where(wallet.c.custody == one).limit(most - len(found))
                found += [_wrapped(row) for row in connection.execute(asked)]
            return found

    def rewrap(self, pairs: Iterable[tuple[WrappedKey, WrappedKey]]) -> int:
        """See `HostedRows.rewrap`."""
        with self._engine.write() as connection:
            return sum(
                connection.execute(
                    _REWRAP,
                    {
                        "of": old.handle, "before": old.wrapped,
                        "custody": new.custody, "wrapped_key": new.wrapped,
                    },
                ).rowcount
                for old, new in pairs
            )  # fmt: skip

    def after(self, handle: bytes, most: int) -> list[HostedRow]:
        """See `HostedRows.after`."""
        with self._engine.read() as connection:
            found = connection.execute(_AFTER, {"handle": handle, "most": most})
            return [_row(row) for row in found]


def _hosting(connection: Connection) -> Hosting | None:
    found = connection.execute(select(once.c.custody, once.c.wrapped_index)).one_or_none()
    return None if found is None else Hosting(found.custody, found.wrapped_index)


def _custodies(connection: Connection) -> list[bytes]:
    """Return the custody keys that rows are under, each found by the index."""
    found: list[bytes] = []
    while one := connection.execute(_NEXT, {"after": found[-1] if found else b""}).scalar():
        found.append(one)
    return found


def _is_under(connection: Connection, key: WrappedKey) -> bool:
    """Whether the database still has new keys wrapped under this custody key."""
    hosting = _hosting(connection)
    return hosting is not None and hosting.custody == key.custody


def _plain(hosting: Hosting) -> dict[str, Any]:
    return {"custody": hosting.custody, "wrapped_index": hosting.wrapped_index}


def _key(key: WrappedKey) -> dict[str, Any]:
    return {"key_number": key.number, "custody": key.custody, "wrapped_key": key.wrapped}


def _state(row: HostedRow) -> dict[str, Any]:
    return {
        "of": row.key.handle, "before": row.state - 1, "state": row.state, "box": row.box,
    }  # fmt: skip


def _wrapped(row: Any) -> WrappedKey:
    return WrappedKey(row.handle, row.key_number, row.custody, row.wrapped_key)


def _row(row: Any) -> HostedRow:
    return HostedRow(_wrapped(row), row.state, row.box)
