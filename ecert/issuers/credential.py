"""Signs one credential of a licence: the SD-JWT VC and a compact twin per show profile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ecert.model import masks
from ecert.model.calendar import SHANGHAI, office_day
from ecert.show import compact, portrait
from ecert.show.compact import CompactClaims, CompactKind
from ecert.show.delivery import Delivery
from ecert.sign import sdjwt
from ecert.sign.concealment import SD_ALG, Concealment, Salts, require_unreserved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecert.issuers.purpose import Purpose
    from ecert.model.catalogue import LicenceType, ShowProfile
    from ecert.model.holders import Holder
    from ecert.model.licence import Licence
    from ecert.sign.custody import Signer
    from ecert.sign.keys import PublicKey

_EPOCH = date(1970, 1, 1).toordinal()
_SECONDS_A_DAY = 24 * 60 * 60
_SECONDS_AHEAD = int(SHANGHAI.utcoffset(None).total_seconds())


@dataclass(frozen=True, slots=True)
class StatusPlace:
    """Where a credential's status stands."""

    list_number: int
    index: int
    uri: str


def write_credential(
    licence: Licence,
    licence_type: LicenceType,
    signer: Signer,
    place: StatusPlace,
    *,
    holder_key: PublicKey | None,
    at: datetime,
    purpose: Purpose | None = None,
    picture: bytes | None = None,
) -> Delivery:
    """Sign ``licence`` for a wallet (``holder_key``), or as an unbound file credential.

    The holder's portrait (``picture``) travels in the SD-JWT VC alone.  A file credential has no
    compact twins: a show code needs a holder's proof.
    """
    twins = {}
    if holder_key is not None:
        on = office_day(at)
        for profile in licence_type.profiles:
            claims = compact_claims(
                licence, licence_type, profile, place, holder_key=holder_key, on=on
            )
            twins[profile.name] = compact.sign(claims, signer)
    unsigned = prepare_file(
        licence, licence_type, signer.public, place, holder_key=holder_key, at=at,
        purpose=purpose, picture=picture,
    )  # fmt: skip
    return unsigned.signed(signer.sign(unsigned.sd_jwt.signing_input), twins)


@dataclass(frozen=True, slots=True)
class UnsignedFile:
    """A credential that lacks only its issuer's signature."""

    licence: Licence
    licence_id: str
    sd_jwt: sdjwt.UnsignedSDJWT

    def signed(self, signature: bytes, twins: Mapping[str, bytes]) -> Delivery:
        """Return it whole, with its compact twins."""
        return Delivery(
            licence_id=self.licence_id,
            type_code=self.licence.type_code,
            type_name=self.licence.type_name,
            issuer_name=self.licence.issuer_name,
            sd_jwt=self.sd_jwt.signed(signature),
            compact=twins,
        )


def prepare_file(
    licence: Licence,
    licence_type: LicenceType,
    public: PublicKey,
    place: StatusPlace,
    *,
    at: datetime,
    holder_key: PublicKey | None = None,
    purpose: Purpose | None = None,
    picture: bytes | None = None,
    salts: Salts | None = None,
) -> UnsignedFile:
    """Return the SD-JWT VC of ``licence``, ready to be signed with the key of ``public``.

    Its salts come from ``salts``, or are drawn for it alone.  Who makes many of them for files has
    `ecert.issuers.bulk.writing`.
    """
    concealment = Concealment(salts)
    payload = file_claims(
        licence, licence_type, place, concealment, at=at, holder_key=holder_key, picture=picture
    )
    if purpose is not None:
        payload |= purpose.claims(at)
    unsigned = sdjwt.prepare(payload, concealment, public)
    return UnsignedFile(licence, payload["licence_id"], unsigned)


