"""Which held licences should be collected again, and which version takes whose place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ecert import limits
from ecert.errors import WalletError
from ecert.model.calendar import office_day
from ecert.model.identifiers import LicenceId
from ecert.sign import sdjwt
from ecert.wallet.held import last_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime, timedelta

    from ecert.model.catalogue import Catalogue
    from ecert.wallet.content import Held
    from ecert.wallet.held import HeldLicence


class DueReason(StrEnum):
    """Why a held licence should be collected again."""

    EXPIRED = "expired"
    EXPIRING = "expiring"
    TYPE_CHANGED = "type-changed"

    @property
    def zh(self) -> str:
        """The same in Chinese."""
        return {"expired": "已过期", "expiring": "即将到期", "type-changed": "证照类型已更新"}[self]


@dataclass(frozen=True, slots=True)
class Due:
    """One held licence that should be collected again.

    Attributes:
        licence: The licence.
        reason: Why.
        valid_until: Its last day, if it has one.
        days_left: Days after today until then, negative if it is past; None without a last day.
    """

    licence: HeldLicence
    reason: DueReason
    valid_until: date | None
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did: the licence now held, and the ids that it took the place of."""

    licence: HeldLicence
    replaced: tuple[str, ...]


def find_due(
    held: Iterable[tuple[Held, HeldLicence]],
    at: datetime,
    *,
    catalogue: Catalogue | None = None,
    notice: timedelta = limits.REFRESH_NOTICE,
) -> tuple[Due, ...]:
    """Return what should be collected again; see `Wallet.due`."""
    today, found = office_day(at), []
    for one, licence in held:
        claims = sdjwt.parse(one.delivery.sd_jwt).unverified_claims()
        last = last_day(claims)
        left = None if last is None else (last - today).days
        reason = _reason(left, notice.days)
        if reason is None and catalogue is not None:
            known = catalogue.get(one.delivery.type_code)
            if known is not None and known.integrity() != claims.get("vct#integrity"):
                reason = DueReason.TYPE_CHANGED
        if reason is not None:
            found.append(Due(licence, reason, last, left))
    return tuple(found)


def _reason(left: int | None, notice: int) -> DueReason | None:
    if left is None or left > notice:
        return None
    return DueReason.EXPIRED if left < 0 else DueReason.EXPIRING


def superseded_by(new: str, held: Mapping[str, Held]) -> tuple[str, ...]:
    """Return the ids in ``held`` whose place ``new`` takes: its own and its earlier versions.

    Raises:
        WalletError: None is held, or a later version is.
        LicenceIdError: ``new`` is no licence id.
    """
    arriving = LicenceId.parse(new)
    versions = {
        name: other.version
        for name, other in ((name, LicenceId.parse(name)) for name in held)
        if (other.type_code, other.issuer, other.serial)
        == (arriving.type_code, arriving.issuer, arriving.serial)
    }
    if not versions:
        raise WalletError(
            "卡包中没有这份证照的任何版本，无可更新", "no version of this licence is held",
            where=new, fix_zh="新证照请直接收入（add）", fix_en="Add a new licence instead",
        )  # fmt: skip
    if max(versions.values()) > arriving.version:
        raise WalletError(
            "卡包中的版本更新，未作更新", "the wallet holds a later version", where=new,
            fix_zh="请领取最新版本", fix_en="Collect the latest version",
        )  # fmt: skip
    return tuple(versions)
