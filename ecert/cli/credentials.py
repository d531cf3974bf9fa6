"""``withdraw-credential`` and ``purpose-copy``: single credentials (签发件) of a licence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecert.cli.arguments import LicenceName, RequestId, read_day
from ecert.cli.command import DryRun, command
from ecert.cli.grounds import Actor, Document, Why, demand, ordered
from ecert.cli.lifecycle import tell_to_publish
from ecert.cli.terminal import Terminal, require_place, write_whole
from ecert.cli.words import told

if TYPE_CHECKING:
    from ecert.issuers.purpose import Purpose
    from ecert.model.licence import Licence

CredentialName = Annotated[
    str,
    typer.Argument(
        metavar="CREDENTIAL",
        help=told(
            "签发件编号，如 1-70231（ecert licence credentials）",
            "The credential, such as 1-70231 (ecert licence credentials)",
        ),
    ),
]
PurposeText = Annotated[
    str, typer.Option("--purpose", help=told("加注件制作事由：作何用途", "What the copy is for"))
]
Maker = Annotated[str, typer.Option("--maker", help=told("加注件制作者", "Who makes the copy"))]
LastDay = Annotated[
    str,
    typer.Option(
        "--until", metavar="DATE",
        help=told("加注件有效期截止日期（含当日）", "The copy's last day, inclusive"),
    ),
]  # fmt: skip
CopyFile = Annotated[
    Path,
    typer.Option("--output", "-o", metavar="FILE", help=told("写入此文件", "Into this file")),
]


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    command(
        app, "withdraw-credential", zh="收回一份签发件（如手机遗失），证照不受影响",
        en="Cut off one credential (a lost phone); the licence is not touched",
    )(withdraw_credential)  # fmt: skip
    command(
        app, "purpose-copy", zh="制作加注件：限用途、限时间的证照文件",
        en="Make a purpose copy (加注件): a file for one purpose and a short time",
    )(purpose_copy)  # fmt: skip


def withdraw_credential(
    terminal: Terminal,
    credential: CredentialName,
    reason: Why = "",
    document: Document = "",
    actor: Actor = None,
    request_id: RequestId = None,
    dry_run: DryRun = False,
) -> None:
    """Cut off one credential."""
    from ecert.clock import system_clock
    from ecert.issuers.lifecycle import Move, allowed
    from ecert.model.calendar import office_day

    order = ordered(reason, document, actor, request_id)
    demand(Move.WITHDRAW_CREDENTIAL, order)
    with terminal.workspace() as workspace:
        issuer = workspace.issuer  # a window has none
        with workspace.register.view() as view:
            record = view.credential(credential)
            licence = view.licence(record.licence_id)
        if dry_run:
            allowed(licence.standing(office_day(system_clock())), Move.WITHDRAW_CREDENTIAL)
        else:
            issuer.withdraw_credential(credential, **order)
    plain = {
        "credential": credential, "kind": record.kind.value, "licence": record.licence_id,
        "dry_run": dry_run,
    }  # fmt: skip
    what = f"{licence.type_name}（***{licence.holder.last_four}）"
    terminal.emit(plain, [terminal.words(
        f"{'可以' if dry_run else '√ 已'}收回{record.kind.zh} {credential}：{what}",
        f"{'Would cut' if dry_run else '√ Cut'} off the {record.kind} credential {credential}: "
        f"{what}",
    )])  # fmt: skip
    if not dry_run:
        tell_to_publish(terminal)


def purpose_copy(
    terminal: Terminal,
    licence: LicenceName,
    purpose: PurposeText,
    maker: Maker,
    until: LastDay,
    output: CopyFile,
    request_id: RequestId = None,
    dry_run: DryRun = False,
) -> None:
    """Make a purpose copy."""
    from ecert.clock import system_clock
    from ecert.issuers.credentials import require_in_force
    from ecert.issuers.purpose import Purpose

    require_place(output)
    meant = Purpose(purpose, maker, read_day(until, "--until"))
    with terminal.workspace() as workspace:
        issuer = workspace.issuer  # a window has none
        found = workspace.licences.find(licence)
        if dry_run:
            require_in_force(found, system_clock())
            meant.require_fits(found, system_clock())
        else:
            copy = issuer.purpose_copy(found.id, meant, request_id=request_id)
            write_whole(output, copy.encode("ascii"))
    _tell_copied(terminal, found, meant, output, dry_run=dry_run)


def _tell_copied(
    terminal: Terminal, licence: Licence, purpose: Purpose, output: Path, *, dry_run: bool
) -> None:
    until = purpose.valid_until.isoformat()
    plain = {
        "licence": str(licence.id), "file": str(output), "purpose": purpose.text,
        "maker": purpose.maker, "until": until, "dry_run": dry_run,
    }  # fmt: skip
    what = f"{licence.type_name}（***{licence.holder.last_four}）"
    terminal.emit(plain, [terminal.words(
        f"{'可以制作' if dry_run else '√ 已制作'}加注件 {output}：{what}，"
        f"用于“{purpose.text}”，至 {until}",
        f"{'Would make' if dry_run else '√ Made'} the purpose copy {output}: {what}, "
        f"for “{purpose.text}”, until {until}",
    )])  # fmt: skip
