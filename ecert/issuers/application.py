"""An application (申请): what is to be issued, before anything has been checked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ecert.model.codes import last_four

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ecert.model.holders import Holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One licence that is asked for; `ecert.issuers.drafting` makes a licence of it.

    Attributes:
        type_name: Name, alias or code of the licence type.
        number: The number printed on the licence (证照编号).
        holders: The holders (持证主体), the principal one first.
        fields: Values by field name or GB/T short name.
        valid_until: Last day, inclusive; None is 长期.
        valid_from: First day; the day of issue if None.
        issued_on: Day of issue; the day on which it is carried out if None.
        portrait: The holder's portrait (照片), a JPEG or PNG file as the office has it.
    """

    type_name: str
    number: str
    holders: tuple[Holder, ...]
    fields: Mapping[str, object] = field(hash=False)
    valid_until: date | None
    valid_from: date | None = None
    issued_on: date | None = None
    portrait: bytes | None = field(default=None, repr=False)

    def asked(self) -> dict[str, Any]:
        """Return plain values for comparing a retry: what was asked, not what was filled in.

        A retry may come after midnight, when the dates left out would be others.
        """
        plain = {
            "type": self.type_name,
            "number": self.number,
            "holders": [[one.name, one.number, one.number_type] for one in self.holders],
            "fields": {name: str(value) for name, value in self.fields.items()},
            "valid_until": str(self.valid_until),
            "valid_from": str(self.valid_from),
            "issued_on": str(self.issued_on),
        }
        if self.portrait is not None:
            # Of the file as it was given: what is made of it may differ between two machines.
            plain["portrait"] = hashlib.sha256(self.portrait).hexdigest()
        return plain

    def __repr__(self) -> str:
        # Names, numbers and fields are personal data, and reprs end in logs.
        return f"Application({self.type_name} ***{last_four(self.number)})"
