"""Gives status indexes away: one for a credential, or thousands for a shard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, insert, select, update

from ecert.issuers.indexes import ListFill, list_room, list_to_fill
from ecert.store.list_order import indexes, new_order
from ecert.store.tables import status_list

if TYPE_CHECKING:
    from sqlalchemy import Row

    from ecert.store.trail import Run

_LAST_LIST: Final = select(func.max(status_list.c.number))
_NEWEST_LIST: Final = (
    select(status_list, _LAST_LIST.scalar_subquery().label("last"))
    .where(status_list.c.year == bindparam("of"))
    .order_by(status_list.c.number.desc())
    .limit(1)
)
_ADD_LIST: Final = insert(status_list)
# With the former count, so that it cannot be counted from twice, whoever writes at once.
_COUNT_TAKEN: Final = (
    update(status_list)
    .where(status_list.c.number == bindparam("key"), status_list.c.taken == bindparam("before"))
    .values(taken=bindparam("after"))
)


def give(run: Run, year: int, count: int, size: int, fill: float) -> list[tuple[int, int]]:
    """Give ``count`` status indexes away for good, from one list or several.

    Args:
        run: Runs a statement in a transaction that may write.
        year: As `RegisterTransaction.allocate_index`.
        count: How many.
        size: Slots of a list to be begun.
        fill: The share of its slots that a list gives away.

    Returns:
        List number and index of each.
    """
    given: list[tuple[int, int]] = []
    while len(given) < count:
        chosen, order = _list_to_fill(run, size, fill, year)
        room = list_room(chosen.size, fill) - chosen.taken
        many = min(room, count - len(given))
        counted = {
            "key": chosen.number, "before": chosen.taken, "after": chosen.taken + many
        }  # fmt: skip
        if run(_COUNT_TAKEN, counted).rowcount != 1:
            raise RuntimeError("somebody else gives indexes of this status list away")
        found = indexes(order, chosen.size, chosen.taken, many)
        given += [(chosen.number, index) for index in found]
    return given


def _list_to_fill(run: Run, size: int, fill: float, year: int) -> tuple[ListFill, bytes]:
    row = run(_NEWEST_LIST, {"of": year}).one_or_none()
    # Only the first list of a year has no row that tells the last number as well.
    last = (run(_LAST_LIST).scalar() or 0) if row is None else row.last
    newest = _open(row)
    chosen = list_to_fill(newest, size, fill, next_number=last + 1)
    if row is not None and chosen is newest:
        return chosen, row.order_key
    order = new_order()
    run(_ADD_LIST, {
        "number": chosen.number, "size": chosen.size, "taken": 0, "year": year,
        "order_key": order,
    })  # fmt: skip
    return chosen, order


def _open(row: Row[Any] | None) -> ListFill | None:
    if row is None or row.order_key is None:
        return None
    return ListFill(row.number, row.size, row.taken)
