"""Looks tokens up: each request's own, in the database; those of one moment together."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from ecert.workspace.access import find_certificate, judge_token, read_token

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future
    from datetime import datetime

    from ecert.store.tokens import AccessToken, SQLTokens


class TokenDesk:
    """Tells what a token opens, without holding up the event loop (asyncio's) that asks.

    Nothing is remembered: a token that was withdrawn before a request came opens nothing for it.
    While one look into the database is under way, those who come share the next.

    Args:
        tokens: What is kept of them.
    """

    def __init__(self, tokens: SQLTokens) -> None:
        self._tokens = tokens
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ecert-tokens")
        self._lock = threading.Lock()
        self._next: _Look | None = None

    async def find(self, text: str, at: datetime) -> tuple[AccessToken | None, str]:
        """Return the good token that ``text`` is, or None and why not: see `find_token`.

        Raises:
            StoreError: The database refuses.
        """
        read = read_token(text)
        kept = None if read is None else await self._get(read.id)
        return judge_token(read, kept, at)

    async def find_certificate(self, der: bytes, at: datetime) -> tuple[AccessToken | None, str]:
        """Return what a client certificate opens, or None and why not: see `find_certificate`.

        Raises:
            StoreError: The database refuses.
        """
        looking = self._thread.submit(find_certificate, der, self._tokens, at)
        return await asyncio.wrap_future(looking)

    async def _get(self, token_id: str) -> AccessToken | None:
        with self._lock:
            look = self._next
            if look is None:
                # There is one thread: this look begins when the one under way has ended, and not
                # before this lock is free.
                look = _Look()
                look.found = self._thread.submit(self._look, look)
                self._next = look
            look.ids.add(token_id)
        # Shielded: the look is others' too, whoever hangs up.
        found = await asyncio.shield(asyncio.wrap_future(look.found))
        return found.get(token_id)

    def _look(self, look: _Look) -> Mapping[str, AccessToken]:
        with self._lock:
            if self._next is look:
                self._next = None
        return self._tokens.some(look.ids)


class _Look:
    """One look into the database."""

    __slots__ = ("found", "ids")
    found: Future[Mapping[str, AccessToken]]

    def __init__(self) -> None:
        self.ids: set[str] = set()
