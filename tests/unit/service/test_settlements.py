"""What was settled is told again for a while, and made once however many ask at a time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from ecert.limits import MAX_KEPT_SETTLEMENTS, SETTLEMENT_KEPT
from ecert.service.settlements import Settlements

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)


def test_it_is_kept_for_a_minute_and_no_longer() -> None:
    settled: Settlements[str] = Settlements()
    assert settled.settle("a", lambda: "yes", at=AT) == "yes"
    assert settled.settle("a", lambda: "no", at=AT + SETTLEMENT_KEPT) == "yes"
    found = settled.find("a", at=AT + SETTLEMENT_KEPT)
    assert found is not None
    assert (found.is_over, found.wait()) == (True, "yes")
    assert settled.find("b", at=AT) is None
    assert settled.find("a", at=AT + SETTLEMENT_KEPT + timedelta(microseconds=1)) is None
    assert settled.find("a", at=AT) is None, "forgotten, and not only passed over"


def test_the_oldest_make_room() -> None:
    settled: Settlements[int] = Settlements()
    for number in range(MAX_KEPT_SETTLEMENTS + 1):
        settled.settle(number, lambda: 1, at=AT)
    kept = [n for n in range(MAX_KEPT_SETTLEMENTS + 1) if settled.find(n, at=AT)]
    assert kept == list(range(1, MAX_KEPT_SETTLEMENTS + 1))


def test_what_could_not_be_made_is_made_anew() -> None:
    settled: Settlements[str] = Settlements()
    with pytest.raises(KeyError):
        settled.settle("a", lambda: {"": ""}["a"], at=AT)
    assert settled.find("a", at=AT) is None
    assert settled.settle("a", lambda: "yes", at=AT) == "yes"


def test_whoever_asks_meanwhile_waits_for_the_one_answer() -> None:
    settled: Settlements[str] = Settlements()
    begun, go_on, made = threading.Event(), threading.Event(), []

    def make() -> str:
        begun.set()
        assert go_on.wait(30)
        made.append(1)
        return "yes"

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(settled.settle, "a", make, at=AT)
        assert begun.wait(30)
        found = settled.find("a", at=AT)
        assert found is not None
        assert not found.is_over
        second = threads.submit(settled.settle, "a", make, at=AT)
        go_on.set()
        assert (first.result(30), second.result(30), found.wait()) == ("yes",) * 3
    assert made == [1]
