"""``ecert licence find``: the licences of the register by what is known of them, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ecert.cli.arguments import read_day, read_moment
from ecert.cli.terminal import Terminal
from ecert.cli.words import told
from ecert.errors import FormatError
from ecert.model.codes import last_four

if TYPE_CHECKING:
    from datetime import date

    from ecert.issuers.queries import Page, Row, Wanted
    from ecert.model.catalogue import Catalogue
    from ecert.model.licence import Licence, LicenceState

_NUMBER = told("证照编号", "The licence number")
ByNumber = Annotated[str | None, typer.Option("--number", help=_NUMBER)]
ByHolder = Annotated[
    str | None,
    typer.Option("--holder-number", help=told("持证主体代码", "The number of a holder")),
]
ByType = Annotated[
    str | None,
    typer.Option("--type", help=told("证照类型的名称或代码", "Name or code of the licence type")),
]
ByState = Annotated[
    str | None,
    typer.Option(
        "--state",
        help=told(
            "证照状态：有效 issued、暂扣 suspended、已过期 expired 等",
            "How it stands: issued, suspended, expired, …",
        ),
    ),
]
ByRegion = Annotated[
    str | None, typer.Option("--region", metavar="CODE", help=told("行政区划代码", "Region"))
]
Since = Annotated[
    str | None,
    typer.Option(
        "--changed-since", metavar="TIME",
        help=told("此时（含）以来有变动的", "Recorded or changed at this time or later"),
    ),
]  # fmt: skip
IssuedFrom = Annotated[
    str | None,
    typer.Option(
        "--issued-from", metavar="DATE", help=told("颁发日期自（含）", "Issued on or after")
    ),
]
IssuedUntil = Annotated[
    str | None,
    typer.Option(
        "--issued-until", metavar="DATE", help=told("颁发日期至（含）", "Issued on or before")
    ),
]
After = Annotated[
    int,
    typer.Option(
        "--after", metavar="ROW", min=0,
        help=told("从此序号之后开始（上一页末尾所示）",
                  "Go on after this row, as the page before told"),
    ),
]  # fmt: skip
Limit = Annotated[
    int, typer.Option("--limit", min=1, max=1000, help=told("最多显示几份", "Most rows"))
]


def find(
    terminal: Terminal,
    number: ByNumber = None,
    holder_number: ByHolder = None,
    type_name: ByType = None,
    state: ByState = None,
    region: ByRegion = None,
    changed_since: Since = None,
    issued_from: IssuedFrom = None,
    issued_until: IssuedUntil = None,
    after: After = 0,
    limit: Limit = 100,
) -> None:
    """Find licences, page by page."""
    from ecert.clock import system_clock
    from ecert.model.calendar import office_day

    with terminal.workspace() as workspace:
        wanted = _wanted(
            workspace.issuer.catalogue, number, holder_number, region, type_name, state,
            changed_since, issued_from, issued_until,
        )  # fmt: skip
        page = workspace.issuer.archive.find(after=after, limit=limit, **wanted)
    _tell_page(terminal, page, office_day(system_clock()))


def _wanted(
    catalogue: Catalogue,
    number: str | None,
    holder_number: str | None,
    region: str | None,
    type_name: str | None,
    state: str | None,
    changed_since: str | None,
    issued_from: str | None,
    issued_until: str | None,
) -> Wanted:
    from ecert.issuers.queries import Wanted
    from ecert.model.regions import parse_region

    wanted = Wanted()
    if number is not None:
        wanted["number"] = number
    if holder_number is not None:
        wanted["holder_number"] = holder_number
    if region is not None:
        wanted["region"] = parse_region(region)
    if type_name is not None:
        wanted["type_code"] = catalogue.require(type_name).code
    if state is not None:
        wanted["state"] = read_state_option(state)
    if changed_since is not None:
        wanted["changed_from"] = read_moment(changed_since, "--changed-since")
    if issued_from is not None:
        wanted["issued_from"] = read_day(issued_from, "--issued-from")
    if issued_until is not None:
        wanted["issued_until"] = read_day(issued_until, "--issued-until")
    return wanted


def read_state_option(text: str) -> LicenceState:
    """Return the state that an option names, in either language.

    Raises:
        FormatError: There is no such state.
    """
    from ecert.model.licence import LicenceState

    by_name = {name: one for one in LicenceState for name in (one.value, one.zh)}
    if text not in by_name:
        raise FormatError(
            "没有这种证照状态", "there is no such state", where="--state",
            fix_zh="可用：" + "、".join(one.zh for one in LicenceState),
            fix_en="There are: " + ", ".join(LicenceState),
        )  # fmt: skip
    return by_name[text]


def _tell_page(terminal: Terminal, page: Page, today: date) -> None:
    plain = {
        "licences": [
            {
                "row": one.number,
                "standing": one.licence.standing(today).value,
                "changed_at": one.changed_at.isoformat(),
                "licence": one.licence.to_dict(),
            }
            for one in page.rows
        ],
        "next_after": page.next_after,
    }
    heads = (
        ("序号", "证照类型", "证照编号", "持证主体", "状态", "有效期至", "颁发日期")
        if terminal.language == "zh"
        else ("row", "type", "number", "holder", "state", "until", "issued")
    )
    rows = [_cells(terminal, one, today) for one in page.rows]
    terminal.emit(plain, terminal.table(heads, rows) if rows else ())
    if not rows:
        terminal.note("  没有符合条件的证照", "  No licence fits")
    if page.next_after is not None:
        terminal.note(
            f"  还有更多，请加 --after {page.next_after}", f"  More: --after {page.next_after}"
        )


def _cells(terminal: Terminal, row: Row, today: date) -> tuple[str, ...]:
    one = row.licence
    standing = one.standing(today)
    return (
        str(row.number),
        one.type_name,
        f"***{last_four(one.number)}",
        "、".join(holder.masked_name for holder in one.holders),
        terminal.words(standing.zh, standing.value),
        last_day(terminal, one),
        one.issued_on.isoformat(),
    )


def last_day(terminal: Terminal, licence: Licence) -> str:
    """Return the last day as the screen tells it."""
    if licence.valid_until is None:
        return terminal.words("长期", "no end")
    return licence.valid_until.isoformat()
