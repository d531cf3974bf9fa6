"""``ecert status``: publish the status lists for a web server; look up what a list once said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from ecert.cli.arguments import read_moment
from ecert.cli.command import DryRun, command, group
from ecert.cli.terminal import Terminal
from ecert.cli.words import told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ecert.issuers.status_history import KnownStatus
    from ecert.workspace.webroot import WebFile, Written

PublishTo = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="DIR",
        help=told(
            "写入此文件夹，默认为工作区下的 published",
            "Into this folder; by default published in the workspace",
        ),
    ),
]
Everything = Annotated[
    bool,
    typer.Option(
        "--all",
        help=told(
            "同时写出可信名单、目录、根密钥和互认清单",
            "Also the trust list, the catalogue, the roots and the recognition lists",
        ),
    ),
]
CredentialName = Annotated[
    str,
    typer.Argument(
        metavar="CREDENTIAL",
        help=told("签发件编号，如 1-70231", "The credential, such as 1-70231"),
    ),
]
On = Annotated[
    str,
    typer.Option(
        "--on", metavar="TIME",
        help=told("时间（带时区）或日期", "A time with its zone, or a day"),
    ),
]  # fmt: skip


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    status = group(app, "status", zh="状态表：发布、历史", en="Status lists: publish, history")
    command(
        status, "publish", zh="签发状态表，写成网站文件",
        en="Sign the status lists and write them as files for a web server",
    )(publish)  # fmt: skip
    command(
        status, "history", zh="查某时发布的状态表怎么说",
        en="What the list in force at a time said of a credential",
    )(history)  # fmt: skip


def publish(
    terminal: Terminal,
    output: PublishTo = None,
    everything: Everything = False,
    dry_run: DryRun = False,
) -> None:
    """Sign the status lists and write them as files, named by their numbers."""
    from ecert.workspace import webroot

    with terminal.workspace() as workspace:
        folder = output or workspace.path / "published"
        if dry_run:
            # Signing would itself be a change: a new issue is recorded.
            files = _planned(workspace.issuer.status_aggregation(), everything=everything)
            files += tuple(webroot.recognition_file(workspace)) if everything else ()
        else:
            files = webroot.documents(workspace, everything=everything)
    done = webroot.write(folder, files, dry_run=dry_run)
    _tell_published(terminal, folder, files, done, dry_run=dry_run)


def _planned(aggregation: bytes, *, everything: bool) -> tuple[WebFile, ...]:
    from ecert.workspace import webroot

    uris: list[str] = orjson.loads(aggregation)["status_lists"]
    names = (webroot.INDEX, *(webroot.OF_ALL if everything else ()))
    lists = (webroot.WebFile(f"{uri.rpartition('/')[2]}.jwt", b"", None, uri) for uri in uris)
    return (*lists, *(webroot.WebFile(name, b"") for name in names))


def _tell_published(
    terminal: Terminal, folder: Path, files: Sequence[WebFile], done: Written, *, dry_run: bool
) -> None:
    plain = {
        "folder": str(folder),
        "lists": [{"uri": one.uri, "file": str(folder / one.name)} for one in files if one.uri],
        "documents": [str(folder / one.name) for one in files if not one.uri],
        "written": list(done.written),
        "kept": list(done.kept),
        "removed": list(done.removed),
        "dry_run": dry_run,
    }
    terminal.emit(plain, _published_lines(terminal, folder, files, done, dry_run=dry_run))


def _published_lines(
    terminal: Terminal, folder: Path, files: Sequence[WebFile], done: Written, *, dry_run: bool
) -> Iterator[str]:
    wrote = terminal.words(
        "将写入" if dry_run else "√ 已写入", "Would write" if dry_run else "√ Wrote"
    )
    kept = terminal.words("√ 未变动", "√ Unchanged")
    for one in files:
        mark = wrote if dry_run or one.name in done.written else kept
        yield f"{mark} {folder / one.name}  {one.uri}".rstrip()
    for name in done.removed:
        gone = terminal.words(
            "将删除已停用的" if dry_run else "√ 已删除停用的",
            "Would remove, no longer in use:" if dry_run else "√ Removed, no longer in use:",
        )
        yield f"{gone} {folder / name}"


def history(terminal: Terminal, credential: CredentialName, on: On) -> None:
    """Tell what the list in force at a time said of a credential."""
    at = read_moment(on, "--on")
    with terminal.workspace() as workspace:
        known = workspace.issuer.archive.status_known(credential, at)
    plain = {"credential": credential, "at": at.isoformat(), "known": _plain(known)}
    if known is None:
        line = terminal.words("? 当时还没有发布过状态表", "? No list had been published by then")
        terminal.emit(plain, [line])
        return
    terminal.emit(plain, _history_lines(terminal, known, overdue=known.expires <= at))


def _plain(known: KnownStatus | None) -> dict[str, object] | None:
    if known is None:
        return None
    return {
        "value": known.value,
        "version": known.version,
        "issued": known.issued.isoformat(),
        "expires": known.expires.isoformat(),
        "since": None if known.since is None else known.since.isoformat(),
    }


def _history_lines(terminal: Terminal, known: KnownStatus, *, overdue: bool) -> Iterator[str]:
    from ecert.status.values import StatusValue

    reason = StatusValue(known.value).reason
    since = "" if known.since is None else terminal.moment(known.since)
    yield terminal.words(
        f"状态值 {known.value}（{'有效' if reason is None else reason.zh}）"
        + (f"，{since} 起" if since else ""),
        f"Value {known.value} ({'valid' if reason is None else reason.en})"
        + (f", since {since}" if since else ""),
    )
    issued, expires = (terminal.moment(one) for one in (known.issued, known.expires))
    yield terminal.words(
        f"  第 {known.version} 次发布，{issued} 签发，有效至 {expires}",
        f"  Issue {known.version}, made {issued}, good until {expires}",
    )
    if overdue:
        yield terminal.words(
            "  当时该表已过期：窗口应判“无法核验”", "  It had expired by then: undetermined"
        )
