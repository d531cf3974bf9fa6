"""The licence that an approved application asks for, with a new id."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ecert.issuers.lifecycle import Move, allowed
from ecert.model.identifiers import LicenceId
from ecert.model.licence import Licence

if TYPE_CHECKING:
    from datetime import date

    from ecert.issuers.application import Application
    from ecert.issuers.portraits import Portrait
    from ecert.model.catalogue import LicenceType

SERIAL_ALPHABET = string.digits + string.ascii_uppercase
SERIAL_CHARS = 14
"""72 random bits; short enough for three licences in one show code."""


@dataclass(frozen=True, slots=True)
class Office:
    """Who issues: what every licence of one authority has in common."""

    code: str
    name: str
    region: str


def draft_licence(
    application: Application,
    licence_type: LicenceType,
    office: Office,
    today: date,
    *,
    replaces: Licence | None = None,
    predecessor: LicenceId | None = None,
    portrait: Portrait | None = None,
) -> Licence:
    """Return the licence that an application asks for.

    Args:
        application: What is asked for.
        licence_type: Its type.
        office: Who issues it.
        today: What fills in the dates that the application leaves out.
        replaces: The licence of this authority that it replaces; the new one is its next version.
        predecessor: The licence that it continues, possibly of another region.
        portrait: What was made of the application's photograph.

    Raises:
        FieldsError: The application does not fit the type; all faults are listed.
    """
    valid_from = application.valid_from or application.issued_on or today
    fields = licence_type.check_fields(
        application.fields, application.holders, application.number, valid_from,
        application.valid_until,
    )  # fmt: skip
    if replaces is None:
        licence_id = LicenceId.make(licence_type.code, office.code, new_serial())
    else:
        of = replaces.id
        licence_id = LicenceId.make(of.type_code, of.issuer, of.serial, of.version + 1)
        predecessor = replaces.id
    drafted = licence_of(
        replace(application, fields=fields), licence_type, office, licence_id, today,
        predecessor=predecessor,
    )  # fmt: skip
    return drafted if portrait is None else replace(drafted, portrait=portrait.digest)


def licence_of(
    application: Application,
    licence_type: LicenceType,
    office: Office,
    licence_id: LicenceId,
    today: date,
    *,
    predecessor: LicenceId | None = None,
) -> Licence:
    """Return the licence of an application that has been checked: its fields are canonical."""
    issued_on, valid_from, valid_until = days_of(application, today)
    return Licence(
        id=licence_id,
        type_code=licence_type.code,
        type_name=licence_type.name,
        number=application.number,
        holders=application.holders,
        fields=application.fields,  # type: ignore[arg-type]  # canonical: all of them text
        region=office.region,
        issuer_code=office.code,
        issuer_name=office.name,
        issued_on=issued_on,
        valid_from=valid_from,
        valid_until=valid_until,
        state=allowed(None, Move.ISSUE),
        predecessor=predecessor,
    )


def days_of(application: Application, today: date) -> tuple[date, date, date | None]:
    """Return the day of issue, and the first and last day of validity."""
    issued_on = application.issued_on or today
    return issued_on, application.valid_from or issued_on, application.valid_until


def new_serial() -> str:
    """Return a new serial (流水号): random, so that it tells neither volume nor order.

    GB/T 36904 leaves the length open; digits and capitals only.
    """
    return "".join(secrets.choice(SERIAL_ALPHABET) for _ in range(SERIAL_CHARS))
