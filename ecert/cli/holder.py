"""What a holder does: look into a wallet, and show a licence."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ecert import limits
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
from ecert.cli.portraits import without_portrait
from ecert.cli.terminal import Terminal, write_whole
from ecert.cli.wallet_secrets import pin_for_showing
from ecert.cli.wallet_suggest import (
    AtRegion,
    ForMatter,
    RequestFile,
    Wish,
    choose,
    only_one,
    open_wallet,
    suggest,
)
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
    str | None,
    typer.Option(
        "--profile",
        help=told(
            "亮证方式：minimal 最少（默认），full 全部",
            "How much is shown: minimal (the default) or full",
        ),
    ),
]
Challenge = Annotated[
    str | None,
    typer.Option(
        "--challenge",
        help=told(
            "窗口给出的数字，或扫窗口二维码得到的数字",
            "The number that the window shows, typed or as its QR code was scanned",
        ),
    ),
]
Mandate = Annotated[
    str | None,
    typer.Option(
        "--mandate",
        help=told(
            "凭此委托代办：卡包中的序号或编号（ecert mandate list）",
            "As an agent, by this mandate: its row or id (ecert mandate list)",
        ),
    ),
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


AskPIN = Annotated[
    bool,
    typer.Option(
        "--pin",
        help=told(
            "输入亮证密码（不回显），无人值守的自助终端需要；也可用环境变量 ECERT_WALLET_PIN",
            "Ask for the show PIN, without echo, as a self-service terminal needs; also the "
            "variable ECERT_WALLET_PIN",
        ),
    ),
]
To = Annotated[
    str,
    typer.Option(
        "--to", metavar="WHO", help=told("出示给谁（只记入亮证记录）", "To whom; for the log alone")
    ),
]
For = Annotated[
    str,
    typer.Option(
        "--matter", metavar="WHAT",
        help=told("为何事出示（只记入亮证记录）", "What for; for the log alone"),
    ),
]  # fmt: skip


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


def show(
    terminal: Terminal,
    wallet: WalletOption,
    licence: HeldSome = None,
    profile: Profile = None,
    matter: ForMatter = None,
    region: AtRegion = None,
    request: RequestFile = None,
    challenge: Challenge = None,
    mandate: Mandate = None,
    output: Output = None,
    pin: AskPIN = False,
    to: To = "",
    noted: For = "",
) -> None:
    """Make a show code, and note it in the wallet's log."""
    if output is not None and str(output) != "-" and output.suffix not in _WRITERS:
        raise FormatError(
            "不认识的文件种类", "unknown kind of file", where=str(output),
            fix_zh="请用 .png、.svg 或 .txt", fix_en="Use .png, .svg or .txt",
        )  # fmt: skip
    if challenge is not None and not 1 <= len(challenge) <= limits.MAX_CHALLENGE_CHARS:
        most = limits.MAX_CHALLENGE_CHARS
        raise FormatError(f"应为1至{most}个字符", f"1 to {most} characters", where="--challenge")
    wish = Wish(matter, region, request)
    if wish.given and (profile is not None or mandate is not None):
        raise FormatError(
            "--for、--request 不能与 --profile、--mandate 同用",
            "--for and --request choose the profile, of the wallet's own licences",
            where="--for", fix_zh="去掉 --profile，由程序选最少的；代办请写明 --profile",
            fix_en="Leave --profile out: the least is chosen; for a mandate give --profile alone",
        )  # fmt: skip
    opened = open_wallet(terminal, wallet)
    how: str | dict[str, str] = profile or "minimal"
    acting: str | None = None
    if wish.given:
        how = choose(terminal, opened, licence or (), wish)
        ids = list(how)
    else:
        ids, acting = _to_show(opened, licence, mandate)
    typed = pin_for_showing(terminal, opened, wallet, asked=pin)
    code = opened.show(
        *ids, profile=how, challenge=challenge, pin=typed, mandate=acting, to=to,
        matter=noted or matter or "",
    )  # fmt: skip
    _hand_out(terminal, code, output)
    life = int(limits.SHOW_CODE_LIFE.total_seconds())
    terminal.note(
        f"  {len(code.text)} 位数字，{life} 秒内有效，只能用一次",
        f"  {len(code.text)} digits, good for {life} seconds and one use",
    )


def _to_show(
    wallet: Wallet, licence: list[str] | None, mandate: str | None
) -> tuple[list[str], str | None]:
    """Return the licences that are meant, and the mandate if an agent shows them."""
    from ecert.workspace.entrusting import find_entrusted, find_mandate
    from ecert.workspace.handover import find_held

    if mandate is not None:
        held = find_mandate(wallet, mandate)
        return find_entrusted(held, licence or ()), held.id
    names = licence or only_one(wallet)
    return list(dict.fromkeys(find_held(wallet, name).id for name in names)), None


_WRITERS: Final[dict[str, Callable[[ShowCode], bytes]]] = {
    ".png": lambda code: code.png(),
    ".svg": lambda code: code.svg().encode("utf-8"),
    ".txt": lambda code: f"{code.text}\n".encode("ascii"),
}


def _hand_out(terminal: Terminal, code: ShowCode, output: Path | None) -> None:
    to_file = output is not None and str(output) != "-"
    if output is not None and to_file:
        write_whole(output, _WRITERS[output.suffix](code))
    plain = {
        "code": code.text,
        "digits": len(code.text),
        "qr_version": code.qr_version,
        "life_seconds": int(limits.SHOW_CODE_LIFE.total_seconds()),
        "file": str(output) if to_file else None,
    }
    if to_file:
        lines = [terminal.words(f"√ 亮证码已写入 {output}", f"√ The show code is in {output}")]
    elif output is None and sys.stdout.isatty():
        lines = [_drawing(code)]
    else:
        lines = [code.text]  # a program reads it
    terminal.emit(plain, lines)


def _drawing(code: ShowCode) -> str:
    import os

    from ecert.show.render import terminal

    return terminal(code.text, colour="NO_COLOR" not in os.environ)
