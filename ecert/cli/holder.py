"""What a holder does: look into a wallet, and show a licence."""

from __future__ import annotations

from typing import Any

import typer

from ecert.cli import (
    wallet_keeping,
    wallet_keys,
    wallet_log,
    wallet_owner,
    wallet_pin,
    wallet_refresh,
)
from ecert.cli.arguments import WalletFile
from ecert.cli.command import DryRun, Yes, command, group
from ecert.cli.held_options import Held
from ecert.cli.portraits import without_portrait
from ecert.cli.showing import show
from ecert.cli.terminal import Terminal
from ecert.cli.wallet_suggest import (
    open_wallet,
    suggest,
)


def declare(app: typer.Typer) -> None:
    """Add the holder's commands to ``app``."""
    wallets = group(app, "wallet", zh="卡包：新建、查看、删除", en="Wallets: make, look, remove")
    wallet_owner.declare(wallets)
    command(wallets, "list", zh="列出卡包中的证照", en="List what a wallet holds")(list_held)
    command(wallets, "show", zh="查看一份证照的内容", en="Look at one licence")(look)
    command(wallets, "remove", zh="从卡包中删除一份证照", en="Remove a licence")(remove)
    for part in (wallet_keeping, wallet_keys, wallet_pin, wallet_log, wallet_refresh):
        part.declare(wallets)
    command(
        wallets, "suggest", zh="办一个事项出示哪些证照、用哪种亮证方式显示最少",
        en="Which licences to show for a matter, and how, so that the least is told",
    )(suggest)  # fmt: skip
    command(app, "show", zh="亮证：生成亮证码", en="Show a licence: make a show code")(show)


def list_held(terminal: Terminal, file: WalletFile) -> None:
    """List what a wallet holds."""
    licences = open_wallet(terminal, file).licences
    plain = [
        {
            "row": row,
            "id": held.id,
            "type_name": held.type_name,
            "issuer_name": held.issuer_name,
            "profiles": list(held.profiles),
            "key": held.key,
        }
        for row, held in enumerate(licences, start=1)
    ]
    heads = (
        ("序号", "证照", "颁发机构", "亮证方式") if terminal.language == "zh"
        else ("row", "licence", "issuer", "profiles")
    )  # fmt: skip
    rows = [
        (str(one["row"]), held.type_name, held.issuer_name, " ".join(held.profiles))
        for one, held in zip(plain, licences, strict=True)
    ]
    terminal.emit({"licences": plain}, terminal.table(heads, rows))


def look(terminal: Terminal, file: WalletFile, licence: Held) -> None:
    """Show everything that a held credential says, for the holder's own eyes."""
    from ecert.workspace.handover import find_held

    wallet = open_wallet(terminal, file)
    held = find_held(wallet, licence)
    claims = without_portrait(wallet.fields(held.id))
    people = [
        f"{holder.get('name', '')}（{holder.get('number', '')}）" for holder in claims["holders"]
    ]
    no_end = terminal.words("长期", "no end")
    rows = {
        terminal.words("证照", "Licence"): claims["type_name"],
        terminal.words("证照标识", "Licence id"): held.id,
        terminal.words("证照编号", "Number"): claims.get("number", ""),
        terminal.words("持证主体", "Holder"): "、".join(people),
        terminal.words("颁发机构", "Issuer"): claims["issuer_name"],
        **claims["fields"],
        **({terminal.words("照片", "Portrait"): "√"} if "portrait" in claims else {}),
        terminal.words("有效期起", "Valid from"): claims["valid_from"],
        terminal.words("有效期至", "Valid until"): claims.get("valid_until", no_end),
    }  # fmt: skip
    plain: dict[str, Any] = {"id": held.id, "profiles": list(held.profiles), "claims": claims}
    terminal.emit(plain, [f"{name}：{value}" for name, value in rows.items()])


def remove(
    terminal: Terminal, file: WalletFile, licence: Held, dry_run: DryRun = False, yes: Yes = False
) -> None:
    """Remove a licence from a wallet; the licence itself stays in force."""
    from ecert.workspace.handover import find_held

    wallet = open_wallet(terminal, file)
    held = find_held(wallet, licence)
    if not dry_run:
        terminal.confirm(
            f"从卡包删除 {held.type_name}？", f"Remove {held.type_name} from the wallet?", yes=yes
        )
        wallet.remove(held.id)
    done = terminal.words(
        "将删除" if dry_run else "√ 已删除", "Would remove" if dry_run else "√ Removed"
    )
    terminal.emit({"removed": held.id, "dry_run": dry_run}, [f"{done} {held.type_name}"])
