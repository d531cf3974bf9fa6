"""What the commands about mandates are told."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecert.cli.words import told

Name = Annotated[
    str, typer.Option("--name", help=told("代办人姓名，与身份证一致", "The agent's name"))
]
LastFour = Annotated[
    str,
    typer.Option(
        "--last-four", help=told("代办人证件号码后四位", "Last four of the agent's number")
    ),
]
AgentFile = Annotated[
    Path,
    typer.Option(
        "--agent", metavar="FILE", help=told("代办人的申请文件", "The file that the agent sent")
    ),
]
Place = Annotated[
    str,
    typer.Option(
        "--place", help=told("委托登记号（ecert mandate enter）", "From ecert mandate enter")
    ),
]
Matters = Annotated[
    list[str] | None,
    typer.Option(
        "--for",
        metavar="MATTER",
        help=told(
            "委托事项，可重复；* 为所有事项", "What it is for; may be repeated; * for all matters"
        ),
    ),
]
Profiles = Annotated[
    list[str] | None,
    typer.Option(
        "--profile",
        help=told(
            "可出示的亮证方式，可重复，默认 minimal", "What may be shown; minimal by default"
        ),
    ),
]
From = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="TIME", help=told("何时生效，默认现在", "From when; now by default")
    ),
]
Until = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="TIME",
        help=told("至何时（日期含当日），默认30天", "Until when; a day counts to its end; 30 days"),
    ),
]
OutFile = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE", help=told("写入此文件", "Into this file"))
]
MandateFile = Annotated[
    Path, typer.Argument(metavar="FILE", help=told("委托书文件", "The mandate's file"))
]
MandateRow = Annotated[
    str,
    typer.Argument(metavar="MANDATE", help=told("委托：序号或编号", "The mandate: row or id")),
]
