"""The window of a workspace: its number in the hall, its rules, and the memories that it shares."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ecert import limits
from ecert.errors import FormatError
from ecert.verify.policy import (
    COUNTER,
    TERMINAL,
    Acting,
    Challenge,
    DemoKeys,
    Paper,
    Pin,
    Policy,
)

if TYPE_CHECKING:
    from enum import Enum
    from typing import Any

    from ecert.verify.verifier import Verifier
    from ecert.workspace.settings import Settings
    from ecert.workspace.workspace import Workspace

POLICIES: Final = {"counter": COUNTER, "terminal": TERMINAL}
_CHOICES: Final[dict[str, type[Enum]]] = {
    "challenge": Challenge, "pin": Pin, "paper": Paper, "mandate": Acting,
}  # fmt: skip
_SECONDS: Final = {
    "max_ahead": limits.SHOW_CODE_MAX_AHEAD,
    "max_late": limits.SHOW_CODE_MAX_LATE,
}


def policy_of(settings: Settings, named: str | None = None) -> Policy:
    """Return the rules of the window.

    Args:
        settings: Name a policy, and may change its rules one by one.
        named: ``counter`` or ``terminal``, to take that policy in the place of the settings';
            only their tighter tolerances stay.

    Raises:
        FormatError: There is no such policy, rule or tolerance.
    """
    given = named or settings.policy or "counter"
    if given not in POLICIES:
        raise _no_such("policy", tuple(POLICIES))
    base = POLICIES[given]
    rules: dict[str, Any] = {name: getattr(base, name) for name in _CHOICES}
    for name, values in _CHOICES.items() if named is None else ():
        if (chosen := getattr(settings, name)) is not None:
            rules[name] = _choose(name, values, chosen)
    for name, most in _SECONDS.items():
        seconds = getattr(settings, f"{name}_seconds")
        if seconds is not None:
            rules[name] = _tolerance(f"{name}_seconds", seconds, most)
    # Whoever can read this program can sign with demonstration keys.
    rules["demo"] = DemoKeys.ALONE if settings.demo else DemoKeys.REFUSE
    return Policy(**rules)


def require_rules(settings: Settings) -> None:
    """Require that the window's settings make a policy, and its number is one.

    Raises:
        FormatError: They do not.
    """
    policy_of(settings)
    if settings.window is not None:
        require_window(settings.window, "window")


def require_window(window: int, where: str) -> int:
    """Return ``window`` if windows may have this number.

    Raises:
        FormatError: They may not.
    """
    if not 1 <= window <= limits.MAX_WINDOW:
        raise FormatError(
            f"窗口号应为 1 至 {limits.MAX_WINDOW}",
            f"a window's number is 1 to {limits.MAX_WINDOW}",
            where=where,
        )
    return window


def window_verifier(
    workspace: Workspace, *, policy: str | None = None, window: int | None = None
) -> Verifier:
    """Return the verifier of a window of ``workspace``; its memories are in the database.

    Args:
        workspace: Where knowledge, used codes and challenges are kept.
        policy: ``counter`` or ``terminal``, in the place of the settings'.
        window: The window's number, in the place of the settings'.

    Raises:
        FormatError: There is no such policy, or no window may have this number.
    """
    from ecert.store.challenges import SQLChallenges
    from ecert.store.replay import SQLReplay
    from ecert.verify.verifier import Verifier

    settings = workspace.settings
    return Verifier(
        settings.region,
        knowledge=workspace.knowledge,
        policy=policy_of(settings, policy),
        replay=SQLReplay(workspace.engine),
        window=settings.window if window is None else require_window(window, "--window"),
        challenges=SQLChallenges(workspace.engine),
        clock=workspace.clock,
    )


def _choose(name: str, values: type[Enum], chosen: str) -> Enum:
    try:
        return values(chosen)
    except ValueError as error:
        raise _no_such(name, tuple(str(one.value) for one in values)) from error


def _tolerance(where: str, seconds: int, most: timedelta) -> timedelta:
    given = timedelta(seconds=seconds)
    if not timedelta(0) <= given <= most:
        longest = int(most.total_seconds())
        raise FormatError(
            f"应为 0 至 {longest} 秒：只能收紧，不能放宽",
            f"0 to {longest} seconds: it can be tightened, not loosened",
            where=where,
        )
    return given


def _no_such(where: str, values: tuple[str, ...]) -> FormatError:
    return FormatError(
        "没有这种窗口规则", "there is no such rule", where=where,
        fix_zh=f"可用：{'、'.join(values)}", fix_en=f"There are: {', '.join(values)}",
    )  # fmt: skip
