"""Refreshes a wallet from its issuer's register: later versions, and types that have changed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ecert.errors import UnknownLicenceError
from ecert.model.calendar import office_day
from ecert.model.identifiers import MAX_VERSION, LicenceId
from ecert.model.licence import LicenceState
from ecert.wallet.refreshing import DueReason

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ecert.issuers.issuer import Issuer
    from ecert.model.licence import Licence
    from ecert.wallet.refreshing import Refreshed
    from ecert.wallet.wallet import HeldLicence, Wallet


class RefreshState(StrEnum):
    """How a held licence stands with its issuer."""

    NEWER = "newer-version"
    TYPE_CHANGED = "type-changed"
    CURRENT = "current"
    ENDED = "ended"
    ELSEWHERE = "issued-elsewhere"

    @property
    def zh(self) -> str:
        """The same in Chinese."""
        return {
            "newer-version": "已有新版本",
            "type-changed": "证照类型已更新",
            "current": "已是最新",
            "ended": "已失效，无新版本",
            "issued-elsewhere": "不是本机构颁发",
        }[self]

    @property
    def is_due(self) -> bool:
        """Whether it is to be delivered again."""
        return self in {RefreshState.NEWER, RefreshState.TYPE_CHANGED}


@dataclass(frozen=True, slots=True)
class RefreshStep:
    """What is to be done about one held licence.

    Attributes:
        held: The licence in the wallet.
        state: How it stands.
        latest: Its latest version; None where another office has issued it.
    """

    held: HeldLicence
    state: RefreshState
    latest: Licence | None


def plan_refresh(
    issuer: Issuer, wallet: Wallet, held: Iterable[HeldLicence], at: datetime
) -> tuple[RefreshStep, ...]:
    """Return how each of ``held`` stands with the issuer; nothing is changed."""
    outdated = {
        due.licence.id
        for due in wallet.due(at, catalogue=issuer.catalogue)
        if due.reason is DueReason.TYPE_CHANGED
    }
    steps = []
    for one in held:
        latest = latest_version(issuer, one.id)
        steps.append(RefreshStep(one, _state(one, latest, at, outdated), latest))
    return tuple(steps)


def carry_out(issuer: Issuer, wallet: Wallet, step: RefreshStep, at: datetime) -> Refreshed:
    """Deliver the latest version, bound to the same key, and put it in the old one's place.

    Raises:
        ValueError: The step is not due.
        CustodyError: The licence key cannot be opened.
        VaultError: The wallet cannot be written.
    """
    if step.latest is None or not step.state.is_due:
        raise ValueError("there is nothing to refresh")
    proof = wallet.request(issuer.nonce(at=at), key=step.held.key, at=at)
    # It was the owner's or allowed in when it came; a new version of it is no other's.
    return wallet.refresh(issuer.deliver(step.latest.id, proof, at=at), of_another=True)


def latest_version(issuer: Issuer, licence_id: str) -> Licence | None:
    """Return the latest version of a licence that this issuer has; None if it has none."""
    found, wanted = None, LicenceId.parse(licence_id)
    for version in range(wanted.version, MAX_VERSION + 1):
        name = LicenceId.make(wanted.type_code, wanted.issuer, wanted.serial, version)
        try:
            found = issuer.licence(name)
        except UnknownLicenceError:
            break
    return found


def _state(
    held: HeldLicence, latest: Licence | None, at: datetime, outdated: set[str]
) -> RefreshState:
    if latest is None:
        return RefreshState.ELSEWHERE
    if latest.standing(office_day(at)) is not LicenceState.ISSUED:
        return RefreshState.ENDED
    if str(latest.id) != held.id:
        return RefreshState.NEWER
    return RefreshState.TYPE_CHANGED if held.id in outdated else RefreshState.CURRENT
