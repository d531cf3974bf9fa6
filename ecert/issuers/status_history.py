"""What was known on day D: the status that the list in force then told.

Not every issue of every list is kept, but every change, and of every issue the number of the last
change that it tells; so any of them can be made again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecert.issuers.records import STATUS_LIST_KIND

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.issuers.register_view import RegisterView


@dataclass(frozen=True, slots=True)
class KnownStatus:
    """What a published list said of one credential.

    Attributes:
        value: The value in the list.
        version: The list's version by count of its issues.
        issued: When that issue was made.
        expires: Until when it spoke.
        since: When the value was recorded that it tells; None if it had never changed.
    """

    value: int
    version: int
    issued: datetime
    expires: datetime
    since: datetime | None


def status_known(view: RegisterView, credential_id: str, at: datetime) -> KnownStatus | None:
    """Return what the newest list issued by ``at`` said; see `Archive.status_known`."""
    record = view.credential(credential_id)
    issue = view.publication(f"{STATUS_LIST_KIND}{record.list_number}", at=at)
    if issue is None:
        return None
    value, since = 0, None
    for change in view.status_changes(record.list_number, up_to=issue.changes):
        if change.index == record.index:
            value, since = change.value, change.at
    return KnownStatus(value, issue.version, issue.issued, issue.expires, since)


def values_at(view: RegisterView, list_number: int, up_to: int) -> dict[int, int]:
    """Return a list's values that were not 0 after the change numbered ``up_to``."""
    values: dict[int, int] = {}
    for change in view.status_changes(list_number, up_to=up_to):
        values[change.index] = change.value
    return {index: value for index, value in values.items() if value}
