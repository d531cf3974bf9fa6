"""A window's rules as plain values, so that a receipt can keep them and they can be applied again.

A duration is in milliseconds, a named rule its name.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

from pydantic import Field, StringConstraints

from ecert.errors import ParseError
from ecert.verify.policy import COUNTER, Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

Fact: TypeAlias = "bool | int | str"
_Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
PolicyFacts = Annotated[dict[_Word, bool | int | _Word], Field(max_length=32)]
"""The rules by their names in `Policy`."""
_MILLISECOND: Final = timedelta(milliseconds=1)


def facts_of(policy: Policy) -> dict[str, Fact]:
    """Return the rules as plain values."""
    return {spec.name: _plain(getattr(policy, spec.name)) for spec in fields(policy)}


def policy_of(facts: Mapping[str, Fact]) -> Policy:
    """Return the rules that these values say; what they do not name is as at a counter.

    Raises:
        ParseError: They name a rule that this program does not know.
    """
    known = {spec.name: getattr(COUNTER, spec.name) for spec in fields(Policy)}
    if unknown := facts.keys() - known.keys():
        raise ParseError("a rule of another version of the program", where=min(unknown))
    try:
        return Policy(**{name: _like(known[name], value) for name, value in facts.items()})
    except (TypeError, ValueError, OverflowError) as error:
        raise ParseError("not the rules of a window", where="policy") from error


def _plain(value: object) -> Fact:
    if isinstance(value, timedelta):
        return value // _MILLISECOND
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool | int):
        return value
    raise TypeError(f"a rule of kind {type(value).__name__} has no plain value")


def _like(model: object, value: Fact) -> Any:
    """Return ``value`` as the kind of thing that ``model`` is."""
    if isinstance(model, timedelta) and type(value) is int:
        return value * _MILLISECOND
    if isinstance(model, Enum):
        return type(model)(value)
    if type(model) is not type(value):
        raise TypeError("of another kind")
    return value
