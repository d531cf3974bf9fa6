"""``ecert stock``: stock taking (归集): what should be held, what is, and its export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli.arguments import read_day, read_moment
from ecert.cli.command import DryRun, command, group
from ecert.cli.grounds import Actor, this_user
from ecert.cli.tables import FORMS, write_table
from ecert.cli.terminal import Terminal
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from ecert.issuers.stock.columns import Names
    from ecert.issuers.stock.coverage import Coverage
    from ecert.issuers.stock.export import Export
    from ecert.workspace import Workspace

TypeName = Annotated[
    str,
    typer.Argument(metavar="TYPE", help=told("证照类型的名称或代码", "Name or code of the type")),
]
HowMany = Annotated[
    int,
    typer.Argument(
        metavar="COUNT",
        min=0,
        help=told("应归集数：有效证照份数", "Licences in force, counted there"),
    ),
]
AsOf = Annotated[
    str, typer.Option("--as-of", metavar="DATE", help=told("截至日期", "The day of the count"))
]
Source = Annotated[
    str,
    typer.Option("--source", help=told("数据来源，如报表编号", "Where the count comes from")),
]
What = Annotated[
    str,
    typer.Argument(
        metavar="metadata|catalogue",
        help=told("metadata 证照元数据，catalogue 证照目录", "Licence metadata, or the catalogue"),
    ),
]
ToFile = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help=told("写入此文件，- 为标准输出", "This file; - is stdout"),
    ),
]
Form = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="|".join(FORMS),
        help=told("格式，默认看文件名", "Form; by default that of the file's name"),
    ),
]  # fmt: skip
NameSet = Annotated[
    str,
    typer.Option(
        "--names", metavar="short|long",
        help=told(
            "元数据名称：short 拼音短名（GB/T 36903），long 国家平台英文名",
            "Names: short (pinyin, GB/T 36903) or long (national platform)",
        ),
    ),
]  # fmt: skip
OnlyType = Annotated[
    str | None,
    typer.Option(
        "--type",
        help=told(
            "只导出这种证照，照面信息各成一列", "Only this type, its fields as columns of their own"
        ),
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        "--changed-since", metavar="CURSOR|TIME",
        help=told(
            "只导出有变动的：上次导出末尾所示的游标，或时间",
            "Only what changed: the cursor that the export before told, or a time",
        ),
    ),
]  # fmt: skip


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    stock = group(app, "stock", zh="归集：应归集数、归集率、导出", en="Stock taking (归集)")
    command(
        stock, "expect", zh="登记部门的应归集数", en="Record the department's own count of a type"
    )(expect)
    command(
        stock, "coverage", zh="归集率：在库有效数与应归集数对比",
        en="What is held in force against the department's count",
    )(coverage)  # fmt: skip
    command(
        stock, "export", zh="导出证照目录或证照元数据",
        en="Export the catalogue or licence metadata",
    )(export)  # fmt: skip


def expect(
    terminal: Terminal,
    type_name: TypeName,
    count: HowMany,
    as_of: AsOf,
    source: Source,
    actor: Actor = None,
    dry_run: DryRun = False,
) -> None:
    """Record how many licences of a type the department counts."""
    day = read_day(as_of, "--as-of")
    with terminal.workspace() as workspace:
        licence_type = workspace.issuer.catalogue.require(type_name)
        if not dry_run:
            workspace.issuer.stock.expect(
                licence_type.code, count, as_of=day, source=source,
                actor=this_user() if actor is None else actor,
            )  # fmt: skip
    plain = {
        "type_code": licence_type.code, "type_name": licence_type.name, "count": count,
        "as_of": as_of, "source": source, "dry_run": dry_run,
    }  # fmt: skip
    terminal.emit(plain, [terminal.words(
        f"{'可以' if dry_run else '√ 已'}登记应归集数：{licence_type.name} {count} 份（{as_of}）",
        f"{'Would record' if dry_run else '√ Recorded'} {count} of {licence_type.name} ({as_of})",
    )])  # fmt: skip


def coverage(terminal: Terminal) -> None:
    """Compare what is held with what the department counts."""
    with terminal.workspace() as workspace:
        compared = workspace.issuer.stock.coverage()
    heads = (
        ("证照类型", "在库有效", "应归集", "归集率", "截至", "来源") if terminal.language == "zh"
        else ("type", "held", "expected", "coverage", "as of", "source")
    )  # fmt: skip
    rows = [_coverage_row(one) for one in compared]
    terminal.emit(
        {"types": [_coverage_dict(one) for one in compared]},
        terminal.table(heads, rows) if rows else (),
    )
    if over := [one.type_name for one in compared if one.rate is not None and one.rate > 1]:
        terminal.note(
            f"  △ 在库数超过应归集数，请核对：{'、'.join(over)}",
            f"  △ More is held than expected; compare: {', '.join(over)}",
        )


def _coverage_row(one: Coverage) -> tuple[str, ...]:
    if one.expected is None:
        return (one.type_name, str(one.held), "-", "-", "-", "-")
    return (
        one.type_name, str(one.held), str(one.expected.count),
        "-" if one.rate is None else f"{one.rate:.1%}",
        one.expected.as_of.isoformat(), one.expected.source,
    )  # fmt: skip


def _coverage_dict(one: Coverage) -> dict[str, Any]:
    known = one.expected
    return {
        "type_code": one.type_code, "type_name": one.type_name, "held": one.held,
        "expected": None if known is None else known.count,
        "as_of": None if known is None else known.as_of.isoformat(),
        "source": None if known is None else known.source,
        "rate": one.rate,
    }  # fmt: skip


def export(
    terminal: Terminal,
    what: What,
    output: ToFile,
    form: Form = None,
    names: NameSet = "short",
    type_name: OnlyType = None,
    changed_since: Since = None,
) -> None:
    """Export the catalogue or licence metadata, row by row."""
    if what not in {"metadata", "catalogue"}:
        raise _only("metadata|catalogue", "metadata、catalogue", "metadata, catalogue")
    if names not in {"short", "long"}:
        raise _only("--names", "short、long", "short, long")
    with terminal.workspace() as workspace:
        table = _table(workspace, what, names, type_name, changed_since)
        with terminal.busy("正在导出……", "Exporting …"):
            rows = write_table(table, output, form)
    plain = {"file": str(output), "rows": rows, "cursor": table.cursor or None}
    if str(output) != "-":
        line = terminal.words(f"√ 已导出 {rows} 行到 {output}", f"√ Exported {rows} rows, {output}")
        terminal.emit(plain, [line])
    if table.cursor:
        terminal.note(
            f"  下次只导出变动：--changed-since {table.cursor}",
            f"  Next time, changes only: --changed-since {table.cursor}",
        )


def _table(
    workspace: Workspace, what: str, names: str, type_name: str | None, since: str | None
) -> Export:
    stock = workspace.issuer.stock
    if what == "catalogue":
        if type_name is not None or since is not None:
            raise FormatError(
                "目录总是全部导出", "the catalogue is always exported whole",
                where="--type, --changed-since",
            )  # fmt: skip
        return stock.catalogue()
    chosen: Names = "long" if names == "long" else "short"
    if since is None:
        return stock.metadata(names=chosen, type_name=type_name)
    if since.isascii() and since.isdigit() and len(since) <= 18:
        return stock.metadata(names=chosen, type_name=type_name, after_entry=int(since))
    moment = read_moment(since, "--changed-since")
    return stock.metadata(names=chosen, type_name=type_name, changed_from=moment)


def _only(where: str, zh: str, en: str) -> FormatError:
    return FormatError(
        "没有这个选择", "there is no such choice", where=where,
        fix_zh=f"可用：{zh}", fix_en=f"There are: {en}",
    )  # fmt: skip
