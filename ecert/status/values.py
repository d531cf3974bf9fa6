"""What an entry of a status list means (Token Status List draft, "Status Types")."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from ecert.reasons import Reason


class StatusValue(IntEnum):
    """The state of a licence or of one credential, as four bits.

    0 to 2 are the draft's own; 3 and 12 to 15 are those that it leaves to applications.
    注销, 撤销 and 吊销 are kept apart: nobody who gave a licence up may be told that it was
    taken away.
    """

    VALID = 0
    REVOKED = 1
    """吊销: taken away as a penalty."""
    SUSPENDED = 2
    """暂扣: may become valid again."""
    SUPERSEDED = 3
    """换发: a newer licence has taken its place."""
    CANCELLED = 12
    """注销: given up or ended."""
    WITHDRAWN = 13
    """撤销: should not have been granted."""
    CREDENTIAL_WITHDRAWN = 14
    """Only this credential, such as one on a lost telephone; the licence stands."""
    TRANSFERRED = 15
    """转出: goes on in another region."""

    @property
    def reason(self) -> Reason | None:
        """Why a verdict is not `ok`; None if this value does not stand in the way."""
        return _REASONS.get(self)


_REASONS: Final = {
    StatusValue.REVOKED: Reason.REVOKED,
    StatusValue.SUSPENDED: Reason.SUSPENDED,
    StatusValue.SUPERSEDED: Reason.SUPERSEDED,
    StatusValue.CANCELLED: Reason.CANCELLED,
    StatusValue.WITHDRAWN: Reason.WITHDRAWN,
    StatusValue.CREDENTIAL_WITHDRAWN: Reason.CREDENTIAL_WITHDRAWN,
    StatusValue.TRANSFERRED: Reason.TRANSFERRED,
}
_KNOWN: Final = {int(value): value.reason for value in StatusValue}


def reason_of(value: int) -> Reason | None:
    """Return what a list's entry makes of the verdict; None only for `StatusValue.VALID`.

    A value that has no meaning here says that the list knows more than this program: the
    status is not known, which is undetermined and never valid.
    """
    return _KNOWN.get(value, Reason.STATUS_MISSING)
