"""How what a list or a notice would change is told: what is withdrawn, and what begins or ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from ecert.cli.terminal import Terminal
    from ecert.interop.change import Change
    from ecert.interop.entry import Entry
    from ecert.interop.withdrawal import WithdrawalNotice


def notice_lines(terminal: Terminal, notice: WithdrawalNotice) -> list[str]:
    """Return what a withdrawal notice says, line by line."""
    from ecert.model.regions import name_of

    who = name_of(notice.owner)
    head = terminal.words(
        f"{who}撤回通知 第 {notice.version} 版：清单 {notice.list_owner} {notice.list_id}",
        f"Withdrawal notice {notice.version} of {who}: list {notice.list_owner} {notice.list_id}",
    )
    lines = [
        terminal.words(
            f"- {line.entry}  自 {line.on.isoformat()} 起不再认可（{line.basis}）",
            f"- {line.entry}  not recognised from {line.on.isoformat()} on ({line.basis})",
        )
        for line in notice.withdrawals
    ]
    return [head, *lines]


def planned_lines(terminal: Terminal, change: Change) -> list[str]:
    """Return which entries begin later, or end on a day that is known already."""
    from ecert.clock import system_clock
    from ecert.model.calendar import office_day

    today = office_day(system_clock())
    entries = [*change.added, *(pair.new for pair in change.changed)]
    return [
        line for entry in entries if (line := _planned_line(terminal, entry, today)) is not None
    ]


def _planned_line(terminal: Terminal, entry: Entry, today: date) -> str | None:
    told = []
    if entry.valid_from > today:
        day = entry.valid_from.isoformat()
        told.append(terminal.words(f"{day} 起生效", f"begins on {day}"))
    if entry.valid_until is not None:
        day = entry.valid_until.isoformat()
        told.append(terminal.words(f"{day} 止", f"ends after {day}"))
    if entry.withdrawn is not None:
        day = entry.withdrawn.on.isoformat()
        told.append(terminal.words(f"{day} 起撤回", f"withdrawn from {day} on"))
    if not told:
        return None
    return f"  {entry.id}: {', '.join(told)}" if terminal.language == "en" else (
        f"  {entry.id}：{'，'.join(told)}"
    )  # fmt: skip
