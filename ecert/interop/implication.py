"""How conditions of entries stand to each other: one implies another, or two exclude each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.interop.conditions import Age

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ecert.interop.conditions import Condition


def allowed(condition: Condition) -> frozenset[str] | None:
    """Return the values that meet a condition, or None where it asks for an age."""
    if isinstance(condition, Age):
        return None
    return frozenset({condition.value} if condition.op == "equals" else condition.values)


def implies(one: Condition, other: Condition) -> bool:
    """Tell whether every value that meets ``one`` is known to meet ``other``."""
    if one.field != other.field:
        return False
    if isinstance(one, Age) or isinstance(other, Age):
        return isinstance(one, Age) and isinstance(other, Age) and _within(one, other)
    mine, theirs = allowed(one), allowed(other)
    return mine is not None and theirs is not None and mine <= theirs


def all_imply(conditions: Sequence[Condition], others: Iterable[Condition]) -> bool:
    """Tell whether whatever meets all ``conditions`` is known to meet all ``others``."""
    return all(any(implies(one, other) for one in conditions) for other in others)


def exclude(conditions: Iterable[Condition], others: Sequence[Condition]) -> bool:
    """Tell whether nothing can meet all of both."""
    return any(_excludes(one, other) for one in conditions for other in others)


def _excludes(one: Condition, other: Condition) -> bool:
    if one.field != other.field:
        return False
    if isinstance(one, Age) or isinstance(other, Age):
        if not (isinstance(one, Age) and isinstance(other, Age) and one.on == other.on):
            return False
        return _above(one, other) or _above(other, one)
    mine, theirs = allowed(one), allowed(other)
    return mine is not None and theirs is not None and mine.isdisjoint(theirs)


def _within(one: Age, other: Age) -> bool:
    if one.on != other.on or (one.at_least or 0) < (other.at_least or 0):
        return False
    return other.at_most is None or (one.at_most is not None and one.at_most <= other.at_most)


def _above(one: Age, other: Age) -> bool:
    return other.at_most is not None and (one.at_least or 0) > other.at_most
