"""``ecert receipt``: what was kept of the checks at this window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli import receipt_checks, receipt_keys
from ecert.cli.arguments import read_day_end, read_moment
from ecert.cli.command import command, group
from ecert.cli.terminal import Terminal
from ecert.cli.unproven_receipts import receipt_facts
from ecert.cli.words import told
from ecert.errors import FormatError, ParseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecert.verify.receipt import Receipt
    from ecert.verify.receipts import ReceiptQuery, StoredReceipt

OfWindow = Annotated[
    str | None,
    typer.Option(
        "--window", metavar="NAME", help=told("窗口名称；默认为本窗口", "Another window's")
    ),
]
After = Annotated[
    int,
    typer.Option("--after", metavar="NUMBER", min=0, help=told("从此号之后开始", "After this one")),
]
Limit = Annotated[
    int, typer.Option("--limit", min=1, max=1_000, help=told("最多列出几份", "At most so many"))
]
ByCase = Annotated[
    str | None,
    typer.Option("--case", metavar="NUMBER", help=told("办件编号", "The case number (办件编号)")),
]
ByLicence = Annotated[
    str | None,
    typer.Option("--licence", metavar="ID", help=told("证照标识", "The licence id (证照标识)")),
]
Since = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="TIME", help=told("此时（含）以后核验的", "Checked then or later")
    ),
]
Until = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="TIME",
        help=told("此时以前核验的；某日则含该日", "Checked before then; a day counts to its end"),
    ),
]  # fmt: skip
Number = Annotated[
    int, typer.Argument(metavar="NUMBER", min=1, help=told("回执编号", "The receipt's number"))
]
ToFile = Annotated[
    Path, typer.Argument(metavar="FILE", help=told("写入此文件", "The file to write"))
]


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    receipts = group(
        app, "receipt", zh="核验回执：查找、核对、重验、导出",
        en="Receipts of checks: find, verify, replay, export",
    )  # fmt: skip
    command(receipts, "list", zh="列出回执", en="List receipts")(list_receipts)
    command(
        receipts, "find", zh="按办件编号、证照标识、时间查找",
        en="Find receipts by case number, licence id or time",
    )(find)  # fmt: skip
    command(receipts, "show", zh="显示一份回执", en="Show one receipt")(show)
    receipt_checks.declare(receipts)
    command(
        receipts, "export", zh="导出整条回执链，供审计", en="Export the chain for an auditor"
    )(export)  # fmt: skip
    command(
        receipts, "head", zh="显示链头，请另行抄存", en="Show the heads: note them down elsewhere"
    )(head)  # fmt: skip
    receipt_keys.declare(receipts)


def list_receipts(
    terminal: Terminal, window: OfWindow = None, after: After = 0, limit: Limit = 100
) -> None:
    """List receipts, oldest first."""
    from ecert.verify.receipts import ReceiptQuery

    with terminal.workspace() as workspace:
        name = window or workspace.receipts.window
        query = ReceiptQuery(window=name, after=(name, after), limit=limit)
        found = workspace.receipts.find(query)
    _tell(terminal, query, found)


def find(
    terminal: Terminal,
    case: ByCase = None,
    licence: ByLicence = None,
    since: Since = None,
    until: Until = None,
    window: OfWindow = None,
    limit: Limit = 100,
) -> None:
    """Find receipts of all windows of this database."""
    from ecert.verify.receipts import ReceiptQuery

    if (case, licence, since, until) == (None, None, None, None):
        raise FormatError(
            "请说明找什么", "say what is wanted",
            fix_zh="可用 --case、--licence、--from、--until",
            fix_en="There are --case, --licence, --from, --until",
        )  # fmt: skip
    query = ReceiptQuery(
        window=window, case=case, licence=None if licence is None else _standard_id(licence),
        since=None if since is None else read_moment(since, "--from"),
        until=None if until is None else read_day_end(until, "--until"), limit=limit,
    )  # fmt: skip
    with terminal.workspace() as workspace:
        found = workspace.receipts.find(query)
    _tell(terminal, query, found)


def _standard_id(text: str) -> str:
    from ecert.model.identifiers import LicenceId

    # Receipts write the standard's check character, whatever stands on the licence.
    read = LicenceId.parse(text)
    return str(LicenceId.make(read.type_code, read.issuer, read.serial, read.version))


def _tell(terminal: Terminal, query: ReceiptQuery, found: Sequence[StoredReceipt]) -> None:
    plain = [_plain(one) for one in found]
    heads = (
        ("窗口", "号", "时间", "结果", "原因", "办件编号", "核验人") if terminal.language == "zh"
        else ("window", "number", "time", "outcome", "reason", "case", "clerk")
    )  # fmt: skip
    rows = [_row(terminal, one) for one in found]
    terminal.emit({"receipts": plain}, terminal.table(heads, rows) if rows else ())
    if len(found) == query.limit:
        terminal.note(
            "  可能还有更多，请缩小范围或加大 --limit",
            "  There may be more: narrow it down, or raise --limit",
        )


def _plain(one: StoredReceipt) -> dict[str, Any]:
    try:
        return receipt_facts(one.token) | {"token": one.token}
    except ParseError:
        # What it is found by; what is wrong with it, the check of the chain says.
        found = {"window": one.window, "number": one.number, "case": one.case}
        return found | {"damaged": True, "token": one.token}


def _row(terminal: Terminal, one: StoredReceipt) -> tuple[str, ...]:
    try:
        said = one.open().receipt
    except ParseError:
        damaged = terminal.words("× 回执损坏", "× damaged")
        return (one.window, str(one.number), terminal.moment(one.at), damaged, "-", "-", "-")
    return (
        said.window, str(said.number), terminal.moment(said.at),
        terminal.words(said.outcome.zh, said.outcome.en), said.reason.number, said.case or "-",
        said.clerk or "-",
    )  # fmt: skip


def show(terminal: Terminal, number: Number, window: OfWindow = None) -> None:
    """Show one receipt, its signature proven."""
    with terminal.workspace() as workspace:
        stored = workspace.receipts.require(number, window)
        said = workspace.receipts.prove(stored.open())
    terminal.emit(_plain(stored), _lines(terminal, said))


def _lines(terminal: Terminal, said: Receipt) -> list[str]:
    words = terminal.words
    rows = [
        (words("回执", "Receipt"), f"{said.window} {said.number}"),
        (words("核验时间", "Checked at"), terminal.moment(said.at)),
        (words("核验人", "Clerk"), said.clerk or "-"),
        (words("事项", "Matter"), said.matter or "-"),
        (words("办件编号", "Case"), said.case or "-"),
        (words("结果", "Outcome"), words(said.outcome.zh, said.outcome.en)),
    ]
    if said.demo:
        rows.append(
            (words("注意", "Note"), words("演示密钥，不得作为办理依据", "demonstration keys"))
        )
    for part in said.parts:
        reasons = [words(one.zh, one.en) + f"（{one.number}）" for one in part.reasons]
        rows.append((words("证照标识", "Licence id"), part.licence or "-"))
        rows.append((words("原因", "Reasons"), "；".join(reasons) or "-"))
    rows += [
        (words("所用名单", "List"), f"{one.name} v{one.version} sha256:{one.digest}")
        for one in said.lists
    ]
    rows.append((words("出示内容摘要", "Hash of what was shown"), said.presentation or "-"))
    rows.append((words("软件", "Software"), said.software))
    return [f"{name}：{value}" if terminal.language == "zh" else f"{name}: {value}"
            for name, value in rows]  # fmt: skip


def export(terminal: Terminal, output: ToFile, window: OfWindow = None) -> None:
    """Write the chain of one window into a file; it holds no field of a licence."""
    from ecert.sheets.atomic import atomic_file
    from ecert.workspace.receipts_file import write_receipts

    with (
        terminal.workspace() as workspace,
        terminal.busy("正在导出……", "Exporting …"),
        workspace.receipts.store.view() as view,
        atomic_file(output) as file,
    ):
        name = window or workspace.receipts.window
        count = write_receipts(view, name, file)
    terminal.emit(
        {"file": str(output), "window": name, "receipts": count},
        [terminal.words(f"√ 已导出 {count} 份回执到 {output}",
                        f"√ Exported {count} receipts into {output}")],
    )  # fmt: skip


def head(terminal: Terminal) -> None:
    """Show where each window's chain ends."""
    with terminal.workspace() as workspace:
        heads = workspace.receipts.heads()
    if not heads:
        terminal.emit({"heads": []}, [terminal.words("还没有回执", "No receipt yet")])
        return
    terminal.emit(
        {"heads": [one._asdict() for one in heads]},
        terminal.table(
            ("窗口", "份数", "链头") if terminal.language == "zh"
            else ("window", "receipts", "head"),
            [(one.window, str(one.number), one.digest) for one in heads],
        ),
    )  # fmt: skip
