"""The status list token: a signed JWT of type ``statuslist+jwt`` (Token Status List draft).

Our profile is narrower than the draft: ``exp`` is mandatory, because a list without it would be
believed for ever, and ``iat`` rises with every issue, because it is the version.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

import orjson

from ecert import limits
from ecert.errors import DocumentRefusedError, ParseError
from ecert.faults import DocumentFault
from ecert.sign import jws
from ecert.sign.strict import parse_json_object
from ecert.status.packing import DecodedList, decode_list, encode_list, pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ecert.sign.custody import Signer
    from ecert.sign.keys import PublicKey

TYP: Final = "statuslist+jwt"


@dataclass(frozen=True, slots=True)
class StatusList:
    """A status list whose signature is proven.

    Attributes:
        uri: Its address, which its issuer must have registered.
        issued: When it was made; in seconds it is the list's version.
        expires: From then on it says nothing: undetermined, never "valid".
        ttl: After how long a fresh copy should be fetched; a hint for fetching, not a limit of
            validity, so that an office that is off line can work until ``expires``.
        values: The entries.
        digest: SHA-256 of the payload in hex.
    """

    uri: str
    issued: datetime
    expires: datetime
    ttl: timedelta | None
    values: DecodedList
    digest: str

    @property
    def slot(self) -> str:
        """The place that successive issues of this list fill in turn."""
        return f"{TYP}:{self.uri}"

    @property
    def version(self) -> int:
        """The time of issue in seconds since 1970: what its high-water mark holds."""
        return int(self.issued.timestamp())

    @property
    def due(self) -> datetime:
        """When a fresh copy should be fetched."""
        return self.expires if self.ttl is None else min(self.expires, self.issued + self.ttl)

    def is_current(self, at: datetime) -> bool:
        """Tell whether the list still speaks at ``at``."""
        return at < self.expires


class HighWaterMark(Protocol):
    """What is remembered of the issue accepted last (see `ecert.trust.succession.Mark`)."""

    @property
    def version(self) -> int:
        """The time of issue in seconds since 1970."""
        ...

    @property
    def digest(self) -> str:
        """SHA-256 of the payload in hex."""
        ...


def build_token(
    uri: str,
    values: Mapping[int, int],
    *,
    size: int,
    signer: Signer,
    issued: datetime,
    expires: datetime,
    ttl: timedelta | None = None,
) -> str:
    """Build and sign a status list.

    Args:
        uri: The address that the issuer's record in the trust list registers.
        values: The entries that are not 0, by index.
        size: Number of entries, published in full from the start.
        signer: The issuer's key for status lists.
        issued: When it is made; later, by whole seconds, than the issue before.
        expires: When it stops to speak.
        ttl: After how long a fresh copy should be fetched.

    Raises:
        ValueError: ``expires`` is not after ``issued``, ``ttl`` is not at least a second, the
            entries do not fit (`ecert.status.packing.pack`), or the token would be too large.
    """
    iat, exp = int(issued.timestamp()), int(expires.timestamp())
    if exp <= iat:
        raise ValueError("a status list expires after it is issued")
    claims: dict[str, Any] = {"sub": uri, "iat": iat, "exp": exp}
    if ttl is not None:
        if ttl < timedelta(seconds=1):
            raise ValueError("ttl is at least a second")
        claims["ttl"] = int(ttl.total_seconds())
    lst = encode_list(pack(values, size, limits.STATUS_BITS))
    claims["status_list"] = {"bits": limits.STATUS_BITS, "lst": lst}
    token = jws.sign({"typ": TYP}, orjson.dumps(claims), signer)
    if len(token) > limits.MAX_STATUS_TOKEN_CHARS:
        raise ValueError("the list is too large for one token: begin another list")
    return token


def unverified_uri(token: str) -> str:
    """Return the address that a token claims: good for finding the keys to prove it by.

    Raises:
        ParseError: Malformed, or too large.
    """
    return _uri(parse_json_object(_parse(token).payload))


def open_token(token: str, keys: Iterable[PublicKey], *, at: datetime) -> StatusList:
    """Prove a status list and check that it speaks now.

    Args:
        token: The compact JWT.
        keys: The status keys of the issuer that has registered the list's address.
        at: This machine's time.

    Raises:
        ParseError: Malformed, too large, of another type, or outside our profile.
        SignatureError: None of ``keys`` has signed it.
        DocumentRefusedError: Fault `expired` or `from-future`.
    """
    opened = restore_token(token, keys)
    if not opened.is_current(at):
        moment = f"{opened.expires:%Y-%m-%d %H:%M}Z"
        raise DocumentRefusedError(
            DocumentFault.EXPIRED,
            moment,
            moment,
            where="exp",
            fix_zh="请更新状态表",
            fix_en="Fetch the status list again",
        )
    if opened.issued > at + limits.LIST_CLOCK_SKEW:
        moment = f"{opened.issued:%Y-%m-%d %H:%M}Z"
        raise DocumentRefusedError(DocumentFault.FROM_FUTURE, moment, moment, where="iat")
    return opened


def restore_token(token: str, keys: Iterable[PublicKey]) -> StatusList:
    """Prove a status list that was accepted before, whatever the time is now.

    One that has expired since must be known in order to be told apart from one that never came.

    Raises:
        ParseError: Malformed, too large, of another type, or outside our profile.
        SignatureError: None of ``keys`` has signed it.
    """
    parsed = _parse(token)
    parsed.verify(keys)
    claims = parse_json_object(parsed.payload)
    issued, expires = _moment(claims, "iat"), _moment(claims, "exp")
    if expires <= issued:
        raise ParseError("the list expires before it is issued", where="exp")
    return StatusList(
        uri=_uri(claims),
        issued=issued,
        expires=expires,
        ttl=_ttl(claims),
        values=_entries(claims),
        digest=hashlib.sha256(parsed.payload).hexdigest(),
    )


def check_status_succession(new: StatusList, mark: HighWaterMark | None) -> None:
    """Check that ``new`` may take the place of the issue that ``mark`` remembers.

    Raises:
        DocumentRefusedError: Fault `rollback` (a genuine but older list, from before a
            revocation) or `version-conflict` (the same second with other content).
    """
    if mark is None:
        return
    if new.version < mark.version:
        raise DocumentRefusedError(
            DocumentFault.ROLLBACK,
            f"收到 {new.issued:%Y-%m-%d %H:%M:%S}Z 的状态表，已有更新的",
            f"got the list of {new.issued:%Y-%m-%d %H:%M:%S}Z, have a later one",
            where="iat",
        )
    if new.version == mark.version and new.digest != mark.digest:
        moment = f"{new.issued:%Y-%m-%d %H:%M:%S}Z"
        raise DocumentRefusedError(DocumentFault.VERSION_CONFLICT, moment, moment, where="iat")


def _parse(token: str) -> jws.UnverifiedJWS:
    parsed = jws.parse(token, max_chars=limits.MAX_STATUS_TOKEN_CHARS)
    # The same key must not lend its signature to another kind of token.
    if parsed.header.get("typ") != TYP:
        raise ParseError(f"typ is not {TYP}", where="header")
    return parsed


def _uri(claims: dict[str, Any]) -> str:
    uri = claims.get("sub")
    if not isinstance(uri, str) or not uri:
        raise ParseError("sub is not an address", where="sub")
    return uri


def _moment(claims: dict[str, Any], name: str) -> datetime:
    seconds = claims.get(name)
    # The bound also catches milliseconds, which would never expire.
    if type(seconds) is not int or not 0 < seconds <= limits.MAX_NUMERIC_DATE:
        raise ParseError(f"{name} is not a time in whole seconds", where=name)
    return datetime.fromtimestamp(seconds, UTC)


def _ttl(claims: dict[str, Any]) -> timedelta | None:
    if "ttl" not in claims:
        return None
    seconds = claims["ttl"]
    if type(seconds) is not int or not 0 < seconds <= limits.MAX_NUMERIC_DATE:
        raise ParseError("ttl is not a number of whole seconds", where="ttl")
    return timedelta(seconds=seconds)


def _entries(claims: dict[str, Any]) -> DecodedList:
    entries = claims.get("status_list")
    if not isinstance(entries, dict) or not isinstance(entries.get("lst"), str):
        raise ParseError("there is no list", where="status_list")
    # An aggregation_uri may stand beside; addresses come from configuration, so it is not read.
    return decode_list(entries.get("bits", 0), entries["lst"])
