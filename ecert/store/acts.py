"""Acts of the office about one subject, as the audit trail has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from ecert.store import rows
from ecert.store.tables import office_event

if TYPE_CHECKING:
    from ecert.issuers.records import OfficeEvent
    from ecert.store.engine import Engine

_ACTS: Final = (
    select(office_event)
    .where(office_event.c.subject == bindparam("about"))
    .order_by(office_event.c.seq)
)


def acts_about(engine: Engine, subject: str) -> tuple[OfficeEvent, ...]:
    """Return what was done about ``subject``, oldest first.

    Raises:
        StoreError: The database is damaged, or otherwise refuses.
    """
    with engine.read() as connection:
        return tuple(map(rows.to_office_event, connection.execute(_ACTS, {"about": subject})))
