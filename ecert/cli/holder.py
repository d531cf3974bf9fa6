"""What a holder does: look into a wallet, and show a licence."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ecert import limits
from ecert.cli.arguments import Alg, WalletFile, read_alg, require_file
from ecert.cli.command import DryRun, Yes, command, group
from ecert.cli.online_words import Fields, Online
from ecert.cli.terminal import Terminal, write_whole
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.show.code import ShowCode
    from ecert.wallet.wallet import Wallet

Held = Annotated[
    str,
    typer.Argument(
        metavar="LICENCE",
        help=told("卡包中的序号、证照编号或证照标识", "Row in the wallet, number or licence id"),
    ),
]
HeldSome = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="LICENCE",
        help=told(
            "卡包中的序号、证照编号或证照标识；只有一份可省略",
            "Row in the wallet, number or licence id; may be left out where there is just one",
        ),
    ),
]
WalletOption = Annotated[
    Path, typer.Option("--wallet", metavar="FILE", help=told("卡包文件", "The wallet's file"))
]
Profile = Annotated[
    str,
    typer.Option(
        "--profile",
        help=told("亮证方式：minimal 最少，full 全部", "How much is shown: minimal or full"),
    ),
]
Challenge = Annotated[
    str | None,
    typer.Option("--challenge", help=told("窗口给出的随机数", "The number that the window shows")),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help=told(
            "写入 .png、.svg 或 .txt（数字）；- 为标准输出",
            "Write a .png, .svg or .txt (the digits); - is stdout",
        ),
    ),
]


def declare(app: typer.Typer) -> None:
    """Add the holder's commands to ``app``."""
    wallets = group(app, "wallet", zh="卡包：新建、查看、删除", en="Wallets: make, look, remove")
    command(wallets, "create", zh="新建卡包", en="Make a wallet")(create)
    command(wallets, "list", zh="列出卡包中的证照", en="List what a wallet holds")(list_held)
    command(wallets, "show", zh="查看一份证照的内容", en="Look at one licence")(look)
    command(wallets, "remove", zh="从卡包中删除一份证照", en="Remove a licence")(remove)
    command(app, "show", zh="亮证：生成亮证码", en="Show a licence: make a show code")(show)


def open_wallet(terminal: Terminal, path: Path) -> Wallet:
    """Open a wallet, asking for its passphrase."""
    from ecert.wallet.wallet import Wallet

    secret = terminal.passphrase(str(require_file(path)), wallet=True)
    with terminal.busy("正在打开卡包……", "Opening the wallet …"):
        return Wallet.open(path, secret)


def create(terminal: Terminal, file: WalletFile, alg: Alg = None, dry_run: DryRun = False) -> None:
    """Make a wallet."""
    from ecert.wallet.wallet import Wallet
    from ecert.workspace.keyfiles import require_suite

    suite = read_alg(alg)
    if file.exists():
        raise FormatError(
            "文件已存在，不会覆盖", "the file exists and is not overwritten", where=str(file),
            fix_zh="请换一个文件名", fix_en="Choose another name",
        )  # fmt: skip
    require_suite(suite)
    if not dry_run:
        secret = terminal.passphrase(str(file), new=True, wallet=True)
        with terminal.busy("正在新建卡包……", "Making the wallet …"):
            Wallet.create(file, secret, alg=suite)
    done = terminal.words(
        "将新建" if dry_run else "√ 已新建", "Would make" if dry_run else "√ Made"
    )
    terminal.emit(
        {"wallet": str(file), "alg": suite, "dry_run": dry_run},
        [terminal.words(f"{done}卡包 {file}", f"{done} the wallet {file}")],
    )


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
    claims = wallet.fields(held.id)
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


def show(
    terminal: Terminal,
    wallet: WalletOption,
    licence: HeldSome = None,
    profile: Profile = "minimal",
    challenge: Challenge = None,
    output: Output = None,
    online: Online = False,
    fields: Fields = None,
) -> None:
    """Make a show code."""
    from ecert.workspace.handover import find_held

    if output is not None and str(output) != "-" and output.suffix not in WRITERS:
        raise FormatError(
            "不认识的文件种类", "unknown kind of file", where=str(output),
            fix_zh="请用 .png、.svg 或 .txt", fix_en="Use .png, .svg or .txt",
        )  # fmt: skip
    if challenge is not None and not 1 <= len(challenge) <= limits.MAX_CHALLENGE_CHARS:
        most = limits.MAX_CHALLENGE_CHARS
        raise FormatError(f"应为1至{most}个字符", f"1 to {most} characters", where="--challenge")
    if online and (challenge is not None or profile != "minimal"):
        raise FormatError(
            "在线码不用亮证方式和窗口随机数", "an online code takes neither profile nor challenge",
            where="--online", fix_zh="请用 --field 选择照面信息", fix_en="Use --field",
        )  # fmt: skip
    opened = open_wallet(terminal, wallet)
    names = licence or only_one(opened)
    ids = dict.fromkeys(find_held(opened, name).id for name in names)
    if online:
        from ecert.cli.online import show_online

        show_online(terminal, opened, list(ids), fields, output)
        return
    code = opened.show(*ids, profile=profile, challenge=challenge)
    hand_out(terminal, code, output)
    life = int(limits.SHOW_CODE_LIFE.total_seconds())
    terminal.note(
        f"  {len(code.text)} 位数字，{life} 秒内有效，只能用一次",
        f"  {len(code.text)} digits, good for {life} seconds and one use",
    )


WRITERS: Final[dict[str, Callable[[ShowCode], bytes]]] = {
    ".png": lambda code: code.png(),
    ".svg": lambda code: code.svg().encode("utf-8"),
    ".txt": lambda code: f"{code.text}\n".encode("ascii"),
}


def only_one(wallet: Wallet) -> list[str]:
    """Return the row of the only licence in a wallet.

    Raises:
        FormatError: It holds several, or none.
    """
    count = len(wallet.licences)
    if count != 1:
        raise FormatError(
            f"卡包中有{count}份证照，请写明出示哪一份",
            f"the wallet holds {count}: say which to show",
            fix_zh="用 ecert wallet list 查看序号", fix_en="See their rows with: ecert wallet list",
        )  # fmt: skip
    return ["1"]


def hand_out(
    terminal: Terminal,
    code: ShowCode,
    output: Path | None,
    *,
    life: int = int(limits.SHOW_CODE_LIFE.total_seconds()),
    shown: str | None = None,
) -> None:
    """Print a code or write its picture.

    Args:
        terminal: Where to.
        code: The code.
        output: The file, if one was named.
        life: Seconds that it lives.
        shown: What people read in the place of the bare digits.
    """
    to_file = output is not None and str(output) != "-"
    if output is not None and to_file:
        write_whole(output, WRITERS[output.suffix](code))
    plain = {
        "code": code.text,
        "digits": len(code.text),
        "qr_version": code.qr_version,
        "life_seconds": life,
        "file": str(output) if to_file else None,
    }
    if to_file:
        lines = [terminal.words(f"√ 亮证码已写入 {output}", f"√ The show code is in {output}")]
    elif output is None and sys.stdout.isatty():
        lines = [_drawing(code), *([] if shown is None else [shown])]
    else:
        lines = [code.text]  # a program reads it
    terminal.emit(plain, lines)


def _drawing(code: ShowCode) -> str:
    import os

    from ecert.show.render import terminal

    return terminal(code.text, colour="NO_COLOR" not in os.environ)
