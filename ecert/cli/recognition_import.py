"""``ecert recognition import`` and ``accept``: what a list changes, and whose word brings it in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert import limits
from ecert.cli.arguments import require_file
from ecert.cli.bulk_options import actor_of
from ecert.cli.command import DryRun, Yes, command
from ecert.cli.recognition_words import notice_lines, planned_lines
from ecert.cli.terminal import Terminal, read_bounded
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from ecert.verify.knowledge import Acceptance
    from ecert.workspace import Workspace
    from ecert.workspace.proposals import Proposal, Proposals

ListFile = Annotated[
    str,
    typer.Argument(
        metavar="FILE|SAMPLE",
        help=told(
            "互认清单或撤回通知文件，或样例名（如 川渝互认清单）",
            "A recognition list or withdrawal notice, or a sample's name such as 川渝互认清单",
        ),
    ),
]
By = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="NAME",
        help=told("经办人，默认为系统用户名", "Who does it; the system's user by default"),
    ),
]
Digest = Annotated[
    str | None,
    typer.Argument(
        metavar="DIGEST",
        help=told(
            "摘要或其开头；不写则列出待确认的", "The digest or its beginning; all if left out"
        ),
    ),
]
Reject = Annotated[
    bool, typer.Option("--reject", help=told("不启用，退回", "Do not bring it in: drop it"))
]


def declare(lists: typer.Typer) -> None:
    """Add the commands to the group ``lists``."""
    command(lists, "import", zh="导入互认清单或撤回通知", en="Import a list or a notice")(
        import_list
    )
    command(
        lists, "accept", zh="第二人确认变化大的名单", en="Confirm a large change as the second"
    )(accept)


def import_list(
    terminal: Terminal, source: ListFile, by: By = "", dry_run: DryRun = False, yes: Yes = False
) -> None:
    """Show what a recognition list changes, and bring it into force; or hold a large change."""
    data = _list_bytes(source)
    with terminal.workspace() as workspace:
        proposals = _proposals(workspace)
        (proposed,), for_two = proposals.examine(data)
        lines = _lines(terminal, workspace, proposed, data, source)
        held: Proposal | None = None
        if not dry_run:
            if not yes:
                terminal.note("\n".join(lines), "\n".join(lines))
            question = ("须由第二人确认。提出？", "Hold it for a second person?")
            terminal.confirm(
                *(question if for_two else ("按以上变化启用？", "Bring this into force?")), yes=yes
            )
            if for_two:
                held = proposals.hold(data, actor_of(by))
            else:
                workspace.knowledge.accept(data)
    plain = _plain(proposed) | {"dry_run": dry_run, "needs_second_person": for_two}
    plain |= {} if held is None else held.to_dict()
    shown = lines if dry_run or yes else []
    terminal.emit(plain, [*shown, _outcome(terminal, proposed, dry_run, for_two)])
    if held is not None:
        tell_held(terminal, held)
    _warn_sample(terminal, proposed)


def tell_held(terminal: Terminal, held: Proposal) -> None:
    """Say what the second person has to do."""
    begin, who = held.digest[:16], "、".join(held.proposed_by)
    terminal.note(
        f"  提出人：{who}。请另一人核对后：ecert recognition accept {begin} --by 姓名",
        f"  Proposed by {who}. Then another person: ecert recognition accept {begin} --by NAME",
    )


def accept(
    terminal: Terminal,
    digest: Digest = None,
    by: By = "",
    reject: Reject = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Confirm what somebody else has proposed; without a digest, list what waits."""
    with terminal.workspace() as workspace:
        proposals = _proposals(workspace)
        if digest is None:
            _list_waiting(terminal, proposals)
            return
        waiting, who = proposals.get(digest), actor_of(by)
        if reject:
            terminal.confirm("退回这份清单？", "Drop it?", yes=yes)
            plain = waiting.to_dict() | {"rejected_by": who, "dry_run": dry_run}
            if not dry_run:
                proposals.reject(waiting.digest, who)
            terminal.emit(plain, [terminal.words("√ 已退回", "√ Dropped")])
            return
        proposed, _ = proposals.examine(waiting.data)
        lines = [line for one in proposed for line in _change_lines(terminal, workspace, one)]
        if len(proposed) == 1 and _is_notice(proposed[0]):
            lines = _lines(terminal, workspace, proposed[0], waiting.data, digest)
        terminal.note("\n".join(lines), "\n".join(lines))
        if not dry_run:
            terminal.confirm("按以上变化启用？", "Bring this into force?", yes=yes)
            # What was shown: under a beginning something else may lie by now.
            proposals.accept(waiting.digest, who)
    brought = _plain(proposed[0]) if len(proposed) == 1 else {
        "documents": [_plain(one) for one in proposed]
    }  # fmt: skip
    plain = brought | waiting.to_dict() | {"accepted_by": who, "dry_run": dry_run}
    names = "、".join(waiting.proposed_by)
    two = terminal.words(
        f"  {names} 提出，{who} 确认", f"  Proposed by {names}, confirmed by {who}"
    )
    done = [_outcome(terminal, one, dry_run, for_two=False) for one in proposed]
    terminal.emit(plain, [*done, two])
    for one in proposed:
        _warn_sample(terminal, one)


