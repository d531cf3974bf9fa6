"""The states of a licence (证照状态), as a register records them and as an office calls them."""

from __future__ import annotations

from enum import StrEnum

from ecert.errors import FormatError


class LicenceState(StrEnum):
    """The state of a licence in its register (证照状态)."""

    ISSUED = "issued"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    TRANSFERRED = "transferred-out"
    EXPIRED = "expired"
    """Never recorded: a matter of the day (`Licence.standing`)."""

    @property
    def zh(self) -> str:
        """The office's word for it; 注销, 撤销 and 吊销 are not synonyms."""
        return _STATE_ZH[self]


_STATE_ZH = {
    LicenceState.ISSUED: "有效",
    LicenceState.SUSPENDED: "暂扣",
    LicenceState.SUPERSEDED: "已换发",
    LicenceState.CANCELLED: "已注销",
    LicenceState.WITHDRAWN: "已撤销",
    LicenceState.REVOKED: "已吊销",
    LicenceState.TRANSFERRED: "已转出",
    LicenceState.EXPIRED: "已过期",
}


def require_recorded(state: LicenceState) -> None:
    """Require a state that a register records.

    Raises:
        FormatError: It is `LicenceState.EXPIRED`, which follows from the dates.
    """
    if state is LicenceState.EXPIRED:
        en = "expiry follows from the dates and is not recorded as a state"
        raise FormatError("过期由有效期决定，不作为状态登记", en, where="state")
