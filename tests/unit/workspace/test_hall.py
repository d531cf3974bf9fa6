"""How windows stand by their signs of life."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ecert.store.hall import WindowSign
from ecert.workspace.hall_windows import WindowLife, window_states

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SILENT = 10 * MINUTE
SIGN = WindowSign(
    id="1", window="3号窗口", machine="m", software="ecert", started=AT - MINUTE, seen=AT,
    lists={"a": 3, "b": 1},
)  # fmt: skip


def _states(*signs: WindowSign) -> dict[str, tuple[WindowLife, int, tuple[str, ...], bool]]:
    return {
        one.window: (one.life, one.processes, one.behind, one.is_well)
        for one in window_states(signs, at=AT, silent=SILENT)
    }


def test_a_window_is_silent_after_the_time_and_not_before() -> None:
    running = replace(SIGN, seen=AT - SILENT)
    silent = replace(running, window="4号", seen=AT - SILENT - MINUTE / 60)
    assert _states(running, silent) == {
        "3号窗口": (WindowLife.RUNNING, 1, (), True),
        "4号": (WindowLife.SILENT, 0, (), False),
    }
    # Who has to be looked after stands first.
    states = window_states([running, silent], at=AT, silent=SILENT)
    assert [one.window for one in states] == ["4号", "3号窗口"]


def test_a_window_that_was_stopped_in_good_order_is_not_silent() -> None:
    day = timedelta(days=1)
    stopped = replace(SIGN, seen=AT - day, ended=AT - day)
    assert _states(stopped) == {"3号窗口": (WindowLife.STOPPED, 0, (), True)}
    killed = replace(SIGN, id="2", seen=AT - day + MINUTE)
    assert _states(stopped, killed)["3号窗口"][0] is WindowLife.SILENT


def test_a_worker_that_died_and_was_started_anew_is_no_silent_window() -> None:
    dead = replace(SIGN, id="2", seen=AT - timedelta(hours=1))
    assert _states(dead, SIGN, replace(SIGN, id="3"))["3号窗口"] == (
        WindowLife.RUNNING, 2, (), True
    )  # fmt: skip


def test_lists_older_than_elsewhere_are_named_and_lists_that_only_others_have_are_not() -> None:
    behind = replace(SIGN, window="4号", lists={"a": 2})
    # Of another process of the same window an old sign says nothing.
    old = replace(SIGN, id="9", seen=AT - timedelta(hours=2), lists={"a": 1})
    assert _states(SIGN, old, behind) == {
        "3号窗口": (WindowLife.RUNNING, 1, (), True),
        "4号": (WindowLife.RUNNING, 1, ("a",), False),
    }


def test_a_window_with_a_list_that_has_ended_is_not_well() -> None:
    (state,) = window_states([replace(SIGN, expires=AT)], at=AT, silent=SILENT)
    assert (state.expired, state.is_well) == (True, False)
    (state,) = window_states([replace(SIGN, expires=AT + MINUTE)], at=AT, silent=SILENT)
    assert (state.expired, state.is_well) == (False, True)
