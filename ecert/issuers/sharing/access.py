"""Who may ask what, how often, and the record of every call: the port that a database fulfils."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from ecert import limits
from ecert.errors import FormatError
from ecert.issuers.records import require_aware
from ecert.model.characters import DIGITS_AND_CAPITALS, require_visible
from ecert.model.identifiers import TYPE_CODE_CHARS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from ecert.issuers.sharing.numbers import ShareStatus, VerifyResult


class ShareService(StrEnum):
    """The services that are granted one by one."""

    QUERY = "query"
    DATA = "data"
    VERIFY = "verify"
    DOWNLOAD = "download"

    @property
    def zh(self) -> str:
        """The office's word for it."""
        return _SERVICE_ZH[self]


_SERVICE_ZH = {
    ShareService.QUERY: "证照检索",
    ShareService.DATA: "证照信息",
    ShareService.VERIFY: "证照验证",
    ShareService.DOWNLOAD: "证照文件下载",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareGrant:
    """What one caller may ask of one licence type (共享授权).

    Attributes:
        token: The id of the caller's token.
        type_code: The licence type.
        services: What may be asked.
        fields: Names of the fields of the face that may be told; ``*`` for all, none by default.
        daily: Most calls of one day (Asia/Shanghai) for this type.
        misses: Most calls of the caller within an hour for what there is not.
        created: When it was made.
        expires: From this moment on it opens nothing.

    Raises:
        FormatError: A part lacks its form.
        ValueError: A time has no zone.
    """

    token: str
    type_code: str
    services: frozenset[ShareService]
    fields: frozenset[str] = frozenset()
    daily: int = limits.SHARE_DAILY
    misses: int = limits.SHARE_MISSES
    created: datetime
    expires: datetime

    def __post_init__(self) -> None:
        require_aware(self.created)
        require_aware(self.expires)
        if len(self.type_code) != TYPE_CODE_CHARS or not DIGITS_AND_CAPITALS.issuperset(
            self.type_code
        ):
            raise FormatError("应为21位证照类型代码", "not a licence type code", where="类型")
        if not self.services:
            raise FormatError("至少授权一项服务", "at least one service", where="服务")
        if not 1 <= self.daily <= limits.MAX_SHARE_DAILY:
            raise FormatError(
                f"每日次数应为1至{limits.MAX_SHARE_DAILY}",
                f"1 to {limits.MAX_SHARE_DAILY} calls a day", where="每日次数",
            )  # fmt: skip
        if not 1 <= self.misses <= limits.MAX_SHARE_MISSES:
            raise FormatError(
                f"每小时落空次数应为1至{limits.MAX_SHARE_MISSES}",
                f"1 to {limits.MAX_SHARE_MISSES} misses an hour", where="落空次数",
            )  # fmt: skip
        if len(self.fields) > limits.MAX_FIELDS:
            raise FormatError("照面信息过多", "too many fields", where="照面信息")
        for name in self.fields:
            require_visible(name, FormatError, where="照面信息")

    def is_good(self, at: datetime) -> bool:
        """Tell whether it opens anything at ``at``."""
        return self.created <= at < self.expires


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One call, as the access log keeps it: no field of a licence stands in it.

    Attributes:
        at: When.
        token: The id of the caller's token.
        caller: Whose token it is.
        service: The interface that was called, such as ``queryCert``.
        status: What it came to.
        result: What a verification said; None for other services.
        missed: Whether it asked for what there is not: such calls are counted.
        type_code: The licence type that was asked for, if one was named.
        licences: The ids of the licences that were told of or looked at.
        subject: The last four characters of the holder's number that was asked for.
        purpose: The five words and the use cause, as the caller stated them.
        offered: What a link was made for, its kind of file and last day: ``sd-jwt/20261130``.
        number: Its number in the log; 0 until it is kept.
    """

    at: datetime
    token: str
    caller: str
    service: str
    status: ShareStatus
    result: VerifyResult | None = None
    missed: bool = False
    type_code: str | None = None
    licences: tuple[str, ...] = ()
    subject: str = ""
    purpose: Mapping[str, str] = field(default_factory=dict, hash=False)
    offered: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        require_aware(self.at)
        if len(self.subject) > 4:
            raise ValueError("no more than the last four characters of a number are kept")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRates:
    """How often one caller may ask, all processes together.

    Attributes:
        calls: Calls within `window`.
        window: How far back calls count.
        miss_window: How far back calls for what there is not count.
    """

    calls: int = limits.MAX_SHARE_CALLS
    window: timedelta = limits.SHARE_WINDOW
    miss_window: timedelta = limits.SHARE_MISS_WINDOW


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessQuery:
    """Which calls are wanted; what is None does not narrow.

    Attributes:
        licence: Calls that told of this licence.
        token: Calls with this token.
        since: At this time or later.
        before: Earlier than this.
    """

    licence: str | None = None
    token: str | None = None
    since: datetime | None = None
    before: datetime | None = None


class ShareStore(Protocol):
    """Where grants and the access log are kept; several processes may share one."""

    def set_grant(self, grant: ShareGrant) -> None:
        """Keep a grant in the place of what there was for its token and type."""
        ...

    def end_grant(self, token: str, type_code: str) -> bool:
        """Take a grant away; False if there is none."""
        ...

    def grants(self, token: str | None = None) -> Sequence[ShareGrant]:
        """Return all grants, or those of one token, in the order of making."""
        ...

    def is_busy(self, access: Access, rates: ShareRates, grant: ShareGrant | None) -> bool:
        """Tell whether the caller of ``access`` must wait.

        Args:
            access: The call that would be made.
            rates: How often anybody may call.
            grant: What this caller may ask of the type; None where nothing was granted.
        """
        ...

    def record(self, access: Access, rates: ShareRates, grant: ShareGrant | None) -> int:
        """Write a call down, return its number; 0, and nothing is written, if it must wait."""
        ...

    def get(self, number: int) -> Access | None:
        """Return one call by its number."""
        ...

    def is_link_used(self, number: int) -> bool:
        """Tell whether the link that the call of this number made was used."""
        ...

    def record_use(
        self,
        access: Access,
        rates: ShareRates,
        grant: ShareGrant | None,
        *,
        link: int,
        until: datetime,
    ) -> int | None:
        """Write down a call that uses a link, and that the link is used: both or neither.

        Args:
            access: The call.
            rates: How often anybody may call.
            grant: What this caller may ask of the type.
            link: Number of the call that made the link.
            until: When the link ends by itself.

        Returns:
            The call's number; 0 if it must wait; None if the link was used before.
        """
        ...

    def find(self, query: AccessQuery, *, before: int | None, limit: int) -> Sequence[Access]:
        """Return calls, newest first.

        Args:
            query: Which.
            before: Only those with a lower number: where the page before ended.
            limit: Most rows.
        """
        ...
