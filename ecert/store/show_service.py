"""What a show service keeps, in SQL: codes are used up here, each by one caller at most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, delete, func, insert, select, update

from ecert import limits
from ecert.online.storage import (
    Attempt,
    AttemptOutcome,
    CodeUse,
    ConsentState,
    StoredCode,
    StoredPart,
    Tally,
    VerifierRecord,
)
from ecert.store.replay import SQLReplay
from ecert.store.show_rows import find_code, is_busy, record, tally, verifier_of
from ecert.store.tables import show_attempt, show_code, show_part, show_verifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from ecert.online.storage import Rates
    from ecert.store.engine import Engine

# So long after its end a code is still known as taken: what was bound to it is stale by then.
_REMEMBERED: Final = limits.ONLINE_CODE_LIFE
# Expired codes that one deposit clears away: a service that nobody purges does not grow for ever.
_CLEARED_AT_ONCE: Final = 100


class SQLShowStore:
    """A `ShowStore` in a database; several processes may share it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._replay = SQLReplay(engine)

    # -- codes --------------------------------------------------------------------------------

    def put(self, code: StoredCode, *, most_open: int) -> StoredCode | None:
        """See `ShowStore.put`."""
        with self._engine.write() as connection:
            _clear(connection, code.made_at, _CLEARED_AT_ONCE)
            kept = find_code(connection, code.tag)
            if kept is not None:
                return kept
            open_codes = select(func.count()).where(
                show_code.c.holder == code.holder, _is_open(code.made_at)
            )
            if connection.execute(open_codes).scalar_one() >= most_open:
                return None
            connection.execute(
                insert(show_code),
                {
                    "tag": code.tag, "purpose": int(code.use), "holder": code.holder,
                    "digest": code.digest, "made_at": code.made_at,
                    "expires_at": code.expires_at, "payload": code.payload,
                },
            )  # fmt: skip
            return code

    def code(self, tag: bytes) -> StoredCode | None:
        """See `ShowStore.code`."""
        with self._engine.read() as connection:
            return find_code(connection, tag)

    def use(
        self,
        tag: bytes,
        verifier: str,
        attempt: Attempt,
        *,
        missed: Attempt,
        rates: Rates,
        asked: bytes | None = None,
        until: datetime | None = None,
    ) -> AttemptOutcome | None:
        """See `ShowStore.use`."""
        values: dict[str, Any] = {
            "used_at": attempt.at, "used_by": verifier, "payload": None, "asked": asked,
        }  # fmt: skip
        if until is not None:
            values["expires_at"] = until
        statement = (
            update(show_code).where(show_code.c.tag == tag, _is_open(attempt.at)).values(values)
        )
        with self._engine.write() as connection:
            if is_busy(connection, attempt, rates):
                return None
            # The database has the last word: of all who found the code open, one changes the row.
            won = connection.execute(statement).rowcount == 1
            return record(connection, attempt if won else missed)

    def cancel(self, tag: bytes, holder: bytes, *, at: datetime) -> bool:
        """See `ShowStore.cancel`."""
        # A request for consent may be cancelled until it runs out; what was handed over stays so.
        can_be = (show_code.c.used_at.is_(None)) | (show_code.c.purpose == int(CodeUse.CONSENT))
        statement = (
            update(show_code)
            .where(
                show_code.c.tag == tag, show_code.c.holder == holder, can_be,
                show_code.c.cancelled_at.is_(None), show_code.c.expires_at > at,
            )
            .values(cancelled_at=at, payload=None, asked=None)
        )  # fmt: skip
        with self._engine.write() as connection:
            if connection.execute(statement).rowcount != 1:
                return False
            connection.execute(delete(show_part).where(show_part.c.tag == tag))
            return True

    # -- consent ------------------------------------------------------------------------------

    def answer(
        self,
        tag: bytes,
        holder: bytes,
        state: ConsentState,
        parts: Mapping[str, bytes],
        *,
        at: datetime,
        until: datetime,
    ) -> bool:
        """See `ShowStore.answer`."""
        statement = (
            update(show_code)
            .where(
                show_code.c.tag == tag, show_code.c.holder == holder,
                show_code.c.used_at.is_not(None), show_code.c.cancelled_at.is_(None),
                show_code.c.answer.is_(None), show_code.c.expires_at > at,
            )
            .values(answer=int(state), expires_at=until)
        )  # fmt: skip
        with self._engine.write() as connection:
            if connection.execute(statement).rowcount != 1:
                return False
            for type_code, payload in parts.items():
                values = {"tag": tag, "type_code": type_code, "payload": payload}
                connection.execute(insert(show_part), values)
            return True

    def part(self, tag: bytes, type_code: str) -> StoredPart | None:
        """See `ShowStore.part`."""
        wanted = select(show_part.c.payload).where(
            show_part.c.tag == tag, show_part.c.type_code == type_code
        )
        with self._engine.read() as connection:
            row = connection.execute(wanted).one_or_none()
            return None if row is None else StoredPart(row.payload)

    def take(
        self,
        tag: bytes,
        type_code: str,
        verifier: str,
        attempt: Attempt,
        *,
        missed: Attempt,
        rates: Rates,
    ) -> AttemptOutcome | None:
        """See `ShowStore.take`."""
        in_force = select(show_code.c.tag).where(
            show_code.c.tag == tag, show_code.c.used_by == verifier,
            show_code.c.cancelled_at.is_(None), show_code.c.expires_at > attempt.at,
        )  # fmt: skip
        statement = (
            update(show_part)
            .where(
                show_part.c.tag.in_(in_force), show_part.c.type_code == type_code,
                show_part.c.used_at.is_(None),
            )
            .values(used_at=attempt.at, payload=None)
        )  # fmt: skip
        with self._engine.write() as connection:
            if is_busy(connection, attempt, rates):
                return None
            won = connection.execute(statement).rowcount == 1
            return record(connection, attempt if won else missed)

    # -- the log ------------------------------------------------------------------------------

    def record(self, attempt: Attempt, rates: Rates) -> AttemptOutcome | None:
        """See `ShowStore.record`."""
        with self._engine.write() as connection:
            if is_busy(connection, attempt, rates):
                return None
            return record(connection, attempt)

    def tally(self, verifier: str | None, address: bytes, *, since: datetime) -> Tally:
        """See `ShowStore.tally`."""
        with self._engine.read() as connection:
            return tally(connection, verifier, address, since)

    def attempts_of(self, holder: bytes, *, most: int) -> Sequence[Attempt]:
        """See `ShowStore.attempts_of`."""
        wanted = (
            select(show_attempt)
            .where(show_attempt.c.holder == holder)
            .order_by(show_attempt.c.at.desc(), show_attempt.c.seq.desc())
            .limit(most)
        )
        with self._engine.read() as connection:
            return [
                Attempt(
                    at=row.at, outcome=AttemptOutcome(row.outcome), verifier=row.verifier,
                    address=row.address, holder=row.holder, entry=row.entry,
                )
                for row in connection.execute(wanted)
            ]  # fmt: skip

    def claim(self, key: bytes, *, until: datetime, at: datetime) -> bool:
        """See `ShowStore.claim`."""
        return self._replay.claim(key, until=until, at=at)

    # -- verifiers ----------------------------------------------------------------------------

    def verifier(self, token_hash: bytes) -> VerifierRecord | None:
        """See `ShowStore.verifier`."""
        wanted = select(show_verifier).where(show_verifier.c.token_hash == token_hash)
        with self._engine.read() as connection:
            row = connection.execute(wanted).one_or_none()
            return None if row is None else verifier_of(row)

    def add_verifier(self, record: VerifierRecord) -> None:
        """See `ShowStore.add_verifier`."""
        values = {
            "id": record.id, "region": record.region, "office": record.office,
            "token_hash": record.token_hash, "made_at": record.made_at,
            "expires_at": record.expires_at, "removed_at": record.removed_at,
        }  # fmt: skip
        with self._engine.write() as connection:
            connection.execute(insert(show_verifier), values)

    def verifiers(self) -> Sequence[VerifierRecord]:
        """See `ShowStore.verifiers`."""
        with self._engine.read() as connection:
            rows = connection.execute(select(show_verifier).order_by(show_verifier.c.seq))
            return [verifier_of(row) for row in rows]

    def remove_verifier(self, name: str, *, at: datetime) -> bool:
        """See `ShowStore.remove_verifier`."""
        statement = (
            update(show_verifier)
            .where(show_verifier.c.id == name, show_verifier.c.removed_at.is_(None))
            .values(removed_at=at)
        )
        with self._engine.write() as connection:
            return connection.execute(statement).rowcount == 1

    def purge(self, *, at: datetime) -> int:
        """See `ShowStore.purge`."""
        old = show_attempt.c.at < at - limits.SHOW_LOG_LIFE
        with self._engine.write() as connection:
            connection.execute(delete(show_attempt).where(old))
        total = 0
        # In short transactions: holders and windows go on meanwhile.
        while cleared := self._clear_some(at):
            total += cleared
        return total

    def _clear_some(self, at: datetime) -> int:
        with self._engine.write() as connection:
            return _clear(connection, at, _CLEARED_AT_ONCE)


def _is_open(at: datetime) -> ColumnElement[bool]:
    return and_(
        show_code.c.used_at.is_(None), show_code.c.cancelled_at.is_(None),
        show_code.c.expires_at > at,
    )  # fmt: skip


def _clear(connection: Connection, at: datetime, most: int) -> int:
    """Delete what has run out, of ``most`` codes; returns how many held something until now."""
    ended = select(show_code.c.tag).where(show_code.c.expires_at <= at, show_code.c.digest != b"")
    gone = select(show_code.c.tag).where(show_code.c.expires_at <= at - _REMEMBERED)
    tags = list(connection.execute(ended.limit(most)).scalars())
    # Nothing is left of it but that the code is taken.
    connection.execute(delete(show_part).where(show_part.c.tag.in_(tags)))
    emptied = {"payload": None, "asked": None, "digest": b""}
    connection.execute(update(show_code).where(show_code.c.tag.in_(tags)).values(emptied))
    old = list(connection.execute(gone.limit(most)).scalars())
    connection.execute(delete(show_code).where(show_code.c.tag.in_(old)))
    return len(tags)
