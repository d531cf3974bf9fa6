"""Custody keys that never leave a PKCS #11 token (AES-KEY-WRAP).  Needs the extra ``hsm``."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Final

from ecert.sign.custody import open_wrapping_key
from ecert.wallet import box
from ecert.wallet.custodian import altered, custody_id, no_such_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ecert.sign.custody import Wrapping

_CONTEXT_BYTES: Final = 32


class TokenCustodian:
    """A `Custodian` whose keys are on a token; any number of threads may use it.

    AES-KEY-WRAP knows no associated data, so the hash of the context is wrapped together with
    the key: what is unwrapped in another context is refused.

    Args:
        keys: The custody keys, oldest first.

    Raises:
        ValueError: There is none, or two go by the same name.
    """

    def __init__(self, keys: Sequence[Wrapping]) -> None:
        self._keys = {custody_id(key.name): key for key in keys}
        if not keys or len(self._keys) != len(keys):
            raise ValueError("custody keys need names of their own")

    @classmethod
    def open(cls, addresses: Sequence[str], prompt: Callable[[str], str]) -> TokenCustodian:
        """Open the AES keys at ``pkcs11:…`` addresses, oldest first.

        Args:
            addresses: As `ecert.sign.custody.open_wrapping_key`.
            prompt: Asked for a PIN, with the question's text.

        Raises:
            CustodyError: One is absent, locked or of another kind.
        """
        return cls([open_wrapping_key(address, prompt) for address in addresses])

    @property
    def newest(self) -> bytes:
        """See `Custodian.newest`."""
        return next(reversed(self._keys))

    def wrap(self, secret: bytes, context: bytes, *, under: bytes) -> bytes:
        """See `Custodian.wrap`."""
        return self._key(under).wrap(secret + hashlib.sha256(context).digest())

    def unwrap(self, wrapped: bytes, context: bytes, *, under: bytes) -> bytes:
        """See `Custodian.unwrap`."""
        data = self._key(under).unwrap(wrapped)
        if data is None or len(data) != box.KEY_BYTES + _CONTEXT_BYTES:
            raise altered()
        if not hmac.compare_digest(data[box.KEY_BYTES :], hashlib.sha256(context).digest()):
            raise altered()
        return data[: box.KEY_BYTES]

    def _key(self, under: bytes) -> Wrapping:
        key = self._keys.get(under)
        if key is None:
            raise no_such_key(under)
        return key
