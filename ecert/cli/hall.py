"""``ecert hall``: the checks of a day, and the windows that live, are silent, or are behind."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecert.cli import failures
from ecert.cli.arguments import read_day, require_file
from ecert.cli.command import command, group
from ecert.cli.terminal import Terminal, read_bounded
from ecert.cli.words import told
from ecert.errors import CustodyError
from ecert.limits import MAX_SILENT_MINUTES, WINDOW_SILENT_MINUTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.workspace.hall import HallFigures
    from ecert.workspace.hall_windows import WindowState

_TOKEN_BYTES = 1_024

Day = Annotated[
    str | None,
    typer.Option("--day", metavar="DATE", help=told("哪一天，默认今天", "Which day; today")),
]
OfToken = Annotated[
    str | None,
    typer.Option("--token", metavar="ID", help=told("只看这个令牌", "Of this token alone")),
]
Table = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE.xlsx|csv|jsonl",
        help=told("另写成表", "Also write a table"),
    ),
]  # fmt: skip
SilentAfter = Annotated[
    int,
    typer.Option(
        "--silent-after", metavar="MINUTES", min=1, max=MAX_SILENT_MINUTES,
        help=told("多少分钟没有消息算失联", "Minutes after which a window counts as silent"),
    ),
]  # fmt: skip
Hall = Annotated[
    str, typer.Argument(metavar="URL", help=told("大厅服务的地址", "Address of the hall's service"))
]
TokenFile = Annotated[
    Path,
    typer.Option(
        "--token-file", metavar="FILE",
        help=told("装有窗口令牌的文件", "File with the window's token"),
    ),
]  # fmt: skip


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    hall = group(
        app, "hall", zh="大厅：核验统计、窗口在线情况", en="The hall: checks by day, windows"
    )
    command(hall, "report", zh="某一天的核验统计", en="The checks of one day")(report)
    command(hall, "windows", zh="各窗口是否在线、名单是否最新", en="How every window stands")(
        windows
    )
    command(
        hall, "tell", zh="向大厅报告本窗口在线（独立数据库的窗口用）",
        en="Tell a hall that this window lives, where its database is its own",
    )(tell)  # fmt: skip


def report(
    terminal: Terminal, day: Day = None, token: OfToken = None, output: Table = None
) -> None:
    """Tell the checks that the service counted on one of the last 90 days."""
    from ecert.workspace.hall_words import plain_figures

    asked = None if day is None else read_day(day, "--day")
    with terminal.workspace() as workspace:
        figures = workspace.hall.figures(asked, token=token)
        if output is not None:
            chinese = terminal.language == "zh"
            workspace.hall.write_table(output, figures.day, token=token, chinese=chinese)
    file = None if output is None else str(output)
    terminal.emit(plain_figures(figures) | {"file": file}, _report_lines(terminal, figures))
    if output is not None:
        terminal.note(f"√ 已写入 {output}", f"√ Written: {output}")


def _report_lines(terminal: Terminal, figures: HallFigures) -> Iterator[str]:
    from ecert.reasons import Outcome
    from ecert.workspace.hall_words import told_outcome, told_reason

    chinese = terminal.language == "zh"
    yield terminal.words(
        f"{figures.day} 核验 {figures.total} 次", f"{figures.day}: {figures.total} checks"
    )
    if not figures.total:
        return
    heads = ("结果", "编号", "原因", "次数") if chinese else ("outcome", "number", "why", "checks")
    yield from terminal.table(
        heads,
        [
            (
                told_outcome(outcome, chinese=chinese), *told_reason(reason, chinese=chinese),
                str(count),
            )
            for outcome, reason, count in figures.reasons
        ],
    )  # fmt: skip
    known = [outcome.value for outcome in Outcome]
    outcomes = [told_outcome(one, chinese=chinese) for one in known]
    hours = [
        (f"{hour:02}:00", *(str(counted.get(one, 0)) for one in known))
        for hour, counted in enumerate(figures.hours)
        if counted
    ]
    yield from terminal.table((terminal.words("时段", "hour"), *outcomes), hours)
    tokens = [
        (one.name, one.window, *(str(one.outcomes.get(name, 0)) for name in known))
        for one in figures.tokens
    ]
    names = ("窗口", "窗口服务") if chinese else ("window", "service")
    yield from terminal.table((*names, *outcomes), tokens)


def windows(terminal: Terminal, silent_after: SilentAfter = WINDOW_SILENT_MINUTES) -> None:
    """Tell how every window stands; ends with 1 if one has to be looked after."""
    from ecert.workspace.hall_words import plain_window

    with terminal.workspace() as workspace:
        found = workspace.hall.windows(timedelta(minutes=silent_after))
    rows = [_window_row(terminal, one) for one in found]
    heads = (
        ("窗口", "机器", "状态", "最近消息", "名单更新于", "名单") if terminal.language == "zh"
        else ("window", "machine", "state", "last heard of", "lists updated", "lists")
    )  # fmt: skip
    none = [terminal.words("还没有窗口报过消息", "No window has been heard of yet")]
    terminal.emit(
        {"windows": [plain_window(one) for one in found]},
        terminal.table(heads, rows) if rows else none,
    )
    if not all(one.is_well for one in found):
        raise typer.Exit(failures.REFUSED)


def _window_row(terminal: Terminal, one: WindowState) -> tuple[str, ...]:
    words = terminal.words
    troubles = []
    if one.expired:
        troubles.append(words("有名单已过期", "a list has ended"))
    if one.behind:
        count = len(one.behind)
        troubles.append(words(f"{count} 份比其他窗口旧", f"{count} older than elsewhere"))
    glyph = "√" if one.is_well else "×"
    return (
        one.window, one.machine, f"{glyph} {words(one.life.zh, one.life.value)}",
        terminal.moment(one.seen), "-" if one.synced is None else terminal.moment(one.synced),
        words("；", "; ").join(troubles) or words("与其他窗口一致", "as new as elsewhere"),
    )  # fmt: skip


def tell(terminal: Terminal, hall: Hall, token_file: TokenFile) -> None:
    """Send one sign of life; let a timer do it every few minutes."""
    from ecert.client.fetching import Way
    from ecert.client.posting import post

    token = read_bounded(require_file(token_file), _TOKEN_BYTES).decode("ascii", "replace").strip()
    with terminal.workspace() as workspace:
        report = workspace.hall.own_report()
        settings = workspace.settings
    way = Way(allow_http=settings.allow_http, proxy=settings.proxy, ca_file=settings.ca_file)
    answered = post(f"{hall.rstrip('/')}/api/hall/sign", report, token=token, way=way)
    if answered.status != 200:
        raise CustodyError(
            f"大厅没有接受（{answered.status}）", f"the hall refuses ({answered.status})",
            where=hall, fix_zh="请核对地址和令牌（窗口人员的令牌）",
            fix_en="Check the address and the token: a clerk's",
        )  # fmt: skip
    terminal.emit(
        {"window": report["window"], "lists": len(report["lists"])},
        [terminal.words("√ 已报告", "√ Told")],
    )
