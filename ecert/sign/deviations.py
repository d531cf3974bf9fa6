"""The known ways to make a signature that does not verify, and how to mend each.

All but the last few are bugs and misunderstandings of published SM2 and JOSE software.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ecert.reasons import Language


class _Wording(NamedTuple):
    """What is wrong and how the signer mends it, in both languages."""

    name: str
    zh: str
    en: str
    fix_zh: str
    fix_en: str


_RAW = "请写成 r‖s 共 64 字节，各 32 字节，高位在前", "Write r and s, 32 bytes each, big-endian"
_INPUT = (
    "请签“头部.载荷”这段 base64url 文字（RFC 7515 §5.1）",
    "Sign the base64url text header.payload (RFC 7515 section 5.1)",
)
_ENCODE = (
    "请对签名的 64 字节本身作一次 base64url 编码",
    "Encode the 64 bytes themselves, once, as base64url",
)
_UID = (
    "用户标识请明确设为 1234567812345678 这 16 个 ASCII 字节（GM/T 0009）",
    "State the user id: the 16 ASCII bytes 1234567812345678 (GM/T 0009)",
)
_ZA = (
    "请签 SM3(ZA‖消息)，ZA 含用户标识、曲线和公钥的 x、y 各 32 字节（GB/T 32918.2 §5.5）",
    "Sign SM3(ZA, message); ZA covers user id, curve, and x and y of 32 bytes (GB/T 32918.2 5.5)",
)
_SM3 = "请改用 SM3", "Use SM3"
_SHA256 = "请改用 SHA-256（RFC 7518 §3.4）", "Use SHA-256 (RFC 7518 section 3.4)"
_KEY = (
    "请核对密钥种类：这里只有 P-256（ES256）和 SM2（SGD_SM3_SM2）",
    "Check the key's kind: only P-256 (ES256) and SM2 (SGD_SM3_SM2) are taken here",
)


class Deviation(Enum):
    """One thing that a signer did otherwise than the formats say."""

    # How the signature is written
    DER = _Wording("der", "签名是 ASN.1 DER 编码", "the signature is ASN.1 DER", *_RAW)
    SWAPPED = _Wording("swapped", "s 写在 r 前面", "s stands before r", *_RAW)
    HEX_TEXT = _Wording("hex-text", "签名写成了十六进制文字", "it is hexadecimal text", *_ENCODE)
    BASE64_TEXT = _Wording(
        "base64-text", "签名被 base64 编码了两次", "it was encoded as base64 twice", *_ENCODE
    )
    # What was signed
    PAYLOAD_TEXT = _Wording(
        "payload-text",
        "只签了载荷（base64url 文字）",
        "only the payload's text was signed",
        *_INPUT,
    )
    PAYLOAD_BYTES = _Wording(
        "payload-bytes", "只签了载荷原文", "only the payload, decoded, was signed", *_INPUT
    )
    DECODED = _Wording(
        "decoded", "签的是解码后的头部和载荷", "header and payload were decoded first", *_INPUT
    )
    HASHED_TWICE = _Wording(
        "hashed-twice", "消息先做了杂凑，签名时又做了一次", "the message was hashed before signing",
        "签名接口会自己做杂凑，请传入消息原文", "Hand over the message: signing hashes it",
    )  # fmt: skip
    # Its digest
    USED_SHA256 = _Wording("used-sha256", "用了 SHA-256，不是 SM3", "SHA-256, not SM3", *_SM3)
    USED_SM3 = _Wording("used-sm3", "用了 SM3，不是 SHA-256", "SM3, not SHA-256", *_SHA256)
    USED_SHA384 = _Wording(
        "used-sha384", "用了 SHA-384，不是 SHA-256", "SHA-384, not SHA-256", *_SHA256
    )
    USED_SHA512 = _Wording(
        "used-sha512", "用了 SHA-512，不是 SHA-256", "SHA-512, not SHA-256", *_SHA256
    )
    NO_ZA = _Wording("no-za", "没有加 ZA", "ZA was left out", *_ZA)
    ZA_WITHOUT_KEY = _Wording(
        "za-without-key", "算 ZA 时公钥是空的（py-gmssl 只给私钥时如此）",
        "ZA was made without the public key (as py-gmssl does if given the private key alone)",
        "签名对象要同时给出公钥", "Give the signing object the public key as well",
    )  # fmt: skip
    ZA_WITH_PREFIX = _Wording(
        "za-with-prefix", "算 ZA 时公钥多了开头的 04", "the key in ZA has its leading 04", *_ZA
    )
    UID_EMPTY = _Wording("uid-empty", "用户标识是空的", "the user id is empty", *_UID)
    UID_ALICE = _Wording(
        "uid-alice", "用户标识是旧标准示例里的 ALICE123@YAHOO.COM",
        "the user id is ALICE123@YAHOO.COM, the old standard's example", *_UID,
    )  # fmt: skip
    UID_TLS = _Wording(
        "uid-tls", "用户标识是 TLSv1.3+GM+Cipher+Suite（RFC 8998）",
        "the user id is that of TLS (RFC 8998)", *_UID,
    )  # fmt: skip
    UID_NUL = _Wording(
        "uid-nul", "默认用户标识后面多了一个零字节", "the default user id ends in a NUL", *_UID
    )
    UID_UNHEXED = _Wording(
        "uid-unhexed", "默认用户标识被当作十六进制，成了 8 字节",
        "the default user id was read as hexadecimal, 8 bytes", *_UID,
    )  # fmt: skip
    UID_HEX_TEXT = _Wording(
        "uid-hex-text", "默认用户标识写成了十六进制文字，成了 32 字节",
        "the default user id was written as hexadecimal, 32 bytes", *_UID,
    )  # fmt: skip
    # Its algorithm
    ECDSA_ON_SM2 = _Wording(
        "ecdsa-on-sm2", "用 SM2 密钥做了 ECDSA 签名", "the SM2 key was used for ECDSA",
        "请调用 SM2 签名（SM3withSM2），不是 ECDSA", "Call SM2 (SM3withSM2), not ECDSA",
    )  # fmt: skip
    ALG_NAME = _Wording(
        "alg-name", "签名对，但头部的 alg 不是这把密钥的", "alg in the header is not the key's",
        "alg 请写 ES256 或 SGD_SM3_SM2", "Write ES256 or SGD_SM3_SM2",
    )  # fmt: skip
    OTHER_ALG = _Wording(
        "other-alg", "头部写的是另一种算法", "the header names another algorithm", *_KEY
    )
    OTHER_CURVE = _Wording(
        "other-curve", "签名的长度是 P-384 或 P-521 密钥的",
        "its length is that of a P-384 or P-521 key", *_KEY,
    )  # fmt: skip
    RSA = _Wording("rsa", "签名的长度是 RSA 密钥的", "its length is that of an RSA key", *_KEY)
    HMAC = _Wording(
        "hmac", "签名的长度是 HMAC 的，不是公钥签名", "its length is that of an HMAC", *_KEY
    )

    def wording(self, language: Language = "zh") -> tuple[str, str]:
        """Return what is wrong and how to mend it."""
        said = self.value
        return (said.zh, said.fix_zh) if language == "zh" else (said.en, said.fix_en)
