"""``ecert receipt key``: the key that signs a window's receipts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecert.cli.arguments import Alg, read_alg, read_moment
from ecert.cli.command import Yes, command, group
from ecert.cli.terminal import Terminal
from ecert.cli.words import told

KeysFile = Annotated[
    Path, typer.Argument(metavar="FILE", help=told("写入此文件", "The file to write"))
]
From = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="TIME",
        help=told("新密钥的启用时间，默认下一秒；旧密钥到时停用",
                  "When the next key begins and the old one ends; by default the next second"),
    ),
]  # fmt: skip


def declare(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    keys = group(
        app, "key", zh="签回执的密钥：生成、更换、查看、导出公钥",
        en="The key that signs receipts: make, roll over, show, export",
    )  # fmt: skip
    command(keys, "new", zh="生成或更换", en="Make it, or the next one")(new)
    command(keys, "show", zh="显示密钥号（即指纹）", en="Show the key ids: their fingerprints")(
        show
    )
    command(keys, "export", zh="导出公钥，供审计", en="Export the public halves for an auditor")(
        export
    )


def new(terminal: Terminal, valid_from: From = None, alg: Alg = None, yes: Yes = False) -> None:
    """Make the first key, or the next one."""
    with terminal.workspace() as workspace:
        before = workspace.keys.of("receipt")
        suite = read_alg(alg, before[-1].public.alg if before else workspace.settings.alg)
        if before:
            terminal.confirm(
                f"新密钥（{suite}）启用后，旧密钥停用。确认？",
                f"A new key ({suite}) will sign receipts, and the old one ends then. Sure?",
                yes=yes,
            )
        made = workspace.receipts.new_key(
            lambda: terminal.passphrase(
                terminal.words("签回执的密钥", "the receipts' key"), new=True
            ),
            alg=suite,
            valid_from=None if valid_from is None else read_moment(valid_from, "--from"),
        )
    terminal.emit({"key": made.to_dict()}, [
        terminal.words("√ 已启用签回执的密钥", "√ New key for receipts"),
        terminal.words(f"密钥号：{made.public.kid}", f"Key: {made.public.kid}"),
    ])  # fmt: skip
    terminal.note(
        "  请把密钥号另行告知审计人员，供其核对",
        "  Tell the auditor this key id by another way, for comparison",
    )


def show(terminal: Terminal) -> None:
    """Show the keys."""
    from ecert.clock import system_clock

    at = system_clock()
    with terminal.workspace() as workspace:
        entries = workspace.keys.of("receipt")
    rows = [
        (entry.public.kid, entry.public.alg, entry.valid_from.isoformat(),
         "-" if entry.valid_until is None else entry.valid_until.isoformat())
        for entry in entries
    ]  # fmt: skip
    heads = (
        ("密钥号（指纹）", "算法", "启用", "停用") if terminal.language == "zh"
        else ("key (fingerprint)", "suite", "from", "until")
    )  # fmt: skip
    plain = [entry.to_dict() | {"state": entry.state(at)} for entry in entries]
    none = [terminal.words("还没有签回执的密钥", "There is no key for receipts yet")]
    terminal.emit({"keys": plain}, terminal.table(heads, rows) if rows else none)


def export(terminal: Terminal, output: KeysFile) -> None:
    """Write the public halves, ended ones among them, into a file."""
    from ecert.cli.terminal import write_whole
    from ecert.workspace.receipts_file import write_keys

    with terminal.workspace() as workspace:
        keys = workspace.receipts.keys
    write_whole(output, write_keys(keys))
    terminal.emit(
        {"file": str(output), "keys": [key.public.kid for key in keys]},
        [terminal.words(f"√ 已导出 {len(keys)} 把公钥到 {output}",
                        f"√ Exported {len(keys)} public keys into {output}"),
         *(f"  {key.public.kid}" for key in keys)],
    )  # fmt: skip
    terminal.note(
        "  文件没有签名：请把密钥号另行告知审计人员，供其核对",
        "  The file is not signed: tell the auditor the key ids by another way",
    )
