"""Reserves and records the licences of one shard in SQL.

The hot path of bulk issuing: rows go past SQLAlchemy, in the form that the database keeps.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from sqlalchemy import func, select, update

from ecert import limits
from ecert.issuers.audit import audit_line, next_sealed
from ecert.issuers.bulk.job import Refusal
from ecert.issuers.bulk.ledger import Reserved
from ecert.issuers.bulk.rows import unpack_grants
from ecert.issuers.bulk.serials import new_serials
from ecert.issuers.indexes import list_year
from ecert.issuers.lifecycle import Move
from ecert.issuers.records import CredentialKind, microseconds
from ecert.store import trail
from ecert.store.bulk_shards import RESERVED, add_refusals, finish
from ecert.store.given import give
from ecert.store.loading import among, load
from ecert.store.tables import (
    audit,
    bulk_shard,
    credential,
    event,
    holder,
    licence,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    from ecert.issuers.bulk.job import BulkJob
    from ecert.issuers.bulk.ledger import Granted
    from ecert.issuers.bulk.rows import GrantRow
    from ecert.store.loading import Plain

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_ROW: Final = select(func.max(licence.c.row))
_NUMBERS: Final = select(licence.c.number, licence.c.type_code)
_LICENCE: Final = (
    "row", "id", "number", "type_code", "region", "state", "issued_on", "valid_until",
    "changed_at", "content",
)  # fmt: skip
_EVENT: Final = (
    "licence", "move", "at", "reason", "document", "actor", "request_id", "related", "digest",
    "audit",
)  # fmt: skip
_CREDENTIAL: Final = (
    "licence", "kind", "list_number", "position", "request_id", "reserved_at", "signed_at",
    "artefacts",
)  # fmt: skip


# -- reserve ----------------------------------------------------------------------------------


def reserve(
    connection: Connection, shard: Row[Any], rows: Sequence[GrantRow], at: datetime, *, files: bool
) -> Reserved:
    """Set aside what is in the register already, and draw serials and status indexes."""
    known = _numbers(connection, [row.application.number for row in rows])
    kept, refusals = [], []
    for position, row in enumerate(rows):
        if (row.application.number, row.application.type_name) in known:
            refusals.append(_issued_already(row.row))
        else:
            kept.append(position)
    years = [list_year(rows[position].application.valid_until) for position in kept]
    places = _claim_all(connection, years) if files else []
    plan = {
        "kept": kept,
        "rows": [rows[position].row for position in kept],
        "serials": new_serials(len(kept)),
        "places": places,
    }
    add_refusals(connection, shard.job, refusals)
    values = {
        "state": RESERVED, "slots": len(places), "refused": len(refusals),
        "reserved": orjson.dumps(plan | {"at": microseconds(at)}),
    }  # fmt: skip
    connection.execute(
        update(bulk_shard)
        .where(bulk_shard.c.job == shard.job, bulk_shard.c.number == shard.number)
        .values(**values)
    )
    return _reserved(rows, plan, at)


def reservation(shard: Row[Any]) -> Reserved:
    """Return the reservation that a shard has."""
    plan = orjson.loads(shard.reserved)
    at = _EPOCH + timedelta(microseconds=plan["at"])
    return _reserved(unpack_grants(shard.content), plan, at)


def _reserved(rows: Sequence[GrantRow], plan: dict[str, Any], at: datetime) -> Reserved:
    return Reserved(
        rows=[rows[position] for position in plan["kept"]],
        serials=plan["serials"],
        places=[(listed, index) for listed, index in plan["places"]],
        at=at,
    )


def _numbers(connection: Connection, numbers: list[str]) -> set[tuple[str, str]]:
    found = connection.execute(among(connection, _NUMBERS, licence.c.number, numbers))
    return {(one.number, one.type_code) for one in found}


def _issued_already(row: int) -> Refusal:
    return Refusal(
        row, "证照编号",
        "证照库中已有此类型、此编号的证照；如需换发，请用 ecert renew",
        "the register holds a licence of this type and number; to replace it use ecert renew",
    )  # fmt: skip


def _claim_all(connection: Connection, years: Sequence[int]) -> list[tuple[int, int]]:
    """Give away one random status index for each of the years, for good."""
    size, fill = limits.STATUS_LIST_SIZE, limits.STATUS_LIST_FILL
    given = {
        year: iter(give(connection.execute, year, count, size, fill))
        for year, count in Counter(years).items()
    }
    return [next(given[year]) for year in years]


# -- record -----------------------------------------------------------------------------------


class Written(NamedTuple):
    """A licence in the form that the database keeps, but for its row.

    Written before the transaction begins, because others wait while it lasts.
    """

    row: int
    """Its row in the file."""
    key: tuple[str, str]
    """Number and type, of which there may be one licence."""
    licence: tuple[Plain, ...]
    holders: frozenset[str]
    event: tuple[Plain, ...]
    audit_line: bytes
    credential: tuple[Plain, ...] | None


def write_down(job: BulkJob, granted: Sequence[Granted], at: datetime) -> list[Written]:
    """Return the licences of a shard as `record` takes them."""
    moment = microseconds(at)
    ordered = (Move.ISSUE.value, moment, job.reason, job.document, job.planned_by)
    return [_written(f"bulk:{job.id}:{one.row}", one, ordered, moment) for one in granted]


def _written(request: str, one: Granted, ordered: tuple[str | int, ...], moment: int) -> Written:
    it = one.licence
    licence_id, content = str(it.id), one.content or it.content()
    digest = hashlib.sha256(content).hexdigest()
    until = None if it.valid_until is None else it.valid_until.isoformat()
    event = (*ordered, request, "", digest)
    credential = None
    if one.place is not None:
        kind = CredentialKind.FILE.value
        credential = (kind, *one.place, request, one.reserved_at, moment, one.artefacts)
    return Written(
        one.row,
        (it.number, it.type_code),
        (
            licence_id, it.number, it.type_code, it.region, it.state.value,
            it.issued_on.isoformat(), until, moment, content.decode(),
        ),
        frozenset(holder.number for holder in it.holders),
        event,
        audit_line([licence_id, *event]),
        credential,
    )  # fmt: skip


def record(
    connection: Connection, shard: Row[Any], written: Sequence[Written], at: datetime
) -> None:
    """Record the licences, holders, events and credentials of a shard, and that it is done."""
    # Between its reservation and now, which may be days, another job may have issued the same.
    known = _numbers(connection, [one.key[0] for one in written])
    fresh = [one for one in written if one.key not in known]
    refused = [one for one in written if one.key in known]
    add_refusals(connection, shard.job, [_issued_already(one.row) for one in refused])
    first = _load(connection, fresh, at) if fresh else 0
    finish(
        connection, shard, len(fresh), shard.refused + len(refused), at,
        orjson.dumps({"first": first, "rows": [one.row for one in fresh]}),
        lost_slots=sum(one.credential is not None for one in refused),
    )  # fmt: skip


def _load(connection: Connection, written: Sequence[Written], at: datetime) -> int:
    """Record licences with all that belongs to them, and return the first one's row."""
    first = (connection.execute(_LAST_ROW).scalar() or 0) + 1
    over = hashlib.sha256(b"".join(one.audit_line for one in written))
    entry = next_sealed(trail.head(connection.execute), at, len(written), over.hexdigest())
    values = (
        entry.number, microseconds(at), entry.events, entry.digest, entry.previous, entry.hash
    )  # fmt: skip
    put = partial(load, connection, refusable=False)
    put(audit, ("number", "at", "events", "digest", "previous", "hash"), [values])
    rows = list(enumerate(written, start=first))
    put(licence, _LICENCE, ((row, *one.licence) for row, one in rows))
    put(holder, ("licence", "number"), ((row, no) for row, one in rows for no in one.holders))
    put(event, _EVENT, ((row, *one.event, entry.number) for row, one in rows))
    credentials = ((row, *one.credential) for row, one in rows if one.credential is not None)
    put(credential, _CREDENTIAL, credentials)
    return first
