"""``ecert stock import``: licences that exist already, from a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli import failures
from ecert.cli.arguments import require_file
from ecert.cli.bulk_options import LicenceType, ListFile, Sheet
from ecert.cli.command import DryRun
from ecert.cli.following import following_rows
from ecert.cli.grounds import Actor, this_user
from ecert.cli.terminal import Terminal
from ecert.cli.words import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.issuers.bulk.columns import ColumnMapping
    from ecert.issuers.stock.report import ImportReport
    from ecert.workspace.stock_list import ListReport

_SHOWN = 10
Source = Annotated[
    str,
    typer.Option(
        "--source", help=told("来源：哪个系统或哪批档案", "Which system or file they come from")
    ),
]
Letter = Annotated[
    str,
    typer.Option(
        "--document",
        help=told(
            "移交文件的文号；暂扣、撤销、吊销的证照须有",
            "Number of the letter they came with; what is suspended or revoked needs it",
        ),
    ),
]


def import_list(
    terminal: Terminal,
    file: ListFile,
    source: Source,
    document: Letter = "",
    type_name: LicenceType = None,
    sheet: Sheet = None,
    actor: Actor = None,
    dry_run: DryRun = False,
) -> None:
    """Record the licences in a list; ends with 5 if some rows failed, with 1 if all did."""
    from ecert.issuers.stock.existing import Batch
    from ecert.workspace.stock_list import take_in_list

    batch = Batch(source, document, this_user() if actor is None else actor)
    columns: list[str] = []

    def tell_columns(mapping: ColumnMapping) -> None:
        columns.extend(mapping.lines(terminal.language))
        terminal.note(f"{file.name}，各列的理解：", f"{file.name}, its columns:")
        for line in columns:
            terminal.note(f"  {line}", f"  {line}")

    with terminal.workspace() as workspace, following_rows(terminal) as following:
        done = take_in_list(
            workspace, require_file(file), batch, type_name=type_name, sheet=sheet,
            dry_run=dry_run, told_columns=tell_columns, on_row=following,
        )  # fmt: skip
    plain = _plain(done) | {"columns": columns, "dry_run": dry_run}
    terminal.emit(plain, _lines(terminal, done, dry_run=dry_run))
    if code := _exit_code(done.report):
        raise typer.Exit(code)


def _exit_code(report: ImportReport) -> int:
    failed = sum(count for taking, count in report.counts.items() if taking.failed)
    if not failed:
        return failures.DONE
    return failures.REFUSED if failed == sum(report.counts.values()) else failures.REJECTED


def _plain(done: ListReport) -> dict[str, Any]:
    return {
        "counts": {taking.value: count for taking, count in done.report.counts.items()},
        "failures": [
            {"row": one.row, "taking": one.taking.value, "licence": one.licence_id or None,
             "zh": one.zh, "en": one.en}
            for one in done.report.failures
        ],
        "annotated": None if done.annotated is None else str(done.annotated),
    }  # fmt: skip


def _lines(terminal: Terminal, done: ListReport, *, dry_run: bool) -> Iterator[str]:
    words = terminal.words
    for taking, count in done.report.counts.items():
        if count:
            mark = "×" if taking.failed else "√"
            yield words(f"{mark} {taking.zh} {count:,} 份", f"{mark} {taking}: {count:,}")
    for one in done.report.failures[:_SHOWN]:
        yield words(f"  第{one.row}行 {one.zh}", f"  Row {one.row}: {one.en}")
    if (more := len(done.report.failures) - _SHOWN) > 0:
        yield words(f"  另有至少 {more} 行", f"  and at least {more} more")
    if done.annotated is not None:
        yield words(
            f"未办成的行已写入 {done.annotated}，改好后再办",
            f"The rows that failed are in {done.annotated}: mend it and hand it in",
        )
    if dry_run:
        yield words("试行，未作任何登记", "Tried out only: nothing was recorded")
