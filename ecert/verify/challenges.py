"""The numbers that windows show: given out, remembered, and each answered once."""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ecert import limits
from ecert.show.challenge import NUMBER_DIGITS, WindowChallenge

if TYPE_CHECKING:
    from datetime import datetime


class HeldChallenge(NamedTuple):
    """A challenge as a book remembers it."""

    challenge: WindowChallenge
    issued: datetime
    """Whole seconds, as a holder's code tells its time."""
    expires: datetime
    """From then on it is not taken; earlier than at first where it was closed."""
    misses: int = 0
    """Wrong answers that this window has had while it was open."""
    used_by: bytes | None = None
    """The code that answered it: `HolderProof.replay_key`."""

    def open_at(self, at: datetime) -> bool:
        """Tell whether it may be answered at ``at``."""
        return self.used_by is None and at < self.expires

    def missed(self, at: datetime) -> HeldChallenge:
        """Return it after one more wrong answer, closed if that was one too many."""
        misses = self.misses + 1
        closed = misses >= limits.MAX_CHALLENGE_MISSES
        return self._replace(misses=misses, expires=at if closed else self.expires)


class ChallengeBook(Protocol):
    """Gives challenges out and remembers them, for all windows that share it."""

    def issue(self, window: int, *, at: datetime) -> HeldChallenge:
        """Give out a fresh challenge for ``window``.

        The oldest one is closed where `limits.MAX_OPEN_CHALLENGES` are open at that window.

        Raises:
            FormatError: There is no such window.
        """
        ...

    def find(self, challenge: WindowChallenge) -> HeldChallenge | None:
        """Return what is remembered of ``challenge``; None if it was never given out."""
        ...

    def use(self, challenge: WindowChallenge, *, code: bytes, at: datetime) -> bool:
        """Let ``code`` answer it; False if it is answered, closed or unknown.  Atomic."""
        ...

    def miss(self, window: int, *, at: datetime) -> None:
        """Count a wrong answer against what is open at ``window``."""
        ...


class MemoryChallenges:
    """Challenges of one process; lost with it, so a hall keeps them in a store."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[WindowChallenge, HeldChallenge] = {}

    def issue(self, window: int, *, at: datetime) -> HeldChallenge:
        """See `ChallengeBook.issue`."""
        with self._lock:
            self._forget(at)
            still_open = sorted(self._open(window, at), key=lambda one: one.issued)
            for oldest in too_many(still_open):
                self._held[oldest.challenge] = oldest._replace(expires=at)
            new = next(one for one in iter(lambda: fresh(window), None) if one not in self._held)
            return self._held.setdefault(new, held(new, at))

    def find(self, challenge: WindowChallenge) -> HeldChallenge | None:
        """See `ChallengeBook.find`."""
        with self._lock:
            return self._held.get(challenge)

    def use(self, challenge: WindowChallenge, *, code: bytes, at: datetime) -> bool:
        """See `ChallengeBook.use`."""
        with self._lock:
            known = self._held.get(challenge)
            if known is None or not known.open_at(at):
                return False
            self._held[challenge] = known._replace(used_by=code)
            return True

    def miss(self, window: int, *, at: datetime) -> None:
        """See `ChallengeBook.miss`."""
        with self._lock:
            for one in self._open(window, at):
                self._held[one.challenge] = one.missed(at)

    def _open(self, window: int, at: datetime) -> list[HeldChallenge]:
        return [
            one for one in self._held.values() if one.challenge.window == window and one.open_at(at)
        ]

    def _forget(self, at: datetime) -> None:
        before = at - limits.CHALLENGE_REMEMBERED
        for one in [one for one in self._held.values() if one.expires < before]:
            del self._held[one.challenge]


def too_many(still_open: list[HeldChallenge]) -> list[HeldChallenge]:
    """Return which of the open ones, the oldest first, make room for one more."""
    return still_open[: max(0, len(still_open) + 1 - limits.MAX_OPEN_CHALLENGES)]


def fresh(window: int) -> WindowChallenge:
    """Return a challenge by chance.

    Raises:
        FormatError: There is no such window.
    """
    return WindowChallenge(window, f"{secrets.randbelow(10**NUMBER_DIGITS):0{NUMBER_DIGITS}d}")


def held(challenge: WindowChallenge, at: datetime) -> HeldChallenge:
    """Return a new challenge as a book remembers it."""
    issued = at.replace(microsecond=0)
    return HeldChallenge(challenge, issued, issued + limits.CHALLENGE_LIFE)
