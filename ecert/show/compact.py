"""The compact credential: a COSE_Sign1 twin of the SD-JWT VC, small enough for a show code.

One per show profile.  The payload is a CBOR map with integer keys in rising order:

====  ===========================================================================
 0    kind: 1 wallet (bound to a holder key), 2 paper (bearer)
 1    licence id: [type code, issuer code, serial, version]
 2    region, as a number
 3    status: [list number in the issuer's record, index]
 4    [signed on, valid from, valid until or null], days since 1970-01-01
 5    show profile, by number
 6    holders: [[name or null, number as masked or null], …]
 7    {field key: value}; dates are day numbers
 8    cnf: {1: COSE_Key}, wallet only (RFC 8747)
 9    licence number, only in profiles that tell it
10    what it is limited to, paper only and only with a last day (加注件制作事由)
====  ===========================================================================
"""

from __future__ import annotations

from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from ecert import limits
from ecert.errors import FormatError, LicenceIdError, ParseError
from ecert.model.characters import require_visible
from ecert.model.identifiers import LicenceId
from ecert.sign import cbor, cose
from ecert.sign.keys import PublicKey
from ecert.sign.strict import parse_cbor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecert.sign.custody import Signer

FieldValue: TypeAlias = "str | int"

(
    _KIND, _ID, _REGION, _STATUS, _DATES, _PROFILE, _HOLDERS, _FIELDS, _CNF, _NUMBER, _PURPOSE
) = range(11)  # fmt: skip
_COSE_KEY = 1  # member of cnf (RFC 8747 §3.1)
_EPOCH = date(1970, 1, 1).toordinal()
_MIN_DAY = date.min.toordinal() - _EPOCH
_MAX_DAY = date.max.toordinal() - _EPOCH


class CompactKind(IntEnum):
    """What a compact credential was signed for."""

    WALLET = 1
    PAPER = 2


# Near at hand: reading a member of an enumeration takes as long as a call.
_WALLET, _PAPER = CompactKind.WALLET, CompactKind.PAPER


class CompactClaims(NamedTuple):
    """What a compact credential says.

    ``holder_key`` is there exactly if ``kind`` is `CompactKind.WALLET`.
    """

    kind: CompactKind
    type_code: str
    issuer_code: str
    serial: str
    version: int
    region: str
    status_list: int
    status_index: int
    signed_on: date
    valid_from: date
    valid_until: date | None
    profile: int
    holders: tuple[tuple[str | None, str | None], ...]
    fields: Mapping[int, FieldValue]
    holder_key: PublicKey | None
    number: str | None = None
    """The licence number (证照编号), where the profile tells it."""
    purpose: str | None = None
    """What paper is limited to (加注件制作事由); then ``valid_until`` is its own last day."""

    def licence_id(self) -> str | None:
        """Return the licence id (证照标识) with the standard's check character.

        None if a part of it does not have its form; whoever signed it is to blame.
        """
        try:
            made = LicenceId.make(self.type_code, self.issuer_code, self.serial, self.version)
        except LicenceIdError:
            return None
        return str(made)


class UnverifiedCompact(NamedTuple):
    """A compact credential that parsed; nothing in it is proven."""

    sign1: cose.UnverifiedSign1
    claims: CompactClaims
    cnf: object = None
    """The holder's key as it was written."""


def day_number(day: date) -> int:
    """Return days since 1970-01-01; birthdays may lie before it."""
    return day.toordinal() - _EPOCH


def from_day_number(number: int) -> date:
    """Return the date that is ``number`` days after 1970-01-01.

    Raises:
        ParseError: Out of the calendar.
    """
    if not _MIN_DAY <= number <= _MAX_DAY:
        raise ParseError("a day number is out of range")
    return date.fromordinal(_EPOCH + number)


def sign(claims: CompactClaims, signer: Signer) -> bytes:
    """Sign ``claims`` with the issuer's key."""
    return cose.sign1(_payload(claims), signer, kid=signer.public.short_kid)


# What stands before holders and fields: the keys 0 to 5, each before its value, and the key 6.
_HEAD = b"\x00%b\x01\x84%b%b%b%b\x02%b\x03\x82%b%b\x04\x83%b%b%b\x05%b\x06"


def _payload(claims: CompactClaims) -> bytes:
    number, text = cbor.number, cbor.text
    until, key, licence_number = claims.valid_until, claims.holder_key, claims.number
    head = _HEAD % (
        number(claims.kind),
        text(claims.type_code), text(claims.issuer_code), text(claims.serial),
        number(claims.version),
        number(int(claims.region)),
        number(claims.status_list), number(claims.status_index),
        number(day_number(claims.signed_on)), number(day_number(claims.valid_from)),
        cbor.NULL if until is None else number(day_number(until)),
        number(claims.profile),
    )  # fmt: skip
    size = _CNF + sum(one is not None for one in (key, licence_number, claims.purpose))
    parts = [cbor.pairs(size), head, cbor.array(len(claims.holders))]
    for name, digits in claims.holders:
        parts += (
            b"\x82",
            cbor.NULL if name is None else text(name),
            cbor.NULL if digits is None else text(digits),
        )
    parts += b"\x07", cbor.pairs(len(claims.fields))
    for place, value in sorted(claims.fields.items()):
        parts += number(place), number(value) if isinstance(value, int) else text(value)
    if key is not None:
        parts += b"\x08\xa1\x01", key.cose_key_bytes
    if licence_number is not None:
        parts += b"\x09", text(licence_number)
    if claims.purpose is not None:
        parts += b"\x0a", text(claims.purpose)
    return b"".join(parts)


