"""The closed list of why: every outcome and reason a verdict can have, in both languages.

A `Reason` is stable API: its kebab-case value, its number (read out over the telephone)
and its outcome never change once released.  Wording may improve.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Language = Literal["zh", "en"]


class Outcome(StrEnum):
    """What a check of a licence may end in (核验结果)."""

    ACCEPTED = "accepted"
    NOT_RECOGNISED = "not-recognised"
    REFUSED = "refused"
    UNDETERMINED = "undetermined"

    @property
    def zh(self) -> str:
        """The office's wording in Chinese."""
        return _OUTCOME_WORDING[self][0]

    @property
    def en(self) -> str:
        """The same in English."""
        return _OUTCOME_WORDING[self][1]

    @property
    def badness(self) -> int:
        """How bad this is for the whole: the worst part decides (0 is best).

        Undetermined stands above not-recognised because "not recognised" asserts that the
        licence is authentic and current, which an undetermined check could not establish.
        """
        return _BADNESS[self]


_OUTCOME_WORDING = {
    Outcome.ACCEPTED: ("核验通过 · 予以认可", "Verified and recognised"),
    Outcome.NOT_RECOGNISED: ("真实，但不在互认范围", "Authentic, but outside the recognition list"),
    Outcome.REFUSED: (
        "此码不能作为办理依据，可改验其他材料",
        "This code cannot be relied on; other evidence may be checked instead",
    ),
    Outcome.UNDETERMINED: (
        "无法核验，不能判定真假",
        "Cannot be verified; nothing is said about authenticity",
    ),
}
_BADNESS = {
    Outcome.ACCEPTED: 0,
    Outcome.NOT_RECOGNISED: 1,
    Outcome.UNDETERMINED: 2,
    Outcome.REFUSED: 3,
}


@dataclass(frozen=True, slots=True)
class Wording:
    """What is shown for one reason: what is the matter, and what to do next."""

    zh: str
    en: str
    next_zh: str
    next_en: str


class Reason(StrEnum):
    """Why a verdict is what it is.  Declaration order is rank: the first is the most specific."""

    # -- the code itself could not be taken in ------------------------------------------------
    UNREADABLE = "unreadable"
    SEVERAL_CODES = "several-codes"
    INCOMPLETE_SCAN = "incomplete-scan"
    TOO_LARGE = "too-large"
    MALFORMED = "malformed"
    # -- authenticity -------------------------------------------------------------------------
    ALGORITHM = "algorithm"
    SIGNATURE = "signature"
    UNKNOWN_ISSUER = "unknown-issuer"
    DEMO_KEY = "demo-key"
    ISSUER_KEY_SCOPE = "issuer-key-scope"
    HOLDER_PROOF = "holder-proof"
    LICENCE_ID_CHECK = "licence-id-check"
    # -- state of the licence -----------------------------------------------------------------
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    TRANSFERRED = "transferred"
    CREDENTIAL_WITHDRAWN = "credential-withdrawn"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    # -- an agent's mandate -------------------------------------------------------------------
    MANDATE_SIGNATURE = "mandate-signature"
    MANDATE_AGENT = "mandate-agent"
    MANDATE_NOT_TAKEN = "mandate-not-taken"
    MANDATE_WITHDRAWN = "mandate-withdrawn"
    MANDATE_EXPIRED = "mandate-expired"
    MANDATE_NOT_YET_VALID = "mandate-not-yet-valid"
    MANDATE_TOO_LONG = "mandate-too-long"
    MANDATE_LICENCE = "mandate-licence"
    MANDATE_PROFILE = "mandate-profile"
    MANDATE_MATTER = "mandate-matter"
    # -- freshness of the code ----------------------------------------------------------------
    REPLAYED = "replayed"
    CHALLENGE_EXPIRED = "challenge-expired"
    NOT_REDEEMABLE = "not-redeemable"
    CONSENT_DECLINED = "consent-declined"
    OTHER_TYPE = "other-type"
    AUDIENCE = "audience"
    CODE_EXPIRED = "code-expired"
    CODE_FROM_FUTURE = "code-from-future"
    PIN_REQUIRED = "pin-required"
    # -- what this verifier could not know ----------------------------------------------------
    SERVICE_REFUSED = "service-refused"
    SERVICE_BUSY = "service-busy"
    SERVICE_UNREACHABLE = "service-unreachable"
    CLOCK_DOUBTFUL = "clock-doubtful"
    TRUST_LIST_MISSING = "trust-list-missing"
    TRUST_LIST_EXPIRED = "trust-list-expired"
    TYPE_UNKNOWN = "type-unknown"
    STATUS_MISSING = "status-missing"
    STATUS_STALE = "status-stale"
    MANDATE_STATUS = "mandate-status"
    LIST_MISSING = "list-missing"
    LIST_EXPIRED = "list-expired"
    # -- recognition --------------------------------------------------------------------------
    REGION_NOT_COVERED = "region-not-covered"
    TYPE_NOT_LISTED = "type-not-listed"
    ISSUER_NOT_COVERED = "issuer-not-covered"
    MATTER_NOT_COVERED = "matter-not-covered"
    CONDITION_NOT_MET = "condition-not-met"
    FIELD_MISSING = "field-missing"
    VALUE_UNMAPPED = "value-unmapped"
    # -- nothing is the matter ----------------------------------------------------------------
    OK = "ok"

    @property
    def rank(self) -> int:
        """Position in the order of specificity; the lowest rank makes the headline."""
        return _RANK[self]

    @property
    def number(self) -> str:
        """The fixed number that can be read over the telephone, such as ``E201``."""
        return _TABLE[self][0]

    @property
    def outcome(self) -> Outcome:
        """What this reason makes of the verdict."""
        return _TABLE[self][1]

    @property
    def wording(self) -> Wording:
        """The wording in both languages."""
        return _TABLE[self][2]

    @property
    def zh(self) -> str:
        """What is the matter, in Chinese."""
        return self.wording.zh

    @property
    def en(self) -> str:
        """What is the matter, in English."""
        return self.wording.en


