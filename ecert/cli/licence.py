"""``ecert licence``: look a licence up, and what happened to it.

On the screen a number is shown by its last four characters; ``--json`` tells it in full.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from ecert.cli.arguments import LicenceName
from ecert.cli.command import command, group
from ecert.cli.finding import find, last_day
from ecert.cli.terminal import Terminal
from ecert.model.codes import last_four

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.issuers.records import CredentialRecord, LicenceEvent, Objection
    from ecert.model.licence import Licence, LicenceState


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    licence = group(app, "licence", zh="证照库：查找、查看", en="The register: find, look up")
    command(licence, "find", zh="查找证照", en="Find licences")(find)
    command(licence, "show", zh="查看一份证照", en="Look at one licence")(show)
    command(licence, "events", zh="查看办理记录", en="What happened to a licence")(events)
    command(licence, "credentials", zh="查看签发件", en="The credentials of a licence")(credentials)


# -- one licence ------------------------------------------------------------------------------


def show(terminal: Terminal, licence: LicenceName) -> None:
    """Look at one licence."""
    from ecert.clock import system_clock
    from ecert.model.calendar import office_day

    with terminal.workspace() as workspace:
        found = workspace.licences.find(licence)
        row = workspace.licences.row_of(found)
        issued = workspace.issuer.credentials(found.id)
        objections = [one for one in workspace.issuer.objections.of(found.id) if one.is_open]
        standing = found.standing(office_day(system_clock()))
    plain = {
        "row": row,
        "standing": standing.value,
        "licence": found.to_dict(),
        "credentials": len(issued),
        "open_objections": [one.id for one in objections],
    }
    terminal.emit(plain, _licence_lines(terminal, found, row, standing, objections))


def _licence_lines(
    terminal: Terminal,
    one: Licence,
    row: int,
    standing: LicenceState,
    objections: list[Objection],
) -> Iterator[str]:
    words = terminal.words
    holders = "、".join(f"{held.masked_name}（***{held.last_four}）" for held in one.holders)
    yield words(
        f"第 {row} 份：{one.type_name}，{standing.zh}", f"Row {row}: {one.type_name}, {standing}"
    )
    for zh, en, value in (
        ("证照标识", "Licence id", str(one.id)),
        ("证照编号", "Number", f"***{last_four(one.number)}"),
        ("持证主体", "Holders", holders),
        ("颁发机构", "Issuer", one.issuer_name),
        ("颁发日期", "Issued on", one.issued_on.isoformat()),
        ("有效期", "Valid", f"{one.valid_from.isoformat()} – {last_day(terminal, one)}"),
        ("原证照", "Replaces", "" if one.predecessor is None else str(one.predecessor)),
    ):
        if value:
            yield words(f"  {zh}：{value}", f"  {en}: {value}")
    names = "、".join(one.fields)
    yield words(f"  照面信息（内容见 --json）：{names}", f"  Fields (values: --json): {names}")
    for objection in objections:
        about = "、".join(objection.fields)
        yield words(
            f"△ 有异议在处理中：{objection.id}，所指 {about}",
            f"△ Open objection: {objection.id}, about {about}",
        )


def events(terminal: Terminal, licence: LicenceName) -> None:
    """Tell what happened to a licence, oldest first."""
    with terminal.workspace() as workspace:
        found = workspace.licences.find(licence)
        told_events = workspace.issuer.events(found.id)
    heads = (
        ("时间", "办理", "理由", "文号", "经办人", "相关") if terminal.language == "zh"
        else ("time", "move", "reason", "document", "actor", "related")
    )  # fmt: skip
    rows = [
        (
            terminal.moment(one.at), terminal.words(one.move.zh, one.move.value),
            one.reason, one.document, one.actor, one.related,
        )
        for one in told_events
    ]  # fmt: skip
    plain = {"licence": str(found.id), "events": [event_dict(one) for one in told_events]}
    terminal.emit(plain, terminal.table(heads, rows))


def event_dict(event: LicenceEvent) -> dict[str, Any]:
    """Return an event as plain values for JSON."""
    return {
        "licence": event.licence_id, "move": event.move.value, "at": event.at.isoformat(),
        "reason": event.reason, "document": event.document, "actor": event.actor,
        "request_id": event.request_id, "related": event.related, "digest": event.digest,
    }  # fmt: skip


def credentials(terminal: Terminal, licence: LicenceName) -> None:
    """Tell the credentials of a licence, oldest first."""
    with terminal.workspace() as workspace:
        found = workspace.licences.find(licence)
        issued = workspace.issuer.credentials(found.id)
    heads = (
        ("编号", "种类", "状态值", "预留时间", "签发时间") if terminal.language == "zh"
        else ("id", "kind", "status", "reserved", "signed")
    )  # fmt: skip
    plain = {"licence": str(found.id), "credentials": [_credential(one) for one in issued]}
    rows = [
        (
            one.id, terminal.words(one.kind.zh, one.kind.value), str(one.status),
            terminal.moment(one.reserved_at),
            "-" if one.signed_at is None else terminal.moment(one.signed_at),
        )
        for one in issued
    ]  # fmt: skip
    terminal.emit(plain, terminal.table(heads, rows))


def _credential(one: CredentialRecord) -> dict[str, Any]:
    return {
        "id": one.id, "kind": one.kind.value, "status": one.status, "request_id": one.request_id,
        "reserved_at": one.reserved_at.isoformat(),
        "signed_at": None if one.signed_at is None else one.signed_at.isoformat(),
    }  # fmt: skip
