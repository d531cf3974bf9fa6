"""The field comparison: names that exist on both sides, and operations that fit their kinds."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from ecert.interop.lint.finding import found
from ecert.interop.lint.rules import Rule
from ecert.interop.mapping import Constant, Copy, DateForm, Masking, Rename, ValueTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ecert.interop.entry import Entry
    from ecert.interop.lint.finding import LintFinding
    from ecert.interop.lint.subject import LintSubject
    from ecert.interop.mapping import FieldMap
    from ecert.model.catalogue import FieldKind, FieldSpec, LicenceType

KIND_ZH: Final[dict[FieldKind, str]] = {
    "text": "文字", "code": "代码", "date": "日期", "integer": "整数", "decimal": "小数",
}  # fmt: skip
_NUMBERS: Final = frozenset({"integer", "decimal"})
# How the canonical value of a date is written in its field.
_CANONICAL_DATE: Final = "YYYY-MM-DD"


def findings(subject: LintSubject) -> Iterator[LintFinding]:
    """Find names that a type lacks, fields that nothing gives, operations that do not fit."""
    for entry, source, target in subject.typed():
        for line in entry.fields or ():
            yield from _names(entry, line, source, target)
            if source is not None and not isinstance(line, Constant):
                spec = find_field(source, line.source)
                goal = None if target is None else find_field(target, line.target)
                if spec is not None:
                    yield from _kinds(entry, line, spec, goal)
        if target is not None:
            yield from _required(entry, target)
            yield from _unmapped(entry, target)


def find_field(licence_type: LicenceType, name: str) -> FieldSpec | None:
    """Return the field of that full name, or None: lists know no short names."""
    spec = licence_type.get_field(name)
    return spec if spec is not None and spec.name == name else None


def unknown_field(
    rule: Rule, place: str, licence_type: LicenceType, name: str, entry: Entry
) -> LintFinding:
    """Return the finding that a type has no field of that name, with what is near."""
    short = licence_type.get_field(name)
    names = [spec.name for spec in licence_type.fields]
    near = [short.name] if short else difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    zh = f"“{name}”不在“{licence_type.name}”中"
    en = f'"{name}" is not in {licence_type.name}'
    if near:
        zh, en = f"{zh}，是否为“{near[0]}”？", f'{en}, perhaps "{near[0]}"?'
    return found(rule, place, zh, en, entry=entry.id)


def _names(
    entry: Entry, line: FieldMap, source: LicenceType | None, target: LicenceType | None
) -> Iterator[LintFinding]:
    place = f"fields.{line.target}"
    if (
        source is not None
        and not isinstance(line, Constant)
        and find_field(source, line.source) is None
    ):
        yield unknown_field(Rule.SOURCE_FIELD_UNKNOWN, place, source, line.source, entry)
    if target is not None and find_field(target, line.target) is None:
        yield unknown_field(Rule.TARGET_FIELD_UNKNOWN, place, target, line.target, entry)


def _required(entry: Entry, target: LicenceType) -> Iterator[LintFinding]:
    for name in entry.required:
        if find_field(target, name) is None:
            yield unknown_field(Rule.REQUIRED_UNKNOWN, "required", target, name, entry)


def _unmapped(entry: Entry, target: LicenceType) -> Iterator[LintFinding]:
    if entry.fields is None:
        return  # as they are, all of them
    given = {line.target for line in entry.fields}
    for spec in target.fields:
        if spec.required and spec.name not in given:
            yield found(
                Rule.TARGET_FIELD_UNMAPPED,
                f"fields.{spec.name}",
                f"“{target.name}”必有“{spec.name}”",
                f'{target.name} must have "{spec.name}"',
                entry=entry.id,
            )


def _kinds(
    entry: Entry, line: FieldMap, spec: FieldSpec, goal: FieldSpec | None
) -> Iterator[LintFinding]:
    place = f"fields.{line.target}"
    if isinstance(line, DateForm):
        rules = _date_rules(line, spec, goal)
    elif isinstance(line, Masking):
        rules = _mask_rules(line, spec, goal)
    elif isinstance(line, Copy | Rename):
        rules = [] if goal is None else _copy_rules(spec.kind, goal.kind)
    elif isinstance(line, ValueTable) and spec.kind == "date":
        rules = [Rule.KIND_DOUBTFUL]
    else:
        rules = []
    # An error says enough; of two alike one is enough.
    if rules:
        rule = Rule.KIND_WRONG if Rule.KIND_WRONG in rules else rules[0]
        yield _kind(rule, place, entry, line, (spec, goal))


def _date_rules(line: DateForm, spec: FieldSpec, goal: FieldSpec | None) -> list[Rule]:
    rules = _as_date(spec.kind)
    if goal is not None:
        fits = (
            goal.kind in {"text", "code"}
            or (goal.kind == "date" and line.form == _CANONICAL_DATE)
            or (goal.kind == "integer" and line.form == "YYYYMMDD")
        )
        rules += [] if fits else [Rule.KIND_WRONG]
    return rules


def _as_date(kind: FieldKind) -> list[Rule]:
    if kind == "date":
        return []
    return [Rule.KIND_WRONG if kind in _NUMBERS else Rule.KIND_DOUBTFUL]


def _mask_rules(line: Masking, spec: FieldSpec, goal: FieldSpec | None) -> list[Rule]:
    rules: list[Rule] = []
    if line.mask == "year":
        rules = _as_date(spec.kind)
    elif line.mask in {"name", "phone"}:
        if spec.kind == "date" or spec.kind in _NUMBERS:
            rules = [Rule.KIND_WRONG]
        elif line.mask == "name" and spec.kind == "code":
            rules = [Rule.KIND_DOUBTFUL]
    # What is left of a day or a number is none, though people can read it.
    if goal is not None and line.mask != "none" and goal.kind not in {"text", "code"}:
        rules.append(Rule.KIND_DOUBTFUL)
    return rules


def _copy_rules(kind: FieldKind, goal: FieldKind) -> list[Rule]:
    if kind == goal or goal in {"text", "code"} or (kind == "integer" and goal == "decimal"):
        return []
    if kind in {"text", "code"} or (kind == "decimal" and goal == "integer"):
        return [Rule.KIND_DOUBTFUL]
    return [Rule.KIND_WRONG]  # a day as a number, a number as a day


def _kind(
    rule: Rule,
    place: str,
    entry: Entry,
    line: FieldMap,
    specs: Sequence[FieldSpec | None],
) -> LintFinding:
    told = [spec for spec in specs if spec is not None]
    what = line.mask if isinstance(line, Masking) else line.op
    return found(
        rule,
        place,
        f"{what}：" + " → ".join(f"“{spec.name}”为{KIND_ZH[spec.kind]}" for spec in told),
        f"{what}: " + " → ".join(f'"{spec.name}" is {spec.kind}' for spec in told),
        entry=entry.id,
    )