def parse(data: bytes, *, beside: UnverifiedCompact | None = None) -> UnverifiedCompact:
    """Take a compact credential apart.

    Args:
        data: The COSE_Sign1.
        beside: Another credential of the same code: where both name the same holder's key, it
            is loaded only once.

    Raises:
        ParseError: Anything but the shape above.
    """
    sign1 = cose.parse_sign1(data)
    if sign1.kid is None or len(sign1.kid) != 8:
        raise ParseError("a compact credential names its key in 8 bytes")
    payload = parse_cbor(sign1.payload, where="compact")
    if type(payload) is not dict:
        raise ParseError("the payload is not a map")
    if tuple(payload) not in _SHAPES:
        raise ParseError("the payload has other keys than it should")
    kind = _WALLET if _CNF in payload else _PAPER
    if payload[_KIND] != kind or type(payload[_KIND]) is not int:
        raise ParseError("the kind does not fit the holder key", where="compact.0")
    return UnverifiedCompact(sign1, _claims(payload, kind, beside), payload.get(_CNF))


_COMMON = tuple(range(_CNF))
_SHAPES = frozenset(
    {
        (*_COMMON, _CNF), _COMMON, (*_COMMON, _CNF, _NUMBER), (*_COMMON, _NUMBER),
        (*_COMMON, _PURPOSE), (*_COMMON, _NUMBER, _PURPOSE),
    }
)  # fmt: skip


def _claims(
    payload: dict[int, Any], kind: CompactKind, beside: UnverifiedCompact | None
) -> CompactClaims:
    type_code, issuer_code, serial, version = _row(payload, _ID, [str, str, str, int])
    list_number, index = _row(payload, _STATUS, [int, int])
    dates = payload[_DATES]
    if type(dates) is not list or len(dates) != 3 or type(dates[0]) is not int:
        raise ParseError("dates are [signed, from, until]", where="compact.4")
    region, profile = payload[_REGION], payload[_PROFILE]
    if type(region) is not int or type(profile) is not int or not 0 <= region <= 999_999:
        raise ParseError("region or profile is not a number in range")
    if not (1 <= version <= 999 and list_number >= 1 and index >= 0):
        raise ParseError("version, status list or index is out of range")
    return CompactClaims(
        kind, type_code, issuer_code, serial, version, f"{region:06d}", list_number, index,
        from_day_number(dates[0]), from_day_number(_whole(dates[1])),
        None if dates[2] is None else from_day_number(_whole(dates[2])),
        profile, _holders(payload[_HOLDERS]), _fields(payload[_FIELDS]),
        number=_licence_number(payload) if _NUMBER in payload else None,
        purpose=_purpose(payload) if _PURPOSE in payload else None,
        # Last of all, because to find its point drives the rest out of the processor's cache.
        holder_key=None if kind is _PAPER else _key(payload[_CNF], beside),
    )  # fmt: skip


def _licence_number(payload: dict[int, Any]) -> str:
    number = payload[_NUMBER]
    if type(number) is not str:
        raise ParseError("the licence number is not text", where="compact.9")
    return number


def _purpose(payload: dict[int, Any]) -> str:
    purpose = payload[_PURPOSE]
    if type(purpose) is not str or not 1 <= len(purpose) <= limits.MAX_PURPOSE_CHARS:
        raise ParseError("the purpose is not text in range", where="compact.10")
    # A clerk reads it: nothing in it may be invisible, or turn the line around.
    if purpose != purpose.strip() or payload[_DATES][2] is None:
        raise ParseError("a purpose has no blanks around it, and a last day", where="compact.10")
    try:
        require_visible(purpose, FormatError, where="compact.10")
    except FormatError as error:
        raise ParseError(error.en, where="compact.10") from error
    return purpose


def _row(payload: dict[int, Any], key: int, types: list[type]) -> list[Any]:
    row = payload[key]
    if type(row) is not list or list(map(type, row)) != types:
        raise ParseError("a row has the wrong length or types", where=f"compact.{key}")
    return row


def _whole(value: object) -> int:
    if type(value) is not int:
        raise ParseError("a day number is not a whole number", where="compact.4")
    return value


_TEXT_OR_NULL = frozenset({str, type(None)})


def _holders(rows: object) -> tuple[tuple[str | None, str | None], ...]:
    if type(rows) is not list or not 1 <= len(rows) <= limits.MAX_HOLDERS:
        raise ParseError("no holders, or too many", where="compact.6")
    for row in rows:
        if type(row) is not list or len(row) != 2 or not _TEXT_OR_NULL.issuperset(map(type, row)):
            raise ParseError("a holder is [name, number]", where="compact.6")
    return tuple([(name, number) for name, number in rows])


_TEXT_OR_NUMBER = frozenset({str, int})


def _fields(fields: object) -> dict[int, FieldValue]:
    if type(fields) is not dict or len(fields) > limits.MAX_FIELDS:
        raise ParseError("fields are not a map, or too many", where="compact.7")
    for key, value in fields.items():
        if type(key) is not int or type(value) not in _TEXT_OR_NUMBER:
            raise ParseError("a field has the wrong type", where="compact.7")
    return fields


def _key(cnf: object, beside: UnverifiedCompact | None) -> PublicKey:
    # By their text, which tells true from 1 as equality does not.
    if beside is not None and repr(cnf) == repr(beside.cnf):
        known = beside.claims.holder_key
        if known is not None:
            return known
    if type(cnf) is not dict or list(cnf) != [_COSE_KEY]:
        raise ParseError("cnf holds one COSE_Key", where="compact.8")
    return PublicKey.from_cose_key(cnf[_COSE_KEY])
