"""What stands on a printed copy (打印件): what its paper credential says, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ecert.model.regions import name_of
from ecert.show.shown import read_fields

if TYPE_CHECKING:
    from datetime import date

    from ecert.model.catalogue import LicenceType
    from ecert.model.licence import Licence
    from ecert.show.compact import CompactClaims


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCopy:
    """A printed copy of one licence, read from the credential that was signed for it.

    Attributes:
        code: The paper code's digits; empty in a preview, which was not signed.
        credential: The credential in the register, such as ``1-70231``, by which it can be cut
            off alone; empty in a preview.
        type_name: Name of the licence type.
        issuer_name: Name of the issuer.
        region_name: The region's name.
        number_label: What the type calls the licence number.
        number: The licence number (证照编号), where the profile tells it.
        holders: Name and number of each holder, as far as the profile tells them.
        fields: Name and value of each field, as the profile tells them, in the type's order.
        valid_from: The licence's first day.
        valid_until: The licence's last day, inclusive; None is 长期.
        last_day: The copy's own last day, inclusive; None where it ends with its licence.
        purpose: What the copy is limited to (加注件制作事由); None for no limit.
        printed_on: The day that it was signed.
        demo: Whether demonstration keys signed it, so that it is no basis for business.
    """

    code: str
    credential: str
    type_name: str
    issuer_name: str
    region_name: str
    number_label: str
    number: str | None
    holders: tuple[tuple[str | None, str | None], ...] = field(repr=False)
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    valid_from: date
    valid_until: date | None
    last_day: date | None
    purpose: str | None
    printed_on: date
    demo: bool

    @classmethod
    def of(
        cls,
        claims: CompactClaims,
        licence: Licence,
        licence_type: LicenceType,
        *,
        code: str = "",
        credential: str = "",
        demo: bool = False,
    ) -> PrintedCopy:
        """Return what ``claims``, signed for paper, put on the sheet.

        Args:
            claims: What the credential says.
            licence: The licence, for what no profile leaves out: its issuer and its dates.
            licence_type: The definition of its type.
            code: The paper code.
            credential: The credential's place in the status lists.
            demo: Whether demonstration keys signed.

        Raises:
            ParseError: A date is out of the calendar.
        """
        told = read_fields(licence_type, claims.fields)
        ends_itself = claims.purpose is not None or claims.valid_until != licence.valid_until
        return cls(
            code=code,
            credential=credential,
            type_name=licence_type.name,
            issuer_name=licence.issuer_name,
            region_name=name_of(claims.region),
            number_label=licence_type.number_label,
            number=claims.number,
            holders=claims.holders,
            fields=tuple((spec.name, told[spec.name]) for spec in licence_type.fields
                         if spec.name in told),
            valid_from=claims.valid_from,
            valid_until=licence.valid_until,
            last_day=claims.valid_until if ends_itself else None,
            purpose=claims.purpose,
            printed_on=claims.signed_on,
            demo=demo,
        )  # fmt: skip