def headline(reasons: list[Reason]) -> Reason:
    """Return the reason to show first: of the worst outcome present, the most specific.

    Raises:
        ValueError: ``reasons`` is empty; having checked nothing is never "ok".
    """
    if not reasons:
        raise ValueError("no reasons: a verdict without a check does not exist")
    return min(reasons, key=lambda reason: (-reason.outcome.badness, reason.rank))


_A, _N, _R, _U = (
    Outcome.ACCEPTED,
    Outcome.NOT_RECOGNISED,
    Outcome.REFUSED,
    Outcome.UNDETERMINED,
)

_RESCAN = ("请重新扫描；仍不行请改用摄像头", "Scan again; if it fails again, use the camera")
_NEW_CODE = ("请持证人刷新亮证码后重新扫描", "Ask the holder to refresh the code and scan again")
_OTHER = ("不要依此码办理，可改验其他材料", "Do not rely on this code; check other evidence")
_ASK_ISSUER = ("请告知持证人联系颁发机构", "Tell the holder to contact the issuing authority")
_SYNC = ("请更新本机名单后重新核验", "Update this machine's lists, then check again")
_LOCAL_RULES = ("请按本地规定另行提交材料", "Ask for other material under local rules")

_NEW_MANDATE = (
    "请委托人重新委托后再办，或由本人办理",
    "Ask the principal to give a new mandate, or to come in person",
)

