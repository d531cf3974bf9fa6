"""Measures in interleaved rounds, and compares each case with the signatures that it needs.

In round after round every case runs once (A B C A B C …), so that a processor that changes its
clock, or a neighbour who takes half of it, hits all cases alike.  The figure of a case is the
median over the rounds; its ratio is the median of the ratios *within* each round.  Only the
standard library is used: the foreign implementations import this file in environments of their
own.
"""

from __future__ import annotations

import gc
import statistics
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

ROUNDS = 15
SECONDS = 0.1
"""How long one case runs in one round."""

Input = TypeVar("Input")
Work: TypeAlias = "Callable[[], None]"
Figures: TypeAlias = "dict[str, float]"
"""Seconds per operation by the name of the case."""


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to measure."""

    name: str
    prepare: Callable[[int], Work]
    """Prepares so many operations, untimed, and returns what carries them out, timed."""
    raw: str | None = None
    """The case that is the least this one needs: its bare signatures."""
    waits: bool = False
    """Whether it waits for a disk or another process, so that only the clock can measure it."""


@dataclass(frozen=True, slots=True)
class Row:
    """What came out for one case."""

    bench: str
    name: str
    seconds: float
    fastest: float
    slowest: float
    ratio: float | None
    """How many times what its raw case takes; 1 for a raw case, None if it has none."""


class Bench(Protocol):
    """Some cases that run in one process, here or elsewhere."""

    @property
    def title(self) -> str:
        """Whose cases these are."""
        ...

    @property
    def raw(self) -> Mapping[str, str | None]:
        """Every case by name, with the name of its raw case."""
        ...

    def round(self) -> Figures:
        """Run every case once."""
        ...


def repeated(operation: Callable[[], object]) -> Callable[[int], Work]:
    """Prepare nothing: the same operation again and again."""

    def prepare(count: int) -> Work:
        def work() -> None:
            for _ in range(count):
                operation()

        return work

    return prepare


def each(
    inputs: Callable[[int], Sequence[Input]], operation: Callable[[Input], object]
) -> Callable[[int], Work]:
    """Prepare an input of its own for every operation, so that nothing is measured twice."""

    def prepare(count: int) -> Work:
        ready = inputs(count)

        def work() -> None:
            for item in ready:
                operation(item)

        return work

    return prepare


class LocalBench:
    """Cases that run in this process.

    Args:
        title: Whose cases these are.
        cases: The cases, in the order of each round.
        seconds: How long one case runs in one round.
    """

    def __init__(self, title: str, cases: Iterable[Case], *, seconds: float = SECONDS) -> None:
        self.title = title
        self._cases = tuple(cases)
        self.raw: Mapping[str, str | None] = {case.name: case.raw for case in self._cases}
        self._counts = {case.name: _count(case, seconds) for case in self._cases}

    def round(self) -> Figures:
        """Run every case once."""
        return {case.name: _time(case, self._counts[case.name]) for case in self._cases}


def _time(case: Case, count: int) -> float:
    work = case.prepare(count)
    gc.collect()
    # Processor time leaves out what a neighbour on the same core takes.
    now = perf_counter if case.waits else process_time
    begin = now()
    work()
    return (now() - begin) / count


def _count(case: Case, seconds: float) -> int:
    # The first run pays for what is loaded late, so it only warms up.
    _time(case, 1)
    return max(1, round(seconds / _time(case, 3)))


def measure(benches: Sequence[Bench], rounds: int = ROUNDS) -> list[Row]:
    """Run all benches in interleaved rounds and return a row for every case."""
    done: list[dict[str, Figures]] = [
        {bench.title: bench.round() for bench in benches} for _ in range(rounds)
    ]
    return [
        _row(bench, name, [one[bench.title] for one in done])
        for bench in benches
        for name in bench.raw
    ]


def _row(bench: Bench, name: str, rounds: Sequence[Figures]) -> Row:
    seconds = [figures[name] for figures in rounds]
    is_raw = name in bench.raw.values()
    raw = name if is_raw else bench.raw[name]
    ratio = None
    if raw is not None:
        ratio = statistics.median(figures[name] / figures[raw] for figures in rounds)
    return Row(bench.title, name, statistics.median(seconds), min(seconds), max(seconds), ratio)
