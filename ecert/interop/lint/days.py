"""Days: the life of the list, of its entries, and the notice that the parties have agreed on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from ecert import limits
from ecert.interop.direction import Direction, attribute_changes
from ecert.interop.lint.finding import found
from ecert.interop.lint.rules import Rule
from ecert.interop.overlap import last_day
from ecert.model.calendar import office_day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ecert.interop.entry import Entry
    from ecert.interop.lint.finding import LintFinding
    from ecert.interop.lint.subject import LintSubject


def findings(subject: LintSubject) -> Iterator[LintFinding]:
    """Find a life that is none, over or too long, entries that never hold, and short notice."""
    yield from _life(subject)
    for entry in subject.document.entries:
        yield from _entry(subject, entry)
    yield from _notice(subject)


def _life(subject: LintSubject) -> Iterator[LintFinding]:
    document = subject.document
    issued, expires = document.issued, document.expires
    told = f"{_day(issued)}至{_day(expires)}", f"{_day(issued)} to {_day(expires)}"
    if expires <= issued:
        yield found(Rule.DATES_REVERSED, "expires", *told)
    elif expires - issued > limits.MAX_LIST_LIFE:
        most = limits.MAX_LIST_LIFE.days
        yield found(Rule.LIFE_TOO_LONG, "expires", f"{told[0]}，最长{most}天",
                    f"{told[1]}, at most {most} days")  # fmt: skip
    if expires <= subject.at:
        yield found(Rule.LIST_EXPIRED, "expires", _day(expires), _day(expires))
    if issued > subject.at + limits.LIST_CLOCK_SKEW:
        yield found(Rule.FROM_FUTURE, "issued", _day(issued), _day(issued))


def _day(moment: datetime) -> str:
    return office_day(moment).isoformat()


def _entry(subject: LintSubject, entry: Entry) -> Iterator[LintFinding]:
    document, last = subject.document, last_day(entry)
    first = max(entry.valid_from, office_day(document.issued))
    # From `expires` on the list says nothing, so on that day it may still hold.
    if entry.withdrawn is None and entry.valid_until is not None and last < subject.today:
        yield found(Rule.ENTRY_LAPSED, "valid_until", last.isoformat(), last.isoformat(),
                    entry=entry.id)  # fmt: skip
    elif last < entry.valid_from or (
        entry.withdrawn is None and (first > office_day(document.expires) or last < first)
    ):
        begins = entry.valid_from.isoformat()
        yield found(Rule.ENTRY_NEVER, "valid_from", f"{begins}起", f"from {begins}",
                    entry=entry.id)  # fmt: skip


def _notice(subject: LintSubject) -> Iterator[LintFinding]:
    """Find what begins before its notice is over; withdrawals need none, nor a first version."""
    document, previous = subject.document, subject.previous
    if previous is None:
        return
    days = document.notice_days if previous.notice_days is None else previous.notice_days
    if not days:
        return
    known = {entry.id: entry for entry in previous.entries}
    earliest = office_day(document.issued) + timedelta(days=days)
    for entry in document.entries:
        begins = _takes_effect(known.get(entry.id), entry)
        if begins is not None and begins < earliest:
            yield found(
                Rule.NOTICE_TOO_SHORT,
                "valid_from",
                f"约定提前{days}天，最早{earliest.isoformat()}，实为{begins.isoformat()}",
                f"{days} days agreed, {earliest.isoformat()} at the earliest, "
                f"not {begins.isoformat()}",
                entry=entry.id,
            )


def _takes_effect(old: Entry | None, new: Entry) -> date | None:
    """Return the first day on which something else holds than before; None without such."""
    if old is None:
        return new.valid_from
    if old == new:
        return None
    touched = {
        one.attribute for one in attribute_changes(old, new) if one.direction is not Direction.SAME
    }
    if not touched - {"withdrawn"}:
        return None
    if touched == {"valid_until"}:
        ends = [entry.valid_until for entry in (old, new) if entry.valid_until is not None]
        return min(ends) + timedelta(days=1) if min(ends) < date.max else None
    return new.valid_from
