"""``ecert matter``: service matters (事项): import, find, what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ecert.cli.command import command, group
from ecert.cli.matter_import import import_matters
from ecert.cli.matter_needs import MatterName, Region, show_requirements
from ecert.cli.matter_rate import show_rate
from ecert.cli.matter_request import write_request
from ecert.cli.matter_words import choice_dict, matter_dict, need_text, paperless_line
from ecert.cli.terminal import Terminal
from ecert.cli.words import told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecert.interop.matters.matter import Matter
    from ecert.model.catalogue import Catalogue

Words = Annotated[
    list[str],
    typer.Argument(
        metavar="WORD…",
        help=told("名称中的字词、编码的一部分，或拼音首字母", "Words, part of a code, or initials"),
    ),
]
Department = Annotated[
    str | None,
    typer.Option("--department", help=told("只看这个部门的", "Only this department's")),
]
Limit = Annotated[
    int, typer.Option("--limit", min=1, max=1000, help=told("最多几项", "At most so many"))
]


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    matters = group(
        app, "matter", zh="事项：导入、查找、所需证照、免提交率",
        en="Service matters: import, find, what they need, the rate without paper",
    )  # fmt: skip
    command(
        matters, "import", zh="导入事项清单（.xlsx .csv 等）",
        en="Import a table of matters (.xlsx, .csv, …)",
    )(import_matters)  # fmt: skip
    command(matters, "list", zh="列出事项", en="List the matters")(list_matters)
    command(
        matters, "search", zh="按字词、编码或拼音首字母查找事项",
        en="Find matters by words, code or pinyin initials",
    )(search)  # fmt: skip
    command(matters, "show", zh="显示一个事项", en="Show one matter")(show_matter)
    command(
        matters, "requirements", zh="办理一个事项可以出示哪些证照，还缺哪些",
        en="Which licences may be shown for a matter, and which are missing",
    )(show_requirements)  # fmt: skip
    command(
        matters, "request", zh="生成事项亮证需求，交给卡包选择显示最少的亮证方式",
        en="Write what is asked of a wallet, which then shows the least",
    )(write_request)  # fmt: skip
    command(
        matters, "rate", zh="免提交率：总体、按部门、按地区",
        en="The share of matters that need no paper: all, by department, by region",
    )(show_rate)  # fmt: skip


def list_matters(terminal: Terminal, department: Department = None, region: Region = None) -> None:
    """List the matters."""
    from ecert.model.regions import covers, parse_region

    wanted = None if region is None else parse_region(region)
    with terminal.workspace() as workspace:
        found = [
            one
            for one in workspace.matters.catalogue
            if department in {None, one.department}
            and (wanted is None or covers(one.region, wanted))
        ]
    _tell_matters(terminal, found)


def search(terminal: Terminal, words: Words, limit: Limit = 20) -> None:
    """Find matters."""
    with terminal.workspace() as workspace:
        found = workspace.matters.catalogue.search(" ".join(words), limit=limit)
    _tell_matters(terminal, found)


def _tell_matters(terminal: Terminal, found: Iterable[Matter]) -> None:
    kept = list(found)
    heads = (
        ("事项编码", "事项名称", "地区", "实施部门", "免提交") if terminal.language == "zh"
        else ("code", "name", "region", "department", "paperless")
    )  # fmt: skip
    rows = [
        (one.code, one.name, one.region, one.department or "-", "√" if one.paperless else "×")
        for one in kept
    ]
    terminal.emit(
        {"matters": [matter_dict(one) for one in kept]},
        terminal.table(heads, rows) if rows else (),
    )
    if not kept:
        terminal.note("  没有找到事项", "  No matter was found")


def show_matter(terminal: Terminal, matter: MatterName) -> None:
    """Show one matter with what it needs."""
    with terminal.workspace() as workspace:
        found = workspace.matters.catalogue.require(matter)
        catalogue = workspace.catalogue
    plain = matter_dict(found) | {
        "needs": [[choice_dict(one, catalogue) for one in need.choices] for need in found.needs]
    }
    terminal.emit(plain, _matter_lines(terminal, found, catalogue))


def _matter_lines(terminal: Terminal, one: Matter, catalogue: Catalogue) -> Iterator[str]:
    from ecert.model.regions import name_of

    words = terminal.words
    yield f"{one.code}  {one.name}"
    yield words(f"  地区：{name_of(one.region)}", f"  Region: {one.region}")
    yield words(f"  实施部门：{one.department or '-'}", f"  Department: {one.department or '-'}")
    if one.aliases:
        names = "、".join(one.aliases)
        yield words(f"  别名、场景：{names}", f"  Also called: {names}")
    if not one.needs:
        yield words("  不需要材料", "  Nothing is needed")
    for number, need in enumerate(one.needs, start=1):
        yield f"  {number}. {need_text(terminal, need, catalogue)}"
    yield paperless_line(terminal, paperless=one.paperless)
