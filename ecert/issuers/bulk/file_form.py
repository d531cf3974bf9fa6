"""What file credentials of one type have in common, worked out once for all of them.

`ecert.issuers.credential` and `Licence.content` alone know how a credential and the register's
content are written: a form is cut from what they write of a specimen.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

import orjson

from ecert.issuers.bulk.stencil import NOWHERE, Stencil
from ecert.issuers.credential import StatusPlace, end_of, file_claims, start_of
from ecert.issuers.drafting import new_serial
from ecert.model.holders import Holder
from ecert.model.identifiers import LicenceId
from ecert.sign.concealment import Concealment, disclosure_digests, json_texts

if TYPE_CHECKING:
    from ecert.model.catalogue import LicenceType
    from ecert.model.licence import Licence

# A specimen has no fields.
NO_FIELDS: Final = b'"fields":{}'
# Far from all days that anybody writes, and all of one length in seconds, so that no mark is by
# chance part of anything else.
_DAY_ONE: Final = date(6000, 1, 1)
_DAYS: Final = 1_000_000
_MARK_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class FileForm:
    """How the licences of one type are written, with so many holders and with or without an end.

    Attributes:
        specimen: The licence that it was cut from.
        names: Names of the disclosures without the fields': the number's, then the holders'.
        content: `Licence.content`.  Takes the licence's id, its three days, its fields, its number,
            and each holder's name, number and kind of number.
        payload: The claims as JSON.  Takes moment, index, list, first and last second, then id,
            three days and fields, and digests: each holder's, sorted, and the number's.
    """

    specimen: Licence
    names: tuple[bytes, ...]
    content: Stencil
    payload: Stencil

    @classmethod
    def cut(cls, licence: Licence, licence_type: LicenceType) -> FileForm:
        """Return the form of licences like this one.

        Args:
            licence: One of the type and issuer, with as many holders, and a last day if they have
                one; with any fields.
            licence_type: Its type.
        """
        days = _draw_days(4)
        specimen = _specimen(licence, days)
        place = StatusPlace(1, secrets.randbelow(10**15) + 10**15, _mark())
        at = datetime.combine(days[3], time(), UTC)
        concealment = Concealment()
        claims = file_claims(specimen, licence_type, place, concealment, at=at)
        digests = [one.decode("ascii") for one in disclosure_digests(concealment.disclosures)]
        number, *holders = (
            digests[:1],
            *(digests[at : at + 3] for at in range(1, len(digests), 3)),
        )
        if [claims["_sd"], *(holder["_sd"] for holder in claims["holders"])] != [
            number, *map(sorted, holders)
        ]:  # fmt: skip
            raise ValueError("disclosures are not in the order that a form takes them in")
        sorted_digests = [digest.encode() for holder in holders for digest in sorted(holder)]
        tells = _told(specimen)
        return cls(
            specimen=specimen,
            names=tuple(orjson.dumps(orjson.loads(one)[1]) for one in concealment.plain),
            content=Stencil(specimen.content(), [*tells, *_texts(specimen)]),
            payload=Stencil(
                orjson.dumps(claims),
                [*_seconds(specimen, place, at), *tells, *sorted_digests, number[0].encode()],
            ),
        )


def _specimen(licence: Licence, days: list[date]) -> Licence:
    of = licence.id
    return replace(
        licence,
        id=LicenceId.make(of.type_code, of.issuer, new_serial(), of.version),
        number=_mark(),
        holders=tuple(Holder.known(_mark(), _mark(), _mark()) for _ in licence.holders),
        fields={},
        issued_on=days[0],
        valid_from=min(days[1:3]),
        valid_until=None if licence.valid_until is None else max(days[1:3]),
    )


def _seconds(specimen: Licence, place: StatusPlace, at: datetime) -> list[bytes]:
    until = specimen.valid_until
    return [
        b"%d" % int(at.timestamp()), b"%d" % place.index, orjson.dumps(place.uri),
        b"%d" % start_of(specimen.valid_from), NOWHERE if until is None else b"%d" % end_of(until),
    ]  # fmt: skip


def _told(specimen: Licence) -> list[bytes]:
    until = specimen.valid_until
    days = (specimen.issued_on, specimen.valid_from)
    return [
        str(specimen.id).encode("ascii"),
        *(day.isoformat().encode("ascii") for day in days),
        NOWHERE if until is None else until.isoformat().encode("ascii"),
        NO_FIELDS,
    ]


def _texts(specimen: Licence) -> list[bytes]:
    texts = [specimen.number]
    for holder in specimen.holders:
        texts += (holder.name, holder.number, holder.number_type)
    return json_texts(texts)


def _draw_days(count: int) -> list[date]:
    drawn = secrets.SystemRandom().sample(range(_DAYS), count)
    return [_DAY_ONE + timedelta(days=number) for number in drawn]


def _mark() -> str:
    return secrets.token_hex(_MARK_BYTES)
