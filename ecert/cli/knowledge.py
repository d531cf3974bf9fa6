"""``ecert knowledge``: what this window knows, as a file for one that is never on line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecert import limits
from ecert.cli.arguments import read_moment, require_file
from ecert.cli.bulk_options import actor_of
from ecert.cli.command import DryRun, Yes, command, group
from ecert.cli.failures import REFUSED, REJECTED
from ecert.cli.known import age_lines, intake_lines
from ecert.cli.recognition_import import By, tell_held
from ecert.cli.terminal import Terminal, read_bounded, write_whole
from ecert.cli.words import told
from ecert.errors import FormatError

ToFile = Annotated[
    Path, typer.Argument(metavar="FILE", help=told("写入此文件", "The file to write"))
]
FromFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help=told(
            "knowledge export 或 trust export 导出的文件，或单个名单",
            "What knowledge export or trust export wrote, or one list",
        ),
    ),
]
Before = Annotated[
    str,
    typer.Option(
        "--before", metavar="DAY", help=told("在此日之前被替换的", "Replaced before this day")
    ),
]


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    known = group(
        app, "knowledge", zh="本窗口所知：查看、导出、导入",
        en="What this window knows: show, export, import",
    )  # fmt: skip
    command(known, "show", zh="列出现有名单及其时效", en="List what is in force")(show)
    command(known, "export", zh="导出全部名单，供离线窗口", en="Export it as a file")(export)
    command(known, "import", zh="导入名单，先显示变化", en="Import lists; shows the change first")(
        import_file
    )
    command(known, "prune", zh="清除早已被替换的旧名单", en="Drop lists replaced long ago")(prune)


def show(terminal: Terminal) -> None:
    """List what is in force."""
    from ecert.clock import system_clock
    from ecert.workspace.ages import ages

    at = system_clock()
    with terminal.workspace() as workspace:
        known = ages(workspace.knowledge)
    terminal.emit({"in_force": [one.to_dict(at) for one in known]}, age_lines(terminal, known, at))


def export(terminal: Terminal, output: ToFile) -> None:
    """Write everything in force into one file."""
    with terminal.workspace() as workspace:
        data, count = workspace.knowledge_file(), len(workspace.knowledge.documents)
    write_whole(output, data)
    terminal.emit(
        {"file": str(output), "bytes": len(data), "documents": count},
        [
            terminal.words(
                f"√ 已导出 {count} 个文件到 {output}", f"√ Exported {count} documents into {output}"
            )
        ],
    )


def import_file(
    terminal: Terminal,
    file: FromFile,
    by: By = "",
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Show what a file would change, and bring it into force; or hold a large change."""
    from ecert.clock import system_clock
    from ecert.workspace.proposals import Proposal, Proposals

    data = read_bounded(require_file(file), limits.MAX_KNOWLEDGE_FILE_BYTES)
    held: list[Proposal] = []
    with terminal.workspace() as workspace:
        found = workspace.import_knowledge(data, dry_run=True)
        good = any(one.error is None or one.waits_for_two for one in found)
        if not dry_run and good:
            if not yes:
                lines = "\n".join(line for one in found for line in intake_lines(terminal, one))
                terminal.note(lines, lines)
            terminal.confirm("按以上变化启用？", "Bring this into force?", yes=yes)
            found = workspace.import_knowledge(data)
            proposals = Proposals(workspace, system_clock)
            held = [proposals.hold(one.file(), actor_of(by)) for one in found if one.waits_for_two]
    changed = sum(len(one.changed) for one in found)
    head = terminal.words(
        f"{'可以更新' if dry_run else '√ 已更新'} {changed} 个",
        f"{'Would update' if dry_run else '√ Updated'} {changed}",
    )
    refused = [one for one in found if one.error is not None]
    code = (REJECTED if good else REFUSED) if refused else 0
    terminal.emit(
        {"documents": [one.to_dict() for one in found], "dry_run": dry_run, "exit_code": code,
         "held": [one.to_dict() for one in held]},
        [*(line for one in found for line in intake_lines(terminal, one)), head],
    )  # fmt: skip
    for proposal in held:
        tell_held(terminal, proposal)
    if code:
        raise typer.Exit(code)


def prune(terminal: Terminal, before: Before, dry_run: DryRun = False, yes: Yes = False) -> None:
    """Drop what was replaced before a day; past days before it can no longer be verified."""
    from ecert.clock import system_clock

    moment = read_moment(before, "--before")
    if moment > system_clock():
        raise FormatError("这一天还没有到", "this day is still to come", where="--before")
    with terminal.workspace() as workspace:
        count = workspace.knowledge.prune(moment, dry_run=True)
        if not dry_run and count:
            terminal.confirm(
                f"清除 {count} 个旧名单？{before} 以前的日子将不能再核验",
                f"Drop {count}? Days before {before} can no longer be verified",
                yes=yes,
            )
            count = workspace.knowledge.prune(moment)
    done = terminal.words(
        f"{'可清除' if dry_run else '√ 已清除'} {count} 个",
        f"{'Would drop' if dry_run else '√ Dropped'} {count}",
    )
    terminal.emit({"dropped": count, "before": before, "dry_run": dry_run}, [done])
