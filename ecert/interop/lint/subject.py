"""What the rules of the linter look at: the list, and everything it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date  # noqa: TC003 - dataclasses with slots keep it
from typing import TYPE_CHECKING

from ecert.interop.entry import matter_key
from ecert.model.calendar import office_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from ecert.interop.entry import Entry, Side
    from ecert.interop.recognition import RecognitionList
    from ecert.model.catalogue import Catalogue, LicenceType


@dataclass(frozen=True, slots=True, kw_only=True)
class LintSubject:
    """A list to be linted.

    Attributes:
        document: The list.
        catalogue: The types known here and those that the list carries.
        previous: The version that it would follow, if there is one.
        at: The time.
        today: The day of ``at`` in Asia/Shanghai.
        matters: The matters of the matter catalogue by `matter_key`, or None without one.
    """

    document: RecognitionList
    catalogue: Catalogue
    previous: RecognitionList | None
    at: datetime
    today: date
    matters: frozenset[str] | None

    @classmethod
    def of(
        cls,
        document: RecognitionList,
        *,
        catalogue: Catalogue,
        previous: RecognitionList | None,
        matters: Iterable[str] | None,
        at: datetime,
    ) -> LintSubject:
        """Return what is to be linted; arguments as for `lint`."""
        return cls(
            document=document,
            # What another list carries stays known; of two the one in this list counts.
            catalogue=catalogue.with_carried((*catalogue, *document.types)),
            previous=previous,
            at=at,
            today=office_day(at),
            matters=None if matters is None else frozenset(map(matter_key, matters)),
        )

    def type_of(self, side: Side) -> LicenceType | None:
        """Return the definition of a side's type, if its code is known here or carried."""
        found = self.catalogue.get(side.type)
        # A name or an alias may look like a code.
        return found if found is not None and found.code == side.type else None

    def typed(self) -> Iterator[tuple[Entry, LicenceType | None, LicenceType | None]]:
        """Yield every entry with the definitions of its two types."""
        for entry in self.document.entries:
            yield entry, self.type_of(entry.source), self.type_of(entry.target)
