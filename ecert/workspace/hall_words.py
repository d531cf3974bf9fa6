"""Words for outcomes and reasons that were counted, also by a newer program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecert.reasons import Outcome, Reason

if TYPE_CHECKING:
    from ecert.workspace.hall import HallFigures
    from ecert.workspace.hall_windows import WindowState


def told_outcome(value: str, *, chinese: bool) -> str:
    """Return the words of an outcome; itself, where this program does not know it."""
    if value not in set(Outcome):
        return value
    outcome = Outcome(value)
    return outcome.zh if chinese else outcome.en


def told_reason(value: str, *, chinese: bool) -> tuple[str, str]:
    """Return number and words of a reason; the reason itself, where it is not known."""
    if value not in set(Reason):
        return "", value
    reason = Reason(value)
    return reason.number, reason.zh if chinese else reason.en


def plain_figures(figures: HallFigures) -> dict[str, Any]:
    """Return the figures of a day as plain values for JSON."""
    return {
        "day": figures.day.isoformat(),
        "token": figures.token,
        "total": figures.total,
        "outcomes": dict(figures.outcomes),
        "reasons": [
            {
                "outcome": outcome, "reason": reason, "count": count,
                "number": told_reason(reason, chinese=True)[0],
                "zh": told_reason(reason, chinese=True)[1],
                "en": told_reason(reason, chinese=False)[1],
            }
            for outcome, reason, count in figures.reasons
        ],
        "hours": [dict(one) for one in figures.hours],
        "tokens": [
            {
                "token": one.token, "name": one.name, "window": one.window,
                "outcomes": dict(one.outcomes), "total": sum(one.outcomes.values()),
            }
            for one in figures.tokens
        ],
    }  # fmt: skip


def plain_window(one: WindowState) -> dict[str, Any]:
    """Return how a window stands as plain values for JSON."""
    return {
        "window": one.window,
        "machine": one.machine,
        "reported": one.reported,
        "life": one.life.value,
        "well": one.is_well,
        "processes": one.processes,
        "seen": one.seen.isoformat(),
        "synced": None if one.synced is None else one.synced.isoformat(),
        "expired": one.expired,
        "lists": one.lists,
        "behind": list(one.behind),
    }
