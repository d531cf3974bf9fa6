"""Memory of used show codes in SQL: it survives a restart, and several windows share it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import bindparam, delete, insert, select

from ecert import limits
from ecert.issuers.records import require_aware
from ecert.store.shared_turn import SharedTurn
from ecert.store.tables import replay

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ecert.store.engine import Engine

_PURGE: Final = delete(replay).where(replay.c.until < bindparam("before"))
_KNOWN: Final = select(replay.c.key).where(replay.c.key.in_(bindparam("keys", expanding=True)))
_CLAIM: Final = insert(replay)
_PURGE_EVERY: Final = timedelta(seconds=1)


class _Claim(NamedTuple):
    key: bytes
    until: datetime
    at: datetime


class SQLReplay:
    """A `ReplayMemory` in a database; what several threads claim at once is one commit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = SharedTurn(self._claim_all)
        self._purged: datetime | None = None

    def claim(self, key: bytes, *, until: datetime, at: datetime) -> bool:
        """See `ReplayMemory.claim`.

        Raises:
            StoreError: The database is busy, full, read-only, damaged, or otherwise refuses.
        """
        require_aware(until)
        require_aware(at)
        return self._turn.ask(_Claim(key, until, at))

    def claim_in(
        self, connection: Connection, key: bytes, *, until: datetime, at: datetime
    ) -> bool:
        """Claim as `claim` does, as part of what ``connection`` writes."""
        (told,) = self._claimed(connection, (_Claim(key, until, at),))
        return told

    def is_claimed(self, key: bytes) -> bool:
        """Tell whether a key was claimed, and is remembered still.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.read() as connection:
            return bool(connection.execute(_KNOWN, {"keys": [key]}).scalars().all())

    def _purge(self, connection: Connection, before: datetime) -> None:
        # Many are claimed within one second, and there is little to forget between them.
        if self._purged is None or abs(before - self._purged) >= _PURGE_EVERY:
            connection.execute(_PURGE, {"before": before})
            self._purged = before

    def _claim_all(self, claims: Sequence[_Claim]) -> Sequence[bool]:
        with self._engine.write() as connection:
            return self._claimed(connection, claims)

    def _claimed(self, connection: Connection, claims: Sequence[_Claim]) -> Sequence[bool]:
        self._purge(connection, min(claim.at for claim in claims) - limits.REPLAY_MARGIN)
        # There is one writer, so that none of them can come in between.
        keys = [claim.key for claim in claims]
        known = set(connection.execute(_KNOWN, {"keys": keys}).scalars())
        new: dict[bytes, _Claim] = {}
        told = []
        for claim in claims:
            told.append(claim.key not in known)
            if claim.key not in known:
                known.add(claim.key)
                new[claim.key] = claim
        if new:
            connection.execute(
                _CLAIM, [{"key": key, "until": one.until} for key, one in new.items()]
            )
        return told
