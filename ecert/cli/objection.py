"""``ecert objection``: someone finds a licence wrong (异议), and the office decides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli.arguments import LicenceName, RequestId
from ecert.cli.command import DryRun, command, group
from ecert.cli.grounds import Actor, Document, Why, demand, ordered, rehearsing
from ecert.cli.issuer import Fields, NoEnd
from ecert.cli.lifecycle import tell_to_publish
from ecert.cli.renewal import From, NewNumber, Until, read_changes
from ecert.cli.terminal import Terminal, write_whole
from ecert.cli.words import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.issuers.records import Objection
    from ecert.model.licence import Licence
    from ecert.workspace import Workspace

About = Annotated[
    list[str],
    typer.Option(
        "--field", "-f", metavar="NAME",
        help=told("所指的信息，可重复", "What is found wrong; may be repeated"),
    ),
]  # fmt: skip
RaisedBy = Annotated[str, typer.Option("--by", help=told("异议人", "Who raises it"))]
Statement = Annotated[
    str,
    typer.Option(
        "--statement", help=told("异议内容：何处有误、应为什么", "What is wrong, and what is right")
    ),
]
Evidence = Annotated[str, typer.Option("--evidence", help=told("依据的材料", "What it rests on"))]
ObjectionName = Annotated[
    str,
    typer.Argument(metavar="OBJECTION", help=told("异议编号", "The objection's number")),
]
OfLicence = Annotated[
    str | None,
    typer.Argument(
        metavar="[LICENCE]",
        help=told("只列这份证照的异议", "Only those to this licence"),
    ),
]
Decided = Annotated[
    bool, typer.Option("--all", help=told("也列已处理的", "Also those that were decided"))
]

AlsoSent = Annotated[
    bool, typer.Option("--all", help=told("也含已写出的", "Also those that were written out"))
]
ExportFile = Annotated[
    Path, typer.Argument(metavar="FILE", help=told("写到哪里", "Where to write"))
]


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    objections = group(app, "objection", zh="异议：提出、处理", en="Objections: raise, decide")
    for name, zh, en, run in (
        ("raise", "登记一件异议", "Record an objection", raise_objection),
        ("list", "列出异议", "List objections", list_objections),
        ("show", "查看一件异议", "Look at one objection", show),
        ("uphold", "成立：更正证照", "Uphold it: the licence is corrected (更正)", uphold),
        ("dismiss", "驳回", "Dismiss it", dismiss),
        (
            "kept",
            "列出窗口收下、待转其他颁发机构的异议",
            "List what windows took for other offices",
            kept,
        ),
        (
            "export",
            "写出待转颁发机构的异议（JSON，含个人信息）",
            "Write out what is to be sent to issuing offices (JSON, personal data)",
            export,
        ),
    ):
        command(objections, name, zh=zh, en=en)(run)


def raise_objection(
    terminal: Terminal,
    licence: LicenceName,
    field: About,
    by: RaisedBy,
    statement: Statement,
    evidence: Evidence = "",
    request_id: RequestId = None,
    dry_run: DryRun = False,
) -> None:
    """Record an objection."""
    with terminal.workspace() as workspace:
        found = workspace.licences.find(licence)
        issuer = rehearsing(workspace, found) if dry_run else workspace.issuer
        objection = issuer.objections.raise_objection(
            found.id, field, raised_by=by, statement=statement, evidence=evidence,
            request_id=request_id,
        )  # fmt: skip
    plain = {"objection": _plain(objection), "dry_run": dry_run}
    what = f"{found.type_name}（***{found.holder.last_four}）"
    terminal.emit(plain, [terminal.words(
        f"可以登记异议：{what}" if dry_run else f"√ 已登记异议 {objection.id}：{what}",
        f"Would record an objection: {what}" if dry_run
        else f"√ Recorded the objection {objection.id}: {what}",
    )])  # fmt: skip


def list_objections(
    terminal: Terminal, licence: OfLicence = None, decided: Decided = False
) -> None:
    """List objections, oldest first; those that are open unless asked otherwise."""
    with terminal.workspace() as workspace:
        found = None if licence is None else str(workspace.licences.find(licence).id)
        with workspace.register.view() as view:
            listed = list(view.objections(found, only_open=not decided))
    heads = (
        ("编号", "状态", "提出时间", "所指", "证照标识") if terminal.language == "zh"
        else ("id", "state", "raised", "about", "licence id")
    )  # fmt: skip
    rows = [
        (
            one.id, terminal.words(one.state.zh, one.state.value),
            terminal.moment(one.raised_at), "、".join(one.fields), one.licence_id,
        )
        for one in listed
    ]  # fmt: skip
    terminal.emit(
        {"objections": [_plain(one) for one in listed]}, terminal.table(heads, rows) if rows else ()
    )
    if not rows:
        terminal.note("  没有异议", "  No objection")


def show(terminal: Terminal, objection: ObjectionName) -> None:
    """Look at one objection."""
    with terminal.workspace() as workspace, workspace.register.view() as view:
        found = view.objection(objection)
    terminal.emit({"objection": _plain(found)}, _lines(terminal, found))


def uphold(
    terminal: Terminal,
    objection: ObjectionName,
    field: Fields = None,
    number: NewNumber = None,
    valid_from: From = None,
    until: Until = None,
    no_end: NoEnd = False,
    reason: Why = "",
    document: Document = "",
    actor: Actor = None,
    dry_run: DryRun = False,
) -> None:
    """Uphold an objection: a corrected version is issued."""
    from ecert.issuers.lifecycle import Move

    order = ordered(reason, document, actor)
    demand(Move.CORRECT, order)
    changes = read_changes(field, number, valid_from, until, no_end=no_end)
    with terminal.workspace() as workspace:
        old, found = _with_licence(workspace, objection)
        issuer = rehearsing(workspace, old, found) if dry_run else workspace.issuer
        new = issuer.objections.uphold(objection, changes, **order)
    plain = {"objection": objection, "licence": str(old.id), "new": new.to_dict(),
             "dry_run": dry_run}  # fmt: skip
    terminal.emit(plain, [terminal.words(
        f"{'可以更正' if dry_run else '√ 异议成立，已更正'}：{new.type_name}"
        f"（***{new.holder.last_four}），证照标识 {new.id}",
        f"{'Would correct' if dry_run else '√ Upheld and corrected:'} {new.type_name} "
        f"(***{new.holder.last_four}), licence id {new.id}",
    )])  # fmt: skip
    if not dry_run:
        tell_to_publish(terminal)


def dismiss(
    terminal: Terminal,
    objection: ObjectionName,
    reason: Why = "",
    document: Document = "",
    actor: Actor = None,
    dry_run: DryRun = False,
) -> None:
    """Dismiss an objection, with the reason."""
    from ecert.issuers.lifecycle import Move

    order = ordered(reason, document, actor)
    demand(Move.DISMISS, order)
    with terminal.workspace() as workspace:
        licence, found = _with_licence(workspace, objection)
        issuer = rehearsing(workspace, licence, found) if dry_run else workspace.issuer
        decided = issuer.objections.dismiss(objection, **order)
    terminal.emit({"objection": _plain(decided), "dry_run": dry_run}, [terminal.words(
        f"{'可以' if dry_run else '√ 已'}驳回异议 {objection}",
        f"{'Would dismiss' if dry_run else '√ Dismissed'} the objection {objection}",
    )])  # fmt: skip


def kept(terminal: Terminal, decided: AlsoSent = False) -> None:
    """List what windows took for other offices, oldest first."""
    from ecert.workspace.objections import ObjectionDesk

    with terminal.workspace() as workspace:
        listed = ObjectionDesk(workspace).kept(only_new=not decided)
    heads = (
        ("编号", "收下时间", "窗口", "所指", "证照标识") if terminal.language == "zh"
        else ("id", "taken", "window", "about", "licence id")
    )  # fmt: skip
    rows = [
        (one.id, terminal.moment(one.raised_at), one.window, "、".join(one.fields), one.licence_id)
        for one in listed
    ]
    terminal.emit(
        {"objections": [one.to_dict() for one in listed]},
        terminal.table(heads, rows) if rows else (),
    )
    if not rows:
        terminal.note("  没有异议", "  No objection")


def export(terminal: Terminal, file: ExportFile, again: AlsoSent = False) -> None:
    """Write out what is to be sent to issuing offices."""
    import json

    from ecert.clock import system_clock
    from ecert.workspace.objections import ObjectionDesk

    with terminal.workspace() as workspace:
        desk = ObjectionDesk(workspace)
        listed = desk.kept(only_new=not again)
        plain = desk.export(listed)
        # Noted only once it is written: what is sent twice does less harm than what is lost.
        write_whole(file, json.dumps(plain, ensure_ascii=False, indent=1).encode())
        desk.mark_exported(listed, at=system_clock())
    terminal.emit(
        {"file": str(file), "objections": len(listed)},
        [terminal.words(f"√ 已写出 {len(listed)} 件", f"√ Wrote {len(listed)}")],
    )


def _with_licence(workspace: Workspace, objection_id: str) -> tuple[Licence, Objection]:
    with workspace.register.view() as view:
        objection = view.objection(objection_id)
        return view.licence(objection.licence_id), objection


def _plain(one: Objection) -> dict[str, Any]:
    return {
        "id": one.id, "licence": one.licence_id, "fields": list(one.fields),
        "state": one.state.value, "raised_by": one.raised_by,
        "raised_at": one.raised_at.isoformat(), "statement": one.statement,
        "evidence": one.evidence, "decided_by": one.decided_by,
        "decided_at": None if one.decided_at is None else one.decided_at.isoformat(),
        "decision": one.decision, "correction": one.correction,
    }  # fmt: skip


def _lines(terminal: Terminal, one: Objection) -> Iterator[str]:
    words = terminal.words
    yield words(f"异议 {one.id}：{one.state.zh}", f"Objection {one.id}: {one.state}")
    decided = "" if one.decided_at is None else terminal.moment(one.decided_at)
    for zh, en, value in (
        ("证照标识", "Licence id", one.licence_id),
        ("所指", "About", "、".join(one.fields)),
        ("异议人", "Raised by", one.raised_by),
        ("提出时间", "Raised at", terminal.moment(one.raised_at)),
        ("内容", "Statement", one.statement),
        ("依据", "Evidence", one.evidence),
        ("处理人", "Decided by", one.decided_by),
        ("处理时间", "Decided at", decided),
        ("处理理由", "Decision", one.decision),
        ("更正后的证照", "Correction", one.correction),
    ):
        if value:
            yield words(f"  {zh}：{value}", f"  {en}: {value}")
