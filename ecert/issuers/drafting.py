"""The licence that an approved application asks for, with a new id."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING

from ecert.issuers.lifecycle import Move, allowed
from ecert.model.identifiers import LicenceId
from ecert.model.licence import Licence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ecert.model.catalogue import LicenceType
    from ecert.model.holders import Holder

_SERIAL_ALPHABET = string.digits + string.ascii_uppercase
_SERIAL_CHARS = 14
"""72 random bits; short enough for three licences in one show code."""


def draft_licence(
    licence_type: LicenceType,
    *,
    issuer_code: str,
    issuer_name: str,
    region: str,
    number: str,
    holders: tuple[Holder, ...],
    fields: Mapping[str, str],
    issued_on: date,
    valid_from: date,
    valid_until: date | None,
) -> Licence:
    """Return the licence; its fields must have been checked."""
    return Licence(
        id=LicenceId.make(licence_type.code, issuer_code, new_serial()),
        type_code=licence_type.code,
        type_name=licence_type.name,
        number=number,
        holders=holders,
        fields=fields,
        region=region,
        issuer_code=issuer_code,
        issuer_name=issuer_name,
        issued_on=issued_on,
        valid_from=valid_from,
        valid_until=valid_until,
        state=allowed(None, Move.ISSUE),
    )


def new_serial() -> str:
    """Return a new serial (流水号): random, so that it tells neither volume nor order.

    GB/T 36904 leaves the length open; digits and capitals only.
    """
    return "".join(secrets.choice(_SERIAL_ALPHABET) for _ in range(_SERIAL_CHARS))
