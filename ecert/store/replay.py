"""Memory of used show codes in SQL: it survives a restart, and several windows share it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, insert
from sqlalchemy.exc import IntegrityError

from ecert import limits
from ecert.issuers.records import require_aware
from ecert.store.savepoints import refusable
from ecert.store.tables import replay

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.store.engine import Engine

_PURGE: Final = delete(replay).where(replay.c.until < bindparam("before"))
_CLAIM: Final = insert(replay)


class SQLReplay:
    """A `ReplayMemory` in a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, key: bytes, *, until: datetime, at: datetime) -> bool:
        """See `ReplayMemory.claim`.

        Raises:
            StoreError: The database is busy, full, read-only, damaged, or otherwise refuses.
        """
        require_aware(until)
        require_aware(at)
        with self._engine.write() as connection:
            connection.execute(_PURGE, {"before": at - limits.REPLAY_MARGIN})
            try:
                with refusable(connection):
                    connection.execute(_CLAIM, {"key": key, "until": until})
            except IntegrityError:
                return False
            return True
