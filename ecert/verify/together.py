"""Several licences in one code (多卡合一): are they one holder's?

A wallet may hold a parent's licence and a child's, or a firm's beside its director's.  One proof
covers both, so the clerk must be told when no one person stands in all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecert.verify.verdict import Part

_LAST = 4


def one_holder(parts: Sequence[Part]) -> bool | None:
    """Tell whether one holder stands in every accepted part.

    Compared are the name and the last four characters of the number, as shown.

    Returns:
        True if so, False if not, None where too little is shown to tell, or nothing is accepted.
    """
    shown = [part.licence.holders for part in parts if part.accepted]
    if not shown:
        return None
    answers = [_stands_in_all(holder, shown[1:]) for holder in shown[0]]
    if True in answers:
        return True
    return None if None in answers else False


def _stands_in_all(
    holder: tuple[str | None, str | None],
    others: Sequence[Sequence[tuple[str | None, str | None]]],
) -> bool | None:
    answers = []
    for holders in others:
        same = [_same(holder, other) for other in holders]
        answers.append(True if True in same else None if None in same else False)
    if False in answers:
        return False
    return None if None in answers else True


def _same(one: tuple[str | None, str | None], other: tuple[str | None, str | None]) -> bool | None:
    names, numbers = (one[0], other[0]), (_last(one[1]), _last(other[1]))
    known = [pair for pair in (names, numbers) if None not in pair]
    if any(first != second for first, second in known):
        return False
    # Many share a name, and one in some thousands the last four characters.
    return True if len(known) == 2 else None


def _last(number: str | None) -> str | None:
    return None if number is None else number[-_LAST:].upper()
