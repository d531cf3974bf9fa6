"""Encrypts what is kept for a moment, under a key derived from two secrets.

AES-256-GCM (NIST SP 800-38D) with a key from HKDF-SHA256 (RFC 5869).  Neither secret alone opens
anything: one lies with the service, the other with whoever holds a code.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ecert.errors import CustodyError

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


def derive_key(service_key: bytes, secret: bytes, purpose: str) -> bytes:
    """Return a key of 32 bytes from two secrets, for one purpose."""
    kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=service_key, info=purpose.encode("ascii"))
    return kdf.derive(secret)


def tag_of(service_key: bytes, secret: bytes, purpose: str) -> bytes:
    """Return what finds a secret again without telling it: HMAC-SHA256, 32 bytes."""
    return hmac.new(service_key, purpose.encode("ascii") + b"\0" + secret, hashlib.sha256).digest()


def encrypt(key: bytes, plain: bytes, about: bytes) -> bytes:
    """Encrypt ``plain``; what it is about is bound to it, and not kept in it."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, about)


def decrypt(key: bytes, data: bytes, about: bytes) -> bytes:
    """Return what `encrypt` was given.

    Raises:
        CustodyError: The key is another, or the data were changed.
    """
    try:
        return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], about)
    except (InvalidTag, ValueError) as error:
        raise CustodyError(
            "存放的内容无法解密，服务密钥可能已更换，或数据已损坏",
            "what is kept cannot be decrypted: another service key, or damaged data",
        ) from error
