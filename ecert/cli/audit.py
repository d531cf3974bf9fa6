"""``ecert audit``: the trail of all changes, and the register against it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli import failures
from ecert.cli.command import command, group
from ecert.cli.finding import Limit
from ecert.cli.licence import event_dict
from ecert.cli.terminal import Terminal
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ecert.issuers.archive import Archive
    from ecert.issuers.audit import AuditEntry
    from ecert.issuers.audit_check import AuditReport
    from ecert.issuers.records import LicenceEvent, OfficeEvent
    from ecert.workspace import Workspace

Noted = Annotated[
    str | None,
    typer.Option(
        "--noted", metavar="HASH",
        help=told("以前记下的链头，须仍在链中",
                  "A head noted down before; the trail must contain it"),
    ),
]  # fmt: skip
AfterEntry = Annotated[
    int,
    typer.Option(
        "--after", metavar="ENTRY", min=0,
        help=told("从此号之后开始", "Go on after this entry"),
    ),
]  # fmt: skip
_HASH_CHARS = 64


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    audit = group(app, "audit", zh="审计：核对、链头、记录", en="The audit trail: check, head, log")
    command(
        audit, "verify", zh="核对审计链，并用它核对证照库",
        en="Check the trail, and the register against it",
    )(verify)  # fmt: skip
    command(audit, "head", zh="显示链头，请另行抄存", en="Show the head: note it down elsewhere")(
        head
    )
    command(audit, "log", zh="列出审计记录", en="List the entries")(log)


def _archive(workspace: Workspace) -> Archive:
    """Return the records of the workspace; a window has them too, of the lists it took in."""
    from ecert.clock import system_clock
    from ecert.issuers.archive import Archive

    return Archive(workspace.register, system_clock)


def verify(terminal: Terminal, noted: Noted = None) -> None:
    """Check the trail, and the register against it; ends with 1 if anything is wrong."""
    if noted is not None:
        noted = noted.strip().lower()
        if len(noted) != _HASH_CHARS or set(noted) - set("0123456789abcdef"):
            raise FormatError(
                "应为64位十六进制数", "64 hexadecimal digits are needed", where="--noted",
                fix_zh="请核对抄存的链头（ecert audit head 所示）",
                fix_en="Compare with what ecert audit head told",
            )  # fmt: skip
    with (
        terminal.workspace() as workspace,
        terminal.busy("正在核对……", "Checking …"),
    ):
        report = _archive(workspace).check_audit(noted=noted)
    terminal.emit(_plain_report(report), _report_lines(terminal, report))
    if not report.clean:
        raise typer.Exit(failures.REFUSED)


def _plain_report(report: AuditReport) -> dict[str, Any]:
    return {
        "clean": report.clean, "entries": report.entries, "events": report.events,
        "licences": report.licences, "head": report.head,
        "findings": [
            {"fault": one.fault.value, "where": one.where, "zh": one.fault.zh, "en": one.fault.en}
            for one in report.findings
        ],
        "more": report.more,
    }  # fmt: skip


def _report_lines(terminal: Terminal, report: AuditReport) -> Iterator[str]:
    words = terminal.words
    counts_zh = f"{report.entries} 条记录、{report.events} 次办理、{report.licences} 份证照"
    counts_en = f"{report.entries} entries, {report.events} events, {report.licences} licences"
    if report.clean:
        yield words(f"√ 核对一致：{counts_zh}", f"√ In order: {counts_en}")
    else:
        yield words(f"× 核对不一致：{counts_zh}", f"× Not in order: {counts_en}")
    for one in report.findings:
        yield words(f"  {one.fault.zh}：{one.where}", f"  {one.fault.en}: {one.where}")
    if report.more:
        yield words(f"  另有 {report.more} 处", f"  and {report.more} more")
    yield words(f"  链头 {report.head}", f"  Head {report.head}")


def head(terminal: Terminal) -> None:
    """Show the last entry."""
    with terminal.workspace() as workspace:
        found = _archive(workspace).audit_head()
    if found is None:
        terminal.emit({"head": None}, [terminal.words("还没有记录", "No entry yet")])
        return
    terminal.emit({"head": _entry(found)}, [found.hash, terminal.words(
        f"  第 {found.number} 条，{terminal.moment(found.at)}",
        f"  Entry {found.number}, {terminal.moment(found.at)}",
    )])  # fmt: skip


def log(terminal: Terminal, after: AfterEntry = 0, limit: Limit = 100) -> None:
    """List entries with their events, oldest first."""
    with terminal.workspace() as workspace, workspace.register.view() as view:
        lines = list(islice(view.audit_trail(after=after), limit + 1))
    told_lines, more = lines[:limit], len(lines) > limit
    next_after = told_lines[-1][0].number if more else None
    plain = {
        "entries": [
            _entry(entry)
            | {"licence_events": [event_dict(one) for one in events]}
            | {"office_events": [_act(one) for one in acts]}
            for entry, events, acts in told_lines
        ],
        "next_after": next_after,
    }
    heads = (
        ("号", "时间", "办理", "对象", "经办人", "哈希") if terminal.language == "zh"
        else ("entry", "time", "act", "about", "actor", "hash")
    )  # fmt: skip
    rows = [row for line in told_lines for row in _log_rows(terminal, *line)]
    terminal.emit(plain, terminal.table(heads, rows) if rows else ())
    if next_after is not None:
        terminal.note(f"  还有更多，请加 --after {next_after}", f"  More: --after {next_after}")


def _log_rows(
    terminal: Terminal,
    entry: AuditEntry,
    events: Sequence[LicenceEvent],
    acts: Sequence[OfficeEvent],
) -> Iterator[tuple[str, ...]]:
    begin = (str(entry.number), terminal.moment(entry.at))
    for event in events:
        word = terminal.words(event.move.zh, event.move.value)
        yield (*begin, word, event.licence_id, event.actor, entry.hash[:16])
    for act in acts:
        yield (*begin, act.act, f"{act.subject} {act.detail}".strip(), act.actor, entry.hash[:16])


def _entry(entry: AuditEntry) -> dict[str, Any]:
    return {
        "number": entry.number, "at": entry.at.isoformat(), "events": entry.events,
        "digest": entry.digest, "previous": entry.previous, "hash": entry.hash,
    }  # fmt: skip


def _act(act: OfficeEvent) -> dict[str, Any]:
    return {
        "act": act.act, "subject": act.subject, "at": act.at.isoformat(), "actor": act.actor,
        "detail": act.detail,
    }  # fmt: skip
