"""The numbers that a sharing interface answers with, and what each reason and state becomes."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from ecert.model.licence_state import LicenceState
from ecert.reasons import Outcome, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ecert.model.licence import Licence


class NumberSource(StrEnum):
    """Where a number comes from: a province's system in use, or this project's own choice."""

    PROVINCE = "province"
    OWN = "own"


class _Wording(NamedTuple):
    zh: str
    en: str


class ShareStatus(IntEnum):
    """How a call went (``head.status``).  Below 900 as a province's system has them."""

    DONE = 0
    NOT_OFFERED = 2
    NOT_FOUND = 10
    NOT_AUTHENTICATED = 11
    MISSING = 12
    TYPE_UNKNOWN = 13
    ENDED = 21
    EXPIRED = 22
    RESTRICTED = 23
    NOT_GRANTED = 100
    WRONG_VALUE = 102
    WRONG_HOLDER_TYPE = 103
    NO_NUMBER = 109
    NO_HOLDER_CODE = 110
    NO_HOLDER = 111
    MALFORMED = 900
    BUSY = 901
    TOO_MANY = 902
    NOT_SIGNED = 903
    OUT_OF_ORDER = 904

    @property
    def zh(self) -> str:
        """What the caller's platform shows."""
        return _STATUS[self].zh

    @property
    def en(self) -> str:
        """The same in English."""
        return _STATUS[self].en

    @property
    def source(self) -> NumberSource:
        """Whose number it is."""
        return NumberSource.OWN if self >= _OWN_FROM else NumberSource.PROVINCE


_OWN_FROM: Final = 900
_STATUS: Final[Mapping[ShareStatus, _Wording]] = {
    ShareStatus.DONE: _Wording("接口调用成功", "Done"),
    ShareStatus.NOT_OFFERED: _Wording(
        "证照源未提供此服务接口", "The source does not offer this service"
    ),
    ShareStatus.NOT_FOUND: _Wording("未找到匹配的证照信息", "No licence matches"),
    ShareStatus.NOT_AUTHENTICATED: _Wording("身份验证不通过", "Not authenticated"),
    ShareStatus.MISSING: _Wording("要求必填的输入参数值不为空", "A required member is missing"),
    ShareStatus.TYPE_UNKNOWN: _Wording(
        "证照类型不存在或未发布", "There is no such licence type, or it is not published"
    ),
    ShareStatus.ENDED: _Wording(
        "该电子证照已废止或已注销", "The licence has been ended or cancelled"
    ),
    ShareStatus.EXPIRED: _Wording("该电子证照已过期", "The licence has expired"),
    ShareStatus.RESTRICTED: _Wording("该电子证照已受限使用", "The licence is restricted for now"),
    ShareStatus.NOT_GRANTED: _Wording(
        "该用户无访问该证的权限，请先申请", "This caller may not ask for this: apply first"
    ),
    ShareStatus.WRONG_VALUE: _Wording("参数值错误", "A value is wrong"),
    ShareStatus.WRONG_HOLDER_TYPE: _Wording(
        "持证主体代码类型代码不符合规范", "The kind of holder's number is not in the standard"
    ),
    ShareStatus.NO_NUMBER: _Wording("certNo（证照编号）不能为空", "certNo is missing"),
    ShareStatus.NO_HOLDER_CODE: _Wording(
        "holderCode（持证主体代码）不能为空", "holderCode is missing"
    ),
    ShareStatus.NO_HOLDER: _Wording("holder（持证主体）不能为空", "holder is missing"),
    ShareStatus.MALFORMED: _Wording("报文格式不正确", "The message is malformed"),
    ShareStatus.BUSY: _Wording(
        "调用次数超过限额，请稍后再试", "More calls than this caller is allowed: try later"
    ),
    ShareStatus.TOO_MANY: _Wording(
        "匹配的证照过多，请补充证照类型或证照编号", "Too many licences match: name type or number"
    ),
    ShareStatus.NOT_SIGNED: _Wording("证照文件暂不能签发", "The file cannot be signed now"),
    ShareStatus.OUT_OF_ORDER: _Wording("服务暂不可用，请稍后再试", "Out of order: try later"),
}


