"""``ecert recognition withdraw``: the next version of a list, or at once by a notice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from ecert.cli.arguments import read_day
from ecert.cli.command import DryRun, Yes, command
from ecert.cli.recognition_signing import Key, signed_plain, tally_lines
from ecert.cli.recognition_words import notice_lines
from ecert.cli.terminal import Terminal, write_whole
from ecert.cli.words import told

if TYPE_CHECKING:
    from datetime import date

    from ecert.interop.withdrawal import WithdrawalNotice
    from ecert.workspace.signing import SigningDesk

ListName = Annotated[
    str, typer.Argument(metavar="LIST", help=told("现行清单的编号", "Id of a list in force"))
]
Entries = Annotated[
    list[str], typer.Argument(metavar="ENTRY...", help=told("条目编号，如 川-01", "Entries"))
]
Basis = Annotated[
    str, typer.Option("--basis", help=told("依据的文号", "Document number behind it"))
]
On = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="DAY",
        help=told("自哪天起不再认可，默认今天", "From this day on; today by default"),
    ),
]
Note = Annotated[str, typer.Option("--note", help=told("备注", "A remark"))]
Into = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE", help=told("写入文件", "Into this file"))
]
ByNotice = Annotated[
    bool,
    typer.Option(
        "--notice",
        help=told(
            "紧急：由本方单独签撤回通知，立即交各窗口",
            "An emergency: a notice signed by this office alone, for every window at once",
        ),
    ),
]


def declare(lists: typer.Typer) -> None:
    """Add the command to the group ``lists``."""
    command(lists, "withdraw", zh="撤回条目", en="Withdraw entries")(withdraw)


def withdraw(
    terminal: Terminal,
    name: ListName,
    entries: Entries,
    basis: Basis,
    output: Into,
    on: On = None,
    note: Note = "",
    notice: ByNotice = False,
    key: Key = None,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Write the next version of a list as a draft, or sign a withdrawal notice."""
    from ecert.clock import system_clock
    from ecert.workspace.signing import SigningDesk

    day = None if on is None else read_day(on, "--on")
    with terminal.workspace() as workspace:
        desk = SigningDesk(workspace, system_clock)
        if notice:
            made = desk.notice(name, entries, on=day, basis=basis, note=note)
            _sign_notice(terminal, desk, made, output, key, dry_run=dry_run, yes=yes)
        else:
            _write_draft(terminal, desk, name, entries, day, basis, note, output, dry_run=dry_run)


def _write_draft(
    terminal: Terminal,
    desk: SigningDesk,
    name: str,
    entries: list[str],
    day: date | None,
    basis: str,
    note: str,
    output: Path,
    *,
    dry_run: bool,
) -> None:
    draft = desk.next_version(name, entries, on=day, basis=basis, note=note)
    if not dry_run:
        plain = draft.model_dump(mode="json", exclude_none=True)
        write_whole(output, orjson.dumps(plain, option=orjson.OPT_INDENT_2) + b"\n")
    terminal.emit(
        {"file": str(output), "kind": draft.TYP, "version": draft.version,
         "previous": draft.previous, "withdrawn": list(entries), "dry_run": dry_run},
        [terminal.words(
            f"{'将写' if dry_run else '√ 已写'}草稿 {output}：第 {draft.version} 版",
            f"{'Would write' if dry_run else '√ Wrote'} draft {output}: version {draft.version}",
        )],
    )  # fmt: skip
    terminal.note(
        f"  须各方签名后才生效：ecert recognition sign {output}；紧急时加 --notice",
        f"  Every party must sign it: ecert recognition sign {output}; in an emergency: --notice",
    )


def _sign_notice(
    terminal: Terminal,
    desk: SigningDesk,
    made: WithdrawalNotice,
    output: Path,
    key: str | None,
    *,
    dry_run: bool,
    yes: bool,
) -> None:
    from ecert.interop.signing import Paper, read_paper

    paper = Paper(made, made.to_payload())
    desk.look(paper, str(output))
    lines = notice_lines(terminal, made)
    terminal.note("\n".join(lines), "\n".join(lines))
    signers = desk.signers(paper, key, terminal.passphrase)
    if not dry_run:
        terminal.confirm("签署撤回通知？", "Sign the withdrawal notice?", yes=yes)
        signed = paper.signed(signers)
        write_whole(output, signed)
        paper = read_paper(signed)
    done = desk.tally(paper)
    plain: dict[str, Any] = {
        "file": str(output), "kind": made.TYP, "version": made.version, "digest": paper.digest,
        "withdrawn": [line.entry for line in made.withdrawals], "dry_run": dry_run,
    }  # fmt: skip
    head = terminal.words(
        f"{'将签署' if dry_run else '√ 已签署'}撤回通知：{output}",
        f"{'Would sign' if dry_run else '√ Signed'} the withdrawal notice: {output}",
    )
    terminal.emit(plain | signed_plain(done), [head, *tally_lines(terminal, done)])
    if not dry_run and not all(one.complete for one in done):
        terminal.note(
            f"  还须签名：ecert recognition sign {output}",
            f"  More signatures are needed: ecert recognition sign {output}",
        )
    elif not dry_run:
        terminal.note(
            f"  请在各窗口导入：ecert recognition import {output}",
            f"  Import it at every window: ecert recognition import {output}",
        )
