"""The box in which a hosted wallet, or a key, is kept: AES-256-GCM with what it belongs to.

A box is its nonce (12 bytes), the ciphertext and the tag (16 bytes).  The associated data is not
in it: whoever opens it must know it, so that a box is good in its own place only.
"""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["BOX_BYTES", "KEY_BYTES", "lock", "new_key", "unlock"]

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
BOX_BYTES: Final = _NONCE_BYTES + 16
"""How much longer a box is than its content."""


def new_key() -> bytes:
    """Return a random key."""
    return secrets.token_bytes(KEY_BYTES)


def lock(key: bytes, content: bytes, belongs: bytes) -> bytes:
    """Return ``content`` in a box that opens with ``key`` and only as what it ``belongs`` to.

    The nonce is random, so one key may lock some four thousand million boxes (NIST SP 800-38D
    section 8.3).
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, belongs)


def unlock(key: bytes, box: bytes, belongs: bytes) -> bytes | None:
    """Return what is in ``box``; None if it is damaged, another's, or of another key."""
    if len(box) < BOX_BYTES:
        return None
    try:
        return AESGCM(key).decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], belongs)
    except InvalidTag:
        return None