class VerifyResult(IntEnum):
    """What a verification says (``data.result``).  0 to 7 as a province's system has them."""

    VALID = 0
    NOT_YET = 1
    SUSPENDED = 2
    ENDED = 3
    UNDETERMINED = 4
    NOT_FOUND = 5
    NO_DATA = 6
    WRONG = 7
    NOT_RECOGNISED = 8

    @property
    def zh(self) -> str:
        """What the caller's platform shows."""
        return _RESULT[self].zh

    @property
    def en(self) -> str:
        """The same in English."""
        return _RESULT[self].en

    @property
    def source(self) -> NumberSource:
        """Whose number it is."""
        return NumberSource.OWN if self is VerifyResult.NOT_RECOGNISED else NumberSource.PROVINCE


_RESULT: Final[Mapping[VerifyResult, _Wording]] = {
    VerifyResult.VALID: _Wording("信息正确且有效", "Correct and in force"),
    VerifyResult.NOT_YET: _Wording("信息正确且未激活", "Correct, but not in force yet"),
    VerifyResult.SUSPENDED: _Wording("信息正确且证照暂时失效", "Correct, but suspended"),
    VerifyResult.ENDED: _Wording("信息正确且证照已失效", "Correct, but no longer in force"),
    VerifyResult.UNDETERMINED: _Wording(
        "信息不全无法验证", "Cannot be verified with what is known"
    ),
    VerifyResult.NOT_FOUND: _Wording("查无此信息", "Nothing of the kind is known"),
    VerifyResult.NO_DATA: _Wording("请填写certData中参数", "certData is empty"),
    VerifyResult.WRONG: _Wording("部分信息有误或不完整", "Something is wrong or incomplete"),
    VerifyResult.NOT_RECOGNISED: _Wording(
        "真实有效，但不在互认范围", "Authentic and in force, but not recognised here"
    ),
}

_ENDINGS: Final = frozenset({
    Reason.REVOKED, Reason.WITHDRAWN, Reason.CANCELLED, Reason.SUPERSEDED, Reason.TRANSFERRED,
    Reason.EXPIRED,
})  # fmt: skip
_SPECIAL: Final[Mapping[Reason, VerifyResult]] = {
    Reason.NOT_YET_VALID: VerifyResult.NOT_YET,
    Reason.SUSPENDED: VerifyResult.SUSPENDED,
    Reason.UNKNOWN_ISSUER: VerifyResult.NOT_FOUND,
    **dict.fromkeys(_ENDINGS, VerifyResult.ENDED),
}
_BY_OUTCOME: Final[Mapping[Outcome, VerifyResult]] = {
    Outcome.ACCEPTED: VerifyResult.VALID,
    Outcome.NOT_RECOGNISED: VerifyResult.NOT_RECOGNISED,
    Outcome.UNDETERMINED: VerifyResult.UNDETERMINED,
    # What was presented is not what it claims to be, or not presented as it must be.
    Outcome.REFUSED: VerifyResult.WRONG,
}


def result_of(reason: Reason) -> VerifyResult:
    """Return the number that stands for a verdict's headline.

    Only an accepted verdict is `VerifyResult.VALID`.
    """
    return _SPECIAL.get(reason, _BY_OUTCOME[reason.outcome])


class StateNumbers(NamedTuple):
    """What a licence's state becomes."""

    status: ShareStatus
    result: VerifyResult


_ENDED: Final = StateNumbers(ShareStatus.ENDED, VerifyResult.ENDED)
_STATES: Final[Mapping[LicenceState, StateNumbers]] = {
    LicenceState.ISSUED: StateNumbers(ShareStatus.DONE, VerifyResult.VALID),
    LicenceState.SUSPENDED: StateNumbers(ShareStatus.RESTRICTED, VerifyResult.SUSPENDED),
    LicenceState.EXPIRED: StateNumbers(ShareStatus.EXPIRED, VerifyResult.ENDED),
    LicenceState.SUPERSEDED: _ENDED,
    LicenceState.CANCELLED: _ENDED,
    LicenceState.WITHDRAWN: _ENDED,
    LicenceState.REVOKED: _ENDED,
    LicenceState.TRANSFERRED: _ENDED,
}
NOT_YET: Final = StateNumbers(ShareStatus.RESTRICTED, VerifyResult.NOT_YET)
"""Before the first day of validity, which the register does not record as a state."""


def numbers_of(licence: Licence, on: date) -> StateNumbers:
    """Return what a licence of the register comes to on a day."""
    standing = licence.standing(on)
    if standing is LicenceState.ISSUED and licence.valid_from > on:
        return NOT_YET
    return _STATES[standing]
