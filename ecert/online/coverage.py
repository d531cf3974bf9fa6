"""May a verifier's region fetch a licence?  Its recognition list, or its province, says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ecert.model.regions import province
from ecert.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ecert.interop.book import RecognitionBook


class ShownLicence(NamedTuple):
    """What is known of a deposited licence without looking into it."""

    type_code: str
    region: str
    issuer_code: str


def why_not_covered(
    licences: Iterable[ShownLicence], reader_region: str, book: RecognitionBook, *, at: datetime
) -> Reason | None:
    """Return why a region may not fetch some of these licences; None if it may fetch them all.

    Type, regions, issuer and dates must be covered by a list in force.  The matter is the
    verifier's own to judge: what it says here is for the holder to read.
    """
    for licence in licences:
        if province(licence.region) == province(reader_region):
            continue
        decision = book.decide(
            licence_type=licence.type_code,
            licence_region=licence.region,
            issuer=licence.issuer_code,
            reader_region=reader_region,
            matter=None,
            at=at,
        )
        if decision.reason not in (None, Reason.MATTER_NOT_COVERED):
            return decision.reason
    return None
