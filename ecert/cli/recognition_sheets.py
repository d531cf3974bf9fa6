"""``ecert recognition template | check | export | approval``: recognition lists in Excel."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert import limits
from ecert.cli.arguments import read_day, read_fields, read_moment, require_file
from ecert.cli.command import command
from ecert.cli.grounds import Actor, this_user
from ecert.cli.recognition_drafts import DraftOptions, annotate, keep_draft, tell_reading
from ecert.cli.terminal import Terminal, read_bounded
from ecert.cli.words import told
from ecert.clock import system_clock
from ecert.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.interop.decision import ListInForce
    from ecert.interop.recognition import RecognitionList
    from ecert.model.catalogue import Catalogue
    from ecert.workspace import Workspace

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

    sides = [_region(text) for text in (source_region, target_region)]
    with _surroundings(terminal) as workspace:
        write_template(output, _catalogue(workspace), source=sides[0], target=sides[1])
    line = terminal.words(f"√ 已生成模板 {output}", f"√ Wrote the template {output}")
    terminal.emit({"file": str(output)}, [line])


def check(
    terminal: Terminal,
    file: Table,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DRAFT.json",
            help=told("草案写入此文件；不写则只检查", "Write the draft here; else only check"),
        ),
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help=told("清单名称", "Title"))] = None,
    list_id: Annotated[
        str | None, typer.Option("--list-id", help=told("清单标识", "The list's identifier"))
    ] = None,
    document_number: Annotated[
        str | None, typer.Option("--document-number", help=told("文号", "Document number"))
    ] = None,
    owner: Annotated[
        str | None, typer.Option("--owner", help=told("发布地区", "The region that speaks"))
    ] = None,
    parties: Annotated[
        str | None,
        typer.Option("--parties", help=told("缔约地区，用顿号分开", "Parties, between commas")),
    ] = None,
    issued: Annotated[
        str | None, typer.Option("--issued", metavar="TIME", help=told("制作时间", "Made"))
    ] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="TIME", help=told("失效时间", "Expires"))
    ] = None,
    version: Annotated[
        int | None, typer.Option("--version", min=1, help=told("版本号", "Version"))
    ] = None,
    previous: Annotated[
        str | None,
        typer.Option(
            "--previous", metavar="SHA256", help=told("上一版摘要", "Hash of the predecessor")
        ),
    ] = None,
    valid_from: Annotated[
        str | None,
        typer.Option(
            "--valid-from", metavar="DATE",
            help=told("没有写起始日期的条目自何日起", "First day of entries that name none"),
        ),
    ] = None,
    notice_days: Annotated[
        int | None, typer.Option("--notice-days", help=told("变更提前通知天数", "Days of notice"))
    ] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help=told("标为样例", "Mark it as a sample"))
    ] = False,
    follow: Annotated[
        bool,
        typer.Option(
            "--next",
            help=told("接续现行清单：版本号加1", "Follow the list in force: its version plus 1"),
        ),
    ] = False,
    choose: Annotated[
        list[str] | None,
        typer.Option(
            "--choose", metavar="NAME=CODE",
            help=told("名称对应的证照类型，并记住", "The type a name means; remembered"),
        ),
    ] = None,
    sheet: Annotated[
        str | None, typer.Option("--sheet", help=told("条目所在工作表", "The sheet of entries"))
    ] = None,
    actor: Actor = None,
) -> None:  # fmt: skip
    """Check a table; ends with 5 and an annotated copy if anything is wrong."""
    from ecert.interop.workbook.head import HeadGiven
    from ecert.interop.workbook.reading import read_list

    at = system_clock()
    given = HeadGiven(
        title=title, list_id=list_id, document_number=document_number,
        owner=_region(owner), parties=_parties(parties), version=version, previous=previous,
        issued=None if issued is None else read_moment(issued, "--issued"),
        expires=None if expires is None else read_moment(expires, "--expires"),
        valid_from=None if valid_from is None else read_day(valid_from, "--valid-from"),
        notice_days=notice_days, sample=sample or None, is_next=follow,
    )  # fmt: skip
    require_file(file)
    with _surroundings(terminal) as workspace:
        options = DraftOptions(file, output, this_user() if actor is None else actor, at)
        choices = options.choices(workspace, read_fields(choose or ()))
        with terminal.busy("正在检查……", "Checking …"):
            reading = read_list(
                file, catalogue=_catalogue(workspace), at=at, given=given, choices=choices,
                in_force=() if workspace is None else workspace.knowledge.recognition.lists,
                sheet=sheet,
            )  # fmt: skip
        tell_reading(terminal, reading)
        if reading.document is None:
            raise typer.Exit(annotate(terminal, options, reading))
        keep_draft(terminal, options, reading)


def export(terminal: Terminal, source: AnyList, output: ToWorkbook) -> None:
    """Write a list as a workbook, from which the same list can be made again."""
    from ecert.interop.workbook.writing import write_list

    with _surroundings(terminal) as workspace:
        document, _, _ = _found(source, workspace)
    write_list(output, document)
    count = len(document.entries)
    line = terminal.words(f"√ 已导出 {count} 条到 {output}", f"√ Wrote {count} entries to {output}")
    terminal.emit({"file": str(output), "entries": count, "list_id": document.list_id}, [line])


def approval(terminal: Terminal, source: AnyList, output: ToWorkbook) -> None:
    """Write the comparison sheet that the parties sign on paper."""
    from ecert.interop.workbook.approval import write_approval

    with _surroundings(terminal) as workspace:
        document, digest, draft = _found(source, workspace)
        change = write_approval(
            output, document, digest=digest, catalogue=_catalogue(workspace),
            held=_held(document, digest, workspace), source=_source(draft),
        )  # fmt: skip
    lines = [
        terminal.words(f"√ 已生成会签对照表 {output}", f"√ Wrote the sheet {output}"),
        terminal.words(f"  待签内容摘要：{digest}", f"  Digest of what is signed: {digest}"),
    ]
    terminal.emit({"file": str(output), "digest": digest} | change.to_dict(), lines)


# -- where lists come from ------------------------------------------------------------------------


@contextmanager
def _surroundings(terminal: Terminal) -> Iterator[Workspace | None]:
    """Give the workspace if the folder is one: tables can be made and checked without."""
    from ecert.workspace.settings import FILE

    if not (terminal.folder / FILE).exists():
        yield None
        return
    with terminal.workspace() as workspace:
        yield workspace


def _catalogue(workspace: Workspace | None) -> Catalogue:
    from ecert.model.catalogue import builtin

    return builtin() if workspace is None else workspace.knowledge.catalogue


def _found(
    source: str, workspace: Workspace | None
) -> tuple[RecognitionList, str, Path | None]:  # fmt: skip
    """Return a list, the digest of what is signed, and its file if it is a draft."""
    from ecert.interop.draft import digest_of, read_draft
    from ecert.interop.recognition import RecognitionList
    from ecert.trust.signatures import open_envelope

    path = Path(source)
    if path.is_file():
        data = read_bounded(path, limits.MAX_ENVELOPE_BYTES)
        if _has_signatures(data):
            envelope = open_envelope(data, RecognitionList.TYP)
            document = RecognitionList.from_payload(envelope.unverified_payload)
            document.check_content()
            return document, envelope.digest, None
        document = read_draft(path)
        return document, digest_of(document), path
    held = [] if workspace is None else [
        one for one in workspace.knowledge.recognition.lists if one.document.list_id == source
    ]  # fmt: skip
    if len(held) == 1:
        return held[0].document, held[0].digest, None
    raise FormatError(
        "没有这个文件，也没有这份现行清单" if not held else "有几份现行清单用这个标识",
        "neither a file nor the identifier of one list in force", where=source,
        fix_zh="用 ecert recognition show 查看现行清单；也可给出文件",
        fix_en="See: ecert recognition show; or name a file",
    )  # fmt: skip


def _has_signatures(data: bytes) -> bool:
    # Which of the two readers is asked; each of them is strict.
    try:
        plain = json.loads(data)
    except ValueError:
        return False
    return isinstance(plain, dict) and "signatures" in plain


def _held(
    document: RecognitionList, digest: str, workspace: Workspace | None
) -> ListInForce | None:
    """Return what is in force in the list's place, unless it is the list itself."""
    lists = () if workspace is None else workspace.knowledge.recognition.lists
    found = [one for one in lists if one.document.slot == document.slot and one.digest != digest]
    return found[0] if found else None


def _source(draft: Path | None) -> Any:
    from ecert.interop.draft import read_source

    return None if draft is None else read_source(draft)


def _region(text: str | None) -> str | None:
    from ecert.model.region_names import regions_named

    if text is None:
        return None
    found = regions_named(text)
    if len(found) != 1:
        raise FormatError("只能写一个地区", "one region is needed", where=text)
    return found[0]


def _parties(text: str | None) -> tuple[str, ...] | None:
    from ecert.interop.workbook.texts import split
    from ecert.model.region_names import regions_named

    if text is None:
        return None
    codes = [code for one in split(text, quoted=False) for code in regions_named(one)]
    return tuple(dict.fromkeys(codes))
