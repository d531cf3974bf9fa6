"""The trust list (可信签发机构名单): a region's issuers, their keys, and where their status stands.

Keys are scoped to a use, to licence types and to dates.  Everything that verification believes
about a key is said here and nothing of it in a token.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from ecert import limits
from ecert.errors import DocumentRefusedError, ParseError
from ecert.faults import DocumentFault
from ecert.model.codes import parse_uscc
from ecert.model.regions import covers
from ecert.trust.document import (
    Document,
    RegionCode,
    Strict,
    UTCTime,
    VisibleName,
    checked_by,
    content_fault,
    fault,
    load_jwk,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from ecert.sign.keys import PublicKey

ALL_TYPES = "*"
MAX_URI_CHARS = 255
# Neither query nor fragment, by which an issuer could tell holders apart, and no user part.
_URI = re.compile(
    r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%!$&'()*+,;=:@-]*)*"
)

KeyUse = Literal["licence", "status"]
KeyState = Literal["active", "retired", "compromised"]


def require_uri(text: str) -> None:
    """Require an http(s) address without user, query and fragment.

    Raises:
        ParseError: It is none.
    """
    if not _URI.fullmatch(text):
        raise ParseError("not an http(s) address without query and fragment", where="uri")


USCC = Annotated[str, checked_by(parse_uscc)]
TypeScope = Annotated[str, StringConstraints(pattern=r"^(\*|[0-9A-Z]{21})$")]
StatusURI = Annotated[str, Field(max_length=MAX_URI_CHARS), checked_by(require_uri)]


class KeyRecord(Strict):
    """One public key of an issuer, and what it is good for.

    Attributes:
        jwk: The public key; it fixes the algorithm.
        use: ``licence`` signs credentials, ``status`` signs status lists.
        types: Licence type codes that it may sign; `ALL_TYPES` for all of the issuer's.
        valid_from: From this moment on it may sign.
        valid_until: From this moment on it may not; open while absent.
        state: ``retired`` signs no more, but what it signed stays good; of a ``compromised``
            key nothing is good, because a thief writes any date.
        aliases: Other names that this SM2 signer's headers give its algorithm.
        signature_form: ``der`` for an SM2 signer whose software writes DER instead of r‖s.
    """

    jwk: dict[str, str]
    use: KeyUse
    types: tuple[TypeScope, ...] = Field(min_length=1)
    valid_from: UTCTime
    valid_until: UTCTime | None = None
    state: KeyState = "active"
    aliases: tuple[Literal["SM2", "SM2SM3"], ...] | None = None
    signature_form: Literal["der"] | None = None

    @model_validator(mode="after")
    def _load_key(self) -> Self:
        try:
            _ = self.public
        except ParseError as error:
            raise fault(error.zh, error.en) from error
        return self

    @cached_property
    def public(self) -> PublicKey:
        """The key, loaded and proven to be on its curve."""
        key = load_jwk(self.jwk)
        if self.aliases is None and self.signature_form is None:
            return key
        return key.tolerating(aliases=self.aliases or (), der=self.signature_form == "der")

    def covers_type(self, code: str) -> bool:
        """Tell whether the key may sign licences of this type."""
        return ALL_TYPES in self.types or code in self.types

    def good_on(self, moment: datetime) -> bool:
        """Tell whether a signature made at ``moment`` by this key is to be believed."""
        if self.state == "compromised" or moment < self.valid_from:
            return False
        return self.valid_until is None or moment < self.valid_until

    def check_content(self, where: str) -> None:
        """Check that the dates fit each other and the state.

        Raises:
            DocumentRefusedError: Fault `content`.
        """
        # Only SM2 has more than one usage in the field (GM/T 0125 against older software).
        lenient = self.aliases is not None or self.signature_form is not None
        if lenient and self.public.alg != "SGD_SM3_SM2":
            raise content_fault(
                "只有 SM2 密钥可以写别名或 DER", "aliases and DER are for SM2 keys only", where
            )
        if self.valid_until is None and self.state == "retired":
            raise content_fault(
                "停用的密钥须写明停用时间", "a retired key says until when it signed", where
            )
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            raise content_fault("密钥的终止早于起始", "the key ends before it begins", where)
        if ALL_TYPES in self.types and len(self.types) > 1:
            raise content_fault("“*”须单独列出", '"*" stands alone', where)


class StatusListRef(Strict):
    """A status list of an issuer: its number in compact credentials, its address in others.

    The address is compared and never fetched from here: fetching is for configured places only.
    """

    number: int = Field(ge=1, le=limits.MAX_SAFE_INTEGER)
    uri: StatusURI


class TrustedIssuer(Strict):
    """One authority (证照颁发机构) that may issue.

    Attributes:
        code: Its unified social credit code.
        name: Its name.
        region: The region in which it issues.
        keys: Its keys, past ones too.
        status_lists: Its status lists.
    """

    code: USCC
    name: VisibleName
    region: RegionCode
    keys: tuple[KeyRecord, ...]
    status_lists: tuple[StatusListRef, ...] = ()

    def status_uri(self, number: int) -> str | None:
        """Return the address of the status list with this number."""
        return next((ref.uri for ref in self.status_lists if ref.number == number), None)


class TrustList(Document):
    """The issuers for which a region vouches."""

    TYP: ClassVar[str] = "ecert-trust-list+jws"

    issuers: tuple[TrustedIssuer, ...]

    def check_content(self) -> None:
        """Check that nothing is registered twice and nothing oversteps the owner's region.

        Raises:
            DocumentRefusedError: Fault `content`, or `oversteps` for an issuer outside the
                owner's region.  The list is refused whole, never trimmed.
        """
        _require_distinct((issuer.code for issuer in self.issuers), "发证机构", "issuer")
        _require_distinct(self.kids(), "密钥", "key")
        _require_distinct(self.uris(), "状态表地址", "status list address")
        for issuer in self.issuers:
            numbers = (ref.number for ref in issuer.status_lists)
            _require_distinct(numbers, f"{issuer.code} 的状态表编号", f"list of {issuer.code}")
            for record in issuer.keys:
                record.check_content(f"issuers.{issuer.code}.keys.{record.public.kid}")
        self._check_region()

    def _check_region(self) -> None:
        for issuer in self.issuers:
            if not covers(self.owner, issuer.region):
                raise DocumentRefusedError(
                    DocumentFault.OVERSTEPS,
                    f"{self.owner} 不能为 {issuer.region} 的机构担保",
                    f"{self.owner} cannot vouch for an issuer of {issuer.region}",
                    where=f"issuers.{issuer.code}",
                )

    def codes(self) -> frozenset[str]:
        """Return the codes of all issuers."""
        return frozenset(issuer.code for issuer in self.issuers)

    def kids(self) -> Iterable[str]:
        """Return the ids of all keys."""
        return (record.public.kid for issuer in self.issuers for record in issuer.keys)

    def uris(self) -> Iterable[str]:
        """Return the addresses of all status lists."""
        return (ref.uri for issuer in self.issuers for ref in issuer.status_lists)


def check_extent(before: AbstractSet[str], after: AbstractSet[str], *, confirmed: bool) -> None:
    """Hold a change by which over 20 % of a list's entries vanish or appear at once.

    Args:
        before: The entries in force.
        after: The entries proposed.
        confirmed: Whether a second person has confirmed.

    Raises:
        DocumentRefusedError: Fault `large-change`.
    """
    if confirmed or len(before) < limits.MIN_ENTRIES_FOR_SHARE:
        return
    removed, added = len(before - after), len(after - before)
    if max(removed, added) > limits.MAX_CHANGE_SHARE * len(before):
        raise DocumentRefusedError(
            DocumentFault.LARGE_CHANGE,
            f"原有 {len(before)} 项，减少 {removed} 项，新增 {added} 项",
            f"of {len(before)} entries {removed} vanish and {added} are new",
            fix_zh="请第二人核对后确认",
            fix_en="Let a second person check and confirm",
        )


def check_collisions(proposed: TrustList, others: Iterable[TrustList]) -> None:
    """Check that no other region's list has registered the same issuer, key or status list.

    The one that is in force stays: which of the two is right, people must settle.

    Raises:
        DocumentRefusedError: Fault `conflict`, naming the other owner.
    """
    for other in others:
        for taken, zh, en in (
            (proposed.codes() & other.codes(), "发证机构", "issuer"),
            (set(proposed.kids()) & set(other.kids()), "密钥", "key"),
            (set(proposed.uris()) & set(other.uris()), "状态表地址", "status list address"),
        ):
            if taken:
                raise DocumentRefusedError(
                    DocumentFault.CONFLICT,
                    f"{zh} {min(taken)} 已由 {other.owner} 的名单登记",
                    f"{en} {min(taken)} is registered by the list of {other.owner}",
                    where="issuers",
                    fix_zh="请与两地核实；核实前现行名单不变",
                    fix_en="Settle it with both regions; until then the list in force stays",
                )


def _require_distinct(values: Iterable[str | int], zh: str, en: str) -> None:
    seen: set[str | int] = set()
    for value in values:
        if value in seen:
            raise content_fault(
                f"{zh} {value} 重复登记", f"{en} {value} stands there twice", "issuers"
            )
        seen.add(value)
