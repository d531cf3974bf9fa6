"""Licences that exist already, all invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from ecert.issuers.application import Application
from ecert.issuers.stock.existing import Batch, ExistingLicence
from ecert.model.codes import resident_id_check_character
from ecert.model.holders import Holder
from ecert.model.identifiers import LicenceId

if TYPE_CHECKING:
    from ecert.issuers.issuer import Issuer
    from ecert.issuers.stock.report import ImportReport, Taking

AT: Final = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
BATCH: Final = Batch("省证照库2026年11月导出", "川公函〔2026〕5号", "李娜")
TYPE: Final = "机动车驾驶证"


def number(serial: int = 1) -> str:
    """Return an invented resident id."""
    body = f"51068119900307{serial:03d}"
    return body + resident_id_check_character(body)


def application(serial: int = 1, **changes: Any) -> Application:
    plain = Application(
        type_name=TYPE,
        number=number(serial),
        holders=(Holder("张伟", number(serial)),),
        fields={"准驾车型": "C1"},
        valid_until=date(2032, 1, 4),
        issued_on=date(2022, 1, 5),
    )
    return replace(plain, **changes)


def licence_id(issuer: Issuer, serial: int = 1, version: int = 1) -> LicenceId:
    code = issuer.catalogue.require(TYPE).code
    return LicenceId.make(code, issuer.code, f"2022{serial:06d}", version)


def existing(serial: int = 1, **changes: Any) -> ExistingLicence:
    of = {name: changes.pop(name) for name in ("valid_until", "fields") if name in changes}
    return ExistingLicence(application=application(serial, **of), **changes)


def take(issuer: Issuer, *items: Any, **how: Any) -> ImportReport:
    return issuer.stock.take_in(items, how.pop("batch", BATCH), **how)


def taken(report: ImportReport) -> dict[Taking, int]:
    """Return the counts that are not 0."""
    return {taking: count for taking, count in report.counts.items() if count}
