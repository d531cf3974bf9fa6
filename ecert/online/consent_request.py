"""A request for consent: what may be asked for, how far it has come, and what is written of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert import limits
from ecert.errors import FormatError, RegisterError
from ecert.online.storage import AttemptOutcome, ConsentState
from ecert.sign.strict import b64url_decode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ecert.online.storage import StoredCode, StoredPart

_MAX_TYPE_CHARS: Final = 64
_TRANSACTION_BYTES: Final = 16


def state_of(kept: StoredCode, at: datetime) -> ConsentState:
    """Return how far a request has come."""
    if kept.cancelled_at is not None:
        return ConsentState.DECLINED
    if kept.answer is ConsentState.DECLINED:
        return ConsentState.DECLINED
    if at >= kept.expires_at:
        return ConsentState.EXPIRED
    return kept.answer or ConsentState.WAITING


def outcome_of_nothing(
    kept: StoredCode, part: StoredPart | None, at: datetime, *, meant: bool
) -> AttemptOutcome:
    """Return what is written where a verifier gets nothing by its own request.

    Args:
        kept: The request.
        part: What was handed over for the type; None if nothing was.
        at: Now.
        meant: Whether the type was asked for.
    """
    state = state_of(kept, at)
    if state is ConsentState.DECLINED:
        return AttemptOutcome.DECLINED
    if kept.answer is not ConsentState.AGREED:
        return AttemptOutcome.MISSED
    if state is ConsentState.EXPIRED or part is not None:
        return AttemptOutcome.GONE
    return AttemptOutcome.DECLINED if meant else AttemptOutcome.MISSED


def read_transaction(text: str) -> str:
    """Return the number of a transaction; of what is none, one that nothing is kept under."""
    try:
        fits = len(b64url_decode(text)) == _TRANSACTION_BYTES
    except FormatError:
        fits = False
    return text if fits else ""


def require_types(types: Sequence[str]) -> None:
    """Require what a request may name.

    Raises:
        FormatError: No types, too many, or not type codes.
    """
    good = all(
        1 <= len(one) <= _MAX_TYPE_CHARS and one.isascii() and one.isalnum() for one in types
    )
    if not 1 <= len(types) <= limits.MAX_CONSENT_TYPES or len(set(types)) < len(types) or not good:
        raise FormatError(
            f"应列明 1 至 {limits.MAX_CONSENT_TYPES} 种证照类型代码，不得重复",
            f"1 to {limits.MAX_CONSENT_TYPES} different type codes are needed", where="types",
        )  # fmt: skip


def another_purpose() -> FormatError:
    """Return the error that refuses a purpose that the holder has not read."""
    return FormatError(
        "调用事由与申请出示时告知持证人的不一致，不能提供",
        "the purpose is another than the holder was asked with", where="purpose",
        fix_zh="请由原申请人员按原事项、办件编号和事由取得，或重新申请",
        fix_en="Fetch as the same clerk, for the same matter, case and cause; or ask anew",
    )  # fmt: skip


def nothing_awaited() -> RegisterError:
    """Return the error that refuses an answer to no request."""
    return RegisterError(
        "没有等待答复的请求", "no request awaits an answer",
        fix_zh="请重新生成在线码，由窗口扫码后再答复",
        fix_en="Draw another code, let the window scan it, then answer",
    )  # fmt: skip
