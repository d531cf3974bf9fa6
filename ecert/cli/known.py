"""How documents that came in, and their ages, are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime, timedelta

    from ecert.cli.terminal import Terminal
    from ecert.workspace.ages import Age
    from ecert.workspace.intake import Intake


def intake_lines(terminal: Terminal, intake: Intake) -> Iterator[str]:
    """Yield what became of documents that belong together."""
    for one in intake.changed:
        yield terminal.words(
            f"  √ {one.slot} 第 {one.version} 版", f"  √ {one.slot} version {one.version}"
        )
        if one.change is not None:
            yield from (f"    {line}" for line in one.change.lines(terminal.language))
    if intake.error is not None:
        mark = "△" if intake.is_held else "×"
        yield f"  {mark} {intake.error.message(terminal.language)}"


def age_lines(terminal: Terminal, known: Iterable[Age], at: datetime) -> Iterator[str]:
    """Yield how old everything in force is."""
    yield terminal.words("现有：", "In force:")
    for one in known:
        old = age_words(terminal, at - one.issued)
        until = terminal.moment(one.expires)
        over = one.expires <= at
        yield terminal.words(
            f"  {'△' if over else '√'} {one.slot} 第 {one.version} 版，{old}前签发，"
            f"{f'已于 {until} 过期' if over else f'有效至 {until}'}",
            f"  {'△' if over else '√'} {one.slot} version {one.version}, made {old} ago, "
            f"{'expired' if over else 'good until'} {until}",
        )


def age_words(terminal: Terminal, age: timedelta) -> str:
    """Return how long something is ago, roughly, as people say it."""
    hours = max(int(age.total_seconds() // 3600), 0)
    if hours < 1:
        return terminal.words("不到1小时", "less than an hour")
    if hours < 48:
        return terminal.words(f"{hours}小时", f"{hours} hours")
    return terminal.words(f"{hours // 24}天", f"{hours // 24} days")
