"""How a holder comes to the holder's page: a link for one use, then a session.

The operator's back end has proven who its user is, and hands out a link for that account.  What
a link or a session opens is a handle, never an account; both are random, and only their digests
are kept.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Final, NamedTuple

from ecert.store.holder_sessions import SQLHolderSessions
from ecert.wallet import hosted_faults

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.store.engine import Engine
    from ecert.wallet.hosted import HostedWallets

_SECRET_BYTES: Final = 32
MAX_SECRET_CHARS: Final = 64


class HolderLink(NamedTuple):
    """A link that signs one holder in, once.

    Attributes:
        secret: What stands behind ``#`` in the address; told once.
        expires: From this moment on it opens nothing.
    """

    secret: str
    expires: datetime

    def address(self, page: str) -> str:
        """Return the whole address; what stands behind ``#`` reaches no server and no log."""
        return f"{page.rstrip('/')}/wallet#{self.secret}"


class HolderAccess:
    """Links and sessions of the holders of one database.

    Args:
        engine: The database.
        wallets: The hosted wallets in it.
    """

    def __init__(self, engine: Engine, wallets: HostedWallets) -> None:
        self._store = SQLHolderSessions(engine)
        self._wallets = wallets

    def link(self, account: str, at: datetime) -> HolderLink:
        """Make a link for the holder of ``account``, who has been proven to be that by the caller.

        Raises:
            VaultError: The account has no wallet.
            FormatError: The account is empty or too long.
            StoreError: The database refuses.
        """
        if not self._wallets.has(account):
            raise hosted_faults.absent("wallets")
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        return HolderLink(
            secret, self._store.add_link(_digest(secret), self._wallets.handle(account), at)
        )

    def enter(self, link: str, at: datetime) -> str | None:
        """Use a link up, and return the session that it opens; None if it is not good.

        Raises:
            StoreError: The database refuses.
        """
        session = secrets.token_urlsafe(_SECRET_BYTES)
        handle = self._store.enter(_digest(link), _digest(session), at)
        return None if handle is None else session

    def find(self, session: str, at: datetime) -> bytes | None:
        """Return the handle of the wallet that a session opens; None if it is none, or has ended.

        Raises:
            StoreError: The database refuses.
        """
        return self._store.find(_digest(session), at) if session else None

    def end(self, session: str) -> None:
        """End a session.

        Raises:
            StoreError: The database refuses.
        """
        self._store.end(_digest(session))

    def end_all(self, account: str) -> int:
        """End all links and sessions of an account, as when a telephone is lost.

        Raises:
            FormatError: The account is empty or too long.
            StoreError: The database refuses.
        """
        return self._store.end_all(self._wallets.handle(account))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
