"""The hall (大厅): its checks counted, and its windows looked after."""

from __future__ import annotations

import socket
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ecert.errors import FormatError
from ecert.limits import HALL_DAYS, MAX_NAME_CHARS, MAX_SILENT_MINUTES, WINDOW_SILENT_MINUTES
from ecert.model.calendar import office_day
from ecert.sheets.writing import Column, create_table
from ecert.store.hall import SQLHall, first_day
from ecert.store.tokens import SQLTokens
from ecert.workspace.hall_windows import WindowState, window_states
from ecert.workspace.hall_words import told_outcome, told_reason
from ecert.workspace.receipts import SOFTWARE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from ecert.clock import Clock
    from ecert.sheets.writing import ColumnKind
    from ecert.store.hall import TallyKey
    from ecert.workspace.checking import Checking

HOURS: Final = 24
SILENT: Final = timedelta(minutes=WINDOW_SILENT_MINUTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFigures:
    """The checks that one token asked for: a counter of the hall, as a rule.

    Attributes:
        token: Its id.
        name: Whose it is; the id, where it is not known here.
        window: The window whose workspace answered.
        outcomes: Checks by outcome.
    """

    token: str
    name: str
    window: str
    outcomes: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class HallFigures:
    """The checks of one day.

    Attributes:
        day: In Asia/Shanghai.
        token: Of this token alone; None for all.
        outcomes: Checks by outcome.
        reasons: Checks by outcome and reason, the most frequent first.
        hours: Of each of the 24 hours, checks by outcome.
        tokens: The tokens of the day, all of them whatever ``token`` is.
    """

    day: date
    token: str | None
    outcomes: Mapping[str, int]
    reasons: tuple[tuple[str, str, int], ...]
    hours: tuple[Mapping[str, int], ...]
    tokens: tuple[TokenFigures, ...]

    @property
    def total(self) -> int:
        """All checks."""
        return sum(self.outcomes.values())


class HallDesk:
    """What the hall's manager (大厅管理员) asks.

    Args:
        workspace: A workspace on the hall's database.
        clock: Where the time comes from.
    """

    def __init__(self, workspace: Checking, clock: Clock) -> None:
        self._workspace = workspace
        self._clock = clock

    @cached_property
    def store(self) -> SQLHall:
        """Where tallies and signs of life are kept."""
        return SQLHall(self._workspace.engine)

    @property
    def today(self) -> date:
        """The day in Asia/Shanghai."""
        return office_day(self._clock())

    @property
    def first_day(self) -> date:
        """The first day that can be asked for."""
        return first_day(self._clock())

    def figures(self, day: date | None = None, *, token: str | None = None) -> HallFigures:
        """Return the checks of one day, today by default; of one token, or of all.

        Raises:
            FormatError: The day is not one of the last 90.
            StoreError: The database refuses.
        """
        day = self._require_day(day)
        rows = self.store.of_day(day)
        wanted = [(key, count) for key, count in rows if token in {None, key.token}]
        outcomes, reasons = Counter[str](), Counter[tuple[str, str]]()
        hours = [Counter[str]() for _ in range(HOURS)]
        for key, count in wanted:
            outcomes[key.outcome] += count
            reasons[key.outcome, key.reason] += count
            hours[key.hour][key.outcome] += count
        return HallFigures(
            day=day, token=token, outcomes=outcomes, hours=tuple(hours),
            # Names decide between equals, so that two runs agree.
            reasons=tuple(
                (*key, count)
                for key, count in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
            ),
            tokens=self._tokens(rows),
        )  # fmt: skip

    def days(self) -> Sequence[tuple[date, int]]:
        """Return the last 90 days on which there were checks, and how many."""
        return self.store.days(self.first_day)

    def windows(self, silent: timedelta = SILENT) -> tuple[WindowState, ...]:
        """Return how every window stands that has given a sign of life in 90 days.

        Args:
            silent: After how long without one it counts as silent.

        Raises:
            FormatError: ``silent`` is out of range.
            StoreError: The database refuses.
        """
        if not timedelta(minutes=1) <= silent <= timedelta(minutes=MAX_SILENT_MINUTES):
            raise FormatError(
                f"应为 1 至 {MAX_SILENT_MINUTES} 分钟", f"1 to {MAX_SILENT_MINUTES} minutes",
                where="silent",
            )  # fmt: skip
        return window_states(self.store.signs(), at=self._clock(), silent=silent)

    def own_report(self) -> dict[str, Any]:
        """Return what this window tells a hall whose database is another: `SignReport`.

        Raises:
            StoreError: The database refuses.
        """
        from ecert.workspace.ages import ages

        workspace = self._workspace
        known, synced = ages(workspace.knowledge), self.store.newest_list()
        report: dict[str, Any] = {
            "window": workspace.receipts.window,
            "machine": socket.gethostname()[:MAX_NAME_CHARS],
            "software": SOFTWARE,
            "lists": {one.slot: one.version for one in known},
        }
        if synced is not None:
            report["synced"] = synced.isoformat()
        if known:
            report["expires"] = min(one.expires for one in known).isoformat()
        return report

    def write_table(
        self, path: Path, day: date | None = None, *, token: str | None = None, chinese: bool = True
    ) -> int:
        """Write the tallies of one day as a workbook, CSV or JSON lines; return how many rows.

        Raises:
            FormatError: The day is not one of the last 90.
            TableError: Files of this kind are not written, or the folder refuses.
            StoreError: The database refuses.
        """
        day = self._require_day(day)
        rows = [row for row in self.store.of_day(day) if token in {None, row[0].token}]
        names = self._names()
        with create_table(path, _columns(chinese=chinese), sheet=day.isoformat()) as table:
            for key, count in rows:
                number, words = told_reason(key.reason, chinese=chinese)
                table.write([
                    key.day, key.hour, key.window, key.token, names.get(key.token, key.token),
                    told_outcome(key.outcome, chinese=chinese), number, words, count,
                ])  # fmt: skip
        return len(rows)

    def _require_day(self, day: date | None) -> date:
        first, today = self.first_day, self.today
        if day is None:
            return today
        if not first <= day <= today:
            raise FormatError(
                f"只有最近{HALL_DAYS}天的统计：{first} 至 {today}",
                f"only the last {HALL_DAYS} days are counted: {first} to {today}", where="day",
            )  # fmt: skip
        return day

    def _names(self) -> dict[str, str]:
        return {one.id: one.name for one in SQLTokens(self._workspace.engine).all()}

    def _tokens(self, rows: Iterable[tuple[TallyKey, int]]) -> tuple[TokenFigures, ...]:
        found: dict[tuple[str, str], Counter[str]] = {}
        for key, count in rows:
            found.setdefault((key.token, key.window), Counter())[key.outcome] += count
        names = self._names()
        figures = [
            TokenFigures(token=token, name=names.get(token, token), window=window, outcomes=counted)
            for (token, window), counted in found.items()
        ]
        return tuple(sorted(figures, key=lambda one: (one.name, one.window, one.token)))


_NAMES: Final = {
    True: ("日期", "时段", "窗口", "令牌编号", "使用人", "结果", "原因编号", "原因", "次数"),
    False: (
        "day", "hour", "window", "token", "name", "outcome", "number", "reason", "count",
    ),
}  # fmt: skip


def _columns(*, chinese: bool) -> tuple[Column, ...]:
    kinds: dict[int, ColumnKind] = {0: "date", 1: "number", 8: "number"}
    return tuple(
        Column(name, kinds.get(place, "text")) for place, name in enumerate(_NAMES[chinese])
    )
