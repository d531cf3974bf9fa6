"""Coverage (归集率): what the register holds in force against the department's own count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecert.issuers.records import ExpectedCount, OfficeEvent
from ecert.model.licence import LicenceState

if TYPE_CHECKING:
    from datetime import date, datetime

    from ecert.issuers.register import Register
    from ecert.issuers.register_view import RegisterView
    from ecert.model.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of one licence type is in the register.

    Attributes:
        type_code: The type.
        type_name: Its name; its code if the catalogue does not know it.
        held: Its licences in force in the register.
        expected: The department's newest count; None if it gave none.
    """

    type_code: str
    type_name: str
    held: int
    expected: ExpectedCount | None

    @property
    def rate(self) -> float | None:
        """Held over expected; None where nothing is expected.  Above 1 one of the two is wrong."""
        if self.expected is None or not self.expected.count:
            return None
        return self.held / self.expected.count


def expect(register: Register, expected: ExpectedCount, actor: str, at: datetime) -> None:
    """Record the department's own count; see `Stock.expect`."""
    detail = f"{expected.count} {expected.as_of.isoformat()} {expected.source}"
    with register.transaction() as tx:
        tx.set_expected(expected)
        tx.add_office_event(OfficeEvent("expect", expected.type_code, at, actor, detail))


def coverage(view: RegisterView, catalogue: Catalogue, on: date) -> tuple[Coverage, ...]:
    """Compare for every type that is held or expected; the least covered first."""
    held: Counter[str] = Counter()
    for one in view.count(on):
        if one.state is LicenceState.ISSUED:
            held[one.type_code] += one.count
    expected = {one.type_code: one for one in view.expected()}
    found = []
    for code in held.keys() | expected.keys():
        known = catalogue.get(code)
        name = code if known is None else known.name
        found.append(Coverage(code, name, held[code], expected.get(code)))
    return tuple(sorted(found, key=_least_first))


def _least_first(one: Coverage) -> tuple[bool, float, str]:
    rate = one.rate
    return (rate is None, rate or 0.0, one.type_code)
