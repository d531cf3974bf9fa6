"""Gives status indexes away: one for a credential, or thousands for a shard."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, insert, select, update

from ecert.issuers.indexes import ListFill, list_room, list_to_fill
from ecert.store.list_order import indexes, new_order
from ecert.store.lives import this_life
from ecert.store.tables import status_list

if TYPE_CHECKING:
    from sqlalchemy import Row

    from ecert.store.trail import Run

_NEWEST_FIRST: Final = (
    select(status_list, this_life().label("life")).order_by(status_list.c.number.desc()).limit(1)
)
_NEWEST_OF_YEAR: Final = _NEWEST_FIRST.where(status_list.c.year == bindparam("of"))
# More than any register begins between two backups; and a number that the same backup, brought back
# another time, does not come to as well.
_LISTS_LEFT_OUT: Final = 1_000
_LISTS_SPREAD: Final = 10_000_000
_ADD_LIST: Final = insert(status_list).values(begun_in=this_life())
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
    row = run(_NEWEST_OF_YEAR, {"of": year}).one_or_none()
    newest = _open(row)
    chosen = list_to_fill(newest, size, fill, next_number=0)
    if row is not None and chosen is newest:
        return chosen, row.order_key
    chosen = replace(chosen, number=_next_number(run(_NEWEST_FIRST).one_or_none()))
    order = new_order()
    run(_ADD_LIST, {
        "number": chosen.number, "size": chosen.size, "taken": 0, "year": year,
        "order_key": order,
    })  # fmt: skip
    return chosen, order


def _next_number(last: Row[Any] | None) -> int:
    if last is None:
        return 1
    if _open(last) is not None:
        return int(last.number) + 1
    # In another life, of which this one knows nothing, lists may have been begun after it.
    return int(last.number) + _LISTS_LEFT_OUT + secrets.randbelow(_LISTS_SPREAD)


def _open(row: Row[Any] | None) -> ListFill | None:
    # In another life of the database its order may have been followed further than here.
    if row is None or row.order_key is None or row.begun_in != row.life:
        return None
    return ListFill(row.number, row.size, row.taken)
