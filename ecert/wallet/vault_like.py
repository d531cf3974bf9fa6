"""What a wallet needs of the place that keeps it: one payload, read and replaced whole."""

from __future__ import annotations

from typing import Protocol


class VaultLike(Protocol):
    """Keeps one wallet's content, confidential and authentic.

    A file under a passphrase (`ecert.wallet.vault.Vault`) is one; a row of a database under a
    custody key can be another.
    """

    def read(self) -> bytes:
        """Return the payload as it stands now, empty if nothing was written yet.

        Raises:
            VaultError: It cannot be read, or was altered.
        """
        ...

    def write(self, payload: bytes) -> None:
        """Replace the payload, durably before it returns, and wholly or not at all.

        Raises:
            VaultError: Another writer was there since this object last read or wrote; the
                payload is too large; or it cannot be written.
        """
        ...
