"""``ecert recognition template | check | export | approval``: recognition lists in Excel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ecert.cli import recognition_options as options
from ecert.cli.arguments import read_day, read_fields, read_moment, require_file
from ecert.cli.command import command
from ecert.cli.font_options import Fonts, chain
from ecert.cli.grounds import Actor, this_user
from ecert.cli.recognition_drafts import DraftOptions, annotate, keep_draft, tell_reading
from ecert.cli.recognition_source import (
    draft_source,
    find_list,
    held_list,
    known_types,
    one_region,
    several_regions,
    surroundings,
)
from ecert.cli.terminal import Terminal, write_whole
from ecert.cli.words import told
from ecert.clock import system_clock

if TYPE_CHECKING:
    pass

Table = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help=told("互认清单表格（.xlsx .xls .ods .csv）", "A table: .xlsx, .xls, .ods or .csv"),
    ),
]
AnyList = Annotated[
    str,
    typer.Argument(
        metavar="LIST",
        help=told(
            "现行清单的标识、已签名的清单文件，或草案",
            "Identifier of a list in force, a signed list, or a draft",
        ),
    ),
]
ToWorkbook = Annotated[
    Path,
    typer.Option("--output", "-o", metavar="FILE.xlsx", help=told("写入此文件", "Write this file")),
]

ToSheet = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help=told(
            "写入此文件：.xlsx 为工作簿，.pdf 为 PDF",
            "Write this file: a workbook (.xlsx) or a PDF (.pdf)",
        ),
    ),
]
_PDF: Final = ".pdf"


def declare(lists: typer.Typer) -> None:
    """Add the commands to the group ``recognition``."""
    command(
        lists, "template", zh="生成互认清单模板（.xlsx）", en="Write an empty workbook to fill in"
    )(template)
    command(
        lists, "check", zh="检查互认清单表格，全部无误则生成草案",
        en="Check a table, and make a draft of it if nothing is wrong",
    )(check)  # fmt: skip
    command(lists, "export", zh="把互认清单导出为表格", en="Write a list as a workbook")(export)
    command(
        lists, "approval", zh="生成会签对照表", en="Write a sheet for approval on paper"
    )(approval)  # fmt: skip


def template(
    terminal: Terminal,
    output: ToWorkbook,
    source_region: Annotated[
        str | None, typer.Option("--source-region", help=told("颁发地区", "Issuing region"))
    ] = None,
    target_region: Annotated[
        str | None, typer.Option("--target-region", help=told("认可地区", "Accepting region"))
    ] = None,
) -> None:
    """Write the workbook that an office fills in."""
    from ecert.interop.workbook.template import write_template

    sides = [one_region(text) for text in (source_region, target_region)]
    with surroundings(terminal) as workspace:
        write_template(output, known_types(workspace), source=sides[0], target=sides[1])
    line = terminal.words(f"√ 已生成模板 {output}", f"√ Wrote the template {output}")
    terminal.emit({"file": str(output)}, [line])


def check(
    terminal: Terminal,
    file: Table,
    output: options.ToDraft = None,
    title: options.Title = None,
    list_id: options.ListId = None,
    document_number: options.DocumentNumber = None,
    owner: options.Owner = None,
    parties: options.Parties = None,
    issued: options.Issued = None,
    expires: options.Expires = None,
    version: options.Version = None,
    previous: options.Previous = None,
    valid_from: options.ValidFrom = None,
    notice_days: options.NoticeDays = None,
    sample: options.Sample = False,
    follow: options.Follow = False,
    choose: options.Choose = None,
    sheet: options.Sheet = None,
    actor: Actor = None,
) -> None:
    """Check a table; ends with 5 and an annotated copy if anything is wrong."""
    from ecert.interop.workbook.head import HeadGiven
    from ecert.interop.workbook.reading import read_list

    at = system_clock()
    given = HeadGiven(
        title=title, list_id=list_id, document_number=document_number, previous=previous,
        owner=one_region(owner), parties=several_regions(parties), version=version,
        issued=None if issued is None else read_moment(issued, "--issued"),
        expires=None if expires is None else read_moment(expires, "--expires"),
        valid_from=None if valid_from is None else read_day(valid_from, "--valid-from"),
        notice_days=notice_days, sample=sample or None, is_next=follow,
    )  # fmt: skip
    require_file(file)
    with surroundings(terminal) as workspace:
        draft = DraftOptions(file, output, this_user() if actor is None else actor, at)
        choices = draft.choices(workspace, read_fields(choose or ()))
        with terminal.busy("正在检查……", "Checking …"):
            reading = read_list(
                file, catalogue=known_types(workspace), at=at, given=given, choices=choices,
                in_force=() if workspace is None else workspace.knowledge.recognition.lists,
                sheet=sheet,
            )  # fmt: skip
        tell_reading(terminal, reading)
        if reading.document is None:
            raise typer.Exit(annotate(terminal, draft, reading))
        keep_draft(terminal, draft, reading)


def export(terminal: Terminal, source: AnyList, output: ToWorkbook) -> None:
    """Write a list as a workbook, from which the same list can be made again."""
    from ecert.interop.workbook.writing import write_list

    with surroundings(terminal) as workspace:
        document, _, _ = find_list(source, workspace)
    write_list(output, document)
    count = len(document.entries)
    line = terminal.words(f"√ 已导出 {count} 条到 {output}", f"√ Wrote {count} entries to {output}")
    terminal.emit({"file": str(output), "entries": count, "list_id": document.list_id}, [line])


def approval(
    terminal: Terminal, source: AnyList, output: ToSheet, fonts: Fonts = None
) -> None:  # fmt: skip
    """Write the comparison sheet that the parties sign on paper, as its file's name ends."""
    from ecert.interop.change import compare
    from ecert.interop.workbook.approval import write_approval

    with surroundings(terminal) as workspace:
        document, digest, draft = find_list(source, workspace)
        held = held_list(document, digest, workspace)
        what: Any = {
            "digest": digest, "catalogue": known_types(workspace), "held": held,
            "source": draft_source(draft),
        }  # fmt: skip
        if output.suffix.lower() == _PDF:
            from ecert.show.approval_pdf import approval_pdf

            here = () if workspace is None else (workspace.path, workspace.settings.fonts)
            write_whole(output, approval_pdf(document, fonts=chain(fonts, *here), **what))
            change = compare(None if held is None else held.document, document, digest=digest)
        else:
            change = write_approval(output, document, **what)
    lines = [
        terminal.words(f"√ 已生成会签对照表 {output}", f"√ Wrote the sheet {output}"),
        terminal.words(f"  待签内容摘要：{digest}", f"  Digest of what is signed: {digest}"),
    ]
    terminal.emit({"file": str(output), "digest": digest} | change.to_dict(), lines)
