"""The challenges of a hall's windows in SQL: all processes and windows of a hall share them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from ecert import limits
from ecert.issuers.records import require_aware
from ecert.show.challenge import WindowChallenge
from ecert.store.tables import challenge as table
from ecert.verify.challenges import HeldChallenge, fresh, held, too_many

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from ecert.store.engine import Engine

_FORGET: Final = delete(table).where(table.c.expires < bindparam("before"))
_ONE: Final = (table.c.window == bindparam("its_window")) & (
    table.c.number == bindparam("its_number")
)
_FIND: Final = select(table).where(_ONE)
_OPEN: Final = (
    select(table)
    .where(
        table.c.window == bindparam("its_window"),
        table.c.used_by.is_(None),
        table.c.expires > bindparam("at"),
    )
    .order_by(table.c.issued, table.c.number)
)
_USE: Final = (
    update(table)
    .where(_ONE, table.c.used_by.is_(None), table.c.expires > bindparam("at"))
    .values(used_by=bindparam("code"))
)
_CHANGE: Final = (
    update(table)
    .where(_ONE)
    .values(misses=bindparam("its_misses"), expires=bindparam("its_expires"))
)


class SQLChallenges:
    """A `ChallengeBook` in a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def issue(self, window: int, *, at: datetime) -> HeldChallenge:
        """See `ChallengeBook.issue`.

        Raises:
            FormatError: There is no such window.
            StoreError: The database is busy, full, read-only, damaged, or otherwise refuses.
        """
        require_aware(at)
        new = fresh(window)
        with self._engine.write() as connection:
            connection.execute(_FORGET, {"before": at - limits.CHALLENGE_REMEMBERED})
            still_open = _open(connection, window, at)
            for oldest in too_many(still_open):
                _change(connection, oldest._replace(expires=at))
            # One that is remembered would be told as used or run out.  There is one writer.
            while connection.execute(_FIND, _key(new)).first() is not None:
                new = fresh(window)
            given = held(new, at)
            connection.execute(
                insert(table).values(
                    window=new.window, number=new.number,
                    issued=given.issued, expires=given.expires, misses=0,
                )
            )  # fmt: skip
        return given

    def find(self, challenge: WindowChallenge) -> HeldChallenge | None:
        """See `ChallengeBook.find`.

        Raises:
            StoreError: The database is damaged, gone, or otherwise refuses.
        """
        with self._engine.read() as connection:
            row = connection.execute(_FIND, _key(challenge)).one_or_none()
        return None if row is None else _held(row)

    def use(self, challenge: WindowChallenge, *, code: bytes, at: datetime) -> bool:
        """See `ChallengeBook.use`.

        Raises:
            StoreError: The database is busy, full, read-only, damaged, or otherwise refuses.
        """
        require_aware(at)
        with self._engine.write() as connection:
            done = connection.execute(_USE, _key(challenge) | {"code": code, "at": at})
            return bool(done.rowcount)

    def miss(self, window: int, *, at: datetime) -> None:
        """See `ChallengeBook.miss`.

        Raises:
            StoreError: The database is busy, full, read-only, damaged, or otherwise refuses.
        """
        require_aware(at)
        with self._engine.write() as connection:
            for one in _open(connection, window, at):
                _change(connection, one.missed(at))


def _open(connection: Connection, window: int, at: datetime) -> list[HeldChallenge]:
    rows = connection.execute(_OPEN, {"its_window": window, "at": at})
    return [_held(row) for row in rows]


def _change(connection: Connection, one: HeldChallenge) -> None:
    values = {"its_misses": one.misses, "its_expires": one.expires}
    connection.execute(_CHANGE, _key(one.challenge) | values)


def _key(challenge: WindowChallenge) -> dict[str, Any]:
    return {"its_window": challenge.window, "its_number": challenge.number}


def _held(row: Row[Any]) -> HeldChallenge:
    return HeldChallenge(
        WindowChallenge(row.window, row.number), row.issued, row.expires, row.misses, row.used_by
    )
