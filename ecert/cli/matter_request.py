"""``ecert matter request``: what a window asks a wallet for, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecert.cli.arguments import read_moment
from ecert.cli.matter_needs import At, MatterName, Region
from ecert.cli.terminal import Terminal, write_whole
from ecert.cli.words import told

if TYPE_CHECKING:
    from collections.abc import Iterator

Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE",
        help=told("写入此文件；默认写到标准输出", "Write this file; stdout by default"),
    ),
]  # fmt: skip


def write_request(
    terminal: Terminal, matter: MatterName, region: Region = None, at: At = None,
    output: Output = None,
) -> None:  # fmt: skip
    """Write what is asked of a wallet for a matter, by the lists in force here."""
    import orjson

    from ecert.clock import system_clock

    moment = system_clock() if at is None else read_moment(at, "--at")
    with terminal.workspace() as workspace:
        here = workspace.settings.region if region is None else region
        request = workspace.matters.request(matter, here, at=moment)
    data = request.to_bytes()

    def lines() -> Iterator[str]:
        if output is None:
            yield data.decode("utf-8")
        else:
            yield terminal.words(
                f"√ 已写入 {output}：{len(request.matter.needs)} 项需求，"
                f"{len(request.entries)} 条认可",
                f"√ {output}: {len(request.matter.needs)} needs, {len(request.entries)} entries",
            )

    if output is not None:
        write_whole(output, data)
    terminal.emit(orjson.loads(data), lines())