def _proposals(workspace: Workspace) -> Proposals:
    from ecert.clock import system_clock
    from ecert.workspace.proposals import Proposals

    return Proposals(workspace, system_clock)


def _list_waiting(terminal: Terminal, proposals: Proposals) -> None:
    found = proposals.waiting()
    rows = [
        (one.digest[:16], "、".join(one.proposed_by), terminal.moment(one.proposed_at))
        for one in found
    ]
    heads = ("摘要", "提出人", "时间") if terminal.language == "zh" else ("digest", "by", "at")
    terminal.emit({"held": [one.to_dict() for one in found]}, terminal.table(heads, rows))
    if not found:
        terminal.note("  没有待第二人确认的清单", "  Nothing waits for a second person")


def _list_bytes(source: str) -> bytes:
    from ecert.demo import fixture

    path = Path(source)
    if path.is_file():
        return read_bounded(path, limits.MAX_ENVELOPE_BYTES)
    if path.suffix or "/" in source:
        require_file(path)
    return fixture(source)


# -- what it would change -----------------------------------------------------------------------


def _lines(
    terminal: Terminal, workspace: Workspace, proposed: Acceptance, data: bytes, source: str
) -> list[str]:
    if proposed.change is not None:
        return _change_lines(terminal, workspace, proposed)
    from ecert.interop.signing import read_paper
    from ecert.interop.withdrawal import WithdrawalNotice

    if not _is_notice(proposed):
        raise FormatError(
            "这不是互认清单", "this is not a recognition list", where=source,
            fix_zh="可信名单等请用 ecert trust add", fix_en="For others: ecert trust add",
        )  # fmt: skip
    notice = read_paper(data).document
    return notice_lines(terminal, notice) if isinstance(notice, WithdrawalNotice) else []


def _change_lines(terminal: Terminal, workspace: Workspace, proposed: Acceptance) -> list[str]:
    if proposed.change is None:
        return [f"{proposed.slot} {proposed.version}"]
    return [
        *proposed.change.lines(terminal.language, workspace.catalogue),
        *planned_lines(terminal, proposed.change),
    ]


def _plain(proposed: Acceptance) -> dict[str, Any]:
    if proposed.change is None:
        return {"kind": proposed.kind, "slot": proposed.slot, "to_version": proposed.version,
                "digest": proposed.digest}  # fmt: skip
    change = proposed.change
    dates = [
        {
            "id": entry.id,
            "valid_from": entry.valid_from.isoformat(),
            "valid_until": None if entry.valid_until is None else entry.valid_until.isoformat(),
            "withdrawn_on": None if entry.withdrawn is None else entry.withdrawn.on.isoformat(),
        }
        for entry in [*change.added, *(pair.new for pair in change.changed)]
    ]
    return change.to_dict() | {
        "digest": proposed.digest, "dates": dates, "sample": change.incoming.sample,
    }  # fmt: skip


def _outcome(terminal: Terminal, proposed: Acceptance, dry_run: bool, for_two: bool) -> str:
    if proposed.change is None:
        what = ("撤回通知", "withdrawal notice") if _is_notice(proposed) else (proposed.slot,) * 2
        zh = f"{what[0]} 第 {proposed.version} 版"
        en = f"{what[1]}, version {proposed.version}"
    else:
        incoming = proposed.change.incoming
        zh = f"{incoming.title} 第 {proposed.version} 版"
        en = f"{incoming.title}, version {proposed.version}"
    if for_two:
        done = ("待第二人确认", "Would be held" if dry_run else "Held")
        return terminal.words(f"{done[0]}：{zh}", f"{done[1]} for a second person: {en}")
    done = ("可以启用", "Would be") if dry_run else ("√ 已启用", "√ Now")
    return terminal.words(f"{done[0]}：{zh}", f"{done[1]} in force: {en}")


def _is_notice(proposed: Acceptance) -> bool:
    from ecert.interop.withdrawal import WithdrawalNotice

    return proposed.kind == WithdrawalNotice.TYP


def _warn_sample(terminal: Terminal, proposed: Acceptance) -> None:
    if proposed.change is not None and proposed.change.incoming.sample:
        terminal.note(
            "  这是样例，不得作为办理依据", "  This is a sample and no basis for business"
        )
