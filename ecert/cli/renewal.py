"""``ecert renew``: the next version of a licence, 换发, 变更, 延续, 补发 or 更正."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ecert.cli.arguments import LicenceName, RequestId, read_day, read_fields
from ecert.cli.command import DryRun, command
from ecert.cli.grounds import Actor, Document, Why, demand, ordered, rehearsing
from ecert.cli.issuer import Fields, NoEnd
from ecert.cli.lifecycle import tell_to_publish
from ecert.cli.portraits import PortraitFile, read_portrait
from ecert.cli.terminal import Terminal
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from ecert.issuers.granting import Changes
    from ecert.issuers.lifecycle import Move
    from ecert.model.holders import Holder
    from ecert.model.licence import Licence

Cause = Annotated[
    str,
    typer.Option(
        "--cause",
        metavar="renew|change|extend|reissue|correct",
        help=told(
            "换发 renew、变更 change、延续 extend、补发 reissue、更正 correct（中英文均可）",
            "renew 换发, change 变更, extend 延续, reissue 补发, correct 更正",
        ),
    ),
]
NewNumber = Annotated[
    str | None, typer.Option("--number", help=told("新的证照编号", "The new licence number"))
]
NewName = Annotated[
    str | None,
    typer.Option(
        "--holder",
        metavar="NAME",
        help=told(
            "持证主体改后的姓名或名称（仅一个持证主体的证照）",
            "The holder's new name, where there is one holder",
        ),
    ),
]
NewHolderNumber = Annotated[
    str | None,
    typer.Option("--holder-number", help=told("持证主体改后的代码", "The holder's new number")),
]
From = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="DATE",
        help=told("有效期起始日期，默认不变", "First day; unchanged by default"),
    ),
]  # fmt: skip
Until = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="DATE",
        help=told("有效期截止日期（含当日），默认不变",
                  "Last day, inclusive; unchanged by default"),
    ),
]  # fmt: skip
IssuedOn = Annotated[
    str | None,
    typer.Option(
        "--issued-on",
        metavar="DATE",
        help=told("颁发日期，默认今天", "Day of issue; today by default"),
    ),
]


def declare(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    command(
        app, "renew", zh="换发、变更、延续、补发、更正：颁发下一版本",
        en="Issue the next version (换发, 变更, 延续, 补发, 更正)",
    )(renew)  # fmt: skip


def renew(
    terminal: Terminal,
    licence: LicenceName,
    cause: Cause,
    field: Fields = None,
    number: NewNumber = None,
    holder: NewName = None,
    holder_number: NewHolderNumber = None,
    valid_from: From = None,
    until: Until = None,
    no_end: NoEnd = False,
    issued_on: IssuedOn = None,
    reason: Why = "",
    document: Document = "",
    actor: Actor = None,
    request_id: RequestId = None,
    portrait: PortraitFile = None,
    dry_run: DryRun = False,
) -> None:
    """Issue the next version of a licence; the one before is superseded."""
    move = _move(cause)
    order = ordered(reason, document, actor, request_id)
    demand(move, order)
    changes = read_changes(field, number, valid_from, until, no_end=no_end, issued_on=issued_on)
    if portrait is not None:
        changes["portrait"] = read_portrait(portrait)
    with terminal.workspace() as workspace:
        old = workspace.licences.find(licence)
        if holder is not None or holder_number is not None:
            changes["holders"] = (_renamed(old, holder, holder_number),)
        issuer = rehearsing(workspace, old) if dry_run else workspace.issuer
        new = issuer.replace(old.id, move, changes, **order)
        row = None if dry_run else workspace.licences.row_of(new)
    _tell_renewed(terminal, move, old, new, row)


def read_changes(
    fields: list[str] | None,
    number: str | None,
    valid_from: str | None,
    until: str | None,
    *,
    no_end: bool,
    issued_on: str | None = None,
) -> Changes:
    """Return what is different on the new version; ``name=`` takes a field away.

    Raises:
        FormatError: An option is not written as it must be, or two contradict each other.
    """
    from ecert.issuers.granting import Changes

    if until is not None and no_end:
        raise FormatError(
            "两个选项矛盾", "these options contradict each other", where="--until, --no-end"
        )
    changes = Changes()
    if fields:
        changes["fields"] = {name: value or None for name, value in read_fields(fields).items()}
    if number is not None:
        changes["number"] = number
    if valid_from is not None:
        changes["valid_from"] = read_day(valid_from, "--from")
    if until is not None:
        changes["valid_until"] = read_day(until, "--until")
    if no_end:
        changes["valid_until"] = None
    if issued_on is not None:
        changes["issued_on"] = read_day(issued_on, "--issued-on")
    return changes


def _move(cause: str) -> Move:
    from ecert.issuers.lifecycle import REPLACEMENTS

    by_name = {name: one for one in REPLACEMENTS for name in (one.value, one.zh)}
    if cause not in by_name:
        raise FormatError(
            "没有这种事由", "there is no such cause", where="--cause",
            fix_zh="可用：" + "、".join(f"{one.zh} {one.value}" for one in REPLACEMENTS),
            fix_en="There are: " + ", ".join(one.value for one in REPLACEMENTS),
        )  # fmt: skip
    return by_name[cause]


def _renamed(old: Licence, name: str | None, number: str | None) -> Holder:
    from ecert.model.holders import Holder

    if len(old.holders) > 1:
        raise FormatError(
            "这份证照有几个持证主体，不能用此选项改",
            "this licence has several holders, which these options cannot change",
            where="--holder, --holder-number", fix_zh="请在业务系统中用 Issuer.replace 办理",
            fix_en="Use Issuer.replace",
        )  # fmt: skip
    one = old.holder
    return Holder(one.name if name is None else name, number or one.number, one.number_type)


def _tell_renewed(
    terminal: Terminal, move: Move, old: Licence, new: Licence, row: int | None
) -> None:
    dry_run = row is None
    plain = {
        "move": move.value,
        "licence": str(old.id),
        "row": row,
        "new": new.to_dict(),
        "dry_run": dry_run,
    }
    what = f"{old.type_name}（***{old.holder.last_four}）"
    version = f"{old.id.version:03d} → {new.id.version:03d}"
    done_zh = "可以" if dry_run else "√ 已"
    place_zh, place_en = ("", "") if dry_run else (f"，第 {row} 份", f", row {row}")
    terminal.emit(plain, [terminal.words(
        f"{done_zh}{move.zh}：{what}，版本 {version}{place_zh}，证照标识 {new.id}",
        f"{'Would' if dry_run else '√'} {move.value}: {what}, version {version}{place_en}, "
        f"licence id {new.id}",
    )])  # fmt: skip
    if not dry_run:
        terminal.note(
            "  原版本已失效；请把新版本送达持证人（ecert deliver）",
            "  The version before has ended; deliver the new one (ecert deliver)",
        )
        tell_to_publish(terminal)
