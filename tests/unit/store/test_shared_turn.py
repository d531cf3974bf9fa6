"""What several threads ask at the same time is carried out together."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from ecert.errors import StoreError
from ecert.store.shared_turn import SharedTurn, _Place

if TYPE_CHECKING:
    from collections.abc import Sequence

PATIENCE = 30


class Office:
    """Carries out what is asked, but the first thing only when the gate opens."""

    def __init__(self) -> None:
        self.turns: list[list[int]] = []
        self.told: list[int] = []
        self.failed: list[int] = []
        self.begun, self.gate = threading.Event(), threading.Event()
        self.turn = SharedTurn(self._work)
        self.threads: list[threading.Thread] = []

    def ask(self, number: int) -> None:
        """Ask in a thread of its own, and wait until it stands among those who wait."""
        thread = threading.Thread(target=self._ask, args=(number,))
        self.threads.append(thread)
        thread.start()
        while not (self.begun.is_set() and self._stands(number)):
            thread.join(0.001)

    def end(self) -> None:
        """Open the gate and wait for all."""
        self.gate.set()
        for thread in self.threads:
            thread.join(PATIENCE)

    def _stands(self, number: int) -> bool:
        waiting = [place.asked for place in self.turn._waiting]
        return number in waiting or any(number in turn for turn in self.turns)

    def _ask(self, number: int) -> None:
        try:
            assert self.turn.ask(number) == -number
        except StoreError:
            self.failed.append(number)
        else:
            self.told.append(number)

    def _work(self, asked: Sequence[int]) -> list[int]:
        self.turns.append(list(asked))
        self.begun.set()
        if len(self.turns) == 1:
            assert self.gate.wait(PATIENCE)
        if 7 in asked:
            raise StoreError("满", "full")
        return [-one for one in asked]


def test_one_alone_is_carried_out_at_once() -> None:
    turns: list[list[int]] = []

    def work(asked: Sequence[int]) -> Sequence[int]:
        turns.append(list(asked))
        return asked

    turn = SharedTurn(work)
    assert [turn.ask(number) for number in range(3)] == [0, 1, 2]
    assert turns == [[0], [1], [2]]


def test_those_who_come_meanwhile_share_the_next_turn_in_their_order() -> None:
    office = Office()
    for number in range(5):
        office.ask(number)
    assert office.told == []
    office.end()
    assert office.turns == [[0], [1, 2, 3, 4]]
    assert sorted(office.told) == [0, 1, 2, 3, 4]


def test_what_is_refused_is_told_to_all_who_shared_it_and_to_nobody_else() -> None:
    office = Office()
    for number in (0, 6, 7, 8):
        office.ask(number)
    office.end()
    assert (office.told, sorted(office.failed)) == ([0], [6, 7, 8])
    assert office.turn.ask(9) == -9


def test_too_few_answers_are_a_bug_that_every_one_hears_of() -> None:
    turn: SharedTurn[int, int] = SharedTurn(lambda _: [])
    for _ in range(2):
        with pytest.raises(ValueError, match="shorter"):
            turn.ask(1)


def test_who_is_interrupted_waits_no_longer_and_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office = Office()
    office.ask(1)
    # Asked in this thread, as by a program's main thread, which alone is interrupted.
    wait = SharedTurn._wait

    def interrupted(turn: SharedTurn[int, int], place: _Place[int, int]) -> None:
        place.ready = _Interrupted()  # type: ignore[assignment]
        wait(turn, place)

    with monkeypatch.context() as patch:
        patch.setattr(SharedTurn, "_wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            office.turn.ask(2)
    office.ask(3)
    office.end()
    assert office.told == [1, 3]
    assert office.turns == [[1], [3]]


def test_who_is_interrupted_when_its_turn_came_hands_it_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office = Office()
    office.ask(1)
    handed = threading.Event()
    wait = SharedTurn._wait

    def interrupted(turn: SharedTurn[int, int], place: _Place[int, int]) -> None:
        real, place.ready = place.ready, _Interrupted(place.ready, handed)  # type: ignore[assignment]
        assert real is not None
        wait(turn, place)

    raised: list[BaseException] = []

    def second() -> None:
        try:
            office.turn.ask(2)
        except KeyboardInterrupt as error:
            raised.append(error)

    with monkeypatch.context() as patch:
        patch.setattr(SharedTurn, "_wait", interrupted)
        thread = threading.Thread(target=second)
        thread.start()
        while not office.turn._waiting:
            thread.join(0.001)
    office.ask(3)
    handed.set()
    office.end()
    thread.join(PATIENCE)
    assert len(raised) == 1
    assert sorted(office.told) == [1, 3]


class _Interrupted:
    """A lock at which Ctrl+C is pressed; with ``real``, as soon as it has been given way."""

    def __init__(
        self, real: threading.Lock | None = None, when: threading.Event | None = None
    ) -> None:
        self._real, self._when = real, when

    def acquire(self) -> None:
        if self._real is not None and self._when is not None:
            assert self._when.wait(PATIENCE)
            self._real.acquire()
        raise KeyboardInterrupt

    def release(self) -> None:
        if self._real is not None:
            self._real.release()
