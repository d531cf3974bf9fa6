"""File credentials (电子证照文件): an SD-JWT VC that is bound to no wallet, read for checking.

What it says is put into the form of a compact credential signed for paper, so that the same
checks serve both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from ecert.errors import FormatError, LicenceIdError, ParseError, RegionError, TrustError
from ecert.limits import MAX_PURPOSE_CHARS
from ecert.model.calendar import SHANGHAI
from ecert.model.characters import require_visible
from ecert.model.identifiers import LicenceId
from ecert.model.regions import parse_region
from ecert.reasons import Reason
from ecert.show import portrait
from ecert.show.compact import CompactClaims, CompactKind
from ecert.sign import sdjwt
from ecert.verify.recognised import PurposeCopy

if TYPE_CHECKING:
    from ecert.model.catalogue import Catalogue, LicenceType
    from ecert.sign.keys import PublicKey
    from ecert.trust.trust_list import TrustedIssuer

# What a department relies on must stand in the open part, where it cannot be held back.
_NEVER_DISCLOSABLE = sdjwt.NEVER_DISCLOSABLE | {
    "iat", "licence_id", "region", "issued_on", "valid_from", "valid_until",
    "purpose_copy",
}  # fmt: skip
WHOLE_FILE: Final = 0
"""In place of a show profile's number: fields are disclosed whole or not at all."""
_PURPOSE_COPY: Final = {"purpose", "maker", "made_at", "valid_until"}
# The end of the calendar, for a time in seconds.
_MAX_SECONDS: Final = int(datetime(9999, 12, 31, tzinfo=SHANGHAI).timestamp())
_ISSUER = "urn:ecert:issuer:"
_TYPE = "urn:ecert:type:"


@dataclass(frozen=True, slots=True)
class UnverifiedFile:
    """A file credential that parsed; nothing in it is proven."""

    kid: str
    issuer_code: str
    region: str
    _sdjwt: sdjwt.UnverifiedSDJWT
    _claims: dict[str, Any]

    def read_with(self, licence_type: LicenceType | None) -> LicenceType | None:
        """Return ``licence_type`` if it is the very definition that the file was made under.

        Another version of the definition may read the fields differently.
        """
        if licence_type is None or self._claims.get("vct#integrity") != licence_type.integrity():
            return None
        return licence_type

    @property
    def is_bound(self) -> bool:
        """Whether it names a wallet's key, or brings a key binding."""
        return "cnf" in self._claims or self._sdjwt.key_binding is not None

    def prove_binding(self, binding: sdjwt.KeyBinding) -> int:
        """Verify the holder's key binding, once `verify` has proven the issuer's signature.

        Returns:
            When it was made, seconds since 1970.

        Raises:
            ParseError: Malformed.
            TrustError: It does not hold.
        """
        return sdjwt.prove_binding(self._sdjwt, self._claims, binding)

    def holder_key(self) -> PublicKey:
        """Return the wallet's key that it names.

        Raises:
            TrustError: `holder-proof`: there is none.
            ParseError: It is malformed.
        """
        return sdjwt.holder_key(self._claims)

    def verify(self, key: PublicKey) -> None:
        """Verify the issuer's signature with ``key``.

        Raises:
            SignatureError: It does not fit.
        """
        self._sdjwt.token.verify([key])

    def purpose_copy(self) -> PurposeCopy | None:
        """Return what a purpose copy (加注件) is good for; None if it is the licence itself.

        Raises:
            ParseError: The claim is malformed.
        """
        return (
            _purpose_copy(self._claims["purpose_copy"]) if "purpose_copy" in self._claims else None
        )

    def portrait(self) -> bytes | None:
        """Return the holder's portrait, a JPEG, if it is disclosed.

        Raises:
            ParseError: The claim is no such picture.
        """
        said = self._claims
        return portrait.from_claim(said[portrait.CLAIM]) if portrait.CLAIM in said else None

    def claims(self, catalogue: Catalogue, issuer: TrustedIssuer, *, at: datetime) -> CompactClaims:
        """Return what it says, once `verify` has proven it.

        Raises:
            ParseError: A claim is missing or of the wrong type.
            TrustError: `licence-id-check`, or `not-yet-valid` for one made in the future.
        """
        said, copy = self._claims, self.purpose_copy()
        licence_id = _licence_id(said, self.issuer_code)
        listed, index = _status(said, issuer)
        return CompactClaims(
            kind=CompactKind.PAPER,
            type_code=licence_id.type_code,
            issuer_code=self.issuer_code,
            serial=licence_id.serial,
            version=licence_id.version,
            region=self.region,
            status_list=listed,
            status_index=index,
            signed_on=_signed_on(said, at),
            valid_from=_day(said, "valid_from"),
            valid_until=_last_day(said, copy),
            profile=WHOLE_FILE,
            holders=_holders(said),
            fields=_fields(said, catalogue.get(licence_id.type_code)),
            holder_key=None,
            number=_optional(said, "number"),
        )


def read(token: str) -> UnverifiedFile:
    """Take a file credential apart.

    Raises:
        ParseError: Malformed.
        TrustError: `holder-proof`: it is bound to a wallet, and a file is not.
    """
    file = read_any(token)
    if file.is_bound:
        raise TrustError("bound to a wallet: let it be shown", reason=Reason.HOLDER_PROOF)
    return file


