"""Options of ``ecert recognition check``: what is said about a list beside its table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecert.cli.words import told

ToDraft = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="DRAFT.json",
        help=told("草案写入此文件；不写则只检查", "Write the draft here; else only check"),
    ),
]
Title = Annotated[str | None, typer.Option("--title", help=told("清单名称", "Title"))]
ListId = Annotated[
    str | None, typer.Option("--list-id", help=told("清单标识", "The list's identifier"))
]
DocumentNumber = Annotated[
    str | None, typer.Option("--document-number", help=told("文号", "Document number"))
]
Owner = Annotated[
    str | None, typer.Option("--owner", help=told("发布地区", "The region that speaks"))
]
Parties = Annotated[
    str | None,
    typer.Option("--parties", help=told("缔约地区，用顿号分开", "Parties, between commas")),
]
Issued = Annotated[
    str | None, typer.Option("--issued", metavar="TIME", help=told("制作时间", "When it was made"))
]
Expires = Annotated[
    str | None, typer.Option("--expires", metavar="TIME", help=told("失效时间", "When it expires"))
]
Version = Annotated[
    int | None, typer.Option("--version", min=1, help=told("版本号", "Its version"))
]
Previous = Annotated[
    str | None,
    typer.Option(
        "--previous", metavar="SHA256", help=told("上一版摘要", "Hash of the predecessor")
    ),
]
ValidFrom = Annotated[
    str | None,
    typer.Option(
        "--valid-from",
        metavar="DATE",
        help=told("没有写起始日期的条目自何日起", "First day of entries that name none"),
    ),
]
NoticeDays = Annotated[
    int | None, typer.Option("--notice-days", help=told("变更提前通知天数", "Days of notice"))
]
Sample = Annotated[bool, typer.Option("--sample", help=told("标为样例", "Mark it as a sample"))]
Follow = Annotated[
    bool,
    typer.Option(
        "--next",
        help=told("接续现行清单：版本号加1", "Follow the list in force: its version plus 1"),
    ),
]
Choose = Annotated[
    list[str] | None,
    typer.Option(
        "--choose",
        metavar="NAME=CODE",
        help=told("名称对应的证照类型，并记住", "The type that a name means; remembered"),
    ),
]
Sheet = Annotated[
    str | None, typer.Option("--sheet", help=told("条目所在工作表", "The sheet of entries"))
]
