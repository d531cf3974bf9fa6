"""The life of a licence in its register: which move leads from which state to which.

注销 (cancel), 撤销 (withdraw) and 吊销 (revoke) are three different acts of administrative law
(行政许可法 §§69-70, 行政处罚法 §9) and end a licence in three different states.  换发, 变更, 延续,
补发 and 更正 replace it by a new version that names it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from ecert.errors import ForbiddenMoveError
from ecert.model.licence import LicenceState
from ecert.status.values import StatusValue


class Move(StrEnum):
    """What may happen to a licence; each is one event in its life."""

    ISSUE = "issue"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    RENEW = "renew"
    CHANGE = "change"
    EXTEND = "extend"
    REISSUE = "reissue"
    CORRECT = "correct"
    CANCEL = "cancel"
    WITHDRAW = "withdraw"
    REVOKE = "revoke"
    TRANSFER = "transfer"
    TAKE_BACK = "take-back"
    # These leave the state as it is.
    WITHDRAW_CREDENTIAL = "withdraw-credential"
    OBJECT = "object"
    DISMISS = "dismiss"

    @property
    def zh(self) -> str:
        """The office's word for it."""
        return _MOVE_ZH[self]

    @property
    def needs_reason(self) -> bool:
        """Whether its record must say why."""
        return self is not Move.ISSUE

    @property
    def needs_document(self) -> bool:
        """Whether its record must name a decision (文号): it takes something away."""
        return self in _DECISIONS


_MOVE_ZH: Final = {
    Move.ISSUE: "颁发",
    Move.SUSPEND: "暂扣",
    Move.REINSTATE: "解除暂扣",
    Move.RENEW: "换发",
    Move.CHANGE: "变更",
    Move.EXTEND: "延续",
    Move.REISSUE: "补发",
    Move.CORRECT: "更正",
    Move.CANCEL: "注销",
    Move.WITHDRAW: "撤销",
    Move.REVOKE: "吊销",
    Move.TRANSFER: "转出",
    Move.TAKE_BACK: "取消转出",
    Move.WITHDRAW_CREDENTIAL: "收回签发件",
    Move.OBJECT: "提出异议",
    Move.DISMISS: "驳回异议",
}

REPLACEMENTS: Final = (Move.RENEW, Move.CHANGE, Move.EXTEND, Move.REISSUE, Move.CORRECT)
"""Each ends in a new version of the licence, which names the one that it replaces."""
_DECISIONS: Final = frozenset({Move.SUSPEND, Move.WITHDRAW, Move.REVOKE})

_ENDS: Final = {
    Move.CANCEL: LicenceState.CANCELLED,
    Move.WITHDRAW: LicenceState.WITHDRAWN,
    Move.REVOKE: LicenceState.REVOKED,
}
_SUPERSEDED: Final = dict.fromkeys(REPLACEMENTS, LicenceState.SUPERSEDED)


def _notes(state: LicenceState, *moves: Move) -> dict[Move, LicenceState]:
    return dict.fromkeys(moves, state)


_DISPUTE: Final = (Move.OBJECT, Move.DISMISS)
_KEPT: Final = (Move.WITHDRAW_CREDENTIAL, *_DISPUTE)

# A state that is not a key is final.  None: the licence is not in the register yet.
_TABLE: Final[dict[LicenceState | None, dict[Move, LicenceState]]] = {
    None: {Move.ISSUE: LicenceState.ISSUED},
    LicenceState.ISSUED: {
        Move.SUSPEND: LicenceState.SUSPENDED,
        **_SUPERSEDED,
        **_ENDS,
        Move.TRANSFER: LicenceState.TRANSFERRED,
        **_notes(LicenceState.ISSUED, *_KEPT),
    },
    # Nothing replaces a suspended licence: the new version would undo the suspension.
    LicenceState.SUSPENDED: {
        Move.REINSTATE: LicenceState.ISSUED,
        **_ENDS,
        **_notes(LicenceState.SUSPENDED, *_KEPT),
    },
    # It can still be renewed, where the law gives a time of grace, or be cancelled for having
    # expired (行政许可法 §70 (1)); there is nothing left to suspend or to move elsewhere.
    LicenceState.EXPIRED: {
        Move.RENEW: LicenceState.SUPERSEDED,
        Move.EXTEND: LicenceState.SUPERSEDED,
        Move.CORRECT: LicenceState.SUPERSEDED,
        **_ENDS,
        **_notes(LicenceState.ISSUED, *_KEPT),
    },
    LicenceState.TRANSFERRED: {
        Move.TAKE_BACK: LicenceState.ISSUED,
        **_notes(LicenceState.TRANSFERRED, *_DISPUTE),
    },
    **{
        state: _notes(state, *_DISPUTE)
        for state in (
            LicenceState.SUPERSEDED,
            LicenceState.CANCELLED,
            LicenceState.WITHDRAWN,
            LicenceState.REVOKED,
        )
    },
}

_STATUS: Final = {
    LicenceState.ISSUED: StatusValue.VALID,
    # A status list says nothing of dates: they stand in the credential itself.
    LicenceState.EXPIRED: StatusValue.VALID,
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
        state: How the licence stands (`Licence.standing`); None if it is not in the register yet.
    """
    return tuple(_TABLE.get(state, ()))


def allowed(state: LicenceState | None, move: Move) -> LicenceState:
    """Return the state to which ``move`` leads from ``state``.

    Args:
        state: How the licence stands (`Licence.standing`); None if it is not in the register yet.
        move: What the authority wants to do.

    Raises:
        ForbiddenMoveError: The life cycle has no such move; the error names those it has.
    """
    target = _TABLE.get(state, {}).get(move)
    if target is None:
        raise _forbidden(state, move)
    return target


def require_replacement(move: Move) -> None:
    """Require a move that ends in a new version of the licence.

    Raises:
        ForbiddenMoveError: It is another; the error names those that do.
    """
    if move not in REPLACEMENTS:
        raise ForbiddenMoveError(
            f"{move.zh}不产生新版本的证照", f'"{move}" makes no new version of a licence',
            where="move", fix_zh="可选：" + "、".join(one.zh for one in REPLACEMENTS),
            fix_en="There are: " + ", ".join(REPLACEMENTS),
        )  # fmt: skip


def require_grounds(move: Move, reason: str, document: str) -> None:
    """Require what the record of ``move`` must say.

    Raises:
        ForbiddenMoveError: The reason, or the number of the decision (文号), is missing.
    """
    if move.needs_reason and not reason.strip():
        raise ForbiddenMoveError(
            f"{move.zh}须写明理由", f'"{move}" needs a reason', where="reason",
            fix_zh="请填写理由（--reason）", fix_en="Say why (reason=, --reason)",
        )  # fmt: skip
    if move.needs_document and not document.strip():
        raise ForbiddenMoveError(
            f"{move.zh}须写明决定书文号", f'"{move}" needs the number of its decision (文号)',
            where="document", fix_zh="请填写文号（--document）",
            fix_en="Name the decision (document=, --document)",
        )  # fmt: skip


def is_final(state: LicenceState) -> bool:
    """Tell whether a licence in ``state`` has ended for good."""
    return all(target is state for target in _TABLE[state].values())


def status_value(state: LicenceState) -> StatusValue:
    """Return what a status list says of a licence in ``state``."""
    return _STATUS[state]


def _forbidden(state: LicenceState | None, move: Move) -> ForbiddenMoveError:
    state_zh = "未颁发" if state is None else state.zh
    state_en = "not issued" if state is None else state.value
    moves = [one for one in moves_from(state) if one not in _KEPT]
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
