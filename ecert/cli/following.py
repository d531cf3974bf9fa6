"""Shows how far something long has come: a bar for a person, a line now and then for a log."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ecert.cli.terminal import Terminal
    from ecert.issuers.bulk.job import Progress

_LINE_SECONDS: Final = 10.0


@contextmanager
def following_rows(terminal: Terminal) -> Iterator[Callable[[int], None]]:
    """Give what is told the number of rows read so far; how many there are is not known."""
    began = last = time.monotonic()

    def tell(rows: int) -> None:
        nonlocal last
        # The clock is asked now and then only: rows are quick.
        if rows % 500 or (now := time.monotonic()) - last < _LINE_SECONDS:
            return
        last = now
        rate = rows / (now - began)
        terminal.note(f"已检查 {rows:,} 行（每秒 {rate:,.0f} 行）",
                      f"{rows:,} rows checked ({rate:,.0f} a second)")  # fmt: skip

    yield tell


@contextmanager
def following_job(terminal: Terminal) -> Iterator[Callable[[Progress], None]]:
    """Give what is told how far a job has come."""
    if sys.stderr.isatty():
        with _bar(terminal) as tell:
            yield tell
    else:
        yield _lines(terminal)


def _settled(progress: Progress) -> int:
    return progress.done + progress.refused


def _lines(terminal: Terminal) -> Callable[[Progress], None]:
    began = last = time.monotonic()
    first: int | None = None

    def tell(progress: Progress) -> None:
        nonlocal last, first
        first = _settled(progress) if first is None else first
        if (now := time.monotonic()) - last < _LINE_SECONDS:
            return
        last = now
        settled = _settled(progress)
        rate = (settled - first) / (now - began)
        left = (progress.rows - settled) / rate if rate else 0.0
        terminal.note(
            f"{settled:,}/{progress.rows:,}，每秒 {rate:,.0f} 份，约余 {_span(left, 'zh')}",
            f"{settled:,}/{progress.rows:,}, {rate:,.0f} a second, {_span(left, 'en')} left",
        )

    return tell


@contextmanager
def _bar(terminal: Terminal) -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bars

    columns = (
        BarColumn(), TaskProgressColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=None, rate="")
        began = time.monotonic()
        first: int | None = None

        def tell(progress: Progress) -> None:
            nonlocal first
            settled = _settled(progress)
            first = settled if first is None else first
            rate = (settled - first) / max(time.monotonic() - began, 0.1)
            told = terminal.words(f"每秒 {rate:,.0f} 份", f"{rate:,.0f}/s")
            bars.update(task, total=progress.rows, completed=settled, rate=told)

        yield tell


def _span(seconds: float, language: str) -> str:
    minutes, rest = divmod(round(seconds), 60)
    if language == "zh":
        return f"{minutes} 分 {rest} 秒" if minutes else f"{rest} 秒"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@contextmanager
def following_licences(terminal: Terminal) -> Iterator[Callable[[int], None]]:
    """Give what is told, page by page, the number of licences read so far."""
    began = last = time.monotonic()

    def tell(read: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _LINE_SECONDS:
            return
        last = now
        rate = read / (now - began)
        terminal.note(f"已试算 {read:,} 份（每秒 {rate:,.0f} 份）",
                      f"{read:,} licences tried ({rate:,.0f} a second)")  # fmt: skip

    yield tell
