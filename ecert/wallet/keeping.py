"""Keeps a wallet's content in its vault: every change starts from what stands there now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.wallet.content import Content, read_content

if TYPE_CHECKING:
    from ecert.wallet.vault_like import VaultLike


class Keeping:
    """One wallet's content and the vault that keeps it.

    Another program may change the vault meanwhile.  A change therefore begins with `now`; if
    somebody is quicker still, the vault refuses the write, and nothing is lost.

    Attributes:
        vault: The vault.
        where: How errors name it.
        content: The content as this object saw it last.
    """

    __slots__ = ("_payload", "content", "vault", "where")

    def __init__(self, vault: VaultLike, where: str, payload: bytes, content: Content) -> None:
        self.vault = vault
        self.where = where
        self.content = content
        self._payload = payload

    @classmethod
    def over(cls, vault: VaultLike, where: str) -> Keeping:
        """Read what a vault keeps.

        Raises:
            VaultError: It is not a wallet, or cannot be read.
        """
        payload = vault.read()
        return cls(vault, where, payload, read_content(payload, where))

    @classmethod
    def new(cls, vault: VaultLike, where: str, content: Content) -> Keeping:
        """Write the first content into an empty vault.

        Raises:
            VaultError: The vault refuses.
        """
        keeping = cls(vault, where, b"", content)
        keeping.save(content)
        return keeping

    def now(self) -> Content:
        """Return the content as it stands in the vault now.

        Raises:
            VaultError: It cannot be read.
        """
        payload = self.vault.read()
        if payload != self._payload:
            self.content = read_content(payload, self.where)
            self._payload = payload
        return self.content

    def save(self, content: Content) -> None:
        """Write what becomes of the content that `now` gave, as the state that follows.

        Raises:
            VaultError: The vault has changed since, or refuses.
        """
        following = content.next()
        payload = following.to_bytes()
        self.vault.write(payload)
        self.content, self._payload = following, payload
