"""``ecert matter rate``: how many matters need no paper (免提交率)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli.arguments import read_moment
from ecert.cli.matter_needs import At
from ecert.cli.terminal import Terminal
from ecert.cli.words import told

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ecert.interop.matters.rate import Rate, RateReport
    from ecert.workspace import Workspace

Visitors = Annotated[
    str | None,
    typer.Option(
        "--visitors-from", metavar="CODE",
        help=told(
            "按证照均由该地区颁发的办事人计算", "For holders whose licences were issued there"
        ),
    ),
]  # fmt: skip


def show_rate(terminal: Terminal, visitors_from: Visitors = None, at: At = None) -> None:
    """Tell the share of matters that need no paper."""
    from ecert.clock import system_clock
    from ecert.model.regions import name_of

    moment = system_clock() if at is None else read_moment(at, "--at")
    with terminal.workspace() as workspace:
        report = _report(workspace, visitors_from, moment)
    terminal.emit(
        {
            "visitors_from": visitors_from, "overall": _rate_dict(report.overall),
            "by_department": {name: _rate_dict(one) for name, one in report.by_department.items()},
            "by_region": {code: _rate_dict(one) for code, one in report.by_region.items()},
        },
        [
            *_rate_table(terminal, report.by_department, terminal.words("部门", "department")),
            *_rate_table(
                terminal,
                {f"{code} {name_of(code)}": one for code, one in report.by_region.items()},
                terminal.words("地区", "region"),
            ),
            *_rate_table(
                terminal, {terminal.words("合计", "total"): report.overall},
                terminal.words("合计", "total"),
            ),
        ],
    )  # fmt: skip
    if not report.overall.total:
        terminal.note("  还没有导入事项清单", "  No matters have been imported yet")


def _report(workspace: Workspace, visitors_from: str | None, at: datetime) -> RateReport:
    from ecert.interop.matters.rate import rate, rate_for_visitors
    from ecert.model.regions import require

    matters = workspace.matters.catalogue
    if visitors_from is None:
        return rate(matters)
    lists = workspace.knowledge.recognition.lists
    return rate_for_visitors(matters, require(visitors_from).code, lists=lists, at=at)


def _rate_dict(one: Rate) -> dict[str, Any]:
    return {"paperless": one.paperless, "total": one.total, "rate": one.share}


def _rate_table(terminal: Terminal, rates: Mapping[str, Rate], head: str) -> Iterable[str]:
    heads = (
        (head, "免提交", "事项", "免提交率") if terminal.language == "zh"
        else (head, "paperless", "matters", "rate")
    )  # fmt: skip
    rows = [
        (
            name or terminal.words("（未填）", "(none)"), f"{one.paperless:,}", f"{one.total:,}",
            "-" if one.share is None else f"{one.share:.1%}",
        )
        for name, one in rates.items()
    ]  # fmt: skip
    return terminal.table(heads, rows) if rows else ()
