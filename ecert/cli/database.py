"""``ecert db``: look at a workspace's database, upgrade it, back it up, restore it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecert.cli.command import DryRun, command, group
from ecert.cli.terminal import Terminal
from ecert.cli.words import told

Target = Annotated[
    Path, typer.Argument(metavar="FILE", help=told("要写出的备份文件", "The backup to be made"))
]
Source = Annotated[Path, typer.Argument(metavar="FILE", help=told("备份文件", "The backup"))]
Overwrite = Annotated[
    bool,
    typer.Option("--overwrite", help=told("文件已存在时覆盖", "Replace the file if it exists")),
]

_KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    databases = group(
        app, "db", zh="数据库：查看、升级、备份、恢复",
        en="The database: look at it, upgrade, back up, restore",
    )  # fmt: skip
    command(databases, "info", zh="查看数据库", en="Look at the database")(info)
    command(
        databases, "upgrade", zh="把数据库升级到本软件的结构",
        en="Bring the database to this program's revision",
    )(upgrade)  # fmt: skip
    command(
        databases, "backup", zh="备份（SQLite，不必停止使用）",
        en="Back up (SQLite; others may go on writing)",
    )(backup)  # fmt: skip
    command(
        databases, "restore", zh="从备份恢复（SQLite），原文件改名保留",
        en="Restore a backup (SQLite); the old file is kept under another name",
    )(restore)  # fmt: skip


def info(terminal: Terminal) -> None:
    """Look at the database."""
    from ecert.store.summary import summarise

    found = summarise(_database(terminal))
    plain = {
        "kind": found.kind, "database": found.name, "revision": found.revision,
        "head": found.head, "size": found.size, "counts": dict(found.counts),
    }  # fmt: skip
    words = terminal.words
    state = words("最新", "up to date")
    if found.revision != found.head:
        state = words(f"本软件为 {found.head}", f"this program needs {found.head}")
    counts = {name: f"{count:,}" for name, count in found.counts.items()}
    held = [words(
        f"证照 {counts['licences']} 份，签发件 {counts['credentials']} 件，"
        f"变更记录 {counts['events']} 条",
        f"Licences: {counts['licences']}, credentials: {counts['credentials']}, "
        f"events: {counts['events']}",
    )] if counts else []  # fmt: skip
    revision = found.revision or words("空", "empty")
    terminal.emit(plain, [
        f"{_KINDS[found.kind]} {found.name}",
        words(f"结构 {revision}（{state}），{_size(found.size)}",
              f"Revision {revision} ({state}), {_size(found.size)}"),
        *held,
    ])  # fmt: skip


def upgrade(terminal: Terminal, dry_run: DryRun = False) -> None:
    """Bring the database to this program's revision."""
    from ecert.store import tables
    from ecert.store import upgrade as upgrades

    url = _database(terminal)
    if dry_run:
        before, after = upgrades.require_upgradable(url), tables.HEAD
    else:
        before, after = upgrades.upgrade(url)
    plain = {"before": before, "after": after, "dry_run": dry_run}
    if before == after:
        line = terminal.words(
            f"数据库已是最新结构 {after}", f"The database has the newest revision {after}"
        )
    elif dry_run:
        line = terminal.words(f"将从 {before} 升级到 {after}", f"Would go from {before} to {after}")
    else:
        line = terminal.words(
            f"√ 已从 {before} 升级到 {after}", f"√ Upgraded from {before} to {after}"
        )
    terminal.emit(plain, [line])


def backup(terminal: Terminal, file: Target, overwrite: Overwrite = False) -> None:
    """Back the database up while others go on writing."""
    from ecert.store.backup import backup as back_up

    made = back_up(_database(terminal), file, overwrite=overwrite)
    plain = {"backup": str(file), "size": made.size, "revision": made.revision}
    terminal.emit(plain, [terminal.words(
        f"√ 已备份到 {file}（{_size(made.size)}，已核对完整）",
        f"√ Backed up to {file} ({_size(made.size)}, checked)",
    )])  # fmt: skip
    terminal.note(
        "  备份只含数据库；密钥文件夹 keys 和 ecert.toml 要另行备份",
        "  The backup holds the database alone; keep the folder keys and ecert.toml as well",
    )


def restore(terminal: Terminal, file: Source, dry_run: DryRun = False) -> None:
    """Put a backup in the database's place."""
    from ecert.clock import system_clock
    from ecert.store import tables
    from ecert.store.backup import restore as put_back

    done = put_back(file, _database(terminal), at=system_clock(), dry_run=dry_run)
    aside = None if done.aside is None else str(done.aside)
    plain = {
        "database": str(done.file), "backup": str(file), "revision": done.revision,
        "aside": aside, "dry_run": dry_run,
    }  # fmt: skip
    words = terminal.words
    lines = [
        words(f"可以用 {file} 恢复", f"{file} can be restored") if dry_run
        else words(f"√ 已用 {file} 恢复", f"√ Restored {file}")
    ]  # fmt: skip
    if aside is not None:
        lines.append(words(f"  原数据库保留为 {aside}", f"  The old database is kept as {aside}"))
    terminal.emit(plain, lines)
    if done.revision != tables.HEAD:
        terminal.note(
            "  备份是旧结构，请接着运行 ecert db upgrade",
            "  The backup has an older revision: run ecert db upgrade next",
        )


def _database(terminal: Terminal) -> str | Path:
    from ecert.workspace.settings import Settings

    # Not through the workspace, which refuses a database that is gone or old: this mends it.
    folder = terminal.folder.resolve()
    return Settings.read(folder).database_in(folder)


def _size(count: int) -> str:
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
