"""Conditions and required fields against what a licence of the source's type shows."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Final

from ecert.interop.conditions import Age
from ecert.interop.implication import allowed, exclude
from ecert.interop.lint.fields import KIND_ZH, find_field, unknown_field
from ecert.interop.lint.finding import found
from ecert.interop.lint.rules import Rule
from ecert.interop.lint.values import is_value, listed
from ecert.interop.mapping import Constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.interop.conditions import Condition
    from ecert.interop.entry import Entry
    from ecert.interop.lint.finding import LintFinding
    from ecert.interop.lint.subject import LintSubject
    from ecert.model.catalogue import FieldSpec, LicenceType

# The profile that a wallet shows unless more is asked for; every type has it.
_USUAL: Final = "minimal"


def findings(subject: LintSubject) -> Iterator[LintFinding]:
    """Find conditions that cannot be judged or met, and fields that a usual code lacks."""
    for entry, source, _ in subject.typed():
        if source is None:
            continue
        for number, condition in enumerate(entry.conditions):
            yield from _condition(entry, f"conditions.{number}", condition, source)
        yield from _together(entry)
        yield from _required(entry, source)


def _condition(
    entry: Entry, place: str, condition: Condition, source: LicenceType
) -> Iterator[LintFinding]:
    spec = find_field(source, condition.field)
    if spec is None:
        yield unknown_field(Rule.CONDITION_FIELD_UNKNOWN, place, source, condition.field, entry)
        return
    if not _shown(source, spec.name, whole=True):
        name = f"“{spec.name}”", f'"{spec.name}"'
        yield found(Rule.CONDITION_NOT_SHOWN, place, *name, entry=entry.id)
    if isinstance(condition, Age):
        if spec.kind != "date":
            wrong = spec.kind in {"integer", "decimal"}
            yield found(
                Rule.KIND_WRONG if wrong else Rule.KIND_DOUBTFUL,
                place,
                f"age：“{spec.name}”为{KIND_ZH[spec.kind]}",
                f'age: "{spec.name}" is {spec.kind}',
                entry=entry.id,
            )
        return
    yield from _values(entry, place, condition, spec)


def _values(
    entry: Entry, place: str, condition: Condition, spec: FieldSpec
) -> Iterator[LintFinding]:
    strange = [value for value in sorted(allowed(condition) or ()) if not is_value(spec, value)]
    if strange:
        yield found(Rule.CONDITION_VALUE, place, *listed(strange), entry=entry.id)


def _together(entry: Entry) -> Iterator[LintFinding]:
    by_field: dict[str, list[Condition]] = {}
    for condition in entry.conditions:
        by_field.setdefault(condition.field, []).append(condition)
    for name, conditions in by_field.items():
        sets = [values for one in conditions if (values := allowed(one)) is not None]
        nothing = bool(sets) and not reduce(frozenset.intersection, sets)
        if nothing or exclude(conditions, conditions):
            yield found(
                Rule.CONDITIONS_UNMEETABLE, "conditions", f"“{name}”", f'"{name}"', entry=entry.id
            )


def _required(entry: Entry, source: LicenceType) -> Iterator[LintFinding]:
    if entry.fields is None:
        origin = {name: name for name in entry.required}
    else:
        origin = {
            line.target: line.source for line in entry.fields if not isinstance(line, Constant)
        }
    hidden = [
        origin[name]
        for name in entry.required
        if name in origin
        and find_field(source, origin[name]) is not None
        and not _shown(source, origin[name], whole=False)
    ]
    if hidden:
        yield found(Rule.REQUIRED_NOT_SHOWN, "required", *listed(hidden), entry=entry.id)


def _shown(source: LicenceType, name: str, *, whole: bool) -> bool:
    told = source.told_by(source.profile(_USUAL))
    return any(one.name == name and (one.mask == "none" or not whole) for one in told)
