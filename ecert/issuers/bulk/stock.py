"""What a list of stock (归集) says beside the applications: licence id, state, version, issuer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecert.errors import FormatError
from ecert.issuers.bulk.headings import Meaning
from ecert.model.identifiers import MAX_VERSION, LicenceId

if TYPE_CHECKING:
    from ecert.issuers.bulk.reading import RowReading

STOCK_MEANINGS: Final = frozenset(
    {
        Meaning.LICENCE_ID,
        Meaning.STATE,
        Meaning.VERSION,
        Meaning.ISSUER,
        Meaning.ISSUER_CODE,
    }
)


@dataclass(frozen=True, slots=True)
class StockMarks:
    """What a row says of a licence that was issued before.

    Attributes:
        licence_id: Its id (证照标识), proven; None if the cell is blank.
        state: Its state in the office's own word; there is no one vocabulary.
        version: Its version; None if the cell is blank.
        issuer: Name of the issuer.
        issuer_code: Code of the issuer.
    """

    licence_id: LicenceId | None = None
    state: str = ""
    version: int | None = None
    issuer: str = ""
    issuer_code: str = ""


def read_stock(reading: RowReading) -> StockMarks:
    """Return what the row says; what is wrong with it is noted in ``reading``."""
    id_text = reading.identifier(Meaning.LICENCE_ID)
    version_text = reading.text(Meaning.VERSION)
    return StockMarks(
        licence_id=_licence_id(reading, id_text) if id_text else None,
        state=reading.text(Meaning.STATE) or "",
        version=_version(reading, version_text) if version_text else None,
        issuer=reading.text(Meaning.ISSUER) or "",
        issuer_code=reading.identifier(Meaning.ISSUER_CODE) or "",
    )


def _licence_id(reading: RowReading, text: str) -> LicenceId | None:
    try:
        return LicenceId.parse(text)
    except FormatError as error:
        reading.fault(Meaning.LICENCE_ID, error)
        return None


def _version(reading: RowReading, text: str) -> int | None:
    digits = text.removeprefix("V").removeprefix("v")
    if digits.isascii() and digits.isdecimal() and len(digits) <= 3:
        version = int(digits)
        if 1 <= version <= MAX_VERSION:
            return version
    reading.fault(
        Meaning.VERSION,
        FormatError(
            f"应为1至{MAX_VERSION}的整数",
            f"must be a whole number from 1 to {MAX_VERSION}",
            fix_zh="请核对版本号",
            fix_en="Check the version",
        ),
    )
    return None
