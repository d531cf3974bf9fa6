"""``ecert stats``: how many licences there are, by type, state and region."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli.arguments import read_day
from ecert.cli.command import command
from ecert.cli.terminal import Terminal
from ecert.cli.words import told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ecert.issuers.queries import Count
    from ecert.model.catalogue import Catalogue
    from ecert.model.licence import LicenceState

On = Annotated[
    str | None,
    typer.Option(
        "--on", metavar="DATE",
        help=told("按哪一天判断是否过期，默认今天",
                  "The day on which expiry is judged; today by default"),
    ),
]  # fmt: skip
PlotFile = Annotated[
    Path | None,
    typer.Option(
        "--plot", metavar="FILE.png|svg",
        help=told("另画成图（需组件 plot）", "Also draw it (needs the extra plot)"),
    ),
]  # fmt: skip


def declare(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    command(
        app, "stats", zh="统计：按证照类型、状态、地区",
        en="Statistics by licence type, state and region",
    )(stats)  # fmt: skip


def stats(terminal: Terminal, on: On = None, plot: PlotFile = None) -> None:
    """Count the licences."""
    from ecert.clock import system_clock
    from ecert.model.calendar import office_day
    from ecert.model.regions import name_of

    day = office_day(system_clock()) if on is None else read_day(on, "--on")
    with terminal.workspace() as workspace:
        counts = workspace.issuer.archive.count(day)
        catalogue = workspace.issuer.catalogue
    by_type = _group(counts, lambda one: _type_name(catalogue, one.type_code))
    by_region = _group(counts, lambda one: name_of(one.region))
    if plot is not None:
        from ecert.cli import plot as drawing

        title = terminal.words(f"证照统计（{day.isoformat()}）", f"Licences ({day.isoformat()})")
        drawing.draw(plot, title, by_type, by_region, terminal.language)
    plain: dict[str, Any] = {
        "on": day.isoformat(),
        "total": sum(one.count for one in counts),
        "counts": [
            {"type_code": one.type_code, "type_name": _type_name(catalogue, one.type_code),
             "region": one.region, "standing": one.state.value, "count": one.count}
            for one in counts
        ],
        "plot": None if plot is None else str(plot),
    }  # fmt: skip
    types = _table(terminal, by_type, terminal.words("证照类型", "type"))
    regions = _table(terminal, by_region, terminal.words("地区", "region"))
    terminal.emit(plain, [*types, *regions])
    if plot is not None:
        terminal.note(f"√ 已画图 {plot}", f"√ Drew {plot}")


def _type_name(catalogue: Catalogue, code: str) -> str:
    known = catalogue.get(code)
    return code if known is None else known.name


def _group(
    counts: Sequence[Count], name: Callable[[Count], str]
) -> dict[str, Counter[LicenceState]]:
    groups: dict[str, Counter[LicenceState]] = {}
    for one in counts:
        groups.setdefault(name(one), Counter())[one.state] += one.count
    # The largest first; names decide between equals, so that two runs agree.
    return dict(sorted(groups.items(), key=lambda item: (-item[1].total(), item[0])))


def _table(
    terminal: Terminal, groups: dict[str, Counter[LicenceState]], head: str
) -> Sequence[str]:
    from ecert.model.licence import LicenceState

    states = [state for state in LicenceState if any(one[state] for one in groups.values())]
    if not states:
        return ()
    heads = [head, *(terminal.words(one.zh, one.value) for one in states)]
    rows = [
        [name, *(str(counted[state]) for state in states), str(counted.total())]
        for name, counted in groups.items()
    ]
    whole: Counter[LicenceState] = sum(groups.values(), Counter())
    if len(rows) > 1:
        rows.append([
            terminal.words("合计", "total"), *(str(whole[state]) for state in states),
            str(whole.total()),
        ])  # fmt: skip
    return list(terminal.table([*heads, terminal.words("合计", "total")], rows))
