"""One transaction for what several threads ask at the same time.

A commit is on the disk before it is acknowledged, and that costs the same for one row as for
thirty.  Whoever comes while another's commit is under way therefore waits for the next one, and
shares it with all who came meanwhile.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Asked = TypeVar("Asked")
Told = TypeVar("Told")


class SharedTurn(Generic[Asked, Told]):
    """Carries out what threads ask, together: nobody is told before the whole is committed.

    Args:
        work: Carries out some, in their order, and returns as many answers.  What it raises, all
            of them are told: then nothing of it may have happened.
    """

    def __init__(self, work: Callable[[Sequence[Asked]], Sequence[Told]]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._waiting: list[_Place[Asked, Told]] = []
        self._taken = False

    def ask(self, one: Asked) -> Told:
        """Carry out ``one``, with whatever other threads ask meanwhile; return its answer."""
        place: _Place[Asked, Told] = _Place(one)
        with self._lock:
            self._waiting.append(place)
            leads, self._taken = not self._taken, True
        if not leads:
            self._wait(place)
        # Either it is told by now, or it is this thread's turn to work for all who wait.
        if not place.done:
            self._lead(place)
        if place.error is not None:
            raise place.error
        return place.told

    def _wait(self, place: _Place[Asked, Told]) -> None:
        try:
            place.ready.acquire()
        except BaseException:
            # Whoever is interrupted does not wait any longer; if it was its turn, it is the next's.
            with self._lock:
                if place in self._waiting:
                    self._waiting.remove(place)
            if place.leads and not place.done:
                self._pass_on()
            raise

    def _lead(self, own: _Place[Asked, Told]) -> None:
        with self._lock:
            places, self._waiting = self._waiting, []
        try:
            told = self._work([place.asked for place in places])
            for place, answer in zip(places, told, strict=True):
                place.told = answer
        except BaseException as error:
            # What interrupts this thread is not the others' matter: they are told that it failed.
            broken = error if isinstance(error, Exception) else RuntimeError("broken off")
            for place in places:
                place.error = error if place is own else broken
            raise
        finally:
            for place in places:
                place.done = True
                place.ready.release()
            self._pass_on()

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting[0].leads = True
                self._waiting[0].ready.release()
            else:
                self._taken = False


class _Place(Generic[Asked, Told]):
    """One thread's place among those who wait."""

    __slots__ = ("asked", "done", "error", "leads", "ready", "told")
    told: Told

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.done = self.leads = False
        self.error: BaseException | None = None
        self.ready = threading.Lock()
        self.ready.acquire()
