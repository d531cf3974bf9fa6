"""The life of a licence in its register: which move leads from which state to which.

注销 (cancel), 撤销 (withdraw) and 吊销 (revoke) are three different acts of administrative law
(行政许可法 §§69-70, 行政处罚法 §9) and end a licence in three different states.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from ecert.errors import ForbiddenMoveError
from ecert.model.licence import LicenceState
from ecert.status.values import StatusValue


class Move(StrEnum):
    """What an authority may do to a licence.

    Replacing a licence by a newer one and moving it to another region are absent: each takes
    two licences, and the state of either alone cannot permit it.
    """

    ISSUE = "issue"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    CANCEL = "cancel"
    WITHDRAW = "withdraw"
    REVOKE = "revoke"

    @property
    def zh(self) -> str:
        """The office's word for it."""
        return _MOVE_ZH[self]


_MOVE_ZH: Final = {
    Move.ISSUE: "颁发",
    Move.SUSPEND: "暂扣",
    Move.REINSTATE: "解除暂扣",
    Move.CANCEL: "注销",
    Move.WITHDRAW: "撤销",
    Move.REVOKE: "吊销",
}

_ENDS: Final = {
    Move.CANCEL: LicenceState.CANCELLED,
    Move.WITHDRAW: LicenceState.WITHDRAWN,
    Move.REVOKE: LicenceState.REVOKED,
}
# A state that is not a key is final.  None: the licence is not in the register yet.
_TABLE: Final[dict[LicenceState | None, dict[Move, LicenceState]]] = {
    None: {Move.ISSUE: LicenceState.ISSUED},
    LicenceState.ISSUED: {Move.SUSPEND: LicenceState.SUSPENDED, **_ENDS},
    LicenceState.SUSPENDED: {Move.REINSTATE: LicenceState.ISSUED, **_ENDS},
}

_STATUS: Final = {
    LicenceState.ISSUED: StatusValue.VALID,
    LicenceState.SUSPENDED: StatusValue.SUSPENDED,
    LicenceState.SUPERSEDED: StatusValue.SUPERSEDED,
    LicenceState.CANCELLED: StatusValue.CANCELLED,
    LicenceState.WITHDRAWN: StatusValue.WITHDRAWN,
    LicenceState.REVOKED: StatusValue.REVOKED,
    LicenceState.TRANSFERRED: StatusValue.TRANSFERRED,
}


def moves_from(state: LicenceState | None) -> tuple[Move, ...]:
    """Return the moves that ``state`` allows; none from a final state.

    Args:
        state: The licence's state; None if it is not in the register yet.
    """
    return tuple(_TABLE.get(state, ()))


def allowed(state: LicenceState | None, move: Move) -> LicenceState:
    """Return the state to which ``move`` leads from ``state``.

    Args:
        state: The licence's state; None if it is not in the register yet.
        move: What the authority wants to do.

    Raises:
        ForbiddenMoveError: The life cycle has no such move; the error names those it has.
    """
    target = _TABLE.get(state, {}).get(move)
    if target is None:
        raise _forbidden(state, move)
    return target


def status_value(state: LicenceState) -> StatusValue:
    """Return what a status list says of a licence in ``state``."""
    return _STATUS[state]


def _forbidden(state: LicenceState | None, move: Move) -> ForbiddenMoveError:
    moves = moves_from(state)
    state_zh = "未颁发" if state is None else state.zh
    state_en = "not issued" if state is None else state.value
    if moves:
        fix_zh = "此状态下可以办理：" + "、".join(possible.zh for possible in moves)
        fix_en = "What this state allows: " + ", ".join(moves)
    else:
        fix_zh = "这是最终状态；如需恢复，请重新颁发一份"
        fix_en = "This state is final; issue a new licence instead"
    return ForbiddenMoveError(
        f"证照现为“{state_zh}”状态，不能{move.zh}",
        f'the licence is "{state_en}", which does not allow "{move}"',
        where="证照状态",
        fix_zh=fix_zh,
        fix_en=fix_en,
    )
