"""Access tokens of the service: what is kept of them, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, select, update

from ecert.issuers.records import require_aware
from ecert.store.tables import service_token

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from ecert.store.engine import Engine

_COLUMNS: Final = [
    service_token.c[name]
    for name in ("id", "role", "name", "digest", "created", "expires", "withdrawn")
]
_ALL: Final = select(*_COLUMNS).order_by(service_token.c.seq)
_ONE: Final = select(*_COLUMNS).where(service_token.c.id == bindparam("token"))
_SOME: Final = select(*_COLUMNS).where(service_token.c.id.in_(bindparam("tokens", expanding=True)))
CERTIFICATE: Final = "cert-"
"""How the ids of client certificates begin; a token's is hexadecimal."""
_CERTIFIED: Final = _ALL.where(
    service_token.c.digest == bindparam("digest"), service_token.c.id.startswith(CERTIFICATE)
)
_ADD: Final = insert(service_token)
_WITHDRAW: Final = (
    update(service_token)
    .where(service_token.c.id == bindparam("token"), service_token.c.withdrawn.is_(None))
    .values(withdrawn=bindparam("moment"))
)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token as it is kept: nobody can make the token of it.

    Attributes:
        id: What logs and lists call it.
        role: What it opens.
        name: Whose it is, such as a window.
        digest: SHA-256 of its secret part; the secret is random, so that no slow hash is due.
            Of a client certificate, its fingerprint (SHA-256).
        created: When it was made.
        expires: From this moment on it opens nothing.
        withdrawn: When it was withdrawn; None while it is good.
    """

    id: str
    role: str
    name: str
    digest: bytes
    created: datetime
    expires: datetime
    withdrawn: datetime | None = None

    @property
    def is_certificate(self) -> bool:
        """Whether a client certificate stands for it, and no text."""
        return self.id.startswith(CERTIFICATE)

    def is_good(self, at: datetime) -> bool:
        """Tell whether it opens anything at ``at``."""
        return self.withdrawn is None and self.created <= at < self.expires


class SQLTokens:
    """The tokens in a database, so that every process and machine of a hall has the same.

    Args:
        engine: The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, token: AccessToken) -> None:
        """Keep a new token.

        Raises:
            StoreError: The database refuses.
        """
        require_aware(token.created)
        with self._engine.write() as connection:
            connection.execute(
                _ADD,
                {
                    "id": token.id, "role": token.role, "name": token.name,
                    "digest": token.digest, "created": token.created, "expires": token.expires,
                    "withdrawn": token.withdrawn,
                },
            )  # fmt: skip

    def get(self, token_id: str) -> AccessToken | None:
        """Return the token of that id, or None.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.read() as connection:
            row = connection.execute(_ONE, {"token": token_id}).one_or_none()
        return None if row is None else AccessToken(*row)

    def some(self, token_ids: Collection[str]) -> Mapping[str, AccessToken]:
        """Return the tokens of those ids, by id; those that there are.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.read() as connection:
            rows = connection.execute(_SOME, {"tokens": list(token_ids)})
            return {row.id: AccessToken(*row) for row in rows}

    def with_certificate(self, digest: bytes) -> Sequence[AccessToken]:
        """Return what was kept of the client certificate of that fingerprint, the oldest first.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.read() as connection:
            rows = connection.execute(_CERTIFIED, {"digest": digest})
            return [AccessToken(*row) for row in rows]

    def all(self) -> Sequence[AccessToken]:
        """Return all tokens, the oldest first.

        Raises:
            StoreError: The database refuses.
        """
        with self._engine.read() as connection:
            return [AccessToken(*row) for row in connection.execute(_ALL)]

    def withdraw(self, token_id: str, at: datetime) -> bool:
        """End a token; False if there is none that is not withdrawn already.

        Raises:
            StoreError: The database refuses.
        """
        require_aware(at)
        with self._engine.write() as connection:
            found = connection.execute(_WITHDRAW, {"token": token_id, "moment": at})
            return bool(found.rowcount)
