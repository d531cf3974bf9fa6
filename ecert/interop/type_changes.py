"""In what the type definitions differ that travel with two versions of a recognition list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecert.model.catalogue import LicenceType


@dataclass(frozen=True, slots=True)
class ChangedTypes:
    """In what the type definitions that travel with the list differ.

    Attributes:
        added: Definitions that are new in the list.
        removed: Definitions that are gone from it.
        changed: Definitions that say something else under the same code, as they now are.
    """

    added: tuple[LicenceType, ...] = ()
    removed: tuple[LicenceType, ...] = ()
    changed: tuple[LicenceType, ...] = ()

    def to_dict(self) -> dict[str, list[str]]:
        """Return the type codes, for JSON."""
        return {
            "added": [one.code for one in self.added],
            "removed": [one.code for one in self.removed],
            "changed": [one.code for one in self.changed],
        }


def compare_types(
    current: tuple[LicenceType, ...], incoming: tuple[LicenceType, ...]
) -> ChangedTypes:
    """Say in what the definitions of two versions of a list differ, by their codes."""
    old = {one.code: one for one in current}
    new = {one.code: one for one in incoming}
    return ChangedTypes(
        added=tuple(one for code, one in new.items() if code not in old),
        removed=tuple(one for code, one in old.items() if code not in new),
        changed=tuple(one for code, one in new.items() if code in old and old[code] != one),
    )
