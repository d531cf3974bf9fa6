"""The values of mapped fields: those that the source may have, and those that the target allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.errors import FieldsError
from ecert.interop.lint.fields import find_field
from ecert.interop.lint.finding import found
from ecert.interop.lint.rules import Rule
from ecert.interop.mapping import Constant, Copy, Rename, ValueTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecert.interop.entry import Entry
    from ecert.interop.lint.finding import LintFinding
    from ecert.interop.lint.subject import LintSubject
    from ecert.model.catalogue import FieldSpec

_SHOWN: Final = 10


def findings(subject: LintSubject) -> Iterator[LintFinding]:
    """Find values without counterpart, values never met, and values that the target forbids."""
    for entry, source, target in subject.typed():
        for line in entry.fields or ():
            goal = None if target is None else find_field(target, line.target)
            if isinstance(line, Constant):
                yield from _given(entry, line.target, (line.value,), goal)
                continue
            spec = None if source is None else find_field(source, line.source)
            if isinstance(line, ValueTable):
                outcomes = list(line.values.values())
                outcomes += [] if line.default is None else [line.default]
                yield from _given(entry, line.target, outcomes, goal)
                if spec is not None:
                    yield from _table(entry, line, spec)
            elif isinstance(line, Copy | Rename) and spec is not None and goal is not None:
                yield from _copied(entry, line.target, spec, goal)


def is_value(spec: FieldSpec, text: str) -> bool:
    """Tell whether a field may have this very text as its value."""
    try:
        return spec.canonical(text) == text
    except FieldsError:
        return False


def listed(values: Iterable[str]) -> tuple[str, str]:
    """Return values as a message tells them, in both languages; a long row is cut."""
    known = list(dict.fromkeys(values))
    shown = known[:_SHOWN]
    more = "…" if len(known) > _SHOWN else ""
    return "、".join(f"“{one}”" for one in shown) + more, ", ".join(
        f'"{one}"' for one in shown
    ) + more


def _given(
    entry: Entry, name: str, outcomes: Iterable[str], goal: FieldSpec | None
) -> Iterator[LintFinding]:
    wrong = [] if goal is None else [value for value in outcomes if not is_value(goal, value)]
    if wrong:
        yield found(Rule.TARGET_VALUE, f"fields.{name}", *listed(wrong), entry=entry.id)


def _table(entry: Entry, line: ValueTable, spec: FieldSpec) -> Iterator[LintFinding]:
    place = f"fields.{line.target}"
    unused = [value for value in line.values if not is_value(spec, value)]
    if unused:
        yield found(Rule.TABLE_VALUE_UNUSED, place, *listed(unused), entry=entry.id)
    if line.default is not None:
        return
    missing = [value for value in spec.values or () if value not in line.values]
    if missing:
        yield found(Rule.TABLE_INCOMPLETE, place, *listed(missing), entry=entry.id)
    if spec.values is None or spec.joined:
        yield found(Rule.TABLE_OPEN, place, f"“{spec.name}”", f'"{spec.name}"', entry=entry.id)


def _copied(entry: Entry, name: str, spec: FieldSpec, goal: FieldSpec) -> Iterator[LintFinding]:
    if goal.values is None or spec.values == goal.values:
        return
    if spec.values is None:
        told = f"“{spec.name}”不限值", f'"{spec.name}" is open'
        yield found(Rule.VALUES_NOT_SHARED, f"fields.{name}", *told, entry=entry.id)
        return
    strange = [value for value in spec.values if not is_value(goal, value)]
    if strange:
        yield found(Rule.VALUES_NOT_SHARED, f"fields.{name}", *listed(strange), entry=entry.id)
