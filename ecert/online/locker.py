"""What lies behind a code: found by a keyed hash of it, encrypted under a key made from it.

The service's key alone opens nothing, and a stolen database without it cannot even be searched.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

import orjson

from ecert.errors import CustodyError
from ecert.sign import encryption

if TYPE_CHECKING:
    from ecert.sign.keys import PublicKey

_CODE: Final = "ecert online code"
_HOLDER: Final = "ecert online holder"
_ADDRESS: Final = "ecert online address"
_DIGEST: Final = "ecert online digest"
_LOG: Final = "ecert online log"
# As large as what a licence takes, so that a miss costs what a hit does.
_DECOY_BYTES: Final = 4096


class Locker:
    """Derives what a show service keeps, from its key.

    Args:
        service_key: 32 secret bytes, the same in all processes of one service.

    Raises:
        ValueError: Another length.
    """

    def __init__(self, service_key: bytes) -> None:
        if len(service_key) != encryption.KEY_BYTES:
            raise ValueError(f"a service key has {encryption.KEY_BYTES} bytes")
        self._key = service_key
        self._decoy = secrets.token_bytes(_DECOY_BYTES)

    def tag(self, secret: str) -> bytes:
        """Return what finds a code or a transaction."""
        return encryption.tag_of(self._key, secret.encode("ascii"), _CODE)

    def holder(self, key: PublicKey) -> bytes:
        """Return what finds a holder's codes and log."""
        return encryption.tag_of(self._key, key.thumbprint, _HOLDER)

    def address(self, address: str) -> bytes:
        """Return what counts a network address without keeping it."""
        return encryption.tag_of(self._key, address.encode("utf-8", "replace"), _ADDRESS)

    def digest(self, texts: tuple[str, ...]) -> bytes:
        """Return what recognises a deposit that is sent again."""
        return encryption.tag_of(self._key, "\n".join(texts).encode("utf-8"), _DIGEST)

    def put(self, secret: str, content: dict[str, Any]) -> bytes:
        """Encrypt what lies behind a code."""
        key = encryption.derive_key(self._key, secret.encode("ascii"), _CODE)
        return encryption.encrypt(key, orjson.dumps(content), self.tag(secret))

    def take(self, secret: str, data: bytes | None) -> dict[str, Any] | None:
        """Decrypt what lies behind a code; None if there is nothing, at about the same cost.

        Raises:
            CustodyError: It was changed.
        """
        key = encryption.derive_key(self._key, secret.encode("ascii"), _CODE)
        try:
            plain = encryption.decrypt(key, data or self._decoy, self.tag(secret))
        except CustodyError:
            if data is None:
                return None
            raise
        return dict(orjson.loads(plain))

    def put_entry(self, holder: bytes, entry: dict[str, Any]) -> bytes:
        """Encrypt an entry of a holder's log."""
        key = encryption.derive_key(self._key, holder, _LOG)
        return encryption.encrypt(key, orjson.dumps(entry), holder)

    def take_entry(self, holder: bytes, data: bytes) -> dict[str, Any]:
        """Decrypt an entry of a holder's log.

        Raises:
            CustodyError: It was changed, or is another holder's.
        """
        key = encryption.derive_key(self._key, holder, _LOG)
        return dict(orjson.loads(encryption.decrypt(key, data, holder)))