def read_any(token: str) -> UnverifiedFile:
    """Take an SD-JWT VC of ours apart, bound to a wallet or not.

    Raises:
        ParseError: Malformed.
    """
    parsed = sdjwt.parse(token)
    claims = parsed.unverified_claims(never=_NEVER_DISCLOSABLE)
    kid, issuer = parsed.token.kid, _text(claims, "iss")
    if parsed.token.header.get("typ") != sdjwt.TYP or not isinstance(kid, str):
        raise ParseError("not an SD-JWT VC that names its key", where="header")
    if not issuer.startswith(_ISSUER):
        raise ParseError("iss is not an issuer of ours", where="iss")
    try:
        region = parse_region(_text(claims, "region"))
    except RegionError as error:
        raise ParseError(error.en, where="region") from error
    return UnverifiedFile(kid, issuer.removeprefix(_ISSUER), region, parsed, claims)


def _purpose_copy(said: object) -> PurposeCopy:
    # Nothing may be left out and nothing stand beside it that a clerk would not be shown.
    if not isinstance(said, dict) or said.keys() != _PURPOSE_COPY:
        raise ParseError("not purpose, maker, made_at and valid_until", where="purpose_copy")
    made_at = said["made_at"]
    if type(made_at) is not int or not 0 <= made_at <= _MAX_SECONDS:
        raise ParseError("not a time", where="purpose_copy.made_at")
    return PurposeCopy(
        purpose=_shown(said, "purpose"),
        maker=_shown(said, "maker"),
        made_at=datetime.fromtimestamp(made_at, SHANGHAI),
        valid_until=_day(said, "valid_until"),
    )


def _shown(said: dict[str, Any], name: str) -> str:
    text = _text(said, name)
    if not 1 <= len(text.strip()) <= len(text) <= MAX_PURPOSE_CHARS:
        raise ParseError("empty or too long", where=f"purpose_copy.{name}")
    try:
        require_visible(text, FormatError, where=f"purpose_copy.{name}")
    except FormatError as error:
        raise ParseError(error.en, where=error.where) from error
    return text


def _last_day(said: dict[str, Any], copy: PurposeCopy | None) -> date | None:
    last = _day(said, "valid_until") if "valid_until" in said else None
    if copy is None:
        return last
    # A copy ends before its licence or with it; whatever was signed, the earlier day counts.
    return copy.valid_until if last is None else min(last, copy.valid_until)


def _licence_id(said: dict[str, Any], issuer_code: str) -> LicenceId:
    try:
        licence_id = LicenceId.parse(_text(said, "licence_id"))
    except LicenceIdError as error:
        raise TrustError(error.en, reason=Reason.LICENCE_ID_CHECK) from error
    if (licence_id.issuer, f"{_TYPE}{licence_id.type_code}") != (issuer_code, said.get("vct")):
        raise ParseError("the licence id names another issuer or type", where="licence_id")
    return licence_id


def _status(said: dict[str, Any], issuer: TrustedIssuer) -> tuple[int, int]:
    place = said.get("status")
    place = place.get("status_list") if isinstance(place, dict) else None
    if not isinstance(place, dict) or type(place.get("idx")) is not int or place["idx"] < 0:
        raise ParseError("no place in a status list", where="status")
    uri = place.get("uri")
    # The address is compared with those that the trust list registers, never fetched.  One that
    # is not among them is number 0, which no issuer has: the status is then missing.
    number = next((ref.number for ref in issuer.status_lists if ref.uri == uri), 0)
    return number, place["idx"]


def _holders(said: dict[str, Any]) -> tuple[tuple[str | None, str | None], ...]:
    rows = said.get("holders")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise ParseError("no holders", where="holders")
    return tuple((_optional(row, "name"), _optional(row, "number")) for row in rows)


def _fields(said: dict[str, Any], licence_type: LicenceType | None) -> dict[int, str | int]:
    fields = said.get("fields", {})
    if not isinstance(fields, dict) or not all(isinstance(v, str) for v in fields.values()):
        raise ParseError("fields are not text by name", where="fields")
    if licence_type is None:
        return {}
    known = {name: licence_type.get_field(name) for name in fields}
    return {spec.key: fields[name] for name, spec in known.items() if spec is not None}


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str):
        raise ParseError("missing or not text", where=name)
    return value


def _optional(row: dict[str, Any], name: str) -> str | None:
    return _text(row, name) if name in row else None


def _signed_on(said: dict[str, Any], at: datetime) -> date:
    # Only iat: first and last day are looked at by the same check as for codes.
    sdjwt.check_times({"iat": said.get("iat")}, int(at.timestamp()))
    return datetime.fromtimestamp(said["iat"], SHANGHAI).date()


def _day(said: dict[str, Any], name: str) -> date:
    text = _text(said, name)
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ParseError("not a date", where=name) from error
    # Python also reads 20311231 and 2031-W01-1.
    if day.isoformat() != text:
        raise ParseError("not a date", where=name)
    return day
