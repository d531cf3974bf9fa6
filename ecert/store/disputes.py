"""Reads objections in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select

from ecert.issuers import refusals
from ecert.store import rows
from ecert.store.tables import licence
from ecert.store.tables import objection as table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import CursorResult

    from ecert.issuers.records import Objection

    Run = Callable[..., CursorResult[Any]]

_PAGE_ROWS: Final = 500

_ONE: Final = select(table).where(table.c.id == bindparam("key"))
_PAGE: Final = (
    select(table).where(table.c.seq > bindparam("after")).order_by(table.c.seq).limit(_PAGE_ROWS)
)
_OPEN: Final = table.c.state == "open"
_OF_LICENCE: Final = (
    table.c.licence
    == select(licence.c.row).where(licence.c.id == bindparam("of")).scalar_subquery()
)


def objection(run: Run, objection_id: str) -> Objection:
    """See `RegisterView.objection`."""
    row = run(_ONE, {"key": objection_id}).one_or_none()
    if row is None:
        raise refusals.unknown_objection(objection_id)
    return rows.to_objection(row)


def objections(run: Run, licence_id: str | None, *, only_open: bool) -> Iterator[Objection]:
    """See `RegisterView.objections`."""
    asked: dict[str, Any] = {"after": 0}
    statement = _PAGE.where(_OPEN) if only_open else _PAGE
    if licence_id is not None:
        statement, asked["of"] = statement.where(_OF_LICENCE), licence_id
    while page := run(statement, asked).all():
        yield from map(rows.to_objection, page)
        asked["after"] = page[-1].seq
