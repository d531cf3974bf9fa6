"""The hall's windows: which live, are silent, or are behind with their lists."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from ecert.store.hall import WindowSign


class WindowLife(StrEnum):
    """Whether a window lives."""

    RUNNING = "running"
    SILENT = "silent"
    STOPPED = "stopped"

    @property
    def zh(self) -> str:
        """What the office calls it."""
        return _LIVES[self]


_LIVES: Final = {
    WindowLife.RUNNING: "在线",
    WindowLife.SILENT: "失联",
    WindowLife.STOPPED: "已停用",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowState:
    """How one window on one machine stands.

    Attributes:
        window: The window's name.
        machine: The machine's.
        reported: Whether it has a database of its own, and reports over the network.
        life: Whether it lives.
        processes: How many of its processes live.
        seen: Its newest sign of life.
        synced: When the newest of its lists came into force there.
        expired: Whether one of its lists has ended.
        lists: How many lists it has.
        behind: Its lists of which another window has a newer version.
    """

    window: str
    machine: str
    reported: bool
    life: WindowLife
    processes: int
    seen: datetime
    synced: datetime | None
    expired: bool
    lists: int
    behind: tuple[str, ...]

    @property
    def is_well(self) -> bool:
        """Whether nobody has to look after it; one that was stopped needs nobody."""
        if self.life is WindowLife.STOPPED:
            return True
        return self.life is WindowLife.RUNNING and not self.behind and not self.expired


def window_states(
    signs: Iterable[WindowSign], *, at: datetime, silent: timedelta
) -> tuple[WindowState, ...]:
    """Return how windows stand, those first that somebody has to look after.

    The processes of one window on one machine are one: a worker that died and was started anew
    is no silent window.
    """
    groups: dict[tuple[str, str, str | None], list[WindowSign]] = {}
    for one in signs:
        groups.setdefault((one.window, one.machine, one.token), []).append(one)
    newest: dict[str, int] = {}
    for group in groups.values():
        for slot, version in max(group, key=_seen).lists.items():
            newest[slot] = max(version, newest.get(slot, version))
    states = [_state(group, newest, at, silent) for group in groups.values()]
    return tuple(sorted(states, key=lambda one: (one.is_well, one.window, one.machine)))


def _seen(one: WindowSign) -> datetime:
    return one.seen


def _state(
    group: Sequence[WindowSign], newest: Mapping[str, int], at: datetime, silent: timedelta
) -> WindowState:
    last = max(group, key=_seen)
    living = [one for one in group if one.ended is None and at - one.seen <= silent]
    shown = max(living, key=_seen) if living else last
    stopped = WindowLife.STOPPED if last.ended is not None else WindowLife.SILENT
    return WindowState(
        window=shown.window, machine=shown.machine, reported=shown.token is not None,
        life=WindowLife.RUNNING if living else stopped, processes=len(living), seen=shown.seen,
        synced=shown.synced, expired=shown.expires is not None and shown.expires <= at,
        lists=len(shown.lists),
        behind=tuple(
            sorted(slot for slot, version in shown.lists.items() if version < newest[slot])
        ),
    )  # fmt: skip
