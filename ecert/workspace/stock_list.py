"""Takes a list of existing licences in a file into a workspace's register."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecert.issuers.stock.lists import ListReading
from ecert.sheets.rejects import annotated_path, create_rejects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecert.issuers.bulk.columns import ColumnMapping
    from ecert.issuers.stock.existing import Batch
    from ecert.issuers.stock.report import ImportReport, Outcome
    from ecert.sheets.rejects import RejectsWriter
    from ecert.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ListReport:
    """What became of a list.

    Attributes:
        report: What became of its rows.
        annotated: The copy of the rows that failed; None if none did, or nothing was written.
    """

    report: ImportReport
    annotated: Path | None


def take_in_list(
    workspace: Workspace,
    path: Path,
    batch: Batch,
    *,
    type_name: str | None = None,
    sheet: str | None = None,
    dry_run: bool = False,
    told_columns: Callable[[ColumnMapping], None] | None = None,
    on_row: Callable[[int], None] | None = None,
) -> ListReport:
    """Record the licences in a file (.csv, .xlsx, .xls, .ods); see `Stock.take_in`.

    Args:
        workspace: Whose register.
        path: The file.
        batch: Where they come from.
        type_name: The type of every row; None if a column says it.
        sheet: The sheet of a workbook; None for the first with a heading.
        dry_run: Tell what would be done, and change and write nothing.
        told_columns: Told what the columns are taken for, before anything is recorded.
        on_row: Told how many rows are done.

    Raises:
        TableError: The file cannot be read, or its columns do not do.
        CatalogueError: ``type_name`` is unknown.
        WorkspaceError: The workspace only verifies.
    """
    issuer = workspace.issuer
    annotated = annotated_path(path)
    with (
        workspace.bulk.open_applications(path, type_name=type_name, sheet=sheet) as (reader, table),
        ExitStack() as stack,
    ):
        if told_columns is not None:
            told_columns(reader.mapping)
        reading = ListReading(reader, issuer.code)
        rejects: RejectsWriter | None = None

        def tell(outcome: Outcome) -> None:
            nonlocal rejects
            if outcome.failed and rejects is None and not dry_run:
                rejects = stack.enter_context(create_rejects(annotated, table.header))
            reading.settle(outcome, rejects)
            if on_row is not None:
                on_row(reading.read)

        report = issuer.stock.take_in(reading, batch, dry_run=dry_run, tell=tell)
    return ListReport(report, annotated if rejects is not None else None)
