"""``ecert matter import``: an office's own table of matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli import failures
from ecert.cli.arguments import require_file
from ecert.cli.bulk_options import ListFile, Sheet
from ecert.cli.command import DryRun
from ecert.cli.terminal import Terminal
from ecert.cli.words import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.interop.matters.columns import MatterColumns
    from ecert.workspace.matters import MatterImport

_SHOWN = 10
Replace = Annotated[
    bool,
    typer.Option(
        "--replace",
        help=told(
            "以此表为准，表中没有的事项删去；否则只增加和更新",
            "Remove matters that the table does not have; otherwise it adds and updates",
        ),
    ),
]
OthersArePaper = Annotated[
    bool,
    typer.Option(
        "--others-are-paper",
        help=told(
            "对不上证照类型的材料一律按纸质登记",
            "Take materials that are no licence type for paper",
        ),
    ),
]


def import_matters(
    terminal: Terminal,
    file: ListFile,
    sheet: Sheet = None,
    replace: Replace = False,
    others_are_paper: OthersArePaper = False,
    dry_run: DryRun = False,
) -> None:
    """Take in the matters of a table, all or none; ends with 1 if a row has a fault."""
    columns: list[str] = []

    def tell_columns(mapping: MatterColumns) -> None:
        columns.extend(mapping.lines(terminal.language))
        terminal.note(f"{file.name}，各列的理解：", f"{file.name}, its columns:")
        for line in columns:
            terminal.note(f"  {line}", f"  {line}")

    with terminal.workspace() as workspace, terminal.busy("正在读取……", "Reading …"):
        done = workspace.matters.import_table(
            require_file(file), sheet=sheet, replace=replace, others_are_paper=others_are_paper,
            dry_run=dry_run, told_columns=tell_columns,
        )  # fmt: skip
    plain = _plain(done) | {"columns": columns, "dry_run": dry_run}
    terminal.emit(plain, _lines(terminal, done, dry_run=dry_run))
    if done.bad_rows:
        raise typer.Exit(failures.REFUSED)


def _plain(done: MatterImport) -> dict[str, Any]:
    return {
        "added": done.added, "changed": done.changed, "unchanged": done.unchanged,
        "removed": done.removed, "bad_rows": done.bad_rows,
        "imported": not done.bad_rows,
        "faults": [
            {"row": one.row, "cell": one.cell, "zh": one.message("zh"), "en": one.message("en")}
            for one in done.faults
        ],
        "taken_for_paper": [
            {"name": name, "count": count, "near": list(done.near[name])}
            for name, count in done.papers.items()
        ],
        "annotated": None if done.annotated is None else str(done.annotated),
    }  # fmt: skip


def _lines(terminal: Terminal, done: MatterImport, *, dry_run: bool) -> Iterator[str]:
    words = terminal.words
    if done.bad_rows:
        yield words(
            f"× 有 {done.bad_rows:,} 行有误，全部未导入",
            f"× {done.bad_rows:,} rows have faults; nothing was imported",
        )
        for one in done.faults[:_SHOWN]:
            yield f"  {one.message(terminal.language)}"
        if (more := len(done.faults) - _SHOWN) > 0:
            yield words(f"  另有至少 {more} 处", f"  and at least {more} more")
        if done.annotated is not None:
            yield words(
                f"有误的行已写入 {done.annotated}，请照此改原表后重新导入",
                f"The rows with faults are in {done.annotated}: mend the table and import it again",
            )
        return
    mark = words("可以导入" if dry_run else "√ 已导入", "Would import" if dry_run else "√ Imported")
    yield words(
        f"{mark}：新增 {done.added:,} 项，更新 {done.changed:,} 项，"
        f"未变 {done.unchanged:,} 项，删去 {done.removed:,} 项",
        f"{mark}: {done.added:,} new, {done.changed:,} changed, {done.unchanged:,} unchanged, "
        f"{done.removed:,} removed",
    )
    for name, count in sorted(done.papers.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]:
        near = done.near[name]
        ask_zh = f"，是否为“{'”或“'.join(near)}”？" if near else ""
        ask_en = f"; perhaps {' or '.join(near)}?" if near else ""
        yield words(
            f"△ “{name}”按纸质登记 {count:,} 次{ask_zh}",
            f'△ "{name}" was taken for paper, {count:,} times{ask_en}',
        )
    if (more := len(done.papers) - _SHOWN) > 0:
        yield words(f"△ 另有 {more} 种", f"△ and {more} more")
