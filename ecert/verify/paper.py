"""Printed copies (打印件): what one is limited to, read from its proven paper credential."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from ecert.model.calendar import SHANGHAI
from ecert.verify.recognised import PurposeCopy

if TYPE_CHECKING:
    from ecert.show.compact import CompactClaims


def purpose_of(claims: CompactClaims, issuer_name: str) -> PurposeCopy | None:
    """Return what a printed copy is good for; None if it is limited to nothing.

    Paper is signed by the issuer, so that nobody else can have made it; it tells the day, which
    begins at midnight in Shanghai.
    """
    if claims.purpose is None or claims.valid_until is None:
        return None
    made_at = datetime.combine(claims.signed_on, time(), SHANGHAI)
    return PurposeCopy(claims.purpose, issuer_name, made_at, claims.valid_until)
