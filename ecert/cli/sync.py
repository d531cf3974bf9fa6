"""``ecert sync``: fetch from configured sources; which these are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from ecert.cli.command import command, group, own_command
from ecert.cli.failures import DONE, REJECTED, UNDETERMINED
from ecert.cli.known import age_lines, intake_lines
from ecert.cli.terminal import Terminal
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.workspace.sync import SyncRow

Addresses = Annotated[
    list[str],
    typer.Argument(
        metavar="URL...",
        help=told(
            "同一来源的地址，可有多个（镜像）；以斜杠结尾的是 status publish --all 发布的文件夹",
            "Addresses of one source, several if there are mirrors; one that ends with a slash is "
            "a folder of status publish --all",
        ),
    ),
]
Address = Annotated[
    str, typer.Argument(metavar="URL", help=told("该来源的任一地址", "Any address of the source"))
]
AllowHTTP = Annotated[
    bool,
    typer.Option(
        "--allow-http",
        help=told(
            "本工作区允许不加密的 http（内容仍须签名）",
            "Let this workspace fetch over http too (contents are signed all the same)",
        ),
    ),
]
_RESULTS: Final = {
    "new": ("√ 已更新", "√ Updated"),
    "unchanged": ("√ 没有变化", "√ Unchanged"),
    "held": ("△ 待第二人核对", "△ Held for a second person"),
    "failed": ("× 未取到", "× Failed"),
}


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    sync = group(
        app, "sync", zh="同步：从设置的来源取名单和状态表",
        en="Fetch lists from the configured sources", bare=True,
    )  # fmt: skip
    own_command(sync)(run)
    command(sync, "add", zh="添加来源", en="Add a source")(add)
    command(sync, "list", zh="列出来源", en="List the sources")(list_sources)
    command(sync, "remove", zh="去掉来源", en="Remove a source")(remove)


def run(terminal: Terminal) -> None:
    """Fetch from all sources; what fails leaves what is in force."""
    from ecert.clock import system_clock
    from ecert.workspace.ages import ages

    with terminal.workspace() as workspace:
        if not workspace.settings.sources:
            raise FormatError(
                "还没有设置来源", "no source is configured",
                fix_zh="请用 ecert sync add 地址 添加", fix_en="Add one: ecert sync add URL",
            )  # fmt: skip
        with terminal.busy("正在同步", "Fetching"):
            rows = workspace.sync()
        known, at = ages(workspace.knowledge), system_clock()
    code = _exit_code(rows)
    plain = {
        "sources": [row.to_dict() for row in rows],
        "in_force": [age.to_dict(at) for age in known],
        "exit_code": code,
    }
    terminal.emit(plain, [*_lines(terminal, rows), *age_lines(terminal, known, at)])
    if code:
        raise typer.Exit(code)


def _exit_code(rows: tuple[SyncRow, ...]) -> int:
    if all(row.result == "failed" for row in rows):
        return UNDETERMINED
    clean = all(row.result in {"new", "unchanged"} and not row.refusals for row in rows)
    return DONE if clean else REJECTED


def _lines(terminal: Terminal, rows: tuple[SyncRow, ...]) -> Iterator[str]:
    for row in rows:
        yield f"{terminal.words(*_RESULTS[row.result])}  {row.name}"
        for intake in row.intakes:
            yield from intake_lines(terminal, intake)
        for error in row.errors:
            yield f"  × {error.message(terminal.language)}"
        if row.held is not None and not row.is_conflict:
            yield terminal.words(
                f"  △ 须由两人核对：ecert knowledge import {row.held} --by 姓名",
                f"  △ It takes two people: ecert knowledge import {row.held} --by NAME",
            )
        elif row.held is not None:
            yield terminal.words(f"  △ 已留存：{row.held}", f"  △ Kept at {row.held}")


def add(terminal: Terminal, addresses: Addresses, allow_http: AllowHTTP = False) -> None:
    """Add a source."""
    with terminal.workspace() as workspace:
        settings = workspace.settings
        known = {url for one in settings.sources for url in one}
        if twice := sorted(known & set(addresses)):
            raise FormatError("这个地址已经有了", "this address is there already", where=twice[0])
        http = allow_http or settings.allow_http
        if not http and any(url.startswith("http://") for url in addresses):
            raise FormatError(
                "不是 https", "it is not https", where="URL",
                fix_zh="内网确无 https 的，请加 --allow-http",
                fix_en="Where an intranet has none, add --allow-http",
            )  # fmt: skip
        workspace.set_sources((*settings.sources, tuple(addresses)), allow_http=http)
        sources = workspace.settings.sources
    _tell(terminal, sources)


def list_sources(terminal: Terminal) -> None:
    """List the sources."""
    with terminal.workspace() as workspace:
        sources = workspace.settings.sources
    _tell(terminal, sources)


def remove(terminal: Terminal, address: Address) -> None:
    """Remove a source with all its addresses; what came from it stays in force."""
    with terminal.workspace() as workspace:
        sources = workspace.settings.sources
        left = tuple(one for one in sources if address not in one)
        if left == sources:
            raise FormatError(
                "没有这个来源", "there is no such source", where=address,
                fix_zh="用 ecert sync list 查看", fix_en="See: ecert sync list",
            )  # fmt: skip
        workspace.set_sources(left)
    _tell(terminal, left)


def _tell(terminal: Terminal, sources: tuple[tuple[str, ...], ...]) -> None:
    lines = [f"{number}  {'  '.join(one)}" for number, one in enumerate(sources, 1)]
    terminal.emit({"sources": [list(one) for one in sources]}, lines)
    if not sources:
        terminal.note("  还没有来源", "  There is no source yet")