_TABLE: dict[Reason, tuple[str, Outcome, Wording]] = {
    Reason.OK: (
        "E000",
        _A,
        Wording(
            "签名有效，状态正常，在互认范围内",
            "Signature, status and recognition are in order",
            "请与居民身份证核对姓名和号码后四位",
            "Compare the name and the last four characters with the identity card",
        ),
    ),
    Reason.MALFORMED: (
        "E101",
        _R,
        Wording("扫到的内容不是有效的亮证码", "What was scanned is not a show code", *_NEW_CODE),
    ),
    Reason.TOO_LARGE: (
        "E102",
        _R,
        Wording(
            "扫到的内容过长，不是亮证码", "What was scanned is too long for a show code", *_NEW_CODE
        ),
    ),
    Reason.HOLDER_PROOF: (
        "E103",
        _R,
        Wording(
            "缺少持证人的当场证明，可能是翻拍或拼接的码",
            "The holder's own proof is missing or false; the code may be copied",
            "请持证人用本人卡包当面亮证",
            "Ask the holder to show the code from their own wallet",
        ),
    ),
    Reason.AUDIENCE: (
        "E104",
        _R,
        Wording(
            "此码不是为本窗口生成的",
            "The code was made for another window",
            "请持证人重新亮证，并填入本窗口给出的数字（未给出的不填）",
            "Ask for a new code that answers this window's number, if it shows one",
        ),
    ),
    Reason.CODE_EXPIRED: (
        "E105",
        _R,
        Wording("亮证码已过时限", "The show code has run out", *_NEW_CODE),
    ),
    Reason.CODE_FROM_FUTURE: (
        "E106",
        _R,
        Wording(
            "亮证码的生成时间晚于本机时间",
            "The show code was made later than this machine's time",
            "请核对双方设备时间后重新亮证",
            "Check the clocks of both devices, then show again",
        ),
    ),
    Reason.REPLAYED: (
        "E107",
        _R,
        Wording("此码已使用过", "This code has been used before", *_NEW_CODE),
    ),
    Reason.PIN_REQUIRED: (
        "E108",
        _R,
        Wording(
            "生成此码时未输入亮证密码",
            "The show PIN was not entered when this code was made",
            "请持证人在卡包中输入亮证密码后重新亮证",
            "Ask the holder to enter the show PIN in the wallet and show the code again",
        ),
    ),
    Reason.CHALLENGE_EXPIRED: (
        "E109",
        _R,
        Wording(
            "窗口给出的数字已过时限",
            "The number that the window showed has run out",
            "请重新给出数字，再请持证人亮证",
            "Show a new number, then ask the holder to show the code again",
        ),
    ),
    Reason.MANDATE_NOT_TAKEN: (
        "E120",
        _R,
        Wording(
            "此处不受理代办",
            "Licences are not taken from an agent here",
            "请本人办理，或到人工窗口代办",
            "Ask the holder to come in person, or the agent to go to a staffed window",
        ),
    ),
    Reason.MANDATE_SIGNATURE: (
        "E121",
        _R,
        Wording(
            "委托不是持证人签署的，或内容被改动",
            "The mandate is not signed by the holder, or was altered",
            *_OTHER,
        ),
    ),
    Reason.MANDATE_AGENT: (
        "E122",
        _R,
        Wording(
            "亮证的不是委托中的代办人",
            "The code was not made by the agent whom the mandate names",
            "请委托中的代办人用本人卡包当面亮证",
            "Ask the agent whom the mandate names to show the code from their own wallet",
        ),
    ),
    Reason.MANDATE_LICENCE: (
        "E123",
        _R,
        Wording("委托中没有这份证照", "The mandate does not cover this licence", *_NEW_MANDATE),
    ),
    Reason.MANDATE_PROFILE: (
        "E124",
        _R,
        Wording(
            "出示的内容超出了委托的亮证范围",
            "More of the licence is shown than the mandate allows",
            "请代办人改用委托的亮证范围后重新亮证",
            "Ask the agent to show it again in the profile that the mandate allows",
        ),
    ),
    Reason.MANDATE_MATTER: (
        "E125",
        _R,
        Wording(
            "委托不包括此事项，或未选择办理事项",
            "The mandate does not cover this matter, or no matter was chosen",
            "请确认已选择办理事项；不在委托之内的，由本人办理或重新委托",
            "Choose the matter; if the mandate does not cover it, a new mandate is needed",
        ),
    ),
    Reason.MANDATE_NOT_YET_VALID: (
        "E126",
        _R,
        Wording(
            "委托尚未生效",
            "The mandate does not hold yet",
            "请待委托生效后再办，或由本人办理",
            "Come back when the mandate holds, or ask the principal to come in person",
        ),
    ),
    Reason.MANDATE_EXPIRED: (
        "E127",
        _R,
        Wording("委托已到期", "The mandate has ended", *_NEW_MANDATE),
    ),
    Reason.MANDATE_TOO_LONG: (
        "E128",
        _R,
        Wording("委托期限超过一年", "The mandate was given for over a year", *_NEW_MANDATE),
    ),
    Reason.MANDATE_WITHDRAWN: (
        "E129",
        _R,
        Wording(
            "委托已撤回或失效", "The mandate has been withdrawn or no longer holds", *_NEW_MANDATE
        ),
    ),
    Reason.NOT_REDEEMABLE: (
        "E110",
        _R,
        Wording(
            "此在线码不能兑换（已用过、已过时限、已取消或并无此码）",
            "The online code cannot be redeemed (used, run out, cancelled, or there is none)",
            "请持证人重新生成在线码，或改用亮证码",
            "Ask the holder for a new online code, or for a show code",
        ),
    ),
    Reason.CONSENT_DECLINED: (
        "E111",
        _R,
        Wording(
            "持证人未同意出示",
            "The holder did not agree to show this",
            "请向持证人说明用途后重新征求同意，或改验其他材料",
            "Explain the purpose and ask again, or check other evidence",
        ),
    ),
    Reason.OTHER_TYPE: (
        "E112",
        _R,
        Wording(
            "亮证服务提供的不是所申请的那种证照",
            "The show service handed over another licence than was asked for",
            "请联系颁发地区的亮证服务管理员，或请持证人改用亮证码",
            "Tell the operator of that show service, or ask for a show code",
        ),
    ),
    Reason.REVOKED: (
        "E201",
        _R,
        Wording("该证照已被吊销", "The licence has been revoked", *_ASK_ISSUER),
    ),
    Reason.SUSPENDED: (
        "E202",
        _R,
        Wording("该证照已被暂扣", "The licence is suspended", *_ASK_ISSUER),
    ),
    Reason.SUPERSEDED: (
        "E203",
        _R,
        Wording(
            "该证照已换发新证",
            "The licence has been replaced by a newer one",
            "请持证人更新卡包后出示新证",
            "Ask the holder to refresh the wallet and show the new licence",
        ),
    ),
    Reason.CANCELLED: (
        "E204",
        _R,
        Wording("该证照已注销", "The licence has been cancelled", *_ASK_ISSUER),
    ),
    Reason.WITHDRAWN: (
        "E205",
        _R,
        Wording(
            "该证照的许可已被撤销", "The licence has been withdrawn by the authority", *_ASK_ISSUER
        ),
    ),
    Reason.CREDENTIAL_WITHDRAWN: (
        "E206",
        _R,
        Wording(
            "此卡包中的这份证照已停用（证照本身不受影响）",
            "This wallet's credential has been cut off (the licence itself is not affected)",
            "请持证人重新领取到新的卡包",
            "Ask the holder to collect the licence again into a new wallet",
        ),
    ),
    Reason.TRANSFERRED: (
        "E207",
        _R,
        Wording(
            "该证照已转出到其他地区",
            "The licence has been transferred to another region",
            *_ASK_ISSUER,
        ),
    ),
    Reason.EXPIRED: (
        "E208",
        _R,
        Wording("该证照已过有效期", "The licence has expired", *_ASK_ISSUER),
    ),
    Reason.NOT_YET_VALID: (
        "E209",
        _R,
        Wording("该证照尚未生效", "The licence is not yet valid", *_ASK_ISSUER),
    ),
    Reason.SIGNATURE: (
        "E211",
        _R,
        Wording(
            "签名不符，内容可能被改动",
            "The signature does not fit; the content may be altered",
            *_OTHER,
        ),
    ),
    Reason.ALGORITHM: (
        "E212",
        _R,
        Wording(
            "签名算法与登记的密钥不符", "The algorithm is not that of the registered key", *_OTHER
        ),
    ),
    Reason.ISSUER_KEY_SCOPE: (
        "E213",
        _R,
        Wording(
            "签名密钥无权签发此类证照或不在其有效期内",
            "The signing key may not sign this type, or not on that date",
            *_OTHER,
        ),
    ),
    Reason.LICENCE_ID_CHECK: (
        "E214",
        _R,
        Wording("证照标识的校验位不符", "The licence id's check character does not fit", *_OTHER),
    ),
    Reason.MATTER_NOT_COVERED: (
        "E301",
        _N,
        Wording(
            "互认清单未列入此事项或场景",
            "The recognition list does not cover this matter",
            *_LOCAL_RULES,
        ),
    ),
    Reason.TYPE_NOT_LISTED: (
        "E302",
        _N,
        Wording(
            "此类证照未列入互认清单",
            "This licence type is not on the recognition list",
            *_LOCAL_RULES,
        ),
    ),
    Reason.REGION_NOT_COVERED: (
        "E303",
        _N,
        Wording(
            "颁发地区不在互认清单范围内",
            "The issuing region is outside the recognition list",
            *_LOCAL_RULES,
        ),
    ),
    Reason.ISSUER_NOT_COVERED: (
        "E304",
        _N,
        Wording(
            "该颁发机构未列入互认清单",
            "This issuing authority is not on the recognition list",
            *_LOCAL_RULES,
        ),
    ),
    Reason.FIELD_MISSING: (
        "E305",
        _N,
        Wording(
            "缺少互认清单要求的照面信息",
            "A field that the recognition list requires is missing",
            "请持证人改用信息更全的亮证方式",
            "Ask the holder to show a fuller profile",
        ),
    ),
    Reason.VALUE_UNMAPPED: (
        "E306",
        _N,
        Wording(
            "互认清单没有此项内容的对照",
            "The recognition list has no counterpart for a value",
            *_LOCAL_RULES,
        ),
    ),
    Reason.CONDITION_NOT_MET: (
        "E307",
        _N,
        Wording(
            "不满足互认清单规定的条件",
            "A condition of the recognition list is not met",
            *_LOCAL_RULES,
        ),
    ),
    Reason.UNKNOWN_ISSUER: (
        "E401",
        _R,
        Wording(
            "颁发机构或其密钥不在可信名单中",
            "The issuer or its key is not on the trust list",
            *_OTHER,
        ),
    ),
    Reason.DEMO_KEY: (
        "E402",
        _R,
        Wording(
            "由演示密钥签发，任何人都能伪造",
            "Signed under demonstration keys, with which anybody can sign",
            *_OTHER,
        ),
    ),
    Reason.UNREADABLE: (
        "E901",
        _U,
        Wording("没有读到二维码", "No code could be read", *_RESCAN),
    ),
    Reason.INCOMPLETE_SCAN: (
        "E902",
        _U,
        Wording(
            "扫描不完整，可能受输入法影响或扫描过快",
            "The scan is incomplete; an input method or a fast scanner may be the cause",
            *_RESCAN,
        ),
    ),
    Reason.SEVERAL_CODES: (
        "E903",
        _U,
        Wording(
            "读到多个码，无法判断该核验哪一个",
            "Several codes were read, and which one is meant cannot be told",
            "请只对准一个码重新扫描",
            "Point at one code only and scan again",
        ),
    ),
    Reason.CLOCK_DOUBTFUL: (
        "E904",
        _U,
        Wording(
            "本机时间不可信（早于已收到的名单）",
            "This machine's clock is doubtful (earlier than lists already received)",
            "请校准本机时间后重新核验",
            "Set this machine's clock, then check again",
        ),
    ),
    Reason.STATUS_MISSING: (
        "E911",
        _U,
        Wording("本机没有该证照的状态表", "The status list is not on this machine", *_SYNC),
    ),
    Reason.STATUS_STALE: (
        "E912",
        _U,
        Wording("状态表已过期", "The status list is out of date", *_SYNC),
    ),
    Reason.MANDATE_STATUS: (
        "E924",
        _U,
        Wording(
            "不能确定委托是否仍然有效（没有状态表，或状态表已过期）",
            "Whether the mandate still holds is not known: its status list is missing or old",
            *_SYNC,
        ),
    ),
    Reason.TRUST_LIST_MISSING: (
        "E913",
        _U,
        Wording(
            "本机没有颁发地区的可信签发机构名单",
            "The issuing region's trust list is not on this machine",
            *_SYNC,
        ),
    ),
    Reason.TRUST_LIST_EXPIRED: (
        "E914",
        _U,
        Wording("可信签发机构名单已过期", "The trust list is out of date", *_SYNC),
    ),
    Reason.LIST_MISSING: (
        "E915",
        _U,
        Wording(
            "本机没有与颁发地区的互认清单",
            "No recognition list with the issuing region is on this machine",
            *_SYNC,
        ),
    ),
    Reason.TYPE_UNKNOWN: (
        "E917",
        _U,
        Wording(
            "本机目录没有此类证照的定义",
            "This machine has no definition of this licence type",
            *_SYNC,
        ),
    ),
    Reason.LIST_EXPIRED: (
        "E916",
        _U,
        Wording("互认清单已过期", "The recognition list is out of date", *_SYNC),
    ),
    Reason.SERVICE_UNREACHABLE: (
        "E921",
        _U,
        Wording(
            "在线码须联网核验，本机未能连上亮证服务",
            "An online code needs network: its show service was not reached",
            "请检查网络和亮证服务设置后再试，或请持证人改用亮证码",
            "Check network and settings and try again, or ask for a show code",
        ),
    ),
    Reason.SERVICE_REFUSED: (
        "E922",
        _U,
        Wording(
            "亮证服务不向本窗口提供此证照",
            "The show service does not hand this licence to this window",
            "请联系颁发地区的亮证服务管理员，或请持证人改用亮证码",
            "Ask the operator of that show service, or ask for a show code",
        ),
    ),
    Reason.SERVICE_BUSY: (
        "E923",
        _U,
        Wording(
            "亮证服务暂不受理（请求过多）",
            "The show service takes no more requests for now",
            "请稍后再试，或请持证人改用亮证码",
            "Try again later, or ask for a show code",
        ),
    ),
}

_RANK = {reason: position for position, reason in enumerate(Reason)}
