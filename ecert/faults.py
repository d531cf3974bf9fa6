"""The closed list of why a signed document may not come into force, in both languages.

`ecert.reasons` says what a licence's verdict rests on; this, why a list was turned away, and why
one could not be fetched.  The values are stable API; wording may improve.
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
    CONFLICT = "conflict"
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
    DocumentFault.CONFLICT: (
        "与另一地区现行名单的登记相冲突",
        "another region's list in force has registered the same",
    ),
    DocumentFault.MANIFEST: (
        "与该地区的版本清册不符",
        "the owner's manifest names another version, or none",
    ),
}


class FetchFault(StrEnum):
    """Why nothing could be fetched from a configured address; what is in force stays."""

    ADDRESS = "address"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    BUSY = "busy"
    STATUS = "status"
    REDIRECTED = "redirected"
    COMPRESSED = "compressed"
    CONTENT_TYPE = "content-type"
    TOO_LARGE = "too-large"
    BROKEN = "broken"

    @property
    def zh(self) -> str:
        """What is the matter, in Chinese."""
        return _FETCH_FAULTS[self][0]

    @property
    def en(self) -> str:
        """What is the matter, in English."""
        return _FETCH_FAULTS[self][1]

    @property
    def fix_zh(self) -> str:
        """How to mend it, in Chinese."""
        return _FETCH_FAULTS[self][2]

    @property
    def fix_en(self) -> str:
        """How to mend it, in English."""
        return _FETCH_FAULTS[self][3]


_ASK_ZH = "请联系对方核对地址和服务器设置"
_ASK_EN = "Ask the partner about the address and the server's settings"
_NETWORK_ZH = "请检查网络和代理设置，稍后再试；也可用文件交换"
_NETWORK_EN = "Check network and proxy and try later; files will do as well"
_FETCH_FAULTS = {
    FetchFault.ADDRESS: (
        "这个地址不能取", "this address cannot be fetched",
        "请改正同步来源的地址", "Correct the source's address",
    ),
    FetchFault.UNREACHABLE: (
        "连不上服务器", "the server cannot be reached", _NETWORK_ZH, _NETWORK_EN,
    ),
    FetchFault.TIMEOUT: (
        "服务器没有在限时内答完", "the server did not answer in time", _NETWORK_ZH, _NETWORK_EN,
    ),
    FetchFault.BUSY: (
        "服务器暂时不能答复", "the server cannot answer for now", _NETWORK_ZH, _NETWORK_EN,
    ),
    FetchFault.STATUS: ("服务器没有给出文件", "the server gave no file", _ASK_ZH, _ASK_EN),
    FetchFault.REDIRECTED: (
        "服务器要求转到别处，不予跟随", "the server sends elsewhere, which is not followed",
        _ASK_ZH, _ASK_EN,
    ),
    FetchFault.COMPRESSED: (
        "服务器答复是压缩的，不予解压", "the answer is compressed and is not unpacked",
        "请对方关闭这些文件的压缩", "Ask the partner to switch compression off for these files",
    ),
    FetchFault.CONTENT_TYPE: (
        "答复不是所要的文件类型（可能是登录页或错误页）",
        "the answer is of another kind, perhaps a login or error page",
        "请检查是否要先登录网络；否则请联系对方",
        "See whether the network wants a login first; otherwise ask the partner",
    ),
    FetchFault.TOO_LARGE: ("答复过大", "the answer is too large", _ASK_ZH, _ASK_EN),
    FetchFault.BROKEN: (
        "答复不完整或不合协议", "the answer is incomplete or against the protocol",
        _NETWORK_ZH, _NETWORK_EN,
    ),
}  # fmt: skip
