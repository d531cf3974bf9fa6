"""Looks through a recognition list before it is signed: gaps, contradictions, unknown codes.

`lint` tells everything it finds by a closed list of rules (`rules.Rule`); an error forbids
signing, which `require_clean` enforces, a warning asks a person to look.  It is pure: the time,
the catalogue and the version before are arguments.  Other lists in force are not looked at.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from ecert import limits
from ecert.interop.lint import codes, conditions, content, coverage, days, fields, values
from ecert.interop.lint.finding import LintFinding, found, require_clean
from ecert.interop.lint.rules import Rule, Severity
from ecert.interop.lint.subject import LintSubject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from ecert.interop.recognition import RecognitionList
    from ecert.model.catalogue import Catalogue

__all__ = ["LintFinding", "Rule", "Severity", "lint", "require_clean"]

_ROOMS: Final[tuple[Callable[[LintSubject], Iterator[LintFinding]], ...]] = (
    content.findings,
    codes.findings,
    fields.findings,
    values.findings,
    conditions.findings,
    coverage.findings,
    days.findings,
)


def lint(
    document: RecognitionList,
    *,
    catalogue: Catalogue,
    previous: RecognitionList | None = None,
    matters: Iterable[str] | None = None,
    at: datetime,
) -> tuple[LintFinding, ...]:
    """Return everything that is wrong or doubtful in ``document``, errors first.

    Args:
        document: The list, a draft or one in force.
        catalogue: The licence types known here; those that the list carries are added.
        previous: The version that it would follow.
        matters: The names of the matter catalogue, if there is one.
        at: The time: codes, entries and the list itself are judged on this day.

    Returns:
        Findings by severity, then by number, then in the order of the entries.  Of one rule so
        many are told; after them one tells how many more there are.

    Raises:
        ValueError: ``at`` has no time zone.
    """
    subject = LintSubject.of(
        document, catalogue=catalogue, previous=previous, matters=matters, at=at
    )
    told: list[LintFinding] = []
    counts: Counter[Rule] = Counter()
    for room in _ROOMS:
        for finding in room(subject):
            counts[finding.rule] += 1
            if counts[finding.rule] <= limits.MAX_LINT_FINDINGS:
                told.append(finding)
    # Every rule keeps its own, so that no number of warnings hides an error.
    for rule, count in counts.items():
        if (more := count - limits.MAX_LINT_FINDINGS) > 0:
            told.append(found(rule, "entries", f"另有{more:,}处", f"and {more:,} more"))
    return tuple(sorted(told, key=lambda one: (not one.is_error, one.rule.number)))
