"""Finds and counts licences in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, case, exists, func, literal, or_, select

from ecert.issuers.queries import Count, Page, Row, require_limit
from ecert.model.licence import LicenceState
from ecert.store import rows
from ecert.store.tables import event, holder, licence

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sqlalchemy import ColumnElement, CursorResult
    from sqlalchemy.sql import Executable

    from ecert.issuers.queries import Query

    Run = Callable[[Executable], CursorResult[Any]]

_ISSUED: Final = LicenceState.ISSUED.value
_CHANGED: Final = licence.alias("changed")


def find(run: Run, query: Query, *, after: int, limit: int) -> Page:
    """See `RegisterView.find`."""
    require_limit(limit)
    wanted, row = select(licence), licence.c.row
    if query.holder_number is not None:
        # From the holder to the few licences: their rows come in order from the index.
        row = holder.c.licence
        wanted = wanted.join(holder).where(holder.c.number == query.holder_number)
    statement = wanted.where(row > after, *_conditions(query, after)).order_by(row).limit(limit + 1)
    found = run(statement).all()
    page = tuple(Row(one.row, rows.to_licence(one), one.changed_at) for one in found[:limit])
    return Page(page, page[-1].number if len(found) > limit else None)


def count(run: Run, on: date) -> tuple[Count, ...]:
    """See `RegisterView.count`."""
    standing = case(
        (and_(licence.c.state == _ISSUED, _is_over(on)), LicenceState.EXPIRED.value),
        else_=licence.c.state,
    )
    groups = (licence.c.type_code, licence.c.region, standing.label("standing"))
    statement = select(*groups, func.count().label("how_many")).group_by(
        licence.c.type_code, licence.c.region, standing
    )
    counted = (
        Count(one.type_code, one.region, LicenceState(one.standing), one.how_many)
        for one in run(statement)
    )
    return tuple(sorted(counted, key=lambda one: (one.type_code, one.region, one.state)))


def _conditions(query: Query, after: int) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    for column, value in (
        (licence.c.number, query.number),
        (licence.c.type_code, query.type_code),
        (licence.c.region, query.region),
    ):
        if value is not None:
            wanted.append(column == value)
    if query.state is not None:
        wanted += _standing(query.state, query.on)
    if query.changed_from is not None:
        # Looked up apart, or SQLite would rather walk through all rows than sort a few.
        changed = _CHANGED.c.changed_at >= query.changed_from
        new = select(_CHANGED.c.row).where(changed, _CHANGED.c.row > after)
        wanted.append(licence.c.row.in_(new))
    if query.changed_before is not None:
        wanted.append(licence.c.changed_at < query.changed_before)
    if query.after_entry is not None:
        wanted.append(
            exists().where(event.c.licence == licence.c.row, event.c.audit > query.after_entry)
        )
    if query.issued_from is not None:
        wanted.append(licence.c.issued_on >= query.issued_from)
    if query.issued_until is not None:
        wanted.append(licence.c.issued_on <= query.issued_until)
    return wanted


def _standing(state: LicenceState, on: date) -> list[ColumnElement[bool]]:
    if state is LicenceState.EXPIRED:
        return [licence.c.state == _ISSUED, _is_over(on)]
    if state is LicenceState.ISSUED:
        return [
            licence.c.state == _ISSUED,
            or_(licence.c.valid_until.is_(None), licence.c.valid_until >= on),
        ]
    return [licence.c.state == literal(state.value)]


def _is_over(on: date) -> ColumnElement[bool]:
    return and_(licence.c.valid_until.is_not(None), licence.c.valid_until < on)
