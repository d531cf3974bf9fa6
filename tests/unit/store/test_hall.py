"""Tallies and signs of life in SQLite and in PostgreSQL."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from ecert.limits import HALL_DAYS
from ecert.store.engine import open_engine
from ecert.store.hall import SQLHall, TallyKey, WindowSign, first_day

if TYPE_CHECKING:
    from ecert.store.engine import Engine

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
DAY = date(2026, 11, 22)
KEY = TallyKey(DAY, 10, "3号窗口", "aa", "accepted", "ok")
SIGN = WindowSign(
    id="p1", window="3号窗口", machine="m", software="ecert", started=AT, seen=AT,
    lists={"list": 3}, expires=AT + timedelta(days=1),
)  # fmt: skip


def test_tallies_add_up_from_several_processes(url: str) -> None:
    with open_engine(url) as one, open_engine(url) as two:
        halls = [SQLHall(one), SQLHall(two)]
        other = KEY._replace(reason="revoked", outcome="refused")

        def count(hall: SQLHall) -> None:
            for _ in range(10):
                hall.add({KEY: 2, other: 1}, at=AT)

        threads = [threading.Thread(target=count, args=(hall,)) for hall in halls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert dict(halls[0].of_day(DAY)) == {KEY: 40, other: 20}
        assert halls[1].days(DAY) == [(DAY, 60)]


def test_tallies_are_forgotten_after_ninety_days(any_engine: Engine) -> None:
    hall = SQLHall(any_engine)
    first = first_day(AT)
    assert (DAY - first).days == HALL_DAYS - 1
    kept = KEY._replace(day=first)
    hall.add({kept: 1, KEY._replace(day=first - timedelta(days=1)): 1}, at=AT)
    assert hall.days(date(2000, 1, 1)) == [(first, 1)]
    assert hall.of_day(first) == [(kept, 1)]


def test_a_sign_of_life_takes_the_place_of_the_one_before(any_engine: Engine) -> None:
    hall = SQLHall(any_engine)
    hall.sign(SIGN)
    hall.sign(replace(SIGN, id="p2", token="t", ended=AT, synced=AT))
    later = replace(SIGN, seen=AT + timedelta(minutes=1), lists={"list": 4})
    hall.sign(later)
    assert {one.id: one for one in hall.signs()} == {
        "p1": later, "p2": replace(SIGN, id="p2", token="t", ended=AT, synced=AT)
    }  # fmt: skip
    late = replace(SIGN, id="p3", seen=AT + timedelta(days=HALL_DAYS, minutes=1))
    hall.sign(late)
    assert [one.id for one in hall.signs()] == ["p1", "p3"]
    assert hall.newest_list() is None
