"""Grants and access log of the sharing interface in a database."""

from __future__ import annotations

import hashlib
from datetime import datetime, time
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, insert, select

from ecert.issuers.sharing.access import Access, AccessQuery, ShareGrant, ShareRates, ShareService
from ecert.issuers.sharing.numbers import ShareStatus, VerifyResult
from ecert.model.calendar import SHANGHAI, office_day
from ecert.store.replay import SQLReplay
from ecert.store.tables import share_access, share_access_licence, share_grant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection, Row

    from ecert.store.engine import Engine

# Where, among the words of the purpose, a line of the log keeps what its link was made for.
_OFFERED: Final = "offered"
_NEWEST: Final = select(share_access).order_by(share_access.c.seq.desc())


class SQLShareStore:
    """A `ShareStore` in a database.

    Args:
        engine: The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._used = SQLReplay(engine)

    # -- grants -------------------------------------------------------------------------------

    def set_grant(self, grant: ShareGrant) -> None:
        """See `ShareStore.set_grant`."""
        terms = {
            "services": sorted(grant.services), "fields": sorted(grant.fields),
            "misses": grant.misses,
        }  # fmt: skip
        values = {
            "token": grant.token, "type_code": grant.type_code, "terms": terms,
            "daily": grant.daily, "created": grant.created, "expires": grant.expires,
        }  # fmt: skip
        with self._engine.write() as connection:
            _end(connection, grant.token, grant.type_code)
            connection.execute(insert(share_grant), values)

    def end_grant(self, token: str, type_code: str) -> bool:
        """See `ShareStore.end_grant`."""
        with self._engine.write() as connection:
            return _end(connection, token, type_code)

    def grants(self, token: str | None = None) -> Sequence[ShareGrant]:
        """See `ShareStore.grants`."""
        wanted = select(share_grant).order_by(share_grant.c.seq)
        if token is not None:
            wanted = wanted.where(share_grant.c.token == token)
        with self._engine.read() as connection:
            return [_grant(row) for row in connection.execute(wanted)]

    # -- the log ------------------------------------------------------------------------------

    def is_busy(self, access: Access, rates: ShareRates, grant: ShareGrant | None) -> bool:
        """See `ShareStore.is_busy`."""
        with self._engine.read() as connection:
            return _is_busy(connection, access, rates, grant)

    def record(self, access: Access, rates: ShareRates, grant: ShareGrant | None) -> int:
        """See `ShareStore.record`."""
        with self._engine.write() as connection:
            # Once more, where there is no other writer: many at once are counted one by one.
            if _is_busy(connection, access, rates, grant):
                return 0
            return _write(connection, access)

    def record_use(
        self,
        access: Access,
        rates: ShareRates,
        grant: ShareGrant | None,
        *,
        link: int,
        until: datetime,
    ) -> int | None:
        """See `ShareStore.record_use`."""
        with self._engine.write() as connection:
            if _is_busy(connection, access, rates, grant):
                return 0
            # Used once, for all processes, and forgotten when it would have ended.
            if not self._used.claim_in(connection, _key(link), until=until, at=access.at):
                return None
            return _write(connection, access)

    def is_link_used(self, number: int) -> bool:
        """See `ShareStore.is_link_used`."""
        return self._used.is_claimed(_key(number))

    def get(self, number: int) -> Access | None:
        """See `ShareStore.get`."""
        wanted = select(share_access).where(share_access.c.seq == number)
        with self._engine.read() as connection:
            row = connection.execute(wanted).one_or_none()
            return None if row is None else _access(connection, row)

    def find(self, query: AccessQuery, *, before: int | None, limit: int) -> Sequence[Access]:
        """See `ShareStore.find`."""
        wanted = _NEWEST.limit(limit)
        if before is not None:
            wanted = wanted.where(share_access.c.seq < before)
        if query.token is not None:
            wanted = wanted.where(share_access.c.token == query.token)
        if query.since is not None:
            wanted = wanted.where(share_access.c.at >= query.since)
        if query.before is not None:
            wanted = wanted.where(share_access.c.at < query.before)
        if query.licence is not None:
            told = select(share_access_licence.c.access).where(
                share_access_licence.c.licence_id == query.licence
            )
            wanted = wanted.where(share_access.c.seq.in_(told))
        with self._engine.read() as connection:
            return [_access(connection, row) for row in connection.execute(wanted).all()]


def _end(connection: Connection, token: str, type_code: str) -> bool:
    ended = delete(share_grant).where(
        share_grant.c.token == token, share_grant.c.type_code == type_code
    )
    return bool(connection.execute(ended).rowcount)


def _key(link: int) -> bytes:
    """Return what a link is remembered by, among the show codes that were used."""
    return hashlib.sha256(f"share link {link}".encode()).digest()


def _write(connection: Connection, access: Access) -> int:
    values = {
        "at": access.at, "token": access.token, "caller": access.caller,
        "service": access.service, "status": int(access.status),
        "result": None if access.result is None else int(access.result),
        "missed": access.missed, "type_code": access.type_code, "subject": access.subject,
        "purpose": dict(access.purpose) | ({_OFFERED: access.offered} if access.offered else {}),
    }  # fmt: skip
    written = insert(share_access).values(values).returning(share_access.c.seq)
    number = connection.execute(written).scalar_one()
    for licence_id in dict.fromkeys(access.licences):
        row = {"access": number, "licence_id": licence_id}
        connection.execute(insert(share_access_licence), row)
    return int(number)


def _is_busy(
    connection: Connection, access: Access, rates: ShareRates, grant: ShareGrant | None
) -> bool:
    own, at = share_access.c.token == access.token, access.at

    def count(*conditions: ColumnElement[bool]) -> int:
        wanted = select(func.count()).select_from(share_access).where(own, *conditions)
        return int(connection.execute(wanted).scalar_one())

    if count(share_access.c.at > at - rates.window) >= rates.calls:
        return True
    if grant is None:
        return False
    recent = share_access.c.at > at - rates.miss_window
    if count(recent, share_access.c.missed) >= grant.misses:
        return True
    today = datetime.combine(office_day(at), time(), SHANGHAI)
    of_type = share_access.c.type_code == access.type_code
    return count(share_access.c.at >= today, of_type) >= grant.daily


def _grant(row: Row[Any]) -> ShareGrant:
    return ShareGrant(
        token=row.token, type_code=row.type_code,
        services=frozenset(map(ShareService, row.terms["services"])),
        fields=frozenset(row.terms["fields"]), daily=row.daily, misses=row.terms["misses"],
        created=row.created,
        expires=row.expires,
    )  # fmt: skip


def _access(connection: Connection, row: Row[Any]) -> Access:
    told = select(share_access_licence.c.licence_id).where(share_access_licence.c.access == row.seq)
    purpose = dict(row.purpose)
    offered = purpose.pop(_OFFERED, "")
    return Access(
        at=row.at, token=row.token, caller=row.caller, service=row.service,
        status=ShareStatus(row.status),
        result=None if row.result is None else VerifyResult(row.result), missed=row.missed,
        type_code=row.type_code, licences=tuple(sorted(connection.execute(told).scalars())),
        subject=row.subject, purpose=purpose, offered=offered, number=row.seq,
    )  # fmt: skip
