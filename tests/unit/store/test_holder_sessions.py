"""Links and sessions of the holder's page, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ecert import limits
from ecert.store.holder_sessions import SQLHolderSessions

if TYPE_CHECKING:
    from ecert.store.engine import Engine

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
ZHANG, LI = b"z" * 32, b"l" * 32
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def sessions(any_engine: Engine) -> SQLHolderSessions:
    """An empty table."""
    return SQLHolderSessions(any_engine)


def test_of_many_who_use_a_link_at_once_one_comes_in(sessions: SQLHolderSessions) -> None:
    sessions.add_link(b"link", ZHANG, AT)
    found: list[bytes | None] = []

    def enter(number: int) -> None:
        found.append(sessions.enter(b"link", b"session %d" % number, AT))

    threads = [threading.Thread(target=enter, args=(number,)) for number in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(found, key=bool) == [None] * 5 + [ZHANG]
    assert sum(sessions.find(b"session %d" % number, AT) == ZHANG for number in range(6)) == 1


@pytest.mark.parametrize(
    ("later", "holder"),
    [
        (timedelta(0), ZHANG), (limits.HOLDER_LINK_LIFE - MICROSECOND, ZHANG),
        (limits.HOLDER_LINK_LIFE, None), (-MICROSECOND, None),
    ],
)  # fmt: skip
def test_a_link_is_good_from_its_making_to_its_end(
    sessions: SQLHolderSessions, later: timedelta, holder: bytes | None
) -> None:
    assert sessions.add_link(b"link", ZHANG, AT) == AT + limits.HOLDER_LINK_LIFE
    assert sessions.enter(b"link", b"session", AT + later) == holder


def test_a_link_is_no_session_and_a_session_no_link(sessions: SQLHolderSessions) -> None:
    sessions.add_link(b"link", ZHANG, AT)
    assert sessions.find(b"link", AT) is None
    sessions.enter(b"link", b"session", AT)
    assert sessions.enter(b"session", b"another", AT) is None
    assert sessions.find(b"session", AT) == ZHANG


def test_what_has_ended_is_deleted_when_the_next_link_is_made(
    sessions: SQLHolderSessions,
) -> None:
    sessions.add_link(b"one", ZHANG, AT)
    sessions.enter(b"one", b"idle", AT)
    sessions.add_link(b"two", ZHANG, AT)
    later = AT + limits.HOLDER_SESSION_IDLE
    sessions.add_link(b"three", LI, later)
    assert sessions.end_all(ZHANG) == 0
    assert sessions.end_all(LI) == 1


def test_the_newest_of_a_holder_stay(sessions: SQLHolderSessions) -> None:
    sessions.add_link(b"others", LI, AT)
    for number in range(limits.MAX_HOLDER_SESSIONS + 1):
        sessions.add_link(b"%d" % number, ZHANG, AT)
    assert sessions.enter(b"0", b"first", AT) is None
    assert sessions.enter(b"1", b"second", AT) == ZHANG
    assert sessions.enter(b"others", b"third", AT) == LI
