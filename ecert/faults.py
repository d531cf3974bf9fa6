"""The closed list of why a signed document may not come into force, in both languages.

`ecert.reasons` says what a licence's verdict rests on; this, why a list was turned away.  The
values are stable API; wording may improve.
"""

from __future__ import annotations

from enum import StrEnum


class DocumentFault(StrEnum):
    """Why a signed document (trust list, recognition list, …) may not come into force."""

    MALFORMED = "malformed"
    TOO_LARGE = "too-large"
    WRONG_KIND = "wrong-kind"
    NOT_PINNED = "not-pinned"
    SIGNATURE = "signature"
    TOO_FEW_SIGNATURES = "too-few-signatures"
    AUDIENCE = "audience"
    OVERSTEPS = "oversteps"
    EXPIRED = "expired"
    FROM_FUTURE = "from-future"
    ROLLBACK = "rollback"
    VERSION_CONFLICT = "version-conflict"
    VERSION_JUMP = "version-jump"
    PREDECESSOR = "predecessor"
    LARGE_CHANGE = "large-change"
    CONTENT = "content"
    MANIFEST = "manifest"

    @property
    def zh(self) -> str:
        """What is the matter, in Chinese."""
        return _FAULTS[self][0]

    @property
    def en(self) -> str:
        """What is the matter, in English."""
        return _FAULTS[self][1]


_FAULTS = {
    DocumentFault.MALFORMED: ("文件格式不正确", "the document is malformed"),
    DocumentFault.TOO_LARGE: ("文件过大", "the document is too large"),
    DocumentFault.WRONG_KIND: ("文件种类不对", "this is another kind of document"),
    DocumentFault.NOT_PINNED: ("尚未认定该地区的根密钥", "the region's root keys are not pinned"),
    DocumentFault.SIGNATURE: (
        "签名不符或签名者无权",
        "a signature does not fit, or its key may not sign this",
    ),
    DocumentFault.TOO_FEW_SIGNATURES: ("有效签名不足", "there are too few valid signatures"),
    DocumentFault.AUDIENCE: ("文件不是发给本地区的", "the document is meant for another region"),
    DocumentFault.OVERSTEPS: (
        "文件超出签发方的权限",
        "the document says more than its owner may say",
    ),
    DocumentFault.EXPIRED: ("文件已过期", "the document has expired"),
    DocumentFault.FROM_FUTURE: (
        "文件的签发时间晚于本机时间",
        "the document is dated later than this machine's time",
    ),
    DocumentFault.ROLLBACK: (
        "版本低于已接受的版本",
        "the version is lower than the one already accepted",
    ),
    DocumentFault.VERSION_CONFLICT: ("版本号相同但内容不同", "the same version with other content"),
    DocumentFault.VERSION_JUMP: (
        "版本号跳跃过大，需第二人确认",
        "the version jumps too far; a second person must confirm",
    ),
    DocumentFault.PREDECESSOR: (
        "文件与所承接的上一版不符",
        "the document does not follow the version in force",
    ),
    DocumentFault.LARGE_CHANGE: (
        "变化超过两成，需第二人确认",
        "over 20 % changes; a second person must confirm",
    ),
    DocumentFault.CONTENT: ("文件内容不合规", "the content breaks a rule"),
    DocumentFault.MANIFEST: (
        "与该地区的版本清册不符",
        "the owner's manifest names another version, or none",
    ),
}
