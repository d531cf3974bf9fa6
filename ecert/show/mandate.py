"""The mandate (委托): a principal signs who may show which licences, for what, until when.

A COSE_Sign1 by the principal's key, which the licences name; there is no key id.  The payload is
a CBOR map with integer keys in rising order:

====  ===========================================================================
 0    4: this is a mandate
 1    mandate id, 8 random bytes
 2    agent: [name, last four of the number]
 3    the agent's COSE_Key
 4    licences: [[digest, profile, …], …], each with the show profiles that it may be shown in
 5    matters: [text, …]; ``["*"]`` for all
 6    [from, until], seconds since 1970; until is the first second that is too late
 7    status: [issuer code, list number, index]
====  ===========================================================================

A licence is named by the first 16 bytes of SHA-256(mandate id ‖ CBOR [type, issuer, serial,
version]): it takes less space in a code, and a window learns nothing of those not shown.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

import cbor2

from ecert import limits
from ecert.errors import FormatError, ParseError
from ecert.model.characters import require_visible
from ecert.show.agent import Agent, name_fault, number_fault
from ecert.sign import cose
from ecert.sign.keys import PublicKey
from ecert.sign.strict import bounded, parse_cbor

if TYPE_CHECKING:
    from ecert.show.compact import CompactClaims
    from ecert.sign.custody import Signer

ALL: Final = "*"
"""All matters."""
_KIND, _ID, _AGENT, _KEY, _LICENCES, _MATTERS, _TIMES, _STATUS = range(8)
_SHAPE: Final = list(range(8))
_MANDATE: Final = 4
_ID_BYTES: Final = 8
_DIGEST_BYTES: Final = 16
_MAX_PROFILE: Final = 15
_ISSUER: Final = re.compile("[0-9A-Z]{1,18}")
_PLACE: Final = re.compile("([0-9A-Z]{1,18})/([1-9][0-9]{0,8})-(0|[1-9][0-9]{0,8})")


class MandatePlace(NamedTuple):
    """A mandate's own place in an issuer's status lists, where it can be withdrawn."""

    issuer_code: str
    list_number: int
    position: int

    @property
    def credential_id(self) -> str:
        """The issuer's name for it, as ``1-70231``."""
        return f"{self.list_number}-{self.position}"

    def __str__(self) -> str:
        return f"{self.issuer_code}/{self.credential_id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` writes.

        Raises:
            FormatError: It is nothing of the kind.
        """
        found = _PLACE.fullmatch(text)
        if found is None:
            raise FormatError(
                "不是委托登记号", "not the place of a mandate", where=text[:40],
                fix_zh="形如 11511623008888888K/3-70231，由 ecert mandate enter 给出",
                fix_en="It is like 11511623008888888K/3-70231, as ecert mandate enter tells it",
            )  # fmt: skip
        return cls(found[1], int(found[2]), int(found[3]))


class CoveredLicence(NamedTuple):
    """A licence that a mandate covers, and how much of it may be shown."""

    digest: bytes
    profiles: tuple[int, ...]
    """Numbers of show profiles, rising; at least one."""


class MandateClaims(NamedTuple):
    """What a mandate says."""

    id: bytes
    agent: Agent
    licences: tuple[CoveredLicence, ...]
    matters: tuple[str, ...]
    """Matters or scenes, or ``*`` alone."""
    begins: datetime
    ends: datetime
    """The first moment at which it no longer holds."""
    place: MandatePlace

    def covering(self, claims: CompactClaims) -> CoveredLicence | None:
        """Return how a licence is covered; None if it is not."""
        digest = licence_digest(self.id, claims)
        return next((one for one in self.licences if one.digest == digest), None)


class UnverifiedMandate(NamedTuple):
    """A mandate that parsed; nothing in it is proven."""

    data: bytes
    sign1: cose.UnverifiedSign1
    claims: MandateClaims


def new_id() -> bytes:
    """Return a random mandate id."""
    return secrets.token_bytes(_ID_BYTES)


def licence_digest(mandate_id: bytes, claims: CompactClaims) -> bytes:
    """Return how the mandate ``mandate_id`` names the licence of a compact credential."""
    named = [claims.type_code, claims.issuer_code, claims.serial, claims.version]
    return hashlib.sha256(mandate_id + cbor2.dumps(named)).digest()[:_DIGEST_BYTES]


def sign(claims: MandateClaims, principal: Signer) -> bytes:
    """Sign a mandate with the principal's key.

    Raises:
        ParseError: It would not be read again: a bound is passed.
    """
    payload = {
        _KIND: _MANDATE,
        _ID: claims.id,
        _AGENT: [claims.agent.name, claims.agent.number],
        _KEY: claims.agent.key.cose_key(),
        _LICENCES: [[one.digest, *one.profiles] for one in claims.licences],
        _MATTERS: list(claims.matters),
        _TIMES: [int(claims.begins.timestamp()), int(claims.ends.timestamp())],
        _STATUS: list(claims.place),
    }
    data = cose.sign1(cbor2.dumps(payload), principal)
    parse(data)
    return data


def parse(data: bytes) -> UnverifiedMandate:
    """Take a mandate apart.

    Raises:
        ParseError: Anything but the shape above, or a bound of `ecert.limits` is passed.
    """
    sign1 = cose.parse_sign1(bounded(data, limits.MAX_MANDATE_BYTES, where="mandate"))
    if sign1.kid is not None:
        raise ParseError("a mandate names no key: the licences do", where="mandate")
    payload = parse_cbor(sign1.payload, where="mandate")
    if type(payload) is not dict or list(payload) != _SHAPE:
        raise ParseError("not the shape of a mandate", where="mandate")
    if type(payload[_KIND]) is not int or payload[_KIND] != _MANDATE:
        raise ParseError("this is not a mandate", where="mandate.0")
    if type(payload[_ID]) is not bytes or len(payload[_ID]) != _ID_BYTES:
        raise ParseError("the mandate's id has 8 bytes", where="mandate.1")
    begins, ends = _times(payload[_TIMES])
    claims = MandateClaims(
        payload[_ID], _agent(payload), _licences(payload[_LICENCES]),
        _matters(payload[_MATTERS]), begins, ends, _place(payload[_STATUS]),
    )  # fmt: skip
    return UnverifiedMandate(data, sign1, claims)


def _row(value: object, types: list[type], where: str) -> list[Any]:
    if type(value) is not list or list(map(type, value)) != types:
        raise ParseError("a row has the wrong length or types", where=where)
    return value


def _agent(payload: dict[int, Any]) -> Agent:
    name, number = _row(payload[_AGENT], [str, str], "mandate.2")
    fault = name_fault(name) or number_fault(number)
    if fault is not None:
        raise ParseError(fault, where="mandate.2")
    return Agent(name, number, PublicKey.from_cose_key(payload[_KEY]))


def _licences(rows: object) -> tuple[CoveredLicence, ...]:
    if type(rows) is not list or not 1 <= len(rows) <= limits.MAX_LICENCES_PER_CODE:
        raise ParseError("a mandate covers no licence, or too many", where="mandate.4")
    covered = tuple([_covered(row) for row in rows])
    if len({one.digest for one in covered}) != len(covered):
        raise ParseError("a licence stands in the mandate twice", where="mandate.4")
    return covered


def _covered(row: object) -> CoveredLicence:
    if type(row) is not list or not 2 <= len(row) <= 1 + _MAX_PROFILE:
        raise ParseError("a licence is [digest, profile, …]", where="mandate.4")
    digest, *profiles = row
    if type(digest) is not bytes or len(digest) != _DIGEST_BYTES:
        raise ParseError("a licence's digest has 16 bytes", where="mandate.4")
    if any(type(one) is not int or not 1 <= one <= _MAX_PROFILE for one in profiles):
        raise ParseError("a profile is not a number in range", where="mandate.4")
    if sorted(set(profiles)) != profiles:
        raise ParseError("the profiles do not rise", where="mandate.4")
    return CoveredLicence(digest, tuple(profiles))


def _matters(matters: object) -> tuple[str, ...]:
    if type(matters) is not list or not 1 <= len(matters) <= limits.MAX_MANDATE_MATTERS:
        raise ParseError("a mandate names no matter, or too many", where="mandate.5")
    for matter in matters:
        if type(matter) is not str or not 1 <= len(matter) <= limits.MAX_MANDATE_MATTER_CHARS:
            raise ParseError("a matter is not text in range", where="mandate.5")
        try:
            require_visible(matter, FormatError, where="mandate.5")
        except FormatError as error:
            raise ParseError(error.en, where="mandate.5") from error
    if ALL in matters and len(matters) > 1:
        raise ParseError("all matters, and others beside them", where="mandate.5")
    if len(set(matters)) != len(matters):
        raise ParseError("a matter stands in the mandate twice", where="mandate.5")
    return tuple(matters)


def _times(value: object) -> tuple[datetime, datetime]:
    begins, ends = _row(value, [int, int], "mandate.6")
    if not 0 <= begins < ends <= limits.MAX_NUMERIC_DATE:
        raise ParseError("a mandate begins before it ends", where="mandate.6")
    return datetime.fromtimestamp(begins, UTC), datetime.fromtimestamp(ends, UTC)


def _place(value: object) -> MandatePlace:
    issuer, number, index = _row(value, [str, int, int], "mandate.7")
    if not _ISSUER.fullmatch(issuer) or not 1 <= number < 10**9 or not 0 <= index < 10**9:
        raise ParseError("issuer, status list or index is out of range", where="mandate.7")
    return MandatePlace(issuer, number, index)
