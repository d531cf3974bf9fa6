"""The hall in SQL: tallies of checks, and signs of life of its windows.

Both are written by one writer at a time, so that looking for a row and adding it is one step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import and_, bindparam, delete, func, insert, select, update

from ecert.issuers.records import require_aware
from ecert.limits import HALL_DAYS
from ecert.model.calendar import office_day
from ecert.store.tables import check_tally, document, window_sign

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from ecert.store.engine import Engine


class TallyKey(NamedTuple):
    """What checks are counted by: nothing of a licence, a holder or a clerk.

    Attributes:
        day: In Asia/Shanghai.
        hour: 0 to 23, in Asia/Shanghai.
        window: Name of the window, as its receipts carry it.
        token: Id of the access token that asked.
        outcome: The answer.
        reason: Its headline.
    """

    day: date
    hour: int
    window: str
    token: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSign:
    """A sign of life: what one process of a window last said of itself.

    Attributes:
        id: Of the process, at random; of a window elsewhere, of the token that it reports with.
        window: The window's name.
        machine: The machine's name.
        software: Name and version of the program.
        token: Id of the token that it reports with; None for a process on this database.
        started: When the process began.
        seen: When it last said so.
        ended: When it was stopped in good order; None while it runs, or if it was killed.
        synced: When the newest of its lists came into force there.
        expires: When the first of its lists ends.
        lists: The version of every list in force there, by slot.
    """

    id: str
    window: str
    machine: str
    software: str
    started: datetime
    seen: datetime
    lists: Mapping[str, int]
    token: str | None = None
    ended: datetime | None = None
    synced: datetime | None = None
    expires: datetime | None = None


_KEY: Final = and_(*(check_tally.c[name] == bindparam(f"its_{name}") for name in TallyKey._fields))
_COUNT: Final = (
    update(check_tally).where(_KEY).values(count=check_tally.c.count + bindparam("more"))
)
_OLD_TALLIES: Final = delete(check_tally).where(check_tally.c.day < bindparam("before"))
_OF_DAY: Final = (
    select(check_tally)
    .where(check_tally.c.day == bindparam("on"))
    .order_by(*check_tally.primary_key.columns)
)
_DAYS: Final = (
    select(check_tally.c.day, func.sum(check_tally.c.count).label("checks"))
    .where(check_tally.c.day >= bindparam("since"))
    .group_by(check_tally.c.day)
    .order_by(check_tally.c.day)
)
_SIGNS: Final = select(window_sign).order_by(
    window_sign.c.window, window_sign.c.machine, window_sign.c.started, window_sign.c.id
)
_MOVE: Final = update(window_sign).where(window_sign.c.id == bindparam("its_id"))
_OLD_SIGNS: Final = delete(window_sign).where(window_sign.c.seen < bindparam("before"))
_NEWEST: Final = select(func.max(document.c.accepted_at))


class SQLHall:
    """The tallies and signs of life in one database.

    Args:
        engine: The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, tallies: Mapping[TallyKey, int], *, at: datetime) -> None:
        """Add to the tallies, all or none, and forget those that are too old.

        Raises:
            StoreError: The database is busy, full, read-only, damaged, or otherwise refuses.
        """
        with self._engine.write() as connection:
            for key, more in tallies.items():
                its = {f"its_{name}": value for name, value in key._asdict().items()}
                if not connection.execute(_COUNT, its | {"more": more}).rowcount:
                    connection.execute(insert(check_tally), key._asdict() | {"count": more})
            connection.execute(_OLD_TALLIES, {"before": first_day(at)})

    def sign(self, one: WindowSign) -> None:
        """Keep a sign of life in the place of the one before, and forget those too old.

        Raises:
            StoreError: The database is busy, full, read-only, damaged, or otherwise refuses.
        """
        require_aware(one.seen)
        with self._engine.write() as connection:
            _put(connection, one)
            connection.execute(_OLD_SIGNS, {"before": one.seen - timedelta(days=HALL_DAYS)})

    def newest_list(self) -> datetime | None:
        """Return when the newest list of this database came into force here.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.read() as connection:
            found: datetime | None = connection.execute(_NEWEST).scalar_one()
        return found

    def of_day(self, day: date) -> Sequence[tuple[TallyKey, int]]:
        """Return the tallies of one day.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.read() as connection:
            # A row is a tuple, and has a method of the last column's name.
            rows = connection.execute(_OF_DAY, {"on": day}).all()
            return [(TallyKey(*row[:-1]), row[-1]) for row in rows]

    def days(self, since: date) -> Sequence[tuple[date, int]]:
        """Return the days since then on which there were checks, and how many.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.read() as connection:
            rows = connection.execute(_DAYS, {"since": since})
            return [(row.day, int(row.checks)) for row in rows]

    def signs(self) -> Sequence[WindowSign]:
        """Return every sign of life that is kept, by window and machine.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.read() as connection:
            return [WindowSign(**row) for row in connection.execute(_SIGNS).mappings()]


def first_day(at: datetime) -> date:
    """Return the first day of which tallies are kept at ``at``."""
    return office_day(at) - timedelta(days=HALL_DAYS - 1)


def _put(connection: Connection, one: WindowSign) -> None:
    values = {column.name: getattr(one, column.name) for column in window_sign.columns}
    values["lists"] = dict(one.lists)
    moved = {name: value for name, value in values.items() if name != "id"}
    done = connection.execute(_MOVE.values(moved), {"its_id": one.id})
    if not done.rowcount:
        connection.execute(insert(window_sign), values)
