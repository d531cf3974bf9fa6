"""Memory of used show codes, over the one in memory and the one in SQL."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from ecert.limits import REPLAY_MARGIN
from ecert.store.engine import open_engine
from ecert.store.replay import SQLReplay
from ecert.verify.replay import MemoryReplay
from tests.unit.issuers.sample_register import AT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.store.engine import Engine
    from ecert.verify.replay import ReplayMemory

UNTIL = AT + timedelta(seconds=90)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def replay(request: pytest.FixtureRequest, path: Path) -> Iterator[ReplayMemory]:
    """An empty memory of each kind."""
    if request.param == "memory":
        yield MemoryReplay()
        return
    postgresql = request.param == "postgresql"
    with open_engine(request.getfixturevalue("postgres_url") if postgresql else path) as engine:
        yield SQLReplay(engine)


def test_a_code_is_accepted_once(replay: ReplayMemory) -> None:
    assert replay.claim(b"\x00key", until=UNTIL, at=AT)
    assert not replay.claim(b"\x00key", until=UNTIL, at=AT)
    assert replay.claim(b"\x00key2", until=UNTIL, at=AT)
    assert not replay.claim(b"\x00key", until=UNTIL + timedelta(hours=1), at=AT)


@pytest.mark.parametrize(
    ("at", "again"),
    [
        (UNTIL, False),
        (UNTIL + REPLAY_MARGIN, False),
        (UNTIL + REPLAY_MARGIN + MICROSECOND, True),
    ],
)
def test_a_code_is_remembered_for_the_margin_after_its_last_moment_and_no_longer(
    replay: ReplayMemory, at: datetime, again: bool
) -> None:
    assert replay.claim(b"key", until=UNTIL, at=AT)
    assert replay.claim(b"key", until=at + timedelta(seconds=90), at=at) is again


def test_what_can_no_longer_be_accepted_is_forgotten(any_engine: Engine) -> None:
    replay = SQLReplay(any_engine)
    for number in range(20):
        assert replay.claim(b"%d" % number, until=AT + timedelta(seconds=number), at=AT)
    assert replay.claim(b"new", until=UNTIL, at=AT + REPLAY_MARGIN + timedelta(seconds=15))
    with any_engine.read() as connection:
        left = connection.execute(text("SELECT COUNT(*) FROM used_code")).scalar_one()
    assert left == 6


def test_a_window_whose_clock_runs_ahead_does_not_make_the_others_forget(
    replay: ReplayMemory,
) -> None:
    assert replay.claim(b"key", until=UNTIL, at=AT)
    ahead = AT + REPLAY_MARGIN
    assert replay.claim(b"other", until=ahead + timedelta(seconds=90), at=ahead)
    assert not replay.claim(b"key", until=UNTIL, at=AT + timedelta(seconds=30))


def test_memory_survives_its_program(url: str) -> None:
    with open_engine(url) as engine:
        assert SQLReplay(engine).claim(b"key", until=UNTIL, at=AT)
    with open_engine(url) as engine:
        assert not SQLReplay(engine).claim(b"key", until=UNTIL, at=AT)


def test_of_many_windows_that_scan_one_code_one_accepts(replay: ReplayMemory) -> None:
    together = threading.Barrier(8)
    accepted: list[bool] = []

    def work() -> None:
        together.wait(30)
        accepted.append(replay.claim(b"key", until=UNTIL, at=AT))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(accepted) == [False] * 7 + [True]


def test_times_without_a_zone_are_misuse(any_engine: Engine) -> None:
    replay = SQLReplay(any_engine)
    naive = datetime(2026, 11, 22)  # noqa: DTZ001
    for until, at in ((naive, AT), (UNTIL, naive)):
        with pytest.raises(ValueError, match="zone"):
            replay.claim(b"key", until=until, at=at)
    assert replay.claim(b"key", until=datetime(9999, 12, 31, tzinfo=UTC), at=AT)
