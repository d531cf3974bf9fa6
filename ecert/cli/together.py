"""``ecert issue-together``: the licences of one event (一件事), all of them or none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecert.cli.arguments import RequestId, require_file
from ecert.cli.command import DryRun, command
from ecert.cli.grounds import Actor, Document, Why, ordered
from ecert.cli.terminal import Terminal, read_bounded
from ecert.cli.words import told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecert.model.licence import Licence

ApplicationsFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help=told("申请文件（JSON），- 为标准输入", "The applications (JSON); - is stdin"),
    ),
]


def declare(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    command(
        app, "issue-together", zh="一件事：同时颁发几份证照，要么全办成，要么都不办",
        en="Issue the licences of one event (一件事): all of them, or none",
    )(issue_together)  # fmt: skip


def issue_together(
    terminal: Terminal,
    file: ApplicationsFile,
    reason: Why = "",
    document: Document = "",
    actor: Actor = None,
    request_id: RequestId = None,
    dry_run: DryRun = False,
) -> None:
    """Issue several licences in one act."""
    from ecert.issuers.application_file import read_applications
    from ecert.issuers.memory import MemoryRegister

    applications = read_applications(read_bounded(require_file(file)))
    order = ordered(reason, document, actor, request_id)
    with terminal.workspace() as workspace:
        issuer = workspace.issuer_on(MemoryRegister()) if dry_run else workspace.issuer
        licences = issuer.issue_together(applications, **order)
        rows = [None if dry_run else workspace.licences.row_of(one) for one in licences]
    _tell_issued(terminal, licences, rows, dry_run=dry_run)


def _tell_issued(
    terminal: Terminal, licences: Sequence[Licence], rows: Sequence[int | None], *, dry_run: bool
) -> None:
    plain = {
        "licences": [
            {"row": row, "licence": one.to_dict()} for row, one in zip(rows, licences, strict=True)
        ],
        "dry_run": dry_run,
    }
    lines = [
        terminal.words(
            f"{'可以颁发' if dry_run else f'√ 已颁发第 {row} 份'}：{one.type_name}"
            f"（***{one.holder.last_four}），证照标识 {one.id}",
            f"{'Would issue' if dry_run else f'√ Issued as row {row}:'} {one.type_name} "
            f"(***{one.holder.last_four}), licence id {one.id}",
        )
        for row, one in zip(rows, licences, strict=True)
    ]
    terminal.emit(plain, lines)