def file_claims(
    licence: Licence,
    licence_type: LicenceType,
    place: StatusPlace,
    concealment: Concealment,
    *,
    at: datetime,
    holder_key: PublicKey | None = None,
    picture: bytes | None = None,
) -> dict[str, Any]:
    """Return the payload of the SD-JWT VC of ``licence``; ``concealment`` hides what is hidden."""
    require_unreserved(licence.fields)
    visible, kept_back = licence_type.split(licence.fields)
    apart = {"number": licence.number}
    if picture is not None:
        apart[portrait.CLAIM] = portrait.to_claim(picture)
    number, fields, *holders = concealment.texts(apart, kept_back, *map(_holder, licence.holders))
    payload: dict[str, Any] = {
        "iss": f"urn:ecert:issuer:{licence.issuer_code}",
        "vct": f"urn:ecert:type:{licence.type_code}",
        "vct#integrity": licence_type.integrity(),
        "iat": int(at.timestamp()),
        "nbf": start_of(licence.valid_from),
        "status": {"status_list": {"idx": place.index, "uri": place.uri}},
        "licence_id": str(licence.id),
        "region": licence.region,
        "type_name": licence.type_name,
        "issuer_name": licence.issuer_name,
        "issued_on": licence.issued_on.isoformat(),
        "valid_from": licence.valid_from.isoformat(),
        "holders": [{"_sd": digests} for digests in holders],
        "fields": {**visible, "_sd": fields} if fields else visible,
        "_sd": number,
        "_sd_alg": SD_ALG,
    }
    if licence.valid_until is not None:
        payload["valid_until"] = licence.valid_until.isoformat()
        # The last day counts to its end.
        payload["exp"] = end_of(licence.valid_until)
    if holder_key is not None:
        payload["cnf"] = {"jwk": holder_key.jwk()}
    return payload


def start_of(day: date) -> int:
    """Return ``nbf`` of a licence: when its first day begins, in seconds since 1970."""
    return _start_of(day.toordinal())


def end_of(day: date) -> int:
    """Return ``exp`` of a licence: when its last day is over."""
    return _start_of(day.toordinal() + 1)


def _start_of(ordinal: int) -> int:
    # A licence older than 1970 has been valid for as long as JWT can tell.
    return max(0, (ordinal - _EPOCH) * _SECONDS_A_DAY - _SECONDS_AHEAD)


def _holder(holder: Holder) -> dict[str, str]:
    return {"name": holder.name, "number": holder.number, "number_type": holder.number_type}


def compact_claims(
    licence: Licence,
    licence_type: LicenceType,
    profile: ShowProfile,
    place: StatusPlace,
    *,
    holder_key: PublicKey | None,
    on: date,
) -> CompactClaims:
    """Return what the compact credential of ``profile`` says; without a holder key, for paper."""
    licence_id = licence.id
    return CompactClaims(
        kind=CompactKind.PAPER if holder_key is None else CompactKind.WALLET,
        type_code=licence.type_code,
        issuer_code=licence_id.issuer,
        serial=licence_id.serial,
        version=licence_id.version,
        region=licence.region,
        status_list=place.list_number,
        status_index=place.index,
        signed_on=on,
        valid_from=licence.valid_from,
        valid_until=licence.valid_until,
        profile=profile.number,
        holders=tuple([_shown_holder(holder, profile) for holder in licence.holders]),
        fields=_shown_fields(licence, licence_type, profile),
        holder_key=holder_key,
        number=licence.number if profile.licence_number else None,
    )


def _shown_holder(holder: Holder, profile: ShowProfile) -> tuple[str | None, str | None]:
    name = holder.name if profile.holder_name == "full" else masks.apply("name", holder.name)
    if profile.holder_number == "hidden":
        return name, None
    return name, holder.number if profile.holder_number == "full" else holder.last_four


def _shown_fields(
    licence: Licence, licence_type: LicenceType, profile: ShowProfile
) -> dict[int, str | int]:
    shown: dict[int, str | int] = {}
    fields = licence.fields
    for name, key, kind, mask in licence_type.told_by(profile):
        value = fields.get(name)
        if value is None:
            continue
        if mask != "none":
            shown[key] = masks.apply(mask, value)
        elif kind == "date":
            shown[key] = compact.day_number(date.fromisoformat(value))
        elif kind == "integer":
            shown[key] = int(value)
        else:
            shown[key] = value
    return shown
